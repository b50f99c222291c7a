import iconv from 'iconv-lite';
import { describe, expect, it } from 'vitest';
import { readCharset } from '../../../src/inspect/charset.js';
import { decodeHeaderText } from '../../../src/inspect/encoded-words.js';

const PLAIN = 'MRN 0012345, seen on Monday.';
const names = (oddities: readonly { readonly name: string; readonly material: boolean }[]) =>
  oddities.filter((one) => one.material).map((one) => one.name);

describe('labels that make other text of ASCII', () => {
  it.each([
    ['u-cs2', 'charset-mismatch'],
    ['utf_16', 'charset-mismatch'],
    ['utf 16', 'charset-mismatch'],
    ['u-tf-16', 'charset-mismatch'],
    ['utf_16le', 'charset-mismatch'],
    ['csunicode', 'charset-mismatch'],
    ['cp1200', 'charset-mismatch'],
    ['utf_32', 'charset-mismatch'],
    ['ucs-4', 'charset-mismatch'],
    ['utf_7', 'utf-7'],
    ['utf:7', 'utf-7'],
    ['csUTF7', 'utf-7'],
    ['cp65000', 'utf-7'],
    ['b-ase64', 'unknown-charset'],
    ['ba_se64', 'unknown-charset'],
    ['h-ex', 'unknown-charset'],
    ['int-ernal', 'unknown-charset'],
    ['_sbcs', 'unknown-charset'],
    ['iso646-cn', 'unknown-charset'],
    ['replacement', 'unknown-charset'],
  ])('%s', (label, oddity) => {
    const reading = readCharset(Buffer.from(PLAIN), label);
    expect(reading.texts).toContain(PLAIN);
    expect(names(reading.oddities)).toContain(oddity);
    const word = decodeHeaderText(
      `=?${label.replace(/[ :]/g, '_')}?B?${Buffer.from(PLAIN).toString('base64')}?=`,
    );
    expect(word.readings).toContain(PLAIN);
    expect(names(word.oddities)).not.toEqual([]);
  });

  it('reads text of single bytes under UTF-16 also where one of them is beyond ASCII, or zero', () => {
    for (const more of ['\xe9', '\0']) {
      const { texts } = readCharset(Buffer.from(`${PLAIN}${more}`, 'latin1'), 'utf-16le');
      expect(texts.some((text) => text.includes(PLAIN))).toBe(true);
    }
  });

  it.each([
    'utf8',
    'UTF_8',
    'iso8859-1',
    'ISO_8859-1:1987',
    'latin1',
    'cp437',
    'win1252',
    'koi8_r',
    'gb2312',
    'x-sjis',
  ])('%s leaves ASCII alone', (label) => {
    expect(readCharset(Buffer.from(PLAIN), label)).toEqual({ texts: [PLAIN], oddities: [] });
  });

  it('knows every ASCII-based set of the library by its usual names', () => {
    for (const label of [
      'windows-1250',
      'cp850',
      'ibm866',
      'iso-8859-16',
      'macintosh',
      'tis-620',
      'big5-hkscs',
      'cp949',
    ]) {
      expect(names(readCharset(iconv.encode(PLAIN, 'ascii'), label).oddities)).toEqual([]);
    }
  });
});

describe('text that is shifted to another set', () => {
  it.each(['us-ascii', 'utf-8', 'iso-8859-1', undefined])('is read so under %s', (label) => {
    const japanese = Buffer.from('MRN \x1b$B#0#0#1#2#3#4#5\x1b(B', 'latin1');
    expect(readCharset(japanese, label).texts.map((text) => text.normalize('NFKC'))).toContain('MRN 0012345');
    const chinese = Buffer.from('MRN ~{#0#0#1#2#3#4#5~}', 'latin1');
    expect(readCharset(chinese, label).texts.map((text) => text.normalize('NFKC'))).toContain('MRN 0012345');
  });
});

describe('overlong UTF-8', () => {
  it.each([
    ['two', '\xc0\xb0'],
    ['three', '\xe0\x80\xb0'],
    ['four', '\xf0\x80\x80\xb0'],
  ])('of %s bytes', (_, zero) => {
    for (const label of ['utf-8', undefined]) {
      const reading = readCharset(Buffer.from(`MRN ${zero}012345`, 'latin1'), label);
      expect(reading.texts).toContain('MRN 0012345');
      expect(names(reading.oddities)).toContain('overlong-utf-8');
    }
  });
});
