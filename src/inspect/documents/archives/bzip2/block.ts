import { CorruptArchive } from '../listing.js';
import type { BitReader } from './bits.js';
import { type SymbolReader, symbolReader } from './huffman.js';

const GROUP = 50;
const RUN_A = 0;
const RUN_B = 1;

/** One block before its runs are expanded: in the order of the text, and how many bytes. */
export interface Block {
  /** For each place: the byte in the low 8 bits, the next place above. */
  readonly chain: Uint32Array;
  readonly start: number;
  readonly length: number;
}

/** Reads one block behind its magic and checksum: Huffman codes, move to front, Burrows-Wheeler. @throws CorruptArchive */
export function readBlock(input: BitReader, blockSize: number): Block {
  // Randomised blocks are of bzip2 before 0.9.5 and not made any more.
  if (input.bit() === 1) throw new CorruptArchive('a bzip2 block is randomised');
  const origin = input.bits(24);
  const used = readUsed(input);
  const tables = readTables(input, used.length + 2);
  const chain = new Uint32Array(blockSize);
  const length = readSymbols(input, used, tables, chain);
  if (origin >= length) throw new CorruptArchive('a bzip2 block begins outside itself');
  invert(chain, length);
  return { chain, start: origin, length };
}

function readUsed(input: BitReader): number[] {
  const groups = input.bits(16);
  const used: number[] = [];
  for (let group = 0; group < 16; group++) {
    if ((groups & (0x8000 >> group)) === 0) continue;
    const members = input.bits(16);
    for (let member = 0; member < 16; member++) {
      if ((members & (0x8000 >> member)) !== 0) used.push(group * 16 + member);
    }
  }
  if (used.length === 0) throw new CorruptArchive('a bzip2 block uses no bytes');
  return used;
}

/** The code for each group of fifty symbols, in order. */
function readTables(input: BitReader, symbols: number): () => SymbolReader {
  const count = input.bits(3);
  const selectors = input.bits(15);
  if (count < 2 || count > 6 || selectors === 0) throw new CorruptArchive('a bzip2 block has no codes');
  const order = [0, 1, 2, 3, 4, 5].slice(0, count);
  const chosen = new Uint8Array(selectors);
  for (let index = 0; index < selectors; index++) {
    let place = 0;
    while (input.bit() === 1) place += 1;
    const [table] = order.splice(place, 1);
    if (table === undefined) throw new CorruptArchive('a bzip2 selector is wrong');
    order.unshift(table);
    chosen[index] = table;
  }
  const readers = Array.from({ length: count }, () => symbolReader(readLengths(input, symbols)));
  let next = 0;
  return () => {
    const reader = next < selectors ? readers[chosen[next] ?? 0] : undefined;
    next += 1;
    if (reader === undefined) throw new CorruptArchive('a bzip2 block has too few selectors');
    return reader;
  };
}

function readLengths(input: BitReader, symbols: number): number[] {
  let length = input.bits(5);
  return Array.from({ length: symbols }, () => {
    while (true) {
      if (length < 1 || length > 20) throw new CorruptArchive('a bzip2 code is too long');
      if (input.bit() === 0) return length;
      length += input.bit() === 0 ? 1 : -1;
    }
  });
}

/** Fills the block's bytes; gives how many. */
function readSymbols(
  input: BitReader,
  used: number[],
  nextTable: () => SymbolReader,
  out: Uint32Array,
): number {
  const last = used.length + 1;
  const front = Uint8Array.from(used);
  let length = 0;
  let run = 0;
  let weight = 1;
  let reader = nextTable();
  for (let left = GROUP; ; left--) {
    if (left === 0) {
      reader = nextTable();
      left = GROUP;
    }
    const symbol = reader(input);
    if (symbol === RUN_A || symbol === RUN_B) {
      run += weight << symbol;
      weight <<= 1;
      if (run > out.length) throw new CorruptArchive('a bzip2 block is too long');
      continue;
    }
    if (length + run > out.length) throw new CorruptArchive('a bzip2 block is too long');
    out.fill(front[0] ?? 0, length, length + run);
    length += run;
    run = 0;
    weight = 1;
    if (symbol === last) return length;
    const byte = front[symbol - 1];
    if (byte === undefined || length >= out.length) throw new CorruptArchive('a bzip2 block is too long');
    front.copyWithin(1, 0, symbol - 1);
    front[0] = byte;
    out[length] = byte;
    length += 1;
  }
}

/** Links each place to the next one of the text. */
function invert(chain: Uint32Array, length: number): void {
  const starts = new Uint32Array(256);
  for (let at = 0; at < length; at++) {
    const byte = (chain[at] ?? 0) & 0xff;
    starts[byte] = (starts[byte] ?? 0) + 1;
  }
  let sum = 0;
  for (let byte = 0; byte < 256; byte++) {
    const count = starts[byte] ?? 0;
    starts[byte] = sum;
    sum += count;
  }
  for (let at = 0; at < length; at++) {
    const byte = (chain[at] ?? 0) & 0xff;
    const place = starts[byte] ?? 0;
    starts[byte] = place + 1;
    chain[place] = (chain[place] ?? 0) | (at << 8);
  }
}
