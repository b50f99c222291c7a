import { GIVEN, nameKindAt } from './name-cues.js';
import type { ScannedText } from './scanned-text.js';

/** One word of a run of capitalised ones. */
export interface NameWord {
  readonly start: number;
  readonly end: number;
  /** Where it ends as the lists have it: without the point behind an initial. */
  readonly plainEnd: number;
  /** `nameKind` of it. */
  readonly kind: number;
}

/** The words of a run of capitalised ones, in order. */
export function wordsOf(text: ScannedText, from: number, to: number): readonly NameWord[] {
  const found: NameWord[] = [];
  const { bytes } = text.clues;
  for (let at = from; at < to; ) {
    let whole = at;
    while (whole < to && bytes[whole] !== 0x20 && bytes[whole] !== 0x09) whole++;
    if (whole > at) {
      const end = whole - at > 3 && isPossessive(text.text, whole) ? whole - 2 : whole;
      const plainEnd = bytes[end - 1] === 0x2e ? end - 1 : end;
      found.push({ start: at, end, plainEnd, kind: nameKindAt(bytes, at, plainEnd) });
    }
    at = whole + 1;
  }
  return found;
}

/** The possessive isn't part of the name. */
function isPossessive(text: string, end: number): boolean {
  if (text.charCodeAt(end - 1) !== 0x73) return false;
  const mark = text.charCodeAt(end - 2);
  return mark === 0x27 || mark === 0x2019;
}

/** Whether the word, or the first of two joined by a hyphen, is a common given name. */
export function isGivenName({ start, plainEnd, kind }: NameWord, bytes: Uint8Array): boolean {
  if ((kind & GIVEN) !== 0) return true;
  for (let at = start; at < plainEnd; at++)
    if (bytes[at] === 0x2d) return at > start && (nameKindAt(bytes, start, at) & GIVEN) !== 0;
  return false;
}

/** As the lists have it: small letters without marks. */
export function plainOf({ clues }: ScannedText, start: number, end: number): string {
  return clues.shadow.slice(start, end).toLowerCase();
}
