import { describe, expect, it } from 'vitest';
import { READERS } from '../../../../src/inspect/documents/fonts/index.js';
import { kindOf } from '../../../../src/inspect/documents/kinds-sniff.js';
import type { FormatResult } from '../../../../src/inspect/documents/types.js';
import { budget, LIMITS } from './archives/reading.js';
import { fixture } from './formats/whole-message.js';

const FONT = fixture('formats/small.ttf');

async function read(bytes: Buffer): Promise<FormatResult> {
  const reader = READERS[kindOf(bytes) ?? ''];
  if (reader === undefined) throw new Error('no font');
  return reader({ bytes }, { limits: LIMITS, budget: budget(LIMITS) });
}

/** One more table behind all others; their places move by the length of its entry. */
function withTable(name: string, data: string): Buffer {
  const count = FONT.readUInt16BE(4);
  const head = Buffer.from(FONT.subarray(0, 12 + 16 * count));
  head.writeUInt16BE(count + 1, 4);
  for (let index = 0; index < count; index++) {
    const at = 12 + 16 * index + 8;
    head.writeUInt32BE(head.readUInt32BE(at) + 16, at);
  }
  const entry = Buffer.alloc(16);
  entry.write(name, 'latin1');
  entry.writeUInt32BE(FONT.length + 16, 8);
  entry.writeUInt32BE(data.length, 12);
  return Buffer.concat([head, entry, FONT.subarray(12 + 16 * count), Buffer.from(data)]);
}

/** The font as PowerPoint embeds it. */
function embedded(font: Buffer, flags: number): Buffer {
  const head = Buffer.alloc(82);
  head.writeUInt32LE(82 + 26 + font.length, 0);
  head.writeUInt32LE(font.length, 4);
  head.writeUInt32LE(0x00020001, 8);
  head.writeUInt32LE(flags, 12);
  head.writeUInt16LE(0x504c, 34);
  const names = Buffer.alloc(26);
  names.write('Small Letter', 'utf16le');
  return Buffer.concat([head, names, font]);
}

describe('fonts', () => {
  it('are read with their names', async () => {
    const result = await read(FONT);
    expect(result).toMatchObject({ status: 'read', children: [] });
    expect(result.texts[0]?.text).toContain('Small Letters');
  });

  it('are not read in full where they carry what no font does', async () => {
    const result = await read(withTable('HIDE', 'canary in a table'));
    expect(result.status).toBe('unsupported');
    expect(result.texts.find(({ view }) => view === 'strings')?.text).toContain('canary in a table');
    expect((await read(Buffer.concat([FONT, Buffer.from('canary behind')]))).status).toBe('unsupported');
    expect((await read(withTable('kern', 'numbers'))).status).toBe('read');
  });

  it('are damaged where tables overlap or are missing', async () => {
    const overlapping = Buffer.from(FONT);
    overlapping.writeUInt32BE(12, 12 + 8);
    expect((await read(overlapping)).status).toBe('corrupt');
    expect((await read(FONT.subarray(0, FONT.length - 40))).status).toBe('corrupt');
  });

  it('are unwrapped from what PowerPoint puts around them', async () => {
    const plain = await read(embedded(FONT, 0));
    expect(plain.children[0]?.bytes?.equals(FONT)).toBe(true);
    const masked = await read(embedded(Buffer.from(FONT.map((byte) => byte ^ 0x50)), 0x10000000));
    expect(masked.children[0]?.bytes?.equals(FONT)).toBe(true);
    const packed = await read(embedded(Buffer.from('\0\x01canary packed'), 4));
    expect(packed).toMatchObject({ status: 'read', children: [] });
    expect(packed.texts.map(({ text }) => text).join()).toContain('canary packed');
    expect((await read(embedded(FONT, 0).subarray(0, 5000))).status).toBe('corrupt');
  });
});
