import { TooLarge } from '../../types.js';
import type { EntryMeter } from '../meter.js';
import { type BitReader, bitReader } from './bits.js';
import { type Block, readBlock } from './block.js';
import { createCrc } from './crc.js';

const BLOCK_MAGIC = [0x314159, 0x265359] as const;
const END_MAGIC = [0x177245, 0x385090] as const;
const CHUNK = 64 * 1024;

/**
 * Unpacks one bzip2 stream, counting what comes out as it comes. Block and stream checksums are checked; what a broken
 * stream gave before it broke is kept.
 * @throws TooLarge as soon as the meter refuses
 */
export function decodeBzip2(
  packed: Buffer,
  count: EntryMeter,
): { readonly bytes: Buffer; readonly consumed: number; readonly sound: boolean } {
  const chunks: Buffer[] = [];
  const done = (consumed: number, sound: boolean) => ({ bytes: Buffer.concat(chunks), consumed, sound });
  const level = packed.toString('latin1', 0, 4);
  if (!/^BZh[1-9]$/.test(level)) return done(0, false);
  const blockSize = Number(level[3]) * 100_000;
  try {
    const input = bitReader(packed, 4);
    let combined = 0;
    for (;;) {
      const magic = [input.bits(24), input.bits(24)];
      const checksum = readChecksum(input);
      if (magic[0] === END_MAGIC[0] && magic[1] === END_MAGIC[1]) {
        const consumed = input.align();
        return done(consumed, checksum === combined);
      }
      if (magic[0] !== BLOCK_MAGIC[0] || magic[1] !== BLOCK_MAGIC[1]) return done(packed.length, false);
      const crc = expandRuns(readBlock(input, blockSize), count, chunks);
      if (crc !== checksum) return done(packed.length, false);
      combined = (((combined << 1) | (combined >>> 31)) ^ crc) >>> 0;
    }
  } catch (error) {
    if (error instanceof TooLarge) throw error;
    return done(packed.length, false);
  }
}

function readChecksum(input: BitReader): number {
  return input.bits(16) * 2 ** 16 + input.bits(16);
}

/** Four equal bytes are followed by how many more there are. Gives the checksum of what came out. */
function expandRuns({ chain, start, length }: Block, count: EntryMeter, chunks: Buffer[]): number {
  const crc = createCrc();
  let chunk = Buffer.allocUnsafe(CHUNK);
  let filled = 0;
  const flush = () => {
    const piece = chunk.subarray(0, filled);
    count(piece.length);
    crc.add(piece);
    chunks.push(piece);
    chunk = Buffer.allocUnsafe(CHUNK);
    filled = 0;
  };
  const put = (byte: number, times: number) => {
    for (let left = times; left > 0; left--) {
      if (filled === CHUNK) flush();
      chunk[filled] = byte;
      filled += 1;
    }
  };
  let place = (chain[start] ?? 0) >>> 8;
  let previous = -1;
  let equal = 0;
  for (let left = length; left > 0; left--) {
    const link = chain[place] ?? 0;
    const byte = link & 0xff;
    place = link >>> 8;
    if (equal === 4) {
      put(previous, byte);
      equal = 0;
      previous = -1;
      continue;
    }
    equal = byte === previous ? equal + 1 : 1;
    previous = byte;
    put(byte, 1);
  }
  flush();
  return crc.value();
}
