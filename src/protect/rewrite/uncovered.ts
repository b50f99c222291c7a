import { normalise } from '../../inspect/normalise.js';

/** Longer values are rows of a table, whose words stand apart in other readings. */
const LONGEST = 60;
/** Values that are compared letter by letter, in one place. */
const MOST_COMPARED = 1000;

/**
 * Whether the masks leave something of a value: those of another reading end sooner, as where something that isn't shown
 * stands within a name or a number. Then no detector sees the rest any more, and everybody reads it.
 * @param values what detectors see in the readings of a place, but for those that are made by joining what stands apart
 * @param masked what was masked there, as it stood in the source
 */
export function isAnyUncovered(values: Iterable<string>, masked: readonly string[]): boolean {
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
    if (/[:=|]/.test(value)) continue;
    const words = wordsOf(value);
    const whole = words.join('');
    if (whole.length > LONGEST || words.every((word) => known.has(word)) || known.has(whole)) continue;
    if (++compared > MOST_COMPARED) return true;
    if (!all.includes(whole) && !isMadeOf(whole, known)) return true;
  }
  return false;
}

/** Whether pieces that were masked, one behind the other, make up all of it. */
function isMadeOf(whole: string, known: ReadonlySet<string>): boolean {
  const reached = new Set([0]);
  for (let end = 1; end <= whole.length; end++)
    for (const start of reached)
      if (known.has(whole.slice(start, end))) {
        reached.add(end);
        break;
      }
  return reached.has(whole.length);
}

function wordsOf(text: string): readonly string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}
