import iconv from 'iconv-lite';
import { decodeUtf8 } from '../../charset.js';

/** Code pages of Windows that iconv-lite has under another name. */
const NAMES: Readonly<Record<number, string>> = {
  367: 'win1252',
  708: 'iso-8859-6',
  932: 'shift_jis',
  936: 'gbk',
  949: 'euc-kr',
  950: 'big5',
  20932: 'euc-jp',
  20936: 'gbk',
  20949: 'euc-kr',
  38598: 'iso-8859-8',
  51936: 'gbk',
  1361: 'euc-kr',
  10000: 'macintosh',
  10001: 'shift_jis',
  10006: 'macgreek',
  10007: 'maccyrillic',
  10029: 'maccenteuro',
  10002: 'big5',
  10003: 'euc-kr',
  10008: 'gbk',
  10010: 'macromania',
  10017: 'macukraine',
  10021: 'macthai',
  10079: 'maciceland',
  10081: 'macturkish',
  10082: 'maccroatian',
  20127: 'ascii',
  20866: 'koi8-r',
  21866: 'koi8-u',
  50220: 'iso-2022-jp',
  51932: 'euc-jp',
  51949: 'euc-kr',
  54936: 'gb18030',
};

/** Pages of Unicode in units of two or four bytes. Text of single bytes isn't in them, whatever declares so. */
const WIDE: ReadonlySet<number> = new Set([1200, 1201, 12_000, 12_001]);
const UTF_8 = 65_001;
/** Numbers that only stand for the page of whoever reads: ANSI, OEM, Macintosh, thread, symbols. */
const PAGES_OF_READERS: ReadonlySet<number> = new Set([0, 1, 2, 3, 42]);
/** Japanese mail (ISO 2022). */
const isShifted = (page: number) => page >= 50_220 && page <= 50_222;

/** The name of a code page, or undefined where it isn't known. */
function codePageName(page: number): string | undefined {
  const named = NAMES[page] ?? (page >= 28591 && page <= 28605 ? `iso-8859-${page - 28590}` : `cp${page}`);
  return iconv.encodingExists(named) ? named : undefined;
}

/**
 * Whether text in a page is read as programs show it. Where it isn't (EBCDIC, UTF-7 …), even its digits may be others,
 * and whoever reads it says so.
 */
export function isKnownPage(page: number): boolean {
  return (
    page === UTF_8 ||
    WIDE.has(page) ||
    PAGES_OF_READERS.has(page) ||
    isShifted(page) ||
    codePageName(page) !== undefined
  );
}

/** Text of single or several bytes in a code page of Windows; in Windows-1252 where the page isn't known, or no such page. */
export function decodePage(bytes: Buffer, page: number): string {
  if (page === UTF_8) return decodeUtf8(bytes) ?? iconv.decode(bytes, 'win1252');
  if (isShifted(page)) return new TextDecoder('iso-2022-jp').decode(bytes);
  return iconv.decode(bytes, (WIDE.has(page) ? undefined : codePageName(page)) ?? 'win1252');
}

/** Likewise, where a page may be that of UTF-16 (1200). */
export function decodeAnyPage(bytes: Buffer, page: number): string {
  return page === 1200 ? bytes.subarray(0, bytes.length & ~1).toString('utf16le') : decodePage(bytes, page);
}

/** Without the zeros at its end, and what may stand behind them. */
export function untilZero(text: string): string {
  const end = text.indexOf('\0');
  return end < 0 ? text : text.slice(0, end);
}
