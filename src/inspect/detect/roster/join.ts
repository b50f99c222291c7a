import { mayContainPair } from './filters.js';
import { DOMAIN, type Domain, type StrongHasher } from './hashes.js';
import { type Holders, holders, type IndexViews } from './layout.js';
import { canonicalValue, type SeenValue } from './seen-values.js';

/** Values of one row stand together within so many characters. */
export const WINDOW = 300;
/** Earlier values that one is paired with, at most. */
const MOST_EARLIER = 48;
/** Words of one name stand no further apart, and in one line. */
const NAME_GAP = 24;

/** A value that is in the roster: who has it. */
export interface KnownValue extends SeenValue {
  readonly low: number;
  /** How many rows have it. */
  readonly count: number;
}

/** Values of one row that stand together, in text order, no two of them the same or overlapping. */
export interface RowMatch {
  readonly row: number;
  readonly values: readonly KnownValue[];
}

/** Values that few rows have are always followed to them. */
const FEW_ROWS = 32;
/** Rows looked at in one text for values that more have, at most: so many, and so many for each character. */
const LEAST_WORK = 50_000;
const WORK_EACH = 8;

/**
 * The rows of which a text has two values or more near each other. What the filters let pass is compared by its strong
 * hash. The work is bounded by the length of the text: values are paired with some neighbours only, those that very many
 * rows have aren't followed to their rows, and those that many have only as long as the text is not full of them.
 */
export function joinRows(
  seen: readonly SeenValue[],
  shadow: string,
  index: IndexViews,
  strongHash: StrongHasher,
): readonly RowMatch[] {
  const known = new Map<SeenValue, Looked | undefined>();
  const hashed = new Map<string, { readonly low: number; readonly holders: Holders } | undefined>();
  const find = (domain: Domain, plain: string) => {
    const name = `${domain} ${plain}`;
    if (hashed.has(name)) return hashed.get(name);
    const { low, high } = strongHash(domain, plain);
    const found = holders(index, low, high);
    const entry = found === undefined ? undefined : { low, holders: found };
    hashed.set(name, entry);
    return entry;
  };
  const look = (value: SeenValue) => {
    if (known.has(value)) return known.get(value);
    const found = find(value.domain, canonicalValue(value, shadow));
    const looked = found === undefined ? undefined : { ...value, ...found, count: found.holders.count };
    known.set(value, looked);
    return looked;
  };
  const byRow = new Map<number, Set<KnownValue>>();
  const add = (row: number, value: KnownValue) => {
    const values = byRow.get(row);
    if (values === undefined) byRow.set(row, new Set([value]));
    else values.add(value);
  };
  const follow = ([rarer, other]: Known) => {
    for (const row of rarer.holders.rows) {
      if (!rowHas(index, row, other.low)) continue;
      add(row, rarer);
      add(row, other);
    }
  };
  let work = LEAST_WORK + WORK_EACH * shadow.length;
  const later: Known[] = [];
  for (const [a, b] of nearPairs(seen, shadow, index)) {
    const first = look(a);
    const second = first && look(b);
    if (first === undefined || second === undefined || first.low === second.low) continue;
    const pair = rareFirst(first, second);
    if (pair[0].holders.rows.length <= FEW_ROWS) follow(pair);
    else if (later.length * FEW_ROWS < work) later.push(pair);
  }
  for (const pair of later.sort(([a], [b]) => a.count - b.count)) {
    work -= pair[0].holders.rows.length;
    if (work < 0) break;
    follow(pair);
  }
  return [...byRow].flatMap(([row, values]) =>
    clusters([...values]).map((group) => ({ row, values: group })),
  );
}

type Looked = KnownValue & { readonly holders: Holders };
type Known = readonly [rarer: Looked, other: Looked];

/** The one whose rows are followed: the rarer one, as far as its rows are listed. */
function rareFirst(a: Looked, b: Looked): Known {
  const aFirst = b.holders.rows.length === 0 || (a.holders.rows.length > 0 && a.count <= b.count);
  return aFirst ? [a, b] : [b, a];
}

/** Pairs of values near each other that the filter of pairs knows. */
function* nearPairs(
  seen: readonly SeenValue[],
  shadow: string,
  { pairs, once }: IndexViews,
): Generator<readonly [SeenValue, SeenValue]> {
  for (let j = 1; j < seen.length; j++) {
    const later = seen[j];
    if (later === undefined) return;
    const least = Math.max(0, j - MOST_EARLIER);
    for (let i = j - 1; i >= least; i--) {
      const earlier = seen[i];
      if (earlier === undefined || later.start - earlier.start > WINDOW + LONGEST_VALUE) break;
      const gap = later.start - earlier.end;
      if (gap < 0 || gap > WINDOW || earlier.filterHash === later.filterHash) continue;
      if (earlier.domain === later.domain) {
        if (once.has(later.domain)) continue;
        if (later.domain === DOMAIN.word && !isOneName(shadow, earlier.end, later.start)) continue;
      }
      if (mayContainPair(pairs, earlier.filterHash, later.filterHash)) yield [earlier, later];
    }
  }
}

const LONGEST_VALUE = 200;

/** Whether two words may be parts of one name by what stands between them. */
export function isOneName(shadow: string, end: number, start: number): boolean {
  return start - end <= NAME_GAP && !shadow.slice(end, start).includes('\n');
}

function rowHas({ rowTable, places }: IndexViews, row: number, low: number): boolean {
  const stride = places.length;
  const from = row * stride;
  for (let at = from; at < from + stride; at++) if (rowTable[at] === low) return true;
  return false;
}

/** Groups of values that follow each other within the window. A value that is there twice counts once in a group. */
function clusters(values: readonly KnownValue[]): readonly (readonly KnownValue[])[] {
  const groups: KnownValue[][] = [];
  for (const value of [...values].sort((a, b) => a.start - b.start || b.end - a.end)) {
    const group = groups.at(-1);
    const last = group?.at(-1);
    if (group === undefined || last === undefined || value.start - last.end > WINDOW) groups.push([value]);
    else if (value.start >= last.end && group.every(({ low }) => low !== value.low)) group.push(value);
  }
  return groups.filter((group) => group.length > 1);
}
