import type { ScannedText } from './scanned-text.js';

/** A match, by where it begins. */
export interface Run {
  readonly index: number;
  readonly 0: string;
}

/**
 * Finds all matches of a pattern whose matches begin with a capital letter, and a small one or an apostrophe behind it.
 * Letters of all scripts take long to look for, and most texts have only those of ASCII.
 * @param pattern with the flags `g` and `u`
 */
export function capitalisedRuns(pattern: RegExp): (text: ScannedText) => Iterable<Run> {
  const here = new RegExp(pattern.source, 'uy');
  return ({ text, clues, isAscii }) => (isAscii ? runsFrom(here, text, clues.bytes) : text.matchAll(pattern));
}

function* runsFrom(here: RegExp, text: string, bytes: Uint8Array): Generator<Run> {
  for (let at = 0; at < bytes.length; ) {
    here.lastIndex = at;
    if (mayBegin(bytes, at) && here.test(text)) {
      const end = here.lastIndex;
      yield { index: at, 0: text.slice(at, end) };
      at = end;
    } else at++;
  }
}

function mayBegin(bytes: Uint8Array, at: number): boolean {
  const code = bytes[at] ?? 0;
  if (code < 0x41 || code > 0x5a) return false;
  const next = bytes[at + 1] ?? 0;
  return (next >= 0x61 && next <= 0x7a) || next === 0x27;
}
