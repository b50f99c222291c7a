import type { Confidence } from '../../../model/inspection.js';
import type { Detector, Sighting } from '../detector.js';
import { maskAll, maskIdentifier, maskSecret } from '../masks.js';
import { isOfPatient } from '../patient-cue.js';
import type { ScannedText } from '../scanned-text.js';
import type { NearWords } from './near-words.js';
import type { CustomDetector, CustomMask } from './types.js';

/** Words around of all detectors, and which lists of them are this one's. */
export interface WordsAround {
  readonly near: NearWords;
  readonly context: number;
  readonly suppress: number;
}

/**
 * A detector that a policy file defines, made to run. It judges the hits of its patterns and of its dictionary, which
 * `compileCustom` searches for.
 */
export function customDetector(spec: CustomDetector, around: WordsAround): Detector {
  const aboutPatients =
    spec.identifies === 'contact' || spec.identifies === 'name' || spec.identifies === 'date';
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
    judge: (hits, text) =>
      hits.flatMap((hit): readonly Sighting[] => {
        const confidence = confidenceAt(spec, around, text, hit.start, hit.end);
        if (confidence === undefined) return [];
        return [
          {
            start: hit.start,
            end: hit.end,
            value: plainValue(hit.text),
            confidence,
            ...(aboutPatients && { ofPatient: isOfPatient(text, hit.start, hit.end) }),
            ...(spec.showsHealth && { showsHealth: true }),
            ...(spec.identifies === 'professional' && { ofProfessional: true }),
          },
        ];
      }),
    mask: MASKS[spec.mask],
  };
}

const MASKS: Readonly<Record<CustomMask, (matched: string) => string>> = {
  all: maskAll,
  'last-four': maskIdentifier,
  hidden: maskSecret,
};

function confidenceAt(
  spec: CustomDetector,
  { near, context, suppress }: WordsAround,
  text: ScannedText,
  start: number,
  end: number,
): Confidence | undefined {
  const { alone, withContext } = spec.confidence;
  if (near.isNear(text, suppress, start, end, spec.window)) return undefined;
  if (alone !== withContext && near.isNear(text, context, start, end, spec.window)) return withContext;
  return alone === 'ignore' ? undefined : alone;
}

/** The same for every way of writing it: letters and digits, in capitals. */
function plainValue(matched: string): string {
  const plain = matched.replace(/[^\p{L}\p{N}]/gu, '').toUpperCase();
  return plain === '' ? matched : plain;
}
