import { CONFUSABLES } from './confusables.js';
import { identityMap, type OffsetMap, offsetMapBuilder } from './offset-map.js';

export interface NormalisedText {
  readonly text: string;
  /** UTF-16 offset in the source that belongs to an offset in `text`; monotone, within the source. */
  readonly toSource: OffsetMap;
}

/** Printable ASCII with tabs and line feeds: its own normal form. */
const PLAIN = /^[\t\n\x20-\x7e]*$/;
const PLAIN_OR_CR = /^[\t\n\r\x20-\x7e]*$/;
const PLAIN_RUN = /[\t\n\x20-\x7e]+/y;
/** Marks that follow a base, as far as they are normalised together with it. */
const MARKS = /\p{M}{1,32}/uy;
const CONTROL_SEQUENCE = /\x1b\[[0-?]{0,32}[ -/]{0,4}[@-~]/y;
const CACHE_LIMIT = 8192;
const cache = new Map<string, string>();

/**
 * Text as detectors read it: NFKC, without format and control characters, zero-width fillers and stray combining
 * marks; look-alike letters of other scripts, and Unicode dashes, spaces, digits and quotation marks, as ASCII; line
 * breaks as `\n`. Linear in the length of the source.
 */
export function normalise(source: string): NormalisedText {
  return PLAIN_OR_CR.test(source) ? normalisePlain(source) : walk(source);
}

/** The same of a text that is nothing but printable ASCII with tabs and line ends. */
export function normalisePlain(source: string): NormalisedText {
  if (!source.includes('\r')) return { text: source, toSource: identityMap(source.length) };
  // Mail with CRLF is the usual case: the text by a native replace, the map only when somebody asks.
  let map: OffsetMap | undefined;
  const toSource: OffsetMap = (offset) => {
    map ??= walk(source).toSource;
    return map(offset);
  };
  return { text: withLineFeeds(source), toSource };
}

/** A pair that is always the same is found in half the time of one that may lack its second half. */
function withLineFeeds(source: string): string {
  const text = source.replace(/\r\n/g, '\n');
  return text.includes('\r') ? text.replace(/\r/g, '\n') : text;
}

function walk(source: string): NormalisedText {
  const pieces: string[] = [];
  const map = offsetMapBuilder();
  let length = 0;
  let at = 0;
  while (at < source.length) {
    PLAIN_RUN.lastIndex = at;
    let end = PLAIN_RUN.test(source) ? PLAIN_RUN.lastIndex : at;
    // A mark may belong to the last character of the run.
    if (end > at && end < source.length && source.charCodeAt(end) > 0x7f) end -= 1;
    if (end > at) {
      map.mark(length, at);
      pieces.push(source.slice(at, end));
      length += end - at;
      at = end;
      if (at >= source.length) break;
    }
    const next = clusterEnd(source, at);
    const cluster = source.slice(at, next);
    const folded = foldCluster(cluster);
    map.mark(length, at);
    if (folded !== '') {
      pieces.push(folded);
      length += folded.length;
    }
    at = next;
  }
  map.mark(length, source.length);
  return { text: pieces.join(''), toSource: map.build(source.length) };
}

/** One code point with its combining marks, or a CRLF. */
function clusterEnd(source: string, at: number): number {
  if (source.charCodeAt(at) === 0x1b) {
    // A sequence by which terminals change colours (ECMA-48 5.4); nothing of it is drawn.
    CONTROL_SEQUENCE.lastIndex = at;
    if (CONTROL_SEQUENCE.test(source)) return CONTROL_SEQUENCE.lastIndex;
  }
  if (source.charCodeAt(at) === 0x0d) return source.charCodeAt(at + 1) === 0x0a ? at + 2 : at + 1;
  const point = source.codePointAt(at) ?? 0;
  const base = at + (point > 0xffff ? 2 : 1);
  if (base < source.length && source.charCodeAt(base) < 0x300) return base;
  MARKS.lastIndex = base;
  return MARKS.test(source) ? MARKS.lastIndex : base;
}

function foldCluster(cluster: string): string {
  if (cluster.charCodeAt(0) === 0x1b) return '';
  if (cluster === '\r' || cluster === '\r\n') return '\n';
  const known = cache.get(cluster);
  if (known !== undefined) return known;
  let folded = numbered(cluster.codePointAt(0) ?? 0);
  if (folded !== '') return folded;
  // Enclosing and overlaid marks keep NFKC from composing, so what it leaves is dropped below.
  for (const character of cluster.normalize('NFKC')) folded += foldCharacter(character);
  if (cache.size >= CACHE_LIMIT) cache.clear();
  cache.set(cluster, folded);
  return folded;
}

/** Digits with a full stop or comma, digits and letters in parentheses, and digits in two circles, as one character, without what NFKC would put beside them; else ''. */
function numbered(point: number): string {
  if (point >= 0x2474 && point <= 0x247c) return String(point - 0x2473);
  if (point >= 0x2488 && point <= 0x2490) return String(point - 0x2487);
  if (point === 0x1f100) return '0';
  if (point >= 0x24f5 && point <= 0x24fe) return String(point - 0x24f4);
  if (point >= 0x1f101 && point <= 0x1f10a) return String(point - 0x1f101);
  if (point >= 0x249c && point <= 0x24b5) return String.fromCharCode(0x61 + point - 0x249c);
  // Those of Chinese.
  if (point >= 0x3220 && point <= 0x3228) return '一二三四五六七八九'.charAt(point - 0x3220);
  return '';
}

const LINE_BREAK = /[\x0b\x0c\x85\u2028\u2029]/;
/** Format, control, surrogate and private characters, marks left over, and letters that are drawn as nothing. */
const INVISIBLE =
  /[\p{Cf}\p{Cc}\p{Cs}\p{Co}\p{Mn}\p{Me}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}\ufffd\ufffc\u{1d159}]/u;
