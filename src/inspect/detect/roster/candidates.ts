import type { TextClues } from '../text-clues.js';
import { addToHash } from '../word-table.js';
import { LONGEST_NUMBER, MOST_TEXT_WORDS, SHORTEST_NUMBER } from './canonical.js';
import { eachDate } from './date-places.js';
import { DOMAIN, type Domain, plainHash } from './hashes.js';
import { firstStreetWord, streetPrefixes } from './street.js';

/** What could be a value of a roster, by kinds; those that no roster has needn't be looked for. */
export interface Wanted {
  readonly names: boolean;
  /** Bit n: numbers of n characters. */
  readonly numberLengths: number;
  readonly dates: boolean;
  readonly emails: boolean;
  readonly zips: boolean;
  readonly addresses: boolean;
  /** Words of the longest text; 0 without any. */
  readonly textWords: number;
}

/**
 * Takes what could be a value: its place, and what filters are asked with. `day` is that of a date.
 * @returns whether a filter knows it
 */
export type Offer = (domain: Domain, hash: number, start: number, end: number, day: number) => boolean;

/** Small letters for letters, digits for digits, 0 for anything else. */
const FOLD = new Uint8Array(256);
for (let code = 0x30; code <= 0x39; code++) FOLD[code] = code;
for (let code = 0x61; code <= 0x7a; code++) {
  FOLD[code] = code;
  FOLD[code - 32] = code;
}

/** Offers all that a text has, kind by kind. */
export function eachCandidate(clues: TextClues, wanted: Wanted, offer: Offer): void {
  if (wanted.numberLengths !== 0) eachNumber(clues, wanted.numberLengths, offer);
  if (wanted.dates)
    eachDate(clues, (start, end, day) => {
      offer(DOMAIN.date, plainHash(String(day)), start, end, day);
    });
  if (wanted.zips) eachZip(clues, offer);
  if (wanted.emails) for (const at of clues.atSigns) email(clues.shadow, at, offer);
  if (wanted.addresses) eachAddress(clues, offer);
  if (wanted.names) eachCapital(clues, offer);
  if (wanted.textWords > 0) eachText(clues, wanted.textWords, offer);
}

/** Tokens of one number, at most. */
const MOST_TOKENS = 6;

/**
 * Numbers: letters and digits, with dashes, points and slashes between, and groups of digits with blanks or brackets.
 * Every stretch of such tokens that begins at one of them and has a length that occurs is offered.
 */
function eachNumber({ bytes, digitStarts, digitEnds }: TextClues, lengths: number, offer: Offer): void {
  let tokenEnd = 0;
  for (let i = 0; i < digitStarts.length; i++) {
    const digitsFrom = digitStarts[i] ?? 0;
    let start = digitsFrom;
    // Several runs of digits within one token begin it once.
    if (start < tokenEnd) continue;
    tokenEnd = digitEnds[i] ?? 0;
    while (fold(bytes, start - 1) !== 0) start--;
    while (fold(bytes, tokenEnd) !== 0) tokenEnd++;
    if (tokenEnd - start > LONGEST_NUMBER) continue;
    stretches(bytes, start, lengths, offer);
    // A label may run into its number, and the prefix of the country into a telephone number.
    if (digitsFrom > start) stretches(bytes, digitsFrom, lengths, offer);
    else if (tokenEnd - start === 11 && bytes[start] === 0x31) stretches(bytes, start + 1, lengths, offer);
    // Letters before it: "AB-123456".
    let letters = start - 1;
    if (!isInner(bytes[letters])) continue;
    while (letters > 0 && isLetter(fold(bytes, letters - 1)) && start - letters <= 6) letters--;
    if (start - letters > 1 && start - letters <= 6 && fold(bytes, letters - 1) === 0)
      stretches(bytes, letters, lengths, offer);
  }
}

function stretches(bytes: Uint8Array, start: number, lengths: number, offer: Offer): void {
  const longest = 31 - Math.clz32(lengths);
  let hash = 0;
  let length = 0;
  let digits = 0;
  let value = 0;
  let at = start;
  for (let token = 0; token < MOST_TOKENS; token++) {
    let onlyDigits = true;
    for (let code = fold(bytes, at); code !== 0; code = fold(bytes, ++at)) {
      if (code > 0x39) onlyDigits = false;
      else digits++;
      if (length === 0 && code === 0x30) continue;
      hash = addToHash(hash, code);
      value = value * 10 + code - 0x30;
      if (++length > longest) return;
    }
    const known = length >= SHORTEST_NUMBER && digits >= 3 && ((lengths >>> length) & 1) === 1;
    // Years are everywhere.
    if (known && !(length === 4 && digits === 4 && value >= 1900 && value < 2100))
      offer(DOMAIN.number, hash, start, at, 0);
    at = nextToken(bytes, at, onlyDigits);
    if (at === -1) return;
  }
}

/** Where the next token of a number begins; -1 where it has ended. */
function nextToken(bytes: Uint8Array, end: number, digits: boolean): number {
  const code = bytes[end];
  if (isInner(code)) return fold(bytes, end + 1) === 0 ? -1 : end + 1;
  if (!digits) return -1;
  let at = end;
  if (bytes[at] === 0x29) at++;
  if (bytes[at] === 0x20) at++;
  if (bytes[at] === 0x28) at++;
  return at > end && isDigit(bytes[at]) ? at : -1;
}

