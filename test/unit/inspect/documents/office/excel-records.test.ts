import { describe, expect, it } from 'vitest';
import { asCompoundFile } from '../../../../../src/inspect/documents/office/compound/compound.js';
import { readOffice, view } from './reading.js';

const u16 = (...values: readonly number[]): Buffer => {
  const bytes = Buffer.alloc(values.length * 2);
  for (const [index, value] of values.entries()) bytes.writeUInt16LE(value, index * 2);
  return bytes;
};
const record = (type: number, ...data: readonly Buffer[]): Buffer => {
  const body = Buffer.concat(data);
  return Buffer.concat([u16(type, body.length), body]);
};
const begin = (version: number, kind: number) => record(0x809, u16(version, kind, 0, 0));
const END = record(0x0a);
const label = (row: number, text: string) => record(0x204, u16(row, 0, 0, text.length), Buffer.from(text));
const book = (name: string, ...records: readonly Buffer[]) =>
  readOffice(asCompoundFile([{ path: [name], bytes: Buffer.concat(records) }]));

describe('records of Excel', () => {
  it.each([
    ['UTF-16, where it has single bytes', 1200, 'Wilma 447-81', []],
    ['a code page that nobody here knows', 37, 'Wilma 447-81', ['unknown-code-page']],
  ])('reads text of Excel 95 in %s', async (_, page, words, oddities) => {
    const result = await book(
      'Book',
      begin(0x500, 5),
      record(0x42, u16(page)),
      END,
      begin(0x500, 16),
      label(0, 'Wilma 447-81'),
      END,
    );
    expect(view(result, 'text')).toContain(words);
    expect(result.oddities).toEqual(oddities);
  });

  const u32 = (...values: readonly number[]) =>
    u16(...values.flatMap((value) => [value & 0xffff, value >>> 16]));
  const sst = (count: number, ...texts: readonly string[]) =>
    record(
      0xfc,
      u32(count, count),
      ...texts.map((text) => Buffer.concat([u16(text.length), Buffer.of(0), Buffer.from(text)])),
    );
  const labelSst = (row: number, index: number) => record(0xfd, u16(row, 0, 0), u32(index));
  const globals = [begin(0x600, 5), END];
  const sheet = begin(0x600, 16);

  it('reads on behind records of nothing, as Crystal Reports writes them', async () => {
    const number = Buffer.alloc(8);
    number.writeDoubleLE(444792832);
    const result = await book(
      'Workbook',
      ...globals,
      sheet,
      Buffer.alloc(4),
      record(0x203, u16(0, 0, 0), number),
      END,
      Buffer.alloc(510),
    );
    expect(result.status).toBe('read');
    expect(view(result, 'text')).toBe('444792832');
  });

  it('reads every shared string, and says where a cell has none', async () => {
    const many = await book(
      'Workbook',
      begin(0x600, 5),
      sst(1, 'one', 'Wilma'),
      END,
      sheet,
      labelSst(0, 1),
      END,
    );
    expect(many.status).toBe('read');
    expect(view(many, 'text')).toBe('Wilma');
    const none = await book('Workbook', begin(0x600, 5), sst(1, 'one'), END, sheet, labelSst(0, 5), END);
    expect(none.status).toBe('corrupt');
    const late = await book('Workbook', ...globals, sheet, labelSst(0, 0), sst(1, 'Wilma'), END);
    expect(late.status).toBe('corrupt');
    expect(view(late, 'hidden')).toContain('Wilma');
  });

  it('reads a text in several fonts without those of each', async () => {
    const text = '212-5zz5-0187';
    const rich = Buffer.concat([
      u32(1, 1),
      u16(text.length),
      Buffer.of(8),
      u16(2),
      Buffer.from(text),
      u16(5, 7, 7, 0),
    ]);
    const result = await book(
      'Workbook',
      begin(0x600, 5),
      record(0xfc, rich),
      END,
      sheet,
      labelSst(0, 0),
      END,
    );
    expect(view(result, 'text')).toBe(text);
    expect(view(result, 'styled')).toContain('212-55-0187');
  });

  it('says where a sheet is not where the workbook says', async () => {
    const named = (at: number) => record(0x85, u32(at), u16(0), Buffer.of(3, 0), Buffer.from('One'));
    const length = begin(0x600, 5).length + named(0).length + END.length;
    const parts = (at: number) => [begin(0x600, 5), named(at), END];
    // Excel goes to where the sheet is said to be, which may be within what others take for data.
    const inner = Buffer.concat([sheet, record(0x27e, u16(0, 0, 0), u32(0x1a812345)), END]);
    const within = await book('Workbook', ...parts(length + 4), record(0x7ff, inner), sheet, END);
    expect(within.status).toBe('corrupt');
    expect((await book('Workbook', ...parts(length), inner)).status).toBe('read');
  });

  it('reads text boxes of Excel 95 and results without a formula', async () => {
    const result = await book(
      'Book',
      begin(0x500, 5),
      END,
      begin(0x500, 16),
      record(0x5d, Buffer.alloc(40), Buffer.from('canary of a box')),
      record(0x207, u16(6), Buffer.from('canary')),
      END,
    );
    expect(view(result, 'strings')).toBe('canary of a box\ncanary');
  });

  it('gives pictures behind cells to be read', async () => {
    const dib = Buffer.concat([u32(12), u16(1, 1, 1, 24), Buffer.alloc(4)]);
    const { children } = await book(
      'Workbook',
      ...globals,
      sheet,
      record(0xe9, u16(9, 1), u32(dib.length), dib),
      END,
    );
    expect(children).toMatchObject([{ fileName: 'picture.bmp' }]);
    expect(children[0]?.bytes?.subarray(14)).toEqual(dib);
  });

  it('does not take a workbook of an earlier Excel for an empty one', async () => {
    const result = await book(
      'Book',
      record(0x409, u16(0x400, 0x10, 0)),
      record(0x203, Buffer.alloc(15)),
      END,
    );
    expect(result.status).not.toBe('read');
  });
});

