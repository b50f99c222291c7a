import type { Detector } from '../detector.js';
import { compilePatterns, type Hit } from '../patterns.js';
import type { ScannedText } from '../scanned-text.js';
import { VALIDATORS } from '../validators.js';
import { customDetector } from './detector.js';
import { nearWords } from './near-words.js';
import { phraseTable } from './phrase-table.js';
import type { CustomDetector } from './types.js';
import { valueGroup } from './value-group.js';

/** The detectors of policy files, made to run. */
export interface CustomDetectors {
  readonly detectors: readonly Detector[];
  /**
   * What the patterns and the dictionary of one of them hit; undefined for a detector that isn't among them. The first
   * call for a text searches it for all of them.
   */
  readonly search: (detector: Detector, text: ScannedText, shadow: string) => readonly Hit[] | undefined;
  /** Gives back the memory of the pattern engine. */
  readonly dispose: () => void;
}

/**
 * All patterns are one set and all dictionaries one table, so what a text costs grows with what is found in it and
 * hardly with the number of detectors.
 * @throws PatternSyntaxError for patterns that weren't checked; Error for a validator that there isn't
 */
export function compileCustom(specs: readonly CustomDetector[]): CustomDetectors {
  const near = nearWords(specs.flatMap((spec) => [spec.context, spec.suppress]));
  const detectors = specs.map((spec, i) =>
    customDetector(spec, { near, context: 2 * i, suppress: 2 * i + 1 }),
  );
  const patterns = specs.flatMap((spec, owner) =>
    spec.patterns.map((source) => ({ source, owner, passes: validatorOf(spec) })),
  );
  const set = patterns.length === 0 ? undefined : compilePatterns(patterns.map((one) => one.source));
  const groups = patterns.map((one) => valueGroup(one.source));
  const phrases = phraseTable(specs.map((spec) => spec.dictionary));

  const searchAll = (text: string, shadow: string): readonly (readonly Hit[])[] => {
    const hits: Hit[][] = specs.map(() => []);
    for (const [index, found] of set?.search(text, shadow) ?? []) {
      const pattern = patterns[index];
      if (pattern === undefined) continue;
      const group = groups[index];
      for (const hit of found) {
        const value = group === undefined ? hit : group.narrow(hit, text, shadow);
        if (pattern.passes(value.text)) hits[pattern.owner]?.push(value);
      }
    }
    for (const { list, start, end } of phrases.find(text)) {
      hits[list]?.push({ start, end, text: text.slice(start, end) });
    }
    return hits;
  };
  const found = new WeakMap<ScannedText, readonly (readonly Hit[])[]>();
  return {
    detectors,
    search: (detector, text, shadow) => {
      const index = detectors.indexOf(detector);
      if (index === -1) return undefined;
      let hits = found.get(text);
      if (hits === undefined) {
        hits = searchAll(text.text, shadow);
        found.set(text, hits);
      }
      return hits[index] ?? [];
    },
    dispose: () => {
      set?.dispose();
      for (const group of groups) group?.dispose();
    },
  };
}

function validatorOf(spec: CustomDetector): (value: string) => boolean {
  if (spec.validator === undefined) return () => true;
  const validator = Object.hasOwn(VALIDATORS, spec.validator) ? VALIDATORS[spec.validator] : undefined;
  if (validator === undefined) throw new Error(`no validator is named ${spec.validator}`);
  return validator.test;
}