/** Dash, point, slash. */
function isInner(code: number | undefined): boolean {
  return code === 0x2d || code === 0x2e || code === 0x2f;
}

function eachZip({ bytes, shadow, digitStarts, digitEnds }: TextClues, offer: Offer): void {
  for (let i = 0; i < digitStarts.length; i++) {
    const start = digitStarts[i] ?? 0;
    const end = digitEnds[i] ?? 0;
    if (end - start !== 5 || fold(bytes, start - 1) !== 0 || fold(bytes, end) !== 0) continue;
    const before = bytes[start - 1];
    // An amount, or the rest of a longer number.
    if (before === 0x24 || (isInner(before) && isDigit(bytes[start - 2]))) continue;
    offer(DOMAIN.zip, plainHash(shadow.slice(start, end)), start, end, 0);
  }
}

const LOCAL_PART = /[a-z0-9!#$%&'*+/=?^_`{|}~-][a-z0-9.!#$%&'*+/=?^_`{|}~-]{0,63}$/i;
const DOMAIN_PART = /@(?:[a-z0-9-]{1,63}\.){1,6}[a-z][a-z0-9-]{0,22}[a-z0-9]/iy;

function email(shadow: string, at: number, offer: Offer): void {
  DOMAIN_PART.lastIndex = at;
  const domain = DOMAIN_PART.exec(shadow)?.[0];
  const local = LOCAL_PART.exec(shadow.slice(Math.max(0, at - 64), at))?.[0];
  if (domain === undefined || local === undefined) return;
  const hash = plainHash((local + domain).toLowerCase());
  offer(DOMAIN.email, hash, at - local.length, at + domain.length, 0);
}

function eachAddress({ bytes, shadow, houseNumbers }: TextClues, offer: Offer): void {
  for (const start of houseNumbers) {
    if (fold(bytes, start - 1) !== 0) continue;
    let words = 0;
    for (const { value, end } of streetPrefixes(shadow, start)) {
      if (words++ === 0 && !offer(DOMAIN.street, plainHash(firstStreetWord(value)), start, end, 0)) break;
      offer(DOMAIN.address, plainHash(value), start, end, 0);
    }
  }
}

function eachCapital({ bytes, capitalStarts, capitalEnds }: TextClues, offer: Offer): void {
  for (let i = 0; i < capitalStarts.length; i++) {
    const start = capitalStarts[i] ?? 0;
    const end = capitalEnds[i] ?? 0;
    offer(DOMAIN.word, hashFrom(bytes, start, end), start, end, 0);
  }
}

function hashFrom(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0;
  for (let at = start; at < end; at++) hash = addToHash(hash, fold(bytes, at));
  return hash;
}

/** Texts of words, from a capital or a digit on. */
function eachText(clues: TextClues, most: number, offer: Offer): void {
  const { bytes, capitalStarts, capitalEnds, digitStarts } = clues;
  for (let i = 0; i < capitalStarts.length; i++)
    text(bytes, capitalStarts[i] ?? 0, capitalEnds[i] ?? 0, most, offer);
  for (const start of digitStarts) {
    if (fold(bytes, start - 1) !== 0) continue;
    let end = start;
    while (fold(bytes, end) !== 0) end++;
    text(bytes, start, end, most, offer);
  }
}

/** Words from a place on, one more each time, as long as no line ends and nothing but a few marks stands between. */
function text(bytes: Uint8Array, start: number, firstEnd: number, most: number, offer: Offer): void {
  let hash = hashFrom(bytes, start, firstEnd);
  if (!offer(DOMAIN.first, hash, start, firstEnd, 0)) return;
  offer(DOMAIN.text, hash, start, firstEnd, 0);
  let end = firstEnd;
  for (let words = 2; words <= Math.min(most, MOST_TEXT_WORDS); words++) {
    let at = end;
    while (at - end < 3 && bytes[at] !== undefined && bytes[at] !== 0x0a && fold(bytes, at) === 0) at++;
    if (fold(bytes, at) === 0) return;
    hash = addToHash(hash, 0x20);
    for (let code = fold(bytes, at); code !== 0; code = fold(bytes, ++at)) {
      hash = addToHash(hash, code);
      if (at - start > LONGEST_TEXT) return;
    }
    end = at;
    offer(DOMAIN.text, hash, start, end, 0);
  }
}

const LONGEST_TEXT = 160;

/** Words of names in small letters in a stretch, as hurried people write them. */
export function smallWords({ bytes }: TextClues, from: number, to: number, offer: Offer): void {
  let at = from;
  // Not from the middle of a word.
  while (at > 0 && at < to && fold(bytes, at - 1) !== 0) at++;
  while (at < to) {
    const start = at;
    let hash = 0;
    let letters = true;
    for (let code = fold(bytes, at); code !== 0; code = fold(bytes, ++at)) {
      hash = addToHash(hash, code);
      if (code <= 0x39) letters = false;
    }
    const first = bytes[start] ?? 0;
    if (letters && at - start >= 2 && first >= 0x61 && first <= 0x7a) offer(DOMAIN.word, hash, start, at, 0);
    if (at === start) at++;
  }
}

function fold(bytes: Uint8Array, at: number): number {
  return FOLD[bytes[at] ?? 0] ?? 0;
}

function isLetter(folded: number): boolean {
  return folded > 0x39;
}

function isDigit(code: number | undefined): boolean {
  return code !== undefined && code >= 0x30 && code <= 0x39;
}
