import type { Confidence } from '../../model/inspection.js';
import type { Sighting } from './detector.js';
import {
  CUE_DOCTOR,
  CUE_INTRODUCTION,
  CUE_LABEL,
  CUE_TITLE,
  cueBefore,
  FAMILY,
  FIELD,
  GIVEN,
  hasCredential,
  INSTITUTION,
  isDoctor,
  isIntroduced,
  isLabelledName,
  isTitled,
  NOT,
  ORDINARY,
} from './name-cues.js';
import { sighting } from './name-sighting.js';
import { isGivenName, type NameWord, plainOf, wordsOf } from './name-word.js';
import type { ScannedText } from './scanned-text.js';

/** Names within runs of capitalised words. */

/** Jane Roe, Jane Q. Roe, Jane R., or with a title or cue Roe alone. */
export function firstLast(text: ScannedText, from: number, to: number, add: (name: Sighting) => void): void {
  const words = wordsOf(text, from, to);
  // Leading capitalised words that no name has ("Hello", "Reason", "Hospital") are dropped one by one.
  for (let first = 0; first < words.length; ) first = nameFrom(words, first, text, add);
}

/** Adds the name that begins with a word of a run of capitalised ones, if any. Gives the word to go on with. */
function nameFrom(
  words: readonly NameWord[],
  first: number,
  text: ScannedText,
  add: (name: Sighting) => void,
): number {
  const none = first + 1;
  const head = words[first];
  if (head === undefined) return none;
  const { kind, start } = head;
  const { bytes } = text.clues;
  const isFamily = (kind & FAMILY) !== 0;
  const isGiven = isGivenName(head, bytes);
  const cues = cueBefore(text, start);
  const column = text.hasRows() && isNameColumn(text, start);
  // Most capitalised words: nothing below would make a name of one.
  if (!isGiven && cues === 0 && !column && !isFamily) return none;
  const more = words.length - first > 1;
  const before = cues === 0 ? '' : text.before(start, 44);
  // "MS. Doctors" is no title.
  const titled =
    (cues & CUE_TITLE) !== 0 && isTitled(before) && !/\bMS\.? $/.test(text.text.slice(start - 4, start));
  const doctoral = (cues & CUE_DOCTOR) !== 0 && isDoctor(before);
  const cue =
    titled ||
    doctoral ||
    ((cues & CUE_LABEL) !== 0 && isLabelledName(before)) ||
    (more && (cues & CUE_INTRODUCTION) !== 0 && isIntroduced(before));
  if (!(isGiven || cue || column || isFamily)) return none;
  let stop = first + 1;
  while (stop < words.length && !isStop(words[stop] ?? head, isGiven)) stop++;
  const stopped = stop < words.length;
  if ((kind & NOT) !== 0 && !(isGiven && more && !(stopped && stop === first + 1))) return none;
  const shouted = isGiven ? shoutedEnd(words, first, text.text) : undefined;
  const behind = shouted ?? acronymIn(words, first, stop, text.text);
  const last = words[behind - 1] ?? head;
  const full = behind - first > 1;
  const rated = rate({ head, last, full, isGiven, titled, cue, column });
  if (rated === undefined) return none;
  // Half of something longer, as CHAD of CHAD2DS2.
  if (!full && isDigit(text.text.charCodeAt(last.end))) return none;
  const after = text.after(last.end, 20);
  // "Roe Clinic", "Jefferson Street", "Down syndrome": what follows says that it isn't a person's.
  if (
    !cue &&
    ((stopped && shouted === undefined && ((words[stop]?.kind ?? 0) & FIELD) === 0) ||
      INSTITUTION_BEHIND.test(after))
  )
    return none;
  let value = plainOf(text, start, head.plainEnd);
  let known = false;
  for (let i = first + 1; i < behind; i++) {
    const word = words[i] ?? head;
    value += ` ${plainOf(text, word.start, word.plainEnd)}`;
    if ((word.kind & FAMILY) !== 0) known = isGiven;
  }
  add(
    doctoral || hasCredential(after.slice(0, 12))
      ? { start, end: last.end, value, confidence: 'medium', ofProfessional: true }
      : sighting(start, last.end, value, rated === 'medium' && known && cue ? 'high' : rated, text),
  );
  return shouted ?? (stopped ? stop : words.length);
}

const INSTITUTION_BEHIND =
  /^['’]?s? (?:hospital|clinic|disease|syndrome|sign|test|score|scale|street|university|college|center|medical)\b/;

/**
 * "JANE Q ROE NEEDS OXYGEN": where all is in capitals, a name ends with the family name, and what follows says nothing of
 * it. Gives the end, or undefined where another word of a name or of a place follows.
 */
function shoutedEnd(words: readonly NameWord[], first: number, text: string): number | undefined {
  const head = words[first];
  if (head === undefined || !isCapitals(text.slice(head.start, head.end))) return undefined;
  let at = first + 1;
  const initial = words[at];
  if (initial !== undefined && initial.plainEnd - initial.start === 1) at++;
  const family = words[at];
  const next = words[at + 1];
  if (family === undefined || next === undefined) return undefined;
  if ((family.kind & FAMILY) === 0 || !isCapitals(text.slice(next.start, next.end))) return undefined;
  return (next.kind & (FAMILY | GIVEN | INSTITUTION)) === 0 ? at + 1 : undefined;
}

/** "Jane Roe MRI": behind words in small letters, one in capitals is none of a name. Gives its place, or the end. */
function acronymIn(words: readonly NameWord[], first: number, stop: number, text: string): number {
  const head = words[first];
  if (head === undefined || stop - first < 2 || isCapitals(text.slice(head.start, head.end))) return stop;
  for (let i = first + 1; i < stop; i++) {
    const { start, end, kind } = words[i] ?? head;
    if (end - start > 1 && (kind & FAMILY) === 0 && /^[A-Z]+$/.test(text.slice(start, end))) return i;
  }
  return stop;
}

function isCapitals(word: string): boolean {
  return word === word.toUpperCase();
}

/** Ends a name. A word that is a family name too (White, Bell) stays one behind a given name. */
function isStop({ start, plainEnd, kind }: NameWord, afterGiven: boolean): boolean {
  if (afterGiven && plainEnd - start === 1) return false;
  return ((kind & NOT) !== 0 && !(afterGiven && (kind & FAMILY) !== 0)) || (kind & INSTITUTION) !== 0;
}

function rate(facts: {
  readonly head: NameWord;
  readonly last: NameWord;
  readonly full: boolean;
  readonly isGiven: boolean;
  readonly titled: boolean;
  readonly cue: boolean;
  readonly column: boolean;
}): Confidence | undefined {
  const { head, last, full, isGiven } = facts;
  const length = last.plainEnd - last.start;
  const { kind } = last;
  if (facts.titled && length > 2) return 'medium';
  if (facts.cue || facts.column) return full || isGiven || (kind & FAMILY) !== 0 ? 'medium' : 'low';
  if (!full) return isGiven || (kind & (FAMILY | ORDINARY)) === FAMILY ? 'low' : undefined;
  if (isGiven) return 'medium';
  // "Roe J." and the like.
  return (head.kind & FAMILY) !== 0 && (length === 1 || (kind & GIVEN) !== 0) ? 'medium' : undefined;
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

function isNameColumn(text: ScannedText, offset: number): boolean {
  return /\b(?:name|patient|member|subscriber|resident|client)\b/.test(text.labels(offset));
}
