import { plainHash } from '../inspect/detect/roster/hashes.js';
import type { CellValue } from './cell-values.js';

export interface ColumnCounts {
  /** Cells that hold anything. */
  readonly filled: number;
  /** Of those, the ones that hold nothing of their kind. */
  readonly unread: number;
  /** Distinct values, within a few per cent. */
  readonly distinct: number;
}

export interface ColumnCounter {
  add(cell: string, values: readonly CellValue[]): void;
  counts(): ColumnCounts;
}

/** Enough to count ten million. */
const BITS = 2 ** 22;

export function columnCounter(): ColumnCounter {
  const seen = new Uint32Array(BITS / 32);
  let filled = 0;
  let unread = 0;
  return {
    add(cell, values) {
      if (cell.trim() === '') return;
      filled++;
      const [first] = values;
      if (first === undefined) {
        unread++;
        return;
      }
      let hash = 0;
      for (const { value } of values) hash = Math.imul(hash, 31) + plainHash(value);
      const bit = (Math.imul(hash ^ (hash >>> 16), 0x45d9f3b) >>> 8) & (BITS - 1);
      seen[bit >>> 5] = (seen[bit >>> 5] ?? 0) | (1 << (bit & 31));
    },
    counts() {
      let set = 0;
      for (const word of seen) set += bitsIn(word);
      // Linear counting: how many values it takes, by chance, to set so many bits.
      const distinct = Math.round(-BITS * Math.log(Math.max(1, BITS - set) / BITS));
      return { filled, unread, distinct };
    },
  };
}

function bitsIn(word: number): number {
  let count = 0;
  for (let rest = word; rest !== 0; rest &= rest - 1) count++;
  return count;
}
