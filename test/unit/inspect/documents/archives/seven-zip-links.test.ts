import { crc32 } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { isClean, readAs } from './reading.js';

/** A 7z of one file that is called a link, as it is, without compression. */
function linkOf(content: string): Buffer {
  const data = Buffer.from(content, 'latin1');
  const uint32 = (value: number): Buffer => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32LE(value);
    return bytes;
  };
  const name = Buffer.from('\0l\0\0\0', 'latin1');
  const header = Buffer.concat([
    Buffer.of(1, 4, 6, 0, 1, 9, data.length, 0),
    Buffer.of(7, 0x0b, 1, 0, 1, 1, 0, 0x0c, data.length, 0x0a, 1),
    uint32(crc32(data)),
    Buffer.of(0, 8, 0, 0, 5, 1, 0x11, name.length),
    name,
    Buffer.of(0x15, 6, 1, 0),
    uint32(0xa1ff8000),
    Buffer.of(0, 0),
  ]);
  const start = Buffer.concat([
    uint32(data.length),
    uint32(0),
    uint32(header.length),
    uint32(0),
    uint32(crc32(header)),
  ]);
  return Buffer.concat([
    Buffer.from("7z\xbc\xaf'\x1c\0\x04", 'latin1'),
    uint32(crc32(start)),
    start,
    data,
    header,
  ]);
}

describe('a link in a 7z', () => {
  it.each([
    ['a path', '../lib/libx.so.1'],
    ['markup', '<p>Patient Jane Roe'],
    ['more behind the end of a path', 'a\0Patient Jane Roe'],
  ])('counts as unread where it holds %s', async (_, content) => {
    const result = await readAs('sevenZip', linkOf(content));
    expect(result.children).toMatchObject([{ fileName: 'l', status: 'unsupported' }]);
    expect(isClean(result)).toBe(false);
  });

  it('is named with where it leads', async () => {
    const result = await readAs('sevenZip', linkOf('../lib/libx.so.1'));
    expect(result.texts.map(({ text }) => text).join()).toContain('l -> ../lib/libx.so.1');
  });
});
