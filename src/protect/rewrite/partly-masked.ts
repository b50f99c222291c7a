import { normalise } from '../../inspect/normalise.js';

/** Longer values are rows of a table, whose words stand apart in other readings. */
const LONGEST = 60;
/** Values that are compared letter by letter, in one place. */
const MOST_COMPARED = 1000;
/** Fewer letters or digits at the edge of a value are there by chance. */
const LEAST_LETTERS = 3;
const LEAST_DIGITS = 2;

/**
 * Whether a value of one reading was masked in part: another reading, in which the masks were set, ends it sooner, as
 * where something that isn't shown stands within a number. Then nothing sees the rest of it any more, and everybody reads it.
 * @param values what detectors see in the readings of a place, but for those that are made by joining what stands apart
 * @param masked what was masked there, as it stood in the source
 */
export function isPartlyMasked(values: Iterable<string>, masked: readonly string[]): boolean {
  if (masked.length === 0) return false;
  const known = new Set<string>();
  const wholes: string[] = [];
  for (const one of masked) {
    const words = wordsOf(normalise(one).text);
    for (const word of words) known.add(word);
    wholes.push(words.join(''));
    known.add(words.join(''));
  }
  const all = wholes.join('\n');
  let compared = 0;
  for (const value of values) {
    // Labels within a value are those of table cells.
    if (/[:=|\n]/.test(value)) continue;
    const words = wordsOf(value);
    const whole = words.join('');
    if (whole.length > LONGEST || words.every((word) => known.has(word)) || known.has(whole)) continue;
    if (++compared > MOST_COMPARED) return true;
    if (all.includes(whole)) continue;
    if (words.some((word) => isTelling(word) && known.has(word)) || isCutOff(whole, known)) return true;
  }
  return false;
}

/** Whether pieces that were masked make up its beginning or its end, and not all of it. */
function isCutOff(whole: string, known: ReadonlySet<string>): boolean {
  const reached = new Set([0]);
  for (let end = 1; end <= whole.length; end++)
    for (const start of reached)
      if (known.has(whole.slice(start, end))) {
        reached.add(end);
        break;
      }
  if (reached.has(whole.length)) return false;
  for (let at = 1; at < whole.length; at++) {
    if (reached.has(at) && isTelling(whole.slice(0, at))) return true;
    if (known.has(whole.slice(at)) && isTelling(whole.slice(at))) return true;
  }
  return false;
}

function isTelling(piece: string): boolean {
  return piece.length >= (/^\d+$/.test(piece) ? LEAST_DIGITS : LEAST_LETTERS);
}

function wordsOf(text: string): readonly string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}
