import iconv from 'iconv-lite';
import { describe, expect, it } from 'vitest';
import { decodeBase64, decodeQuotedPrintable } from '../../../src/inspect/transfer-decoding.js';
import { findUuBlocks } from '../../../src/inspect/uuencode.js';
import { HEADER, isClean, read, textsAt } from './limits.js';

const SAMPLE = 'Patient Żółć ¿qué? 0012345';

function inCharset(label: string, bytes: Buffer): ReturnType<typeof read> {
  return read(
    `${HEADER}Content-Type: text/plain; charset=${label}\nContent-Transfer-Encoding: base64\n\n${bytes.toString('base64')}\n`,
  );
}

describe('character sets', () => {
  it.each([
    ['utf-8', Buffer.from(SAMPLE), SAMPLE],
    ['utf-8', Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from(SAMPLE)]), SAMPLE],
    ['utf-16le', Buffer.from(SAMPLE, 'utf16le'), SAMPLE],
    ['utf-16be', iconv.encode(SAMPLE, 'utf-16be', { addBOM: false }), SAMPLE],
    ['utf-16', Buffer.from(SAMPLE, 'utf16le'), SAMPLE],
    ['utf-16', iconv.encode(SAMPLE, 'utf-16be', { addBOM: false }), SAMPLE],
    ['utf-16', iconv.encode(SAMPLE, 'utf-16', { addBOM: true }), SAMPLE],
    ['utf-32', iconv.encode(SAMPLE, 'utf-32', { addBOM: true }), SAMPLE],
    ['iso-8859-2', iconv.encode('Żółć 0012345', 'iso-8859-2'), 'Żółć 0012345'],
    ['windows-1252', Buffer.from([0x80, 0x31, 0x96, 0x32]), '€1-2'],
    ['koi8-r', iconv.encode('ЖЩЫ 0012345', 'koi8-r'), 'ЖЩЫ 0012345'],
    ['shift_jis', iconv.encode('患者 0012345', 'shift_jis'), '患者 0012345'],
    ['iso-2022-jp', Buffer.from('\x1b$B45<T\x1b(B 0012345', 'latin1'), '患者 0012345'],
    ['gb18030', iconv.encode('病人 0012345', 'gb18030'), '病人 0012345'],
    ['euc-kr', iconv.encode('환자 0012345', 'euc-kr'), '환자 0012345'],
    ['cp437', Buffer.from([0x9b, 0x31]), '¢1'],
  ])('%s', (label, bytes, text) => {
    const reading = inCharset(label, bytes);
    expect(textsAt(reading, '1').normalize('NFC')).toContain(text);
    expect(isClean(reading)).toBe(true);
  });

  it.each(['x-none', 'iso-2022-kr', 'hz-gb-2312', 'base64', 'hex'])('%s is unknown', (label) => {
    const reading = inCharset(label, Buffer.from('MRN 0012345'));
    expect(reading.ambiguities.map((one) => one.name)).toContain('unknown-charset');
    expect(textsAt(reading, '1')).toContain('MRN 0012345');
  });

  it('reads undeclared 8-bit text as UTF-8 where it is, else as windows-1252', () => {
    expect(textsAt(read(Buffer.from('Subject: x\r\n\r\nJosé\r\n', 'utf8')), '1')).toContain('José');
    expect(textsAt(read(Buffer.from('Subject: x\r\n\r\nJosé\r\n', 'latin1')), '1')).toContain('José');
  });

  it('leaves out bytes that are no UTF-8', () => {
    const reading = inCharset('utf-8', Buffer.from('MRN 00\xff12\xfe345', 'latin1'));
    expect(textsAt(reading, '1')).toContain('MRN 0012345');
  });
});

describe('transfer encodings', () => {
  it.each([
    ['aGVsbG8=', ['hello'], []],
    ['aGVs\r\n bG8=\r\n', ['hello'], []],
    ['aGVsbG8', ['hello'], ['base64-unpadded']],
    ['aGVs*bG8=', ['hello'], ['base64-junk']],
    ['aGk=aGk=', ['hihi', 'hi'], ['base64-after-padding']],
    ['', [''], []],
  ])('base64 %j', (body, readings, oddities) => {
    const decoded = decodeBase64(Buffer.from(body));
    expect(decoded.readings.slice(0, readings.length).map(String)).toEqual(readings);
    expect(decoded.oddities.map((oddity) => oddity.name)).toEqual(oddities);
  });

  it.each([
    ['a=3D=\r\nb', ['a=b'], []],
    ['a=20 \t\r\nb', ['a \r\nb'], []],
    ['a= \t\r\nb', ['ab'], []],
    ['a=3d', ['a='], []],
    ['12=3', ['12=3', '123'], ['quoted-printable-broken']],
    ['a=', ['a'], []],
    ['a \r\nb', ['a\r\nb'], []],
  ])('quoted-printable %j', (body, readings, oddities) => {
    const decoded = decodeQuotedPrintable(Buffer.from(body));
    expect(decoded.readings.map(String)).toEqual(readings);
    expect(decoded.oddities.map((oddity) => oddity.name)).toEqual(oddities);
  });

  it('finds uuencoded blocks, and no others', () => {
    expect(findUuBlocks(Buffer.from('begin 644 of the story\r\nonce upon a time\r\n'))).toEqual([]);
    const [block] = findUuBlocks(Buffer.from('x\nbegin 644 a.txt\n#0V%T\n`\nend\n'));
    expect(block?.fileName).toBe('a.txt');
    expect(String(block?.content)).toBe('Cat');
  });
});
