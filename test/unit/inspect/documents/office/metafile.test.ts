import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { kindOf } from '../../../../../src/inspect/documents/kinds-sniff.js';
import { fixture, readFixture, readOffice, view, viewsOf } from './reading.js';

const u32 = (value: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value >>> 0);
  return bytes;
};
const record = (type: number, ...data: Buffer[]) => {
  const body = Buffer.concat(data);
  const padded = Buffer.concat([body, Buffer.alloc((4 - (body.length % 4)) % 4)]);
  return Buffer.concat([u32(type), u32(8 + padded.length), padded]);
};
/** An enhanced metafile of these records. */
const emf = (...records: Buffer[]) => {
  const header = Buffer.alloc(80);
  header.write(' EMF', 32, 'latin1');
  return Buffer.concat([record(1, header), ...records, record(14, Buffer.alloc(12))]);
};
const text = (words: string, options = 0, y = 0) =>
  record(
    84,
    Buffer.alloc(28),
    ...[0, y, words.length, 76, options].map(u32),
    Buffer.alloc(20),
    Buffer.from(words, 'utf16le'),
  );
const bitmap = (() => {
  const header = Buffer.alloc(40);
  header.writeUInt32LE(40);
  header.writeUInt32LE(1, 4);
  header.writeUInt32LE(1, 8);
  header.writeUInt16LE(24, 14);
  return record(
    81,
    Buffer.alloc(40),
    ...[80, 40, 120, 4].map(u32),
    Buffer.alloc(16),
    header,
    Buffer.alloc(4, 7),
  );
})();

describe('metafiles', () => {
  it.each(['slides.emf', 'slides.wmf'])('%s of LibreOffice gives its words and pictures', async (file) => {
    const result = await readFixture(file);
    expect(result.status).toBe('read');
    expect(view(result, 'joined')).toContain('Patient 212-55-0187');
    expect(result.children.map(({ bytes }) => kindOf(bytes ?? Buffer.of()))).toContain('image/bmp');
  });

  it('within documents are read', async () => {
    for (const file of ['letter.rtf', 'slides.ppt']) {
      const { children } = await readFixture(file);
      for (const { bytes } of children) expect(kindOf(bytes ?? Buffer.of())).toMatch(/^image\//);
    }
  });

  it('gives words, line by line, and bitmaps as files', async () => {
    const result = await readOffice(emf(text('canary'), text('-one'), text('below', 0, 20), bitmap));
    expect(result.status).toBe('read');
    expect(viewsOf(result, 'canary-one\nbelow')).toEqual(['joined']);
    expect(viewsOf(result, 'canary -one\nbelow')).toEqual(['text']);
    const [child] = result.children;
    expect(kindOf(child?.bytes ?? Buffer.of())).toBe('image/bmp');
    expect(child?.bytes?.readUInt32LE(10)).toBe(54);
  });

  it('reads newer records in comments', async () => {
    const words = Buffer.from('canary-plus', 'utf16le');
    const data = Buffer.concat([u32(0), u32(0), u32(words.length / 2), Buffer.alloc(16), words]);
    const plus = Buffer.concat([
      Buffer.from('1c400000', 'hex'),
      u32(12 + data.length),
      u32(data.length),
      data,
    ]);
    const result = await readOffice(emf(record(70, u32(4 + plus.length), Buffer.from('EMF+'), plus)));
    expect(view(result, 'text')).toBe('canary-plus');
  });

  it.each<[string, Buffer[]]>([
    ['letters by their place in a font', [text('abc', 0x10)]],
    ['curves', Array.from({ length: 10 }, () => record(2, Buffer.alloc(24)))],
    ['many slanted lines', Array.from({ length: 100 }, () => record(54, u32(1), u32(2)))],
  ])('says that %s are unread', async (_, records) => {
    expect((await readOffice(emf(...records))).status).toBe('unsupported');
  });

  it('tells every truncation, and throws over nothing', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('slides.emf', 'slides.wmf'),
        fc.nat(4000),
        fc.nat(255),
        async (file, place, value) => {
          const whole = fixture(file);
          const at = 60 + (place % (whole.length - 70));
          expect((await readOffice(whole.subarray(0, at))).status).toBe('corrupt');
          const changed = Buffer.from(whole);
          changed[at] = value;
          if (kindOf(changed)?.endsWith('mf')) await readOffice(changed);
        },
      ),
      { numRuns: 100 },
    );
  });
});
