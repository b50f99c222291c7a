import fc from 'fast-check';
import { unzipSync, zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { fixture } from '../formats/whole-message.js';
import { readOffice, view, viewsOf } from './reading.js';

const BOOK = fixture('formats/book.xlsb');

/** The workbook of SheetJS with some of its parts changed, added or, where nothing is given for them, left out. */
function bookWith(change: Readonly<Record<string, (part: Buffer) => Buffer | undefined>>): Buffer {
  const parts: Record<string, Uint8Array> = unzipSync(BOOK);
  for (const [name, make] of Object.entries(change)) {
    const made = make(Buffer.from(parts[name] ?? []));
    delete parts[name];
    if (made !== undefined) parts[name] = made;
  }
  return Buffer.from(zipSync(parts, { mtime: '2026-01-01' }));
}

/** A record of fewer than 128 bytes. */
const record = (type: number, ...data: number[]) =>
  Buffer.from([...(type < 128 ? [type] : [(type & 0x7f) | 0x80, type >> 7]), data.length, ...data]);
const wide = (text: string) => [text.length, 0, 0, 0, ...Buffer.from(text, 'utf16le')];

describe('binary workbooks', () => {
  it.each([
    ['Wilma\t212-55-0187\t1975-03-02\tcanary-formula', 'text'],
    ['Name: Wilma; SSN: 212-55-0187; Born: 1975-03-02', 'table'],
    ['212-55-0188', 'text'],
    ['canary-hidden-column', 'hidden'],
    ['canary-hidden-row', 'hidden'],
    ['canary-on-hidden-sheet', 'hidden'],
    ['canary-comment', 'comments'],
    ['canary-link', 'links'],
    ['canary-property', 'metadata'],
  ])('%s is in %s', async (words, where) => {
    const result = await readOffice(BOOK);
    expect(result).toMatchObject({ status: 'read', children: [], oddities: [] });
    expect(viewsOf(result, words)).toContain(where);
  });

  it('shows nothing that is hidden', async () => {
    const result = await readOffice(BOOK);
    for (const words of ['canary-hidden-column', 'canary-on-hidden-sheet'])
      expect(viewsOf(result, words)).not.toContain('text');
  });

  it('keeps strings that no cell shows', async () => {
    const result = await readOffice(bookWith({ 'xl/worksheets/sheet2.bin': () => undefined }));
    expect(viewsOf(result, 'canary-on-hidden-sheet')).toContain('hidden');
  });

  it('finds words in parts that it does not take apart, and says that they are unread', async () => {
    const cache = Buffer.concat([record(0xb3, 1, 2, 3), record(0x18, ...wide('canary-cached'))]);
    const result = await readOffice(bookWith({ 'xl/pivotCache/pivotCacheDefinition1.bin': () => cache }));
    expect(view(result, 'strings')).toContain('canary-cached');
    expect(result.children).toHaveLength(1);
  });

  it('is damaged where a cell or a string is', async () => {
    const cell = Buffer.concat([record(0x81), record(6, 0, 0, 0, 0, 0, 0, 0, 0, 200, 0, 0, 0), record(0x82)]);
    expect((await readOffice(bookWith({ 'xl/worksheets/sheet1.bin': () => cell }))).status).toBe('corrupt');
    const strings = Buffer.concat([record(0x9f), record(19, 0, 200, 0, 0, 0)]);
    expect((await readOffice(bookWith({ 'xl/sharedStrings.bin': () => strings }))).status).toBe('corrupt');
    expect((await readOffice(bookWith({ 'xl/workbook.bin': () => Buffer.from('none') }))).status).toBe(
      'corrupt',
    );
  });

  it('never calls a part read that is cut short', async () => {
    const names = ['xl/worksheets/sheet1.bin', 'xl/sharedStrings.bin', 'xl/workbook.bin', 'xl/comments1.bin'];
    const whole = (await readOffice(BOOK)).texts.map(({ text }) => text).join('\n').length;
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...names),
        fc.double({ min: 0.05, max: 0.99, noNaN: true }),
        async (name, share) => {
          const cut = bookWith({ [name]: (part) => part.subarray(0, Math.floor(part.length * share)) });
          const result = await readOffice(cut);
          const unread = result.status !== 'read' || result.children.length > 0;
          expect(unread || result.texts.map(({ text }) => text).join('\n').length >= whole).toBe(true);
        },
      ),
      { numRuns: 60 },
    );
  });
});
