import { CorruptArchive } from '../listing.js';
import type { BitReader } from './bits.js';

const MAX_LENGTH = 20;
/** Codes up to this length are looked up at once. */
const QUICK = 10;

/** Gives the next symbol of a canonical Huffman code. @throws CorruptArchive */
export type SymbolReader = (input: BitReader) => number;

/** @param lengths bits of each symbol's code */
export function symbolReader(lengths: readonly number[]): SymbolReader {
  const counts = new Int32Array(MAX_LENGTH + 2);
  for (const length of lengths) counts[length] = (counts[length] ?? 0) + 1;
  const symbols: number[] = [];
  for (let length = 1; length <= MAX_LENGTH; length++) {
    for (const [symbol, own] of lengths.entries()) if (own === length) symbols.push(symbol);
  }
  const quick = quickTable(counts, symbols);
  return (input) => {
    const found = quick[input.peek(QUICK)] ?? 0;
    if (found !== 0) {
      input.skip(found & 0x1f);
      return found >> 5;
    }
    return slowSymbol(input, counts, symbols);
  };
}

/** For each beginning of a code: its symbol above, its length in the low five bits; 0 for longer codes. */
function quickTable(counts: Int32Array, symbols: readonly number[]): Uint16Array {
  const table = new Uint16Array(1 << QUICK);
  let code = 0;
  let index = 0;
  for (let length = 1; length <= QUICK; length++) {
    code <<= 1;
    for (let left = counts[length] ?? 0; left > 0; left--) {
      const start = code << (QUICK - length);
      table.fill(((symbols[index] ?? 0) << 5) | length, start, start + (1 << (QUICK - length)));
      code += 1;
      index += 1;
    }
  }
  return table;
}

function slowSymbol(input: BitReader, counts: Int32Array, symbols: readonly number[]): number {
  let code = 0;
  let first = 0;
  let index = 0;
  for (let length = 1; length <= MAX_LENGTH; length++) {
    code = (code << 1) | input.bit();
    const count = counts[length] ?? 0;
    if (code - first < count) {
      const symbol = symbols[index + code - first];
      if (symbol !== undefined) return symbol;
      break;
    }
    index += count;
    first = (first + count) << 1;
  }
  throw new CorruptArchive('a bzip2 code is unknown');
}
