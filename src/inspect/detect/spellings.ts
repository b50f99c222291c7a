/** What one English spells otherwise than the other, by the stems that the words of medicine are made of. */
const TO_AMERICAN: readonly (readonly [RegExp, string])[] = [
  [/haem/g, 'hem'],
  [/aemi(?=[ac])/g, 'emi'],
  [/anaesth/g, 'anesth'],
  [/(?<!angi)oedem/g, 'edem'],
  [/(?<!gastr)oesoph/g, 'esoph'],
  [/\boestr/g, 'estr'],
  [/\bpaed(?=i|s\b)/g, 'ped'],
  [/gynaec/g, 'gynec'],
  [/\bfaec/g, 'fec'],
  [/\bcaec/g, 'cec'],
  [/\bcoeliac/g, 'celiac'],
  [/\bfoet/g, 'fet'],
  [/rrhoea/g, 'rrhea'],
  [/pnoe/g, 'pne'],
  [/(tum|lab|behavi)our\b/g, '$1or'],
  [/is(?=ed\b|ing\b|ation\b)/g, 'iz'],
  [/ysed\b/g, 'yzed'],
  [/sulph/g, 'sulf'],
  [/counselling/g, 'counseling'],
];
const TO_BRITISH: readonly (readonly [RegExp, string])[] = [
  [/(?<![ct])hem(?=o|at)/g, 'haem'],
  [/(?<=[a-z]{3})(?<!a)emia\b/g, 'aemia'],
  [/(?<=isch|ur|vir|glyc|volem|an)emic\b/g, 'aemic'],
  [/anesth/g, 'anaesth'],
  [/(?<!o)edema/g, 'oedema'],
  [/(?<!o)\besoph/g, 'oesoph'],
  [/\bestro/g, 'oestro'],
  [/\bpediat/g, 'paediat'],
  [/gynec/g, 'gynaec'],
  [/\bfec(?=al|es)/g, 'faec'],
  [/\bceliac/g, 'coeliac'],
  [/\bfet(?=al|us)/g, 'foet'],
  [/rrhea/g, 'rrhoea'],
  [/pnea\b/g, 'pnoea'],
  [/(tum|lab|behavi)or\b/g, '$1our'],
  [/iz(?=ed\b|ing\b|ation\b)/g, 'is'],
  [/yzed\b/g, 'ysed'],
  [/sulf(?=a|o)/g, 'sulph'],
  [/counseling/g, 'counselling'],
];
const MARKS = /[^ -~]/;

/** A term in every spelling: as it stands, as the other English has it, and without marks (German ones as `ae` too). */
export function spellings(term: string): readonly string[] {
  if (MARKS.test(term)) return [...new Set([term, ...withoutMarks(term)])];
  return [...new Set([term, respelt(term, TO_AMERICAN), respelt(term, TO_BRITISH)])];
}

function respelt(term: string, rules: readonly (readonly [RegExp, string])[]): string {
  return rules.reduce((word, [from, to]) => word.replace(from, to), term);
}

const UMLAUTS: Readonly<Record<string, string>> = { ä: 'ae', ö: 'oe', ü: 'ue' };

function withoutMarks(term: string): readonly string[] {
  const plain = term.replaceAll('ß', 'ss').replaceAll('œ', 'oe');
  return [
    plain.replace(/[äöü]/g, (letter) => UMLAUTS[letter] ?? letter),
    plain.normalize('NFD').replace(/\p{M}/gu, ''),
  ];
}
