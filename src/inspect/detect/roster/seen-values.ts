import type { TextClues } from '../text-clues.js';
import { eachCandidate, type Offer, smallWords, type Wanted } from './candidates.js';
import { canonicalNumber, textWords } from './canonical.js';
import { mayContain } from './filters.js';
import { DOMAIN, type Domain, type FilterHasher } from './hashes.js';
import type { IndexViews } from './layout.js';
import { streetPrefixes } from './street.js';

/** What a text has that a filter of a roster knows. */
export interface SeenValue {
  readonly start: number;
  readonly end: number;
  readonly domain: Domain;
  readonly filterHash: number;
  /** `YYYYMMDD` of a date. */
  readonly day: number;
}

/** Names in small letters are looked for this near to another value. */
const SMALL_NEAR = 64;
/** Values around which they are looked for, at most: a text with more is a table, and has its capitals. */
const MOST_SMALL = 2_000;

/** What of a text could be values of a roster, in text order. */
export function seenValues(
  clues: TextClues,
  index: IndexViews,
  wanted: Wanted,
  filterHash: FilterHasher,
): readonly SeenValue[] {
  const seen: SeenValue[] = [];
  const { words, values } = index;
  const offer: Offer = (domain, plain, start, end, day) => {
    const hash = filterHash(domain, plain);
    const beginning = domain === DOMAIN.first || domain === DOMAIN.street;
    if (!mayContain(beginning || domain === DOMAIN.word ? words : values, hash)) return false;
    if (!beginning) seen.push({ start, end, domain, filterHash: hash, day });
    return true;
  };
  eachCandidate(clues, wanted, offer);
  if (wanted.names) {
    const others = seen.filter(({ domain }) => domain !== DOMAIN.word && domain !== DOMAIN.zip);
    let read = 0;
    for (const { start, end } of inOrder(others).slice(0, MOST_SMALL)) {
      const from = Math.max(read, start - SMALL_NEAR);
      read = Math.max(read, Math.min(clues.bytes.length, end + SMALL_NEAR));
      if (from < read) smallWords(clues, from, read, offer);
    }
  }
  return inOrder(seen);
}

function inOrder(seen: SeenValue[]): SeenValue[] {
  return seen.sort((a, b) => a.start - b.start || a.end - b.end);
}

/** A value as it was hashed at the import. */
export function canonicalValue({ domain, start, end, day }: SeenValue, shadow: string): string {
  const written = shadow.slice(start, end);
  switch (domain) {
    case DOMAIN.word:
    case DOMAIN.first:
    case DOMAIN.email:
      return written.toLowerCase();
    case DOMAIN.number:
      return canonicalNumber(written);
    case DOMAIN.date:
      return String(day);
    case DOMAIN.zip:
      return written;
    case DOMAIN.text:
      return textWords(written).join(' ');
    case DOMAIN.address:
    case DOMAIN.street:
      for (const prefix of streetPrefixes(shadow, start)) if (prefix.end === end) return prefix.value;
      return '';
  }
}
