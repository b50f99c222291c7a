import iconv from 'iconv-lite';
import { decodeUtf8 } from '../../charset.js';

/** Code pages of Windows that iconv-lite has under another name. */
const NAMES: Readonly<Record<number, string>> = {
  708: 'iso-8859-6',
  932: 'shift_jis',
  936: 'gbk',
  949: 'euc-kr',
  950: 'big5',
  1361: 'euc-kr',
  10000: 'macintosh',
  10001: 'shift_jis',
  10006: 'macgreek',
  10007: 'maccyrillic',
  10029: 'maccenteuro',
  10081: 'macturkish',
  20127: 'ascii',
  20866: 'koi8-r',
  21866: 'koi8-u',
  50220: 'iso-2022-jp',
  51932: 'euc-jp',
  51949: 'euc-kr',
  54936: 'gb18030',
};

/** The name of a code page, or undefined where it isn't known. */
export function codePageName(page: number): string | undefined {
  const named = NAMES[page] ?? (page >= 28591 && page <= 28605 ? `iso-8859-${page - 28590}` : `cp${page}`);
  return iconv.encodingExists(named) ? named : undefined;
}

/** Text in a code page of Windows; in Windows-1252 where that isn't known. */
export function decodePage(bytes: Buffer, page: number): string {
  if (page === 1200) return bytes.subarray(0, bytes.length & ~1).toString('utf16le');
  if (page === 65001) return decodeUtf8(bytes) ?? iconv.decode(bytes, 'win1252');
  return iconv.decode(bytes, codePageName(page) ?? 'win1252');
}

/** Without the zeros at its end, and what may stand behind them. */
export function untilZero(text: string): string {
  const end = text.indexOf('\0');
  return end < 0 ? text : text.slice(0, end);
}