/**
 * Fonts of symbols have their characters here, each at its place in ASCII (OpenType `cmap`, encoding 3.0). Digits and marks are
 * drawn as such, and in fonts that call themselves so without need letters are, too; else these are bullets and Greek.
 */
const SYMBOLS = 0xf000;
const SPACE = /[\p{Zs}\u2800]/u;
const DASH = /[\p{Pd}\u02d7\u2043\u2212\u23af\u2500\u2796\u30fc]/u;
const DIGIT = /\p{Nd}/u;
const PUNCTUATION: Readonly<Record<string, string>> = {
  '‘': "'",
  '’': "'",
  '‚': "'",
  '‛': "'",
  '′': "'",
  '“': '"',
  '”': '"',
  '„': '"',
  '″': '"',
  '⁄': '/',
  '∕': '/',
  '∶': ':',
  '։': ':',
  '꞉': ':',
  '‧': '.',
  '。': '.',
  '٫': '.',
  '、': ',',
  '٬': ',',
  '＿': '_',
  '∗': '*',
  '·': '.',
  '•': '.',
  '∙': '.',
  '⋅': '.',
  '・': '.',
  '¦': '|',
  '∣': '|',
  '〜': '~',
};

function foldCharacter(character: string): string {
  if (PLAIN.test(character)) return character;
  if (LINE_BREAK.test(character)) return '\n';
  const code = character.charCodeAt(0) - SYMBOLS;
  if (code >= 0x20 && code < 0x7f) return String.fromCharCode(code);
  if (INVISIBLE.test(character)) return '';
  if (SPACE.test(character)) return ' ';
  if (DASH.test(character)) return '-';
  const point = character.codePointAt(0) ?? 0;
  if (DIGIT.test(character)) return String(digitValue(point));
  const enclosed = dingbatDigit(point) ?? enclosedLetter(point);
  if (enclosed !== undefined) return enclosed;
  return PUNCTUATION[character] ?? CONFUSABLES.get(character) ?? character;
}

/** Decimal digits come in runs of whole tens, in order (Unicode Standard, 4.6), so the value is the place in the run. */
function digitValue(point: number): number {
  let start = point;
  while (start > 0 && point - start < 100 && DIGIT.test(String.fromCodePoint(start - 1))) start -= 1;
  return (point - start) % 10;
}

/** Circled sans-serif and negative circled digits, which NFKC leaves alone. */
function dingbatDigit(point: number): string | undefined {
  if (point >= 0x2776 && point <= 0x2793) return String(((point - 0x2776) % 10) + 1);
  if (point === 0x24ff || point === 0x1f10b || point === 0x1f10c) return '0';
  return undefined;
}

/** Letters in black circles and squares, and those of which flags are made: NFKC leaves them alone. */
function enclosedLetter(point: number): string | undefined {
  for (const first of [0x1f150, 0x1f170, 0x1f1e6]) {
    if (point >= first && point < first + 26) return String.fromCharCode(0x41 + point - first);
  }
  return undefined;
}
