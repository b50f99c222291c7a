import type { HealthKind } from './health-morphology.js';
import { plainPhrases } from './plain-words.js';
import { spellings } from './spellings.js';
import { wordList } from './word-lists.js';

const FILES: readonly (readonly [name: string, kind: HealthKind])[] = [
  // The first file that has a term decides: an ambiguous word stays weak wherever else it stands.
  ['weak', 'weak'],
  ['conditions', 'condition'],
  ['drugs', 'drug'],
  ['procedures', 'procedure'],
  ['tests', 'test'],
];

let terms: readonly (readonly [term: string, kind: HealthKind])[] | undefined;

/** The shipped health vocabulary in every spelling, read when first asked for. */
export function healthTerms(): readonly (readonly [term: string, kind: HealthKind])[] {
  terms ??= [
    ...FILES.flatMap(([name, kind]) => named(wordList(name).flatMap(spellings), kind)),
    ...named(wordList('plain-words').flatMap(plainPhrases), 'condition'),
  ];
  return terms;
}

function named(
  words: readonly string[],
  kind: HealthKind,
): readonly (readonly [term: string, kind: HealthKind])[] {
  return words.map((word) => [word, kind] as const);
}