describe('workbooks beside each other in one file', () => {
  const bookOf = (text: string) =>
    Buffer.concat([begin(0x500, 5), END, begin(0x500, 16), label(0, text), END, Buffer.alloc(8192)]);
  /** Entry of the directory by its first letter ([MS-CFB] 2.6.1), all of which are in one sector. */
  const entry = (file: Buffer, letter: string): { readonly bytes: Buffer; readonly index: number } => {
    const start = (file.readUInt32LE(48) + 1) * 512;
    const index = [0, 1, 2, 3].find(
      (at) => file.toString('latin1', start + at * 128, start + at * 128 + 1) === letter,
    );
    if (index === undefined) throw new Error('no such entry');
    return { bytes: file.subarray(start + index * 128, start + index * 128 + 128), index };
  };
  const withDecoy = (): Buffer => {
    const file = asCompoundFile([
      { path: ['Decoy'], bytes: bookOf('harmless') },
      { path: ['Workbook'], bytes: bookOf('Wilma 447-81') },
    ]);
    const { bytes } = entry(file, 'D');
    bytes.fill(0, 0, 64);
    bytes.write('Workbook', 'utf16le');
    bytes.writeUInt16LE(18, 64);
    return file;
  };

  it('are corrupt where both have one name', async () => {
    expect((await readOffice(withDecoy())).status).toBe('corrupt');
  });

  it('are told apart by which of them programs find', async () => {
    const file = withDecoy();
    const start = (file.readUInt32LE(48) + 1) * 512;
    const decoy = [1, 2, 3].find((at) => {
      const place = start + at * 128;
      return file[place + 66] === 2 && file.indexOf('harmless') >> 9 === file.readUInt32LE(place + 116) + 1;
    });
    if (decoy === undefined) throw new Error('no such entry');
    // What comes behind it in the tree takes its place there.
    const next = [68, 72].map((link) => file.readInt32LE(start + decoy * 128 + link));
    for (let at = 0; at < 4; at++) {
      for (const link of [68, 72, 76]) {
        const place = start + at * 128 + link;
        if (file.readInt32LE(place) === decoy) file.writeInt32LE(Math.max(...next), place);
      }
    }
    const result = await readOffice(file);
    expect(view(result, 'text')).toContain('Wilma 447-81');
    expect(view(result, 'text')).not.toContain('harmless');
    expect(result.children).toMatchObject([{ fileName: 'lost' }]);
  });

  it('are corrupt where there are two roots', async () => {
    const file = asCompoundFile([
      { path: ['Decoy'], bytes: bookOf('harmless') },
      { path: ['Workbook'], bytes: bookOf('Wilma 447-81') },
    ]);
    entry(file, 'D').bytes[66] = 5;
    expect((await readOffice(file)).status).toBe('corrupt');
  });
});
