import { addPair, addToFilter } from '../inspect/detect/roster/filters.js';
import {
  DOMAIN,
  type Domain,
  filterHasher,
  plainHash,
  type StrongHash,
  strongHasher,
} from '../inspect/detect/roster/hashes.js';
import type { ColumnKind } from '../inspect/detect/roster/kinds.js';
import { type IndexShape, indexSize, MOST_PLACES, writeHead } from '../inspect/detect/roster/layout.js';
import { firstStreetWord } from '../inspect/detect/roster/street.js';
import { UserError } from '../shared/errors.js';
import { type CellValue, PLACES } from './cell-values.js';
import { buildTable } from './index-table.js';
import { rowList } from './row-list.js';

/** An index as the bytes of its file, piece by piece. */
export interface BuiltIndex {
  readonly rows: number;
  /** Bytes of all pieces. */
  readonly size: number;
  readonly pieces: readonly Uint8Array[];
}

export interface IndexBuilder {
  /** Adds a row: the values of each column, in the order of the columns. */
  row(values: readonly (readonly CellValue[])[]): void;
  finish(): BuiltIndex;
}

/** Numbers of rows are kept in 31 bits, and a million take some hundred megabytes to build. */
export const MOST_ROWS = 10_000_000;
/** Values that are known by heart while an index is built. */
const MOST_KNOWN = 200_000;

interface Hashes extends StrongHash {
  readonly filter: number;
}

/**
 * Builds an index in memory: of each value twelve bytes, and as much again while it is put in order.
 * @throws UserError for more columns than an index has room for
 */
export function indexBuilder(kinds: readonly ColumnKind[], key: Uint8Array): IndexBuilder {
  const places = kinds.flatMap((kind, column) => new Array<number>(PLACES[kind]).fill(column));
  if (places.length > MOST_PLACES)
    throw new UserError('these are too many columns for one roster: leave out those that say little', {
      exitStatus: 2,
    });
  const strongHash = strongHasher(key);
  const filterHash = filterHasher(key);
  const stride = places.length;
  const lows = rowList(stride);
  const highs = rowList(stride);
  const filters = rowList(stride);
  const low = new Uint32Array(stride);
  const high = new Uint32Array(stride);
  const filter = new Uint32Array(stride);
  const known = new Map<string, Hashes>();
  const words = new Set<number>();
  const firsts = new Set<number>();
  let rows = 0;
  let numberLengths = 0;
  let mostWords = 0;

  const hashesOf = ({ domain, value }: CellValue): Hashes => {
    const name = `${domain} ${value}`;
    const before = known.get(name);
    if (before !== undefined) return before;
    const made = { ...strongHash(domain, value), filter: filterHash(domain, plainHash(value)) };
    // Names and days come again and again.
    if (comesAgain(domain) && known.size < MOST_KNOWN) known.set(name, made);
    if (domain === DOMAIN.word) words.add(made.filter);
    if (domain === DOMAIN.number) numberLengths |= 1 << value.length;
    if (domain === DOMAIN.text) {
      const all = value.split(' ');
      mostWords = Math.max(mostWords, all.length);
      firsts.add(filterHash(DOMAIN.first, plainHash(all[0] ?? '')));
    }
    if (domain === DOMAIN.address) firsts.add(filterHash(DOMAIN.street, plainHash(firstStreetWord(value))));
    return made;
  };

  return {
    row(values) {
      if (rows === MOST_ROWS)
        throw new UserError(`a roster has ${MOST_ROWS} rows at most: split it`, { exitStatus: 2 });
      low.fill(0);
      high.fill(0);
      filter.fill(0);
      let place = 0;
      for (const [column, kind] of kinds.entries()) {
        for (let i = 0; i < PLACES[kind]; i++, place++) {
          const value = values[column]?.[i];
          if (value === undefined) continue;
          const hashes = hashesOf(value);
          // The same number in two columns of a row is one value.
          if (low.includes(hashes.low)) continue;
          low[place] = hashes.low;
          high[place] = hashes.high;
          filter[place] = hashes.filter;
        }
      }
      lows.add(low);
      highs.add(high);
      filters.add(filter);
      rows++;
    },
    finish() {
      known.clear();
      const table = buildTable(lows.chunks(), highs.chunks(), stride);
      highs.release();
      const wordFilter = emptyFilter((words.size + firsts.size) * 16);
      for (const hash of [...words, ...firsts]) addToFilter(wordFilter, hash);
      const { valueFilter, pairFilter } = rowFilters(
        filters.chunks(),
        places.map((c) => isName(kinds[c])),
        table.values,
      );
      filters.release();
      const shape: IndexShape = {
        rows,
        places,
        kinds,
        slots: table.slots.length / 2,
        listWords: table.lists.length,
        longestList: table.longestList,
        wordFilter: wordFilter.length,
        valueFilter: valueFilter.length,
        pairFilter: pairFilter.length,
        numberLengths,
        textWords: mostWords,
      };
      const pieces = [
        writeHead(shape),
        ...[table.slots, ...lows.chunks(), table.lists, wordFilter, valueFilter, pairFilter].map(bytesOf),
      ];
      return { rows, size: indexSize(shape), pieces };
    },
  };
}

