import { buffer } from 'node:stream/consumers';
import { unzipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { archived, archiveOf, distinctNames } from '../../../../src/portal/reading/archive.js';

describe('names in an archive', () => {
  it.each([
    [
      ['a.pdf', 'a.pdf', 'A.PDF'],
      ['a.pdf', 'a (2).pdf', 'A (3).PDF'],
    ],
    [
      ['a (2).pdf', 'a.pdf', 'a.pdf'],
      ['a (2).pdf', 'a.pdf', 'a (3).pdf'],
    ],
    [
      ['../../etc/passwd', '..\\..\\boot.ini'],
      ['passwd', 'boot.ini'],
    ],
    [
      ['', '', '.'],
      ['attachment', 'attachment (2)', 'attachment (3)'],
    ],
    [
      ['CON.txt', 'a\u202egpj.exe'],
      ['_CON.txt', 'agpj.exe'],
    ],
    [
      ['caf\u00e9.txt', 'cafe\u0301.txt'],
      ['caf\u00e9.txt', 'caf\u00e9 (2).txt'],
    ],
  ])('%j becomes %j', (given, expected) => {
    expect(distinctNames(given)).toEqual(expected);
  });
});

describe('the archive of all attachments', () => {
  it('holds every file byte by byte, whatever its name', async () => {
    const large = Buffer.alloc(300_000, 'x');
    const zip = await buffer(
      archiveOf(
        [
          { bytes: large, fileName: '../x' },
          { bytes: Buffer.from('two'), fileName: 'X' },
          { bytes: Buffer.alloc(0), fileName: 'empty.txt' },
        ].map(archived),
        Date.UTC(2026, 10, 2),
      ),
    );
    const files = unzipSync(zip);
    expect(Object.keys(files)).toEqual(['x', 'X (2)', 'empty.txt']);
    expect(Buffer.from(files.x ?? []).equals(large)).toBe(true);
    expect(Buffer.from(files['X (2)'] ?? []).toString()).toBe('two');
    expect(zip.length).toBeLessThan(10_000);
  });
});
