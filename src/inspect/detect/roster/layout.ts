import { DOMAIN, type Domain } from './hashes.js';
import { COLUMN_KINDS, type ColumnKind, DOMAIN_OF } from './kinds.js';

/*
 * The index of a roster: a head of 128 32-bit words, then, all in 32-bit words,
 *
 * - slots: an open-addressing table of all values, two words each: the low half of the value's hash (0: free), and
 *   either its only row, or, with the highest bit set, a place in the lists;
 * - rows: for each row the low halves of its values' hashes (0: none);
 * - lists: how many rows have a value, then those rows where they are not more than `longestList`;
 * - three filters (`filters.ts`): words of names, other values, and pairs of values of one row.
 */

const LAYOUT_VERSION = 1;
const HEAD_WORDS = 128;
const PLACES_AT = 16;
const KINDS_AT = 80;

/** Values of one row, at most: several words of a name each take a place. */
export const MOST_PLACES = 64;
export const MOST_COLUMNS = 48;
export const IN_LISTS = 0x80000000;

/** What the head says. */
export interface IndexShape {
  readonly rows: number;
  /** For each value of a row, its column. */
  readonly places: readonly number[];
  readonly kinds: readonly ColumnKind[];
  /** A power of two. */
  readonly slots: number;
  readonly listWords: number;
  /** Rows of a value that are listed, at most. */
  readonly longestList: number;
  /** 32-bit words of the filters; powers of two. */
  readonly wordFilter: number;
  readonly valueFilter: number;
  readonly pairFilter: number;
  /** Bit n: there are numbers of n characters. */
  readonly numberLengths: number;
  /** Words of the longest value of kind `text`. */
  readonly textWords: number;
}

/** Views on the parts of an index. */
export interface IndexViews extends IndexShape {
  /** What a row has no more than one of, so that two of them can't be of one row. */
  readonly once: ReadonlySet<Domain>;
  readonly slotTable: Uint32Array;
  readonly rowTable: Uint32Array;
  readonly lists: Uint32Array;
  readonly words: Uint32Array;
  readonly values: Uint32Array;
  readonly pairs: Uint32Array;
}

/** Bytes of an index. */
export function indexSize(shape: IndexShape): number {
  return 4 * sections(shape).reduce((sum, words) => sum + words, HEAD_WORDS);
}

function sections(shape: IndexShape): readonly number[] {
  const { slots, rows, places, listWords, wordFilter, valueFilter, pairFilter } = shape;
  return [slots * 2, rows * places.length, listWords, wordFilter, valueFilter, pairFilter];
}

/** The head of an index as it stands in its file. */
export function writeHead(shape: IndexShape): Uint8Array {
  const head = new Uint32Array(HEAD_WORDS);
  const { places, kinds } = shape;
  if (places.length > MOST_PLACES || kinds.length > MOST_COLUMNS)
    throw new Error('more columns than an index has room for');
  head.set([
    LAYOUT_VERSION,
    shape.rows,
    places.length,
    kinds.length,
    shape.slots,
    shape.listWords,
    shape.longestList,
    shape.wordFilter,
    shape.valueFilter,
    shape.pairFilter,
    shape.numberLengths,
    shape.textWords,
  ]);
  head.set(places, PLACES_AT);
  head.set(
    kinds.map((kind) => COLUMN_KINDS.indexOf(kind)),
    KINDS_AT,
  );
  return new Uint8Array(head.buffer);
}

/** @throws Error when it isn't an index of this version */
export function openIndex(table: SharedArrayBuffer): IndexViews {
  if (table.byteLength < HEAD_WORDS * 4) throw new Error('it is too short');
  const head = new Uint32Array(table, 0, HEAD_WORDS);
  const at = (index: number) => head[index] ?? 0;
  if (at(0) !== LAYOUT_VERSION) throw new Error('it was made by another version of Sallyport');
  const kinds = [...head.subarray(KINDS_AT, KINDS_AT + at(3))].map((index) => COLUMN_KINDS[index]);
  const shape: IndexShape = {
    rows: at(1),
    places: [...head.subarray(PLACES_AT, PLACES_AT + at(2))],
    kinds: kinds.filter((kind) => kind !== undefined),
    slots: at(4),
    listWords: at(5),
    longestList: at(6),
    wordFilter: at(7),
    valueFilter: at(8),
    pairFilter: at(9),
    numberLengths: at(10),
    textWords: at(11),
  };
  if (indexSize(shape) !== table.byteLength || shape.kinds.length !== kinds.length)
    throw new Error('its parts have another size than it says');
  let from = HEAD_WORDS * 4;
  const [slotTable, rowTable, lists, words, values, pairs] = sections(shape).map((length) => {
    const view = new Uint32Array(table, from, length);
    from += length * 4;
    return view;
  });
  if (!slotTable || !rowTable || !lists || !words || !values || !pairs) throw new Error('parts are missing');
  const once = domainsOnce(shape.kinds);
  return { ...shape, once, slotTable, rowTable, lists, words, values, pairs };
}

function domainsOnce(kinds: readonly ColumnKind[]): ReadonlySet<Domain> {
  const counts = new Map<Domain, number>();
  for (const kind of kinds) {
    const domain = DOMAIN_OF[kind];
    counts.set(domain, (counts.get(domain) ?? 0) + 1);
  }
  counts.delete(DOMAIN.word);
  return new Set([...counts].filter(([, count]) => count === 1).map(([domain]) => domain));
}

/** How many rows have a value, and which; none are listed of a value that very many have. */
export interface Holders {
  readonly count: number;
  readonly rows: Uint32Array;
}

/** The rows with a value; undefined where none has it. */
export function holders(index: IndexViews, low: number, high: number): Holders | undefined {
  const { slotTable, lists, longestList } = index;
  const mask = index.slots - 1;
  for (let slot = high & mask; ; slot = (slot + 1) & mask) {
    const found = slotTable[slot * 2] ?? 0;
    if (found === 0) return undefined;
    if (found !== low) continue;
    const entry = slotTable[slot * 2 + 1] ?? 0;
    if (entry < IN_LISTS) return { count: 1, rows: Uint32Array.of(entry) };
    const at = entry - IN_LISTS;
    const count = lists[at] ?? 0;
    const listed = count > longestList ? 0 : count;
    return { count, rows: lists.subarray(at + 1, at + 1 + listed) };
  }
}

/** A slot's high half chooses where it stands; equal low halves of different values are one in four billion. */
export function slotOf(high: number, mask: number): number {
  return high & mask;
}
