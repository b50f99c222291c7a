import type { TextHints } from '../text-hints.js';
import { BEYOND, hasDigit, isUpper } from './byte-kinds.js';
import { addOddWord, initialBits, wordBits } from './clue-pass.js';
import { bitOf, clueWords } from './clue-words.js';
import { CAPITAL, clearGathered, GATHERED, WORD } from './gathered.js';
import {
  between,
  endOfText,
  type HintPass,
  hintPass,
  letters,
  lettersAndDigits,
  plainWords,
} from './hint-pass.js';
import { packedHash } from './packed-words.js';
import { namesDigitOrSingle } from './telling-words.js';

/*
 * The one pass over the characters of a text: what stands where in it (`GATHERED`), and what could be a value in disguise.
 * Both are decided where words end and between them, and to find words is what costs time.
 *
 * What makes it slow are wrong guesses of the processor and checks of V8. So what hardly any word has is asked of all of them by
 * few questions, and decided elsewhere (`hint-pass.ts`, `clue-pass.ts`). What is asked of all of them is read from memory that is
 * always the same, and by functions so small that V8 writes them out: in these it knows that memory and checks nothing. What
 * another module exports it looks up each time it is named, so that functions for each word are given names within the loop's
 * function.
 */

/** Characters that are looked at together: the memory for them stays in the cache of a processor. */
const STRETCH = 16 * 1024;
/** What is read at once goes on so far behind a word. */
const BEHIND = 8;
const BYTES = new Uint8Array(STRETCH + BEHIND);
/** The same four at once, from any place. */
const VIEW = new DataView(BYTES.buffer);
/** Where words begin and end in turns, and where characters stand in them that are no letters of ASCII; behind the last, anything. */
const EDGES = new Int32Array(STRETCH + 2);
const ODD = new Int32Array(STRETCH + 2);
/** The first of these that hasn't been passed. */
let nextOdd = 0;
const byteAt = (at: number) => BYTES[at] ?? 0;
const edgeAt = (at: number) => EDGES[at] ?? 0;
const oddAt = (at: number) => ODD[at] ?? 0;
const labelBits = (at: number) => ((VIEW.getInt32(at, true) & THREE_CAPITALS) === LABEL ? TELLS : 0);

/** What is in words: 1 for letters, 3 for digits and `BEYOND`. */
const IN_WORD = Uint8Array.from({ length: 256 }, (_, code) => {
  if (code === BEYOND || (code >= 0x30 && code <= 0x39)) return 3;
  const small = code | 0x20;
  return code < 0x80 && small >= 0x61 && small <= 0x7a ? 1 : 0;
});

/**
 * Edges of words that one call looks at. Where a call goes on for long V8 replaces its code while it runs by one that knows less of
 * the memory than one for whole calls does, and keeps to that.
 */
const TOGETHER = 128;
/** What is kept of these until it is added to the rest: start, end and bits of words; start and end of those with a capital. */
const WORDS = new Int32Array((TOGETHER / 2) * WORD);
const CAPITALS = new Int32Array((TOGETHER / 2) * CAPITAL);

const SPACE = 0x20;
const LAST_DIGIT = 0x39;
/** Words that aren't so long, and of letters only, are plain. */
const LONG = 24;
/** The first three letters of a word without what makes them small, and those of `SocialSecurity` (`beginsLabel`). */
const THREE_CAPITALS = 0xdfdfdf;
const LABEL = 0x434f53;
const TELLS = bitOf('tellsNumber');

/** What the pass says of a text as a whole. */
export interface TextPass {
  readonly hints: TextHints;
  /** The bits of all words of any clue, and of all marks. */
  readonly allBits: number;
  readonly marks: number;
}

/**
 * Reads a text once. `GATHERED` is its until the next.
 * @param text its characters, those beyond ASCII as `BEYOND` or as letters near to them
 * @param wide it has any of those
 */
export function passOver(text: Uint8Array, wide: boolean): TextPass {
  const { length } = text;
  const pass = hintPass(wide);
  clearGathered();
  let allBits = 0;
  for (let start = 0; start < length; ) {
    const end = stretchEnd(text, start);
    if (end > start) {
      allBits |= passOverStretch(text, start, end, pass);
      start = end;
    } else {
      // A word that is longer than any stretch.
      while (start < length && IN_WORD[text[start] ?? 0] !== 0) start++;
      between(pass, text, pass.end, end);
      allBits |= addOddWord(text, end, start);
      noteOddWord(pass, text, end, start);
    }
  }
  between(pass, text, pass.end, length);
  endOfText(pass);
  if ((allBits & TELLS) !== 0) pass.hints.toldNumber = true;
  return { hints: pass.hints, allBits, marks: pass.marks };
}

/** Where a stretch may end: not within a word. */
function stretchEnd(text: Uint8Array, start: number): number {
  if (text.length - start <= STRETCH) return text.length;
  let end = start + STRETCH;
  while (end > start && IN_WORD[text[end - 1] ?? 0] !== 0) end--;
  return end;
}

