/** Code pages of the character sets that fonts name (RTF 1.9.1, "Font Table"). */
const PAGES: Readonly<Record<number, number>> = {
  0: 1252,
  2: 1252,
  77: 10000,
  78: 10001,
  79: 949,
  80: 936,
  81: 950,
  83: 10029,
  84: 10081,
  85: 10006,
  89: 10007,
  128: 932,
  129: 949,
  130: 1361,
  134: 936,
  136: 950,
  161: 1253,
  162: 1254,
  163: 1258,
  177: 1255,
  178: 1256,
  186: 1257,
  204: 1251,
  222: 874,
  238: 1250,
  254: 437,
  255: 850,
};

/** The code page of `\fcharset`; undefined where the document's own counts. */
export function pageOfCharset(charset: number): number | undefined {
  return PAGES[charset];
}
