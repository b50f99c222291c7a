import type { Detector } from '../detector.js';
import { maskIdentifier } from '../masks.js';
import type { CustomDetector } from './types.js';

/** A detector that a policy file defines, made to run. */
export function customDetector(spec: CustomDetector): Detector {
  return {
    info: {
      name: spec.name,
      class: spec.class,
      ...(spec.safeHarbor === undefined ? {} : { safeHarbor: spec.safeHarbor }),
      description: spec.description,
      source: 'policy file',
    },
    ...(spec.identifies === undefined ? {} : { identifies: spec.identifies }),
    patterns: spec.patterns,
    judge: (hits) =>
      hits.map((hit) => ({ start: hit.start, end: hit.end, value: hit.text, confidence: 'medium' })),
    mask: maskIdentifier,
  };
}