function noteOddWord(pass: HintPass, text: Uint8Array, start: number, end: number): void {
  if (hasDigit(text, start, end)) lettersAndDigits(pass, text, start, end);
  else letters(pass, text, start, end);
  pass.end = end;
}

/** @returns the bits of all words in it */
function passOverStretch(text: Uint8Array, from: number, to: number, pass: HintPass): number {
  takeStretch(text, from, to);
  const edges = findEdges(to - from);
  let allBits = 0;
  for (let first = 0; first < edges; first += TOGETHER)
    allBits |= passOverWords(text, from, first, Math.min(edges, first + TOGETHER), pass);
  return allBits;
}

/** The same of some words of it, from an edge to another. */
function passOverWords(
  text: Uint8Array,
  from: number,
  firstEdge: number,
  lastEdge: number,
  pass: HintPass,
): number {
  const { bitsOf } = clueWords();
  const hashOf = packedHash;
  const bitsWith = wordBits;
  const isNameOrSingle = namesDigitOrSingle;
  const { wide } = pass.hints;
  let allBits = 0;
  let kept = 0;
  let capitals = 0;
  /** Words of which no hint tells but that they were. */
  let plain = 0;
  let end = pass.end - from;
  for (let i = firstEdge; i < lastEdge; i += 2) {
    const before = end;
    const start = edgeAt(i);
    end = edgeAt(i + 1);
    const size = end - start;
    const byte = byteAt(start);
    const isOdd = oddAt(nextOdd) < end;
    while (oddAt(nextOdd) < end) nextOdd++;
    // A word of ASCII that begins with a digit has no others in it, and goes on below as those of letters do.
    if (size >= LONG || (isOdd && (wide || byte > LAST_DIGIT))) {
      if (kept > 0) GATHERED.words.pushAll(WORDS, kept);
      if (capitals > 0) GATHERED.capitals.pushAll(CAPITALS, capitals);
      kept = 0;
      capitals = 0;
      allBits |= addOddWord(text, from + start, from + end);
      if (plain > 0) plainWords(pass, plain);
      plain = 0;
      between(pass, text, from + before, from + start);
      noteOddWord(pass, text, from + start, from + end);
      continue;
    }
    let bits = bitsWith(bitsOf(hashOf(VIEW, start, size)), byte, VIEW, end, size);
    if (size === 1) bits |= initialBits(text, from + start);
    if (bits !== 0) {
      WORDS[kept] = from + start;
      WORDS[kept + 1] = from + end;
      WORDS[kept + 2] = bits;
      kept += WORD;
      allBits |= bits;
    }
    if (size > 1 && isUpper(byte)) {
      CAPITALS[capitals] = from + start;
      CAPITALS[capitals + 1] = from + end;
      capitals += CAPITAL;
    }
    allBits |= labelBits(start);
    if (isOdd) {
      if (plain > 0) plainWords(pass, plain);
      plain = 0;
      between(pass, text, from + before, from + start);
      lettersAndDigits(pass, text, from + start, from + end);
      continue;
    }
    const isNamed = isNameOrSingle(byte, byteAt(end - 1), size);
    if (start - before !== 1 || start === 0 || byteAt(start - 1) !== SPACE || isNamed) {
      if (plain > 0) plainWords(pass, plain);
      plain = 0;
      const isDashed = between(pass, text, from + before, from + start);
      if (isDashed || isNamed) {
        letters(pass, text, from + start, from + end);
        continue;
      }
    }
    plain++;
  }
  if (plain > 0) plainWords(pass, plain);
  pass.end = from + end;
  GATHERED.words.pushAll(WORDS, kept);
  GATHERED.capitals.pushAll(CAPITALS, capitals);
  return allBits;
}

/** Zeros stand behind it. */
function takeStretch(text: Uint8Array, from: number, to: number): void {
  const length = to - from;
  BYTES.set(length === text.length ? text : text.subarray(from, to));
  for (let at = length; at < length + BEHIND; at++) BYTES[at] = 0;
}

/**
 * Each place is written down, and written over by the next unless it is an edge: a processor that has to guess at each character
 * whether the word goes on guesses wrongly once a word, which costs more than all the rest of it.
 * @returns how many edges there are
 */
function findEdges(length: number): number {
  let edges = 0;
  let odd = 0;
  let before = 0;
  for (let at = 0; at <= length; at++) {
    const inWord = IN_WORD[BYTES[at] ?? 0] ?? 0;
    EDGES[edges] = at;
    edges = (edges + ((inWord ^ before) & 1)) | 0;
    ODD[odd] = at;
    odd = (odd + (inWord >>> 1)) | 0;
    before = inWord;
  }
  // None is left.
  ODD[odd] = length + 1;
  nextOdd = 0;
  return edges;
}
