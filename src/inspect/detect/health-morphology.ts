/** What kind of health word something is. `weak` ones are everyday words that never count alone. */
export type HealthKind = 'condition' | 'drug' | 'procedure' | 'test' | 'weak';

/** Endings of medical words (Greek and Latin roots, and the stems of the WHO INN programme for drug names). */
const ENDINGS: readonly (readonly [ending: string, kind: HealthKind, shortest: number])[] = [
  ['itis', 'condition', 7],
  ['ectomy', 'procedure', 9],
  ['ostomy', 'procedure', 9],
  ['otomy', 'procedure', 9],
  ['plasty', 'procedure', 10],
  ['oscopy', 'procedure', 9],
  ['centesis', 'procedure', 11],
  ['emia', 'condition', 7],
  ['aemia', 'condition', 8],
  ['penia', 'condition', 9],
  ['opathy', 'condition', 9],
  ['algia', 'condition', 8],
  ['plegia', 'condition', 9],
  ['paresis', 'condition', 10],
  ['sclerosis', 'condition', 11],
  ['stenosis', 'condition', 8],
  ['fibrosis', 'condition', 8],
  ['carcinoma', 'condition', 9],
  ['sarcoma', 'condition', 7],
  ['blastoma', 'condition', 10],
  ['lymphoma', 'condition', 8],
  ['adenoma', 'condition', 7],
  ['megaly', 'condition', 10],
  ['orrhea', 'condition', 8],
  ['uria', 'condition', 8],
  ['statin', 'drug', 10],
  ['sartan', 'drug', 8],
  ['pril', 'drug', 8],
  ['olol', 'drug', 7],
  ['azole', 'drug', 9],
  ['cillin', 'drug', 9],
  ['mycin', 'drug', 9],
  ['floxacin', 'drug', 11],
  ['cycline', 'drug', 10],
  ['tinib', 'drug', 8],
  ['ciclib', 'drug', 9],
  ['zumab', 'drug', 8],
  ['ximab', 'drug', 8],
  ['umab', 'drug', 8],
  ['gliptin', 'drug', 10],
  ['gliflozin', 'drug', 12],
  ['glutide', 'drug', 10],
  ['tegravir', 'drug', 11],
  ['navir', 'drug', 8],
  ['buvir', 'drug', 8],
  ['ciclovir', 'drug', 9],
  ['setron', 'drug', 9],
  ['triptan', 'drug', 10],
  ['dipine', 'drug', 9],
  ['thiazide', 'drug', 10],
  ['prazole', 'drug', 10],
  ['caine', 'drug', 8],
  ['edema', 'condition', 8],
  ['plakia', 'condition', 9],
  ['rrhage', 'condition', 9],
  ['trophy', 'condition', 9],
  ['plasia', 'condition', 9],
  ['ectasia', 'condition', 10],
  ['ectasis', 'condition', 10],
  ['phagia', 'condition', 9],
  ['phasia', 'condition', 7],
  ['pnea', 'condition', 7],
  ['pnoea', 'condition', 8],
  ['rrhoea', 'condition', 9],
  ['thorax', 'condition', 9],
  ['glaucoma', 'condition', 8],
  ['myoma', 'condition', 7],
  ['granuloma', 'condition', 9],
  ['hematoma', 'condition', 8],
  ['haematoma', 'condition', 9],
  ['pexy', 'procedure', 8],
  ['desis', 'procedure', 9],
  ['skopie', 'procedure', 9],
  ['oscopia', 'procedure', 10],
  ['oscopie', 'procedure', 10],
  ['ektomie', 'procedure', 10],
  ['ectomia', 'procedure', 10],
  ['ectomie', 'procedure', 10],
  ['azepam', 'drug', 8],
  ['azolam', 'drug', 8],
  ['barbital', 'drug', 10],
  ['oxetine', 'drug', 9],
  ['triptyline', 'drug', 12],
  ['parin', 'drug', 9],
  ['xaban', 'drug', 8],
  ['gatran', 'drug', 9],
  ['fibrate', 'drug', 10],
  ['glitazone', 'drug', 11],
  ['dronate', 'drug', 10],
  ['lukast', 'drug', 9],
  ['tropium', 'drug', 10],
  ['taxel', 'drug', 9],
  ['platin', 'drug', 9],
  ['citabine', 'drug', 11],
  ['rubicin', 'drug', 10],
  ['trexate', 'drug', 10],
  ['grastim', 'drug', 10],
  ['tretinoin', 'drug', 9],
  ['semide', 'drug', 9],
  ['asone', 'drug', 10],
  ['olone', 'drug', 10],
  ['conazole', 'drug', 10],
];

/** Words with such an ending that are not about health. */
const EXCEPTIONS = new Set([
  'academia',
  'bohemia',
  'macadamia',
  'caucasia',
  'australia',
  'nostalgia',
  'telepathy',
  'sympathy',
  'antipathy',
  'dichotomy',
  'trichotomy',
  'anatomy',
  'luria',
  'manuria',
  'liturias',
  'protocol',
  'ukraine',
  'stereoscopy',
  'horoscopy',
  'suria',
  'liguria',
  'etruria',
  'cytochalasin',
  'phasia',
  'malvasia',
  'fantasia',
  'euthanasia',
  'trophy',
]);

/** The kind of a word that the vocabulary doesn't have, by its ending. `word` is in lower case. */
export function healthKindByEnding(word: string): HealthKind | undefined {
  if (word.length < 7 || EXCEPTIONS.has(word)) return undefined;
  const last = word.charCodeAt(word.length - 1);
  for (const [ending, kind, shortest] of BY_LAST.get(last) ?? []) {
    if (word.length >= shortest && word.endsWith(ending)) return kind;
  }
  return undefined;
}

const BY_LAST = new Map<number, (readonly [string, HealthKind, number])[]>();
for (const entry of ENDINGS) {
  const last = entry[0].charCodeAt(entry[0].length - 1);
  BY_LAST.set(last, [...(BY_LAST.get(last) ?? []), entry]);
}

/** The last three letters of all endings, as numbers. */
const LAST_THREE = new Uint8Array(1 << 15);
for (const [ending] of ENDINGS) LAST_THREE[lastThree(Buffer.from(ending).readInt32LE(ending.length - 4))] = 1;

/** Five bits of each of the last three of four letters. */
function lastThree(four: number): number {
  return ((four >>> 8) & 31) | ((four >>> 11) & 0x3e0) | ((four >>> 14) & 0x7c00);
}

/**
 * Whether a word with such letters at its end (the first of them the lowest byte) could have such an ending: cheap, and never
 * wrong when it says no.
 */
export function mayEndHealthWord(lastFour: number): boolean {
  return LAST_THREE[lastThree(lastFour)] === 1;
}
