/**
 * Categories in use in ICD-10-CM, by letter: ranges of the two characters after it.
 * Source: CMS and NCHS, ICD-10-CM Tabular List of Diseases and Injuries, chapter and block headings.
 */
const RANGES: Readonly<Record<string, readonly (readonly [from: string, to: string])[]>> = {
  A: [['00', '99']],
  B: [['00', '99']],
  C: [
    ['00', '96'],
    ['4A', '4A'],
    ['7A', '7B'],
  ],
  D: [
    ['00', '89'],
    ['3A', '3A'],
  ],
  E: [['00', '89']],
  F: [['01', '99']],
  G: [['00', '99']],
  H: [['00', '95']],
  I: [
    ['00', '99'],
    ['1A', '1A'],
    ['5A', '5A'],
  ],
  J: [
    ['00', '99'],
    ['4A', '4A'],
  ],
  K: [['00', '95']],
  L: [['00', '99']],
  M: [
    ['00', '99'],
    ['1A', '1A'],
  ],
  N: [['00', '99']],
  O: [['00', '9A']],
  P: [['00', '96']],
  Q: [['00', '99']],
  R: [['00', '99']],
  S: [['00', '99']],
  T: [['07', '88']],
  U: [['07', '09']],
  V: [['00', '99']],
  W: [['00', '99']],
  X: [['00', '99']],
  Y: [['00', '99']],
  Z: [
    ['00', '99'],
    ['3A', '3A'],
  ],
};

/** True if the three characters are a category of ICD-10-CM. Upper case. */
export function isIcdCategory(category: string): boolean {
  const ranges = RANGES[category.charAt(0)];
  const rest = category.slice(1);
  // Ranges of digits never take in a letter by accident: '9A' sorts behind '99'.
  return (
    ranges?.some(([from, to]) => rest >= from && rest <= to && (/^\d\d$/.test(rest) || rest === to)) === true
  );
}
