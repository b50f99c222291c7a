import { asciiShadow } from './ascii-shadow.js';
import { GIVEN, nameKind } from './name-cues.js';
import type { Hit } from './patterns.js';

/** One word of a run of capitalised ones. */
export interface NameWord {
  readonly text: string;
  /** As the lists have it. */
  readonly plain: string;
  /** `nameKind` of it. */
  readonly kind: number;
  readonly start: number;
  readonly end: number;
}

/** The words of a hit, in order. */
export function wordsOf(hit: Hit): readonly NameWord[] {
  const found: NameWord[] = [];
  const { text } = hit;
  for (let at = 0; at < text.length; ) {
    let end = at;
    while (end < text.length && text[end] !== ' ' && text[end] !== '\t') end++;
    if (end > at) {
      // The possessive isn't part of the name.
      const whole = text.slice(at, end);
      const word = /..['’]s$/.test(whole) ? whole.slice(0, -2) : whole;
      const start = hit.start + at;
      const small = plain(word);
      found.push({ text: word, plain: small, kind: nameKind(small), start, end: start + word.length });
    }
    at = end + 1;
  }
  return found;
}

/** Whether the word, or the first of two joined by a hyphen, is a common given name. */
export function isGivenName({ plain, kind }: NameWord): boolean {
  if ((kind & GIVEN) !== 0) return true;
  const dash = plain.indexOf('-');
  return dash > 0 && (nameKind(plain.slice(0, dash)) & GIVEN) !== 0;
}

/** As the lists have it: small letters without marks, no point behind an initial. */
export function plain(word: string): string {
  const small = asciiShadow(word).toLowerCase();
  return small.endsWith('.') ? small.slice(0, -1) : small;
}
