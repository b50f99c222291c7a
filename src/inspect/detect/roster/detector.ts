import { createHmac } from 'node:crypto';
import type { Detector, Sighting } from '../detector.js';
import type { ScannedText } from '../scanned-text.js';
import type { Wanted } from './candidates.js';
import { filterHasher, strongHasher } from './hashes.js';
import { ROSTER_INFO } from './info.js';
import { joinRows } from './join.js';
import type { ColumnKind } from './kinds.js';
import { type IndexViews, openIndex } from './layout.js';
import { type RatedMatch, rate } from './rate.js';
import { seenValues } from './seen-values.js';
import type { RosterTable } from './types.js';

/** A household shares much; a set of values that more rows have names nobody. */
const MOST_ROWS = 8;

/** Two or more columns of one row of a roster near each other, in any of the rosters given. */
export function rosterDetector(rosters: readonly RosterTable[]): Detector {
  const matchers = rosters.map(rosterMatcher);
  return {
    info: ROSTER_INFO,
    identifies: 'person',
    patterns: [],
    judge: (_, text) => matchers.flatMap((match) => match(text)),
    mask: () => 'row of a roster',
  };
}

function rosterMatcher(roster: RosterTable): (text: ScannedText) => readonly Sighting[] {
  const index = openIndex(roster.table);
  const wanted = wantedOf(index);
  const strongHash = strongHasher(roster.key);
  const filterHash = filterHasher(roster.key);
  return (text) => {
    const { clues } = text;
    const seen = seenValues(clues, index, wanted, filterHash);
    if (seen.length < 2) return [];
    const matches = joinRows(seen, clues.shadow, index, strongHash);
    if (matches.length === 0) return [];
    const rated = matches
      .map((match) => rate(match, seen, index, text, clues.shadow, text.signatures))
      .filter((match) => match !== undefined);
    return withoutCrowds(rated).map((match) => sighting(match, roster, index));
  };
}

function wantedOf({ kinds, numberLengths, textWords }: IndexViews): Wanted {
  const has = (...wanted: readonly ColumnKind[]) => kinds.some((kind) => wanted.includes(kind));
  return {
    names: has('given', 'family', 'name'),
    numberLengths,
    dates: has('dob'),
    emails: has('email'),
    zips: has('zip'),
    addresses: has('address'),
    textWords: has('text') ? textWords : 0,
  };
}

/** Without those values at one place that many rows have together. */
function withoutCrowds(matches: readonly RatedMatch[]): readonly RatedMatch[] {
  const keyOf = ({ values }: RatedMatch) => values.map(({ start, low }) => `${start} ${low}`).join();
  const rows = new Map<string, number>();
  for (const match of matches) rows.set(keyOf(match), (rows.get(keyOf(match)) ?? 0) + 1);
  return matches.filter((match) => (rows.get(keyOf(match)) ?? 0) <= MOST_ROWS);
}

function sighting(match: RatedMatch, { name, key }: RosterTable, { rowTable, places }: IndexViews): Sighting {
  const { row, values, kinds, confidence } = match;
  const stride = places.length;
  const person = createHmac('sha256', key)
    .update(`row ${rowTable.subarray(row * stride, (row + 1) * stride).join(' ')}`)
    .digest('hex');
  return {
    start: values[0]?.start ?? 0,
    end: values.at(-1)?.end ?? 0,
    confidence,
    value: `${name} ${person.slice(0, 32)}`,
    masked: `${name}: ${kinds.join(' + ')}`,
    // Rosters hold patients: who is known by two columns of one is somebody who receives care.
    showsHealth: confidence === 'high',
  };
}
