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
});
