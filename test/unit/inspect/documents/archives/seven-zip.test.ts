import { crc32 } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { fixture, isClean, readAs } from './reading.js';

/** A file of nothing but zeros, called something else than a file. */
function withMode(mode: number): Buffer {
  const bytes = fixture('zeros.7z');
  const usual = bytes.lastIndexOf(Buffer.of(0xa4, 0x81));
  bytes.writeUInt16LE(mode, usual);
  const at = 32 + Number(bytes.readBigUInt64LE(12));
  bytes.writeUInt32LE(crc32(bytes.subarray(at, at + Number(bytes.readBigUInt64LE(20)))), 28);
  bytes.writeUInt32LE(crc32(bytes.subarray(12, 32)), 8);
  return bytes;
}

describe('a file of a 7z that is called something else', () => {
  it.each([
    ['a link', 0xa1ff],
    ['a folder', 0x41ed],
    ['a pipe', 0x11a4],
    ['a device', 0x21a4],
    ['a socket', 0xc1a4],
  ])('is not passed over: %s', async (_name, mode) => {
    const result = await readAs('sevenZip', withMode(mode));
    expect(result.children.map(({ fileName }) => fileName)).toEqual(['zeros']);
    expect(isClean(result)).toBe(false);
  });
});
