import { IN_LISTS, slotOf } from '../inspect/detect/roster/layout.js';

/** The table of all values, and who has them (`inspect/detect/roster/layout.ts`). */
export interface IndexTable {
  readonly slots: Uint32Array;
  readonly lists: Uint32Array;
  readonly longestList: number;
  /** Distinct values. */
  readonly values: number;
}

const LEAST_SLOTS = 1 << 8;

/** @param lows and `highs`: the halves of the hashes of each row's values; 0 in `lows` for none */
export function buildTable(
  lows: readonly Uint32Array[],
  highs: readonly Uint32Array[],
  stride: number,
): IndexTable {
  const sorted = sortedValues(lows, highs);
  const rows = lows.reduce((sum, chunk) => sum + chunk.length, 0) / stride;
  const longestList = longestListOf(rows);
  let values = 0;
  let listWords = 0;
  eachValue(sorted, (_low, _high, count) => {
    values++;
    if (count > 1) listWords += 1 + listed(count, longestList);
  });
  let slotCount = LEAST_SLOTS;
  while (slotCount * 0.7 < values) slotCount *= 2;
  const slots = new Uint32Array(slotCount * 2);
  const lists = new Uint32Array(listWords);
  let list = 0;
  eachValue(sorted, (low, high, count) => {
    const mask = slotCount - 1;
    let slot = slotOf(high, mask);
    while (slots[slot * 2] !== 0) slot = (slot + 1) & mask;
    slots[slot * 2] = low;
    if (count === 1) return;
    slots[slot * 2 + 1] = IN_LISTS + list;
    lists[list] = count;
    list += 1 + listed(count, longestList);
  });
  const table = { slots, lists, longestList, values };
  listRows(table, lows, highs, stride);
  return table;
}

/**
 * Rows of a value that are listed, at most. Where each of two values is in more rows than this, so many rows have both
 * by chance that it says nothing.
 */
function longestListOf(rows: number): number {
  return Math.max(64, Math.min(1024, Math.ceil(Math.sqrt(rows))));
}

function listed(count: number, longestList: number): number {
  return count > longestList ? 0 : count;
}

/** All values, high half behind low half, in order, so that equal ones stand together. */
function sortedValues(lows: readonly Uint32Array[], highs: readonly Uint32Array[]): Uint32Array {
  let count = 0;
  for (const chunk of lows) for (const low of chunk) if (low !== 0) count++;
  const buffer = new ArrayBuffer(count * 8);
  const pairs = new Uint32Array(buffer);
  let length = 0;
  for (const [i, chunk] of lows.entries()) {
    const high = highs[i];
    for (let at = 0; at < chunk.length; at++) {
      const low = chunk[at] ?? 0;
      if (low === 0) continue;
      pairs[length++] = low;
      pairs[length++] = high?.[at] ?? 0;
    }
  }
  new BigUint64Array(buffer).sort();
  return pairs;
}

function eachValue(sorted: Uint32Array, visit: (low: number, high: number, count: number) => void): void {
  for (let at = 0; at < sorted.length; ) {
    const low = sorted[at] ?? 0;
    const high = sorted[at + 1] ?? 0;
    let end = at + 2;
    while (end < sorted.length && sorted[end] === low && sorted[end + 1] === high) end += 2;
    visit(low, high, (end - at) / 2);
    at = end;
  }
}

/** Writes who has each value. */
function listRows(
  { slots, lists, longestList }: IndexTable,
  lows: readonly Uint32Array[],
  highs: readonly Uint32Array[],
  stride: number,
): void {
  const mask = slots.length / 2 - 1;
  let row = 0;
  for (const [i, chunk] of lows.entries()) {
    const high = highs[i];
    for (let from = 0; from < chunk.length; from += stride, row++) {
      for (let at = from; at < from + stride; at++) {
        const low = chunk[at] ?? 0;
        if (low === 0) continue;
        let slot = slotOf(high?.[at] ?? 0, mask);
        while (slots[slot * 2] !== low) slot = (slot + 1) & mask;
        const entry = slots[slot * 2 + 1] ?? 0;
        if (entry < IN_LISTS) slots[slot * 2 + 1] = row;
        else append(lists, entry - IN_LISTS, row, longestList);
      }
    }
  }
}

/** Until a list is full, its last place counts the rows that it has. */
function append(lists: Uint32Array, list: number, row: number, longestList: number): void {
  const count = lists[list] ?? 0;
  if (count > longestList) return;
  const last = list + count;
  const filled = lists[last] ?? 0;
  // Two values with the same low half beside each other would share a list; the rest of their rows is left out.
  if (filled >= count) return;
  if (filled < count - 1) lists[last] = filled + 1;
  lists[list + 1 + filled] = row;
}
