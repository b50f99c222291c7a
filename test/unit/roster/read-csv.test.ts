import { describe, expect, it } from 'vitest';
import { type CsvOptions, readCsv } from '../../../src/roster/read-csv.js';
import { csvFile } from './fixtures.js';

async function rows(text: string | Uint8Array, options: CsvOptions = {}): Promise<(readonly string[])[]> {
  const all: (readonly string[])[] = [];
  for await (const row of readCsv(csvFile(text), options)) all.push(row);
  return all;
}

const EXPECTED = [
  ['Name', 'DOB'],
  ['Öko, Anna "A"', '1961-03-04'],
];

describe('delimited text', () => {
  it.each<[string, string | Uint8Array, CsvOptions?]>([
    ['commas', 'Name,DOB\n"Öko, Anna ""A""",1961-03-04\n'],
    ['semicolons, CRLF and a mark', '\ufeffName;DOB\r\n"Öko, Anna ""A""";1961-03-04\r\n'],
    ['tabs and no last line break', 'Name\tDOB\n"Öko, Anna ""A"""\t1961-03-04'],
    ['empty lines', 'Name|DOB\n\n"Öko, Anna ""A"""|1961-03-04\n\n'],
    [
      'UTF-16 of a spreadsheet',
      Buffer.from('\ufeffName\tDOB\r\n"Öko, Anna ""A"""\t1961-03-04\r\n', 'utf16le'),
    ],
    [
      'another encoding',
      Buffer.from('Name,DOB\n"Öko, Anna ""A""",1961-03-04\n', 'latin1'),
      { encoding: 'windows-1252' },
    ],
    ['a delimiter of its own', 'Name~DOB\n"Öko, Anna ""A"""~1961-03-04\n', { delimiter: '~' }],
  ])('with %s', async (_, text, options) => {
    expect(await rows(text, options)).toEqual(EXPECTED);
  });

  it('keeps a line break within a cell', async () => {
    expect(await rows('a,b\n"1\n2",3\n')).toEqual([
      ['a', 'b'],
      ['1\n2', '3'],
    ]);
  });

  it.each<[string, string | Uint8Array, RegExp]>([
    ['too few cells', 'a,b\n1,2\nSECRET\n', /patients\.csv:3: .*another number of cells/],
    ['a quotation mark that is not closed', 'a,b\n1,"SECRET\n2,3\n', /patients\.csv:\d+: .*not closed/],
    [
      'text behind a closing quotation mark',
      'a,b\n"SECRET"x,2\n',
      /patients\.csv:2: .*closing quotation mark/,
    ],
    ['a quotation mark within a cell', 'a,b\nSE"CRET,2\n', /patients\.csv:2: .*quotation mark/],
    ['bytes that are not UTF-8', Buffer.from('a,b\nSECR\xc9T,2\n', 'latin1'), /--encoding windows-1252/],
  ])('names the line of %s, and never quotes it', async (_, text, message) => {
    const error = await rows(text).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      name: 'UserError',
      exitStatus: 2,
      message: expect.stringMatching(message),
    });
    expect(String(error)).not.toMatch(/SECR/);
  });

  it('refuses an encoding that it does not know, and a file that is not there', async () => {
    await expect(rows('a,b\n', { encoding: 'ebcdic' })).rejects.toThrow(/ebcdic is not known/);
    await expect(readCsv('/nowhere/at/all.csv').next()).rejects.toThrow(/cannot read/);
  });
});
