import { CorruptArchive } from '../listing.js';
import type { BitReader } from './bits.js';

const MAX_LENGTH = 20;

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
  return (input) => {
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
  };
}