function comesAgain(domain: Domain): boolean {
  return domain === DOMAIN.word || domain === DOMAIN.date || domain === DOMAIN.zip || domain === DOMAIN.text;
}

/** Bits of the largest filter: 64 MB. */
const MOST_BITS = 2 ** 29;
const LEAST_BITS = 2 ** 12;

/** A filter of at least so many bits, as far as they are not too many. */
function emptyFilter(wanted: number): Uint32Array {
  let bits = LEAST_BITS;
  while (bits < wanted && bits < MOST_BITS) bits *= 2;
  return new Uint32Array(bits / 32);
}

/**
 * The filters of values and of pairs of values of one row.
 * @param names for each place of a row, whether it holds a word of a name, which has a filter of its own
 */
function rowFilters(
  chunks: readonly Uint32Array[],
  names: readonly boolean[],
  values: number,
): { readonly valueFilter: Uint32Array; readonly pairFilter: Uint32Array } {
  const stride = names.length;
  const valueFilter = emptyFilter(values * 8);
  let pairs = 0;
  eachRow(chunks, stride, (filled) => {
    pairs += (filled.length * (filled.length - 1)) / 2;
  });
  const pairFilter = emptyFilter(pairs * 8);
  eachRow(chunks, stride, (filled, at) => {
    for (let i = 0; i < filled.length; i++) {
      const hash = filled[i] ?? 0;
      if (names[at[i] ?? 0] === false) addToFilter(valueFilter, hash);
      for (let j = 0; j < i; j++) addPair(pairFilter, hash, filled[j] ?? 0);
    }
  });
  return { valueFilter, pairFilter };
}

/** Gives of each row its values, and their places. The lists are used again for the next one. */
function eachRow(
  chunks: readonly Uint32Array[],
  stride: number,
  visit: (filled: readonly number[], at: readonly number[]) => void,
): void {
  const filled: number[] = [];
  const at: number[] = [];
  for (const chunk of chunks) {
    for (let from = 0; from < chunk.length; from += stride) {
      filled.length = 0;
      at.length = 0;
      for (let place = 0; place < stride; place++) {
        const hash = chunk[from + place] ?? 0;
        if (hash === 0) continue;
        // As the detector has it, which computes with signs.
        filled.push(hash | 0);
        at.push(place);
      }
      visit(filled, at);
    }
  }
}

function isName(kind: ColumnKind | undefined): boolean {
  return kind === 'given' || kind === 'family' || kind === 'name';
}

function bytesOf({ buffer, byteOffset, byteLength }: Uint32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
