import { isUtf8 } from 'node:buffer';
import iconv from 'iconv-lite';
import { isAscii } from './bytes.js';
import { type Encoding, encodingOf, labelKey } from './charset-labels.js';
import { harmless, material, type Oddity } from './oddity.js';

export interface CharsetReadings {
  /** Distinct readings, the declared one first. */
  readonly texts: readonly string[];
  readonly oddities: readonly Oddity[];
}

/** Labels that programs write where they don't know the set: readers take the text as if there were none. */
const NO_CHARSET =
  /^(?:|(?:us|cs)?ascii|ansix34(?:19\d\d)?|iso646us|unknown(?:8bit)?|xunknown|default(?:charset)?|7bit|8bit|none|binary)$/;

/**
 * Reads bytes in their declared character set, and in every other one that a mail reader might take instead: UTF-8
 * where the bytes are valid UTF-8, and as ASCII wherever the declared set makes other text of it.
 * @param label as declared, or undefined where nothing was
 */
export function readCharset(bytes: Buffer, label: string | undefined): CharsetReadings {
  const key = labelKey((label ?? 'us-ascii').trim());
  const none = label === undefined || NO_CHARSET.test(key);
  const encoding = none ? undefined : encodingOf(label.trim());
  const marked = readMarked(bytes, none, encoding);
  const read = none
    ? readUndeclared(bytes)
    : encoding === undefined
      ? { texts: [fallback(bytes), bytes.toString('latin1')], oddities: [material('unknown-charset')] }
      : readDeclared(bytes, key, encoding);
  return distinct(
    [...read.texts, ...(marked?.texts ?? []), ...escaped(bytes)],
    [...read.oddities, ...(marked?.oddities ?? [])],
  );
}

function readUndeclared(bytes: Buffer): CharsetReadings {
  if (isAscii(bytes)) return { texts: [bytes.toString('latin1')], oddities: [] };
  return {
    texts: [fallback(bytes), windows1252(bytes), ...overlong(bytes), ...guessed(bytes)],
    oddities: [harmless('undeclared-8bit'), ...overlongOddity(bytes)],
  };
}

function readDeclared(bytes: Buffer, key: string, encoding: Encoding): CharsetReadings {
  const { family } = encoding;
  if (family === 'utf-7') {
    return { texts: [encoding.decode(bytes), fallback(bytes)], oddities: [material('utf-7')] };
  }
  if (family === 'utf-16' || family === 'utf-32') {
    const wide =
      family === 'utf-16'
        ? readUtf16(bytes, key, encoding)
        : { texts: [encoding.decode(bytes)], oddities: [] };
    if (!hasAsciiWords(bytes)) return wide;
    // Text of one byte a character is one text to a reader that knows the label, and another to the next.
    return {
      texts: [...wide.texts, fallback(bytes)],
      oddities: bytes.includes(0) ? wide.oddities : [...wide.oddities, material('charset-mismatch')],
    };
  }
  const ascii = isAscii(bytes);
  if (ascii && family === 'utf-8') return { texts: [bytes.toString('latin1')], oddities: [] };
  const declared = encoding.decode(bytes);
  const texts = [declared];
  const oddities: Oddity[] = [];
  if (ascii) {
    const plain = bytes.toString('latin1');
    if (declared !== plain) {
      texts.push(plain);
      // Shifts between sets are how such mail is written.
      if (family !== 'other' || !bytes.includes(0x1b)) oddities.push(material('charset-mismatch'));
    }
    return { texts, oddities };
  }
  if (family === 'other') texts.push(fallback(bytes));
  if (family === 'utf-8' && isUtf8(bytes)) return { texts, oddities };
  const utf8 = decodeUtf8(bytes);
  if (utf8 !== undefined) texts.push(utf8);
  else if (/utf8$|^cp65001$/.test(key)) {
    oddities.push(harmless('invalid-utf-8'), ...overlongOddity(bytes));
    texts.push(windows1252(bytes), ...overlong(bytes), ...guessed(bytes));
  }
  return { texts, oddities };
}

/** How sets that readers guess write digits, several close to each other. A pair of bytes is a digit of full width. */
const GUESSES: readonly (readonly [string, RegExp])[] = [
  ['gbk', digitsOf('\\xa3[\\xb0-\\xb9]')],
  ['shift_jis', digitsOf('\\x82[\\x4f-\\x58]')],
  ['big5', digitsOf('\\xa2[\\xaf-\\xb8]')],
  ['windows-874', digitsOf('[\\xf0-\\xf9]')],
];

function digitsOf(digit: string): RegExp {
  return new RegExp(`${digit}(?:[^]{0,4}?${digit}){3}`);
}

/** What readers that guess the set of undeclared text may make of its digits: those of EUC are the same in all languages. */
function guessed(bytes: Buffer): readonly string[] {
  const text = bytes.toString('latin1');
  return GUESSES.filter(([, digits]) => digits.test(text)).map(([name]) =>
    new TextDecoder(name).decode(bytes),
  );
}

/** Whether there are words or numbers in single bytes, as text in UTF-16 and UTF-32 never has them. */
function hasAsciiWords(bytes: Buffer): boolean {
  return /[\t\n\r\x20-\x7e]{5}/.test(bytes.toString('latin1'));
}

/**
 * What a mark at the beginning says, where the declaration says something else: those of UTF-8 and UTF-16, which some readers
 * believe more than any declaration, and UTF-7's, which browsers once did.
 */
function readMarked(
  bytes: Buffer,
  undeclared: boolean,
  encoding: Encoding | undefined,
): CharsetReadings | undefined {
  if (/^\+\/v[89+/]/.test(bytes.toString('latin1', 0, 4))) {
    return { texts: [iconv.decode(bytes, 'utf-7')], oddities: [material('utf-7')] };
  }
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf && encoding?.family !== 'utf-8') {
    const mismatch = !undeclared && !isUtf8(bytes);
    return { texts: [UTF_8.decode(bytes)], oddities: mismatch ? [material('charset-mismatch')] : [] };
  }
  const order = markedOrder(bytes);
  if (order === undefined || encoding?.family === 'utf-16' || encoding?.family === 'utf-32') return undefined;
  return {
    texts: [new TextDecoder(`utf-16${order}`).decode(bytes)],
    oddities: undeclared ? [] : [material('charset-mismatch')],
  };
}

function markedOrder(bytes: Buffer): 'le' | 'be' | undefined {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'le';
  return bytes[0] === 0xfe && bytes[1] === 0xff ? 'be' : undefined;
}

/** How the zeros lie in UTF-16 of mostly ASCII; undefined where they don't tell: blanks of full width have some, too. */
function utf16Order(bytes: Buffer): 'le' | 'be' | undefined {
  let even = 0;
  let odd = 0;
  const looked = Math.min(bytes.length, 4096);
  for (let i = 0; i + 1 < looked; i += 2) {
    if (bytes[i] === 0) even += 1;
    if (bytes[i + 1] === 0) odd += 1;
  }
  if (Math.max(even, odd) * 8 < looked / 2) return undefined;
  if (odd > even * 4) return 'le';
  return even > odd * 4 ? 'be' : undefined;
}

/** ASCII characters written in two to four bytes of UTF-8, which only careless decoders take (RFC 3629 10). */
const OVERLONG = /(?:[\xc0\xc1]|\xe0[\x80\x81]|\xf0\x80[\x80\x81])[\x80-\xbf]/g;

function isOverlong(bytes: Buffer): boolean {
  const first = [0xc0, 0xc1, 0xe0, 0xf0].some((lead) => bytes.includes(lead));
  return first && bytes.toString('latin1').search(OVERLONG) >= 0;
}

function overlongOddity(bytes: Buffer): readonly Oddity[] {
  return isOverlong(bytes) ? [material('overlong-utf-8')] : [];
}

function overlong(bytes: Buffer): readonly string[] {
  if (!isOverlong(bytes)) return [];
  const shortened = bytes.toString('latin1').replace(OVERLONG, (sequence) => {
    const last = sequence.charCodeAt(sequence.length - 1) & 0x3f;
    const before = sequence.charCodeAt(sequence.length - 2) & 1;
    return String.fromCharCode((before << 6) | last);
  });
  return [fallback(Buffer.from(shortened, 'latin1'))];
}

/** GB 2312 between tildes (RFC 1843). */
const HZ = /~\{((?:[\x21-\x77][\x21-\x7e]){1,2000})~\}/g;

/** What sets that are shifted to within 7-bit text make of it, whatever it is declared as (RFC 1468, RFC 1843). */
function escaped(bytes: Buffer): readonly string[] {
  const texts: string[] = [];
  if (bytes.includes(0x1b)) texts.push(new TextDecoder('iso-2022-jp').decode(bytes));
  if (bytes.includes('~{')) {
    const source = bytes.toString('latin1');
    const high = source.replace(HZ, (_, pairs: string) =>
      String.fromCharCode(...[...pairs].map((one) => one.charCodeAt(0) | 0x80)),
    );
    if (high !== source) texts.push(new TextDecoder('gbk').decode(Buffer.from(high, 'latin1')));
  }
  return texts;
}

/** UTF-16 by its mark, else by the declared order and where the zeros are; without either, both ways. */
function readUtf16(bytes: Buffer, key: string, encoding: Encoding): CharsetReadings {
  const little = () => new TextDecoder('utf-16le').decode(bytes);
  const big = () => new TextDecoder('utf-16be').decode(bytes);
  const likely = utf16Order(bytes);
  const marked = markedOrder(bytes);
  const declared = /le$|feff$/.test(key) ? 'le' : /be$|fffe$|1201$/.test(key) ? 'be' : undefined;
  if (declared !== undefined) {
    const text = encoding.decode(bytes);
    const other = [marked, likely].find((order) => order !== undefined && order !== declared);
    if (other === undefined) return { texts: [text], oddities: [] };
    return { texts: [text, other === 'le' ? little() : big()], oddities: [material('charset-mismatch')] };
  }
  if (marked !== undefined) return { texts: [marked === 'le' ? little() : big()], oddities: [] };
  if (likely !== undefined) return { texts: [likely === 'le' ? little() : big()], oddities: [] };
  return { texts: [big(), little(), fallback(bytes)], oddities: [] };
}

/** The bytes in that character set, or undefined when it is unknown. Malformed sequences become U+FFFD. */
export function decode(bytes: Buffer, label: string): string | undefined {
  return encodingOf(label.trim())?.decode(bytes);
}

const UTF_8 = new TextDecoder('utf-8');

/** The bytes as UTF-8, or undefined when they aren't. */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  return isUtf8(bytes) ? UTF_8.decode(bytes) : undefined;
}

/** UTF-8 where valid, else windows-1252: how most readers take undeclared text. */
export function fallback(bytes: Buffer): string {
  return decodeUtf8(bytes) ?? windows1252(bytes);
}

function windows1252(bytes: Buffer): string {
  return iconv.decode(bytes, 'windows-1252');
}

/** Bytes of a header field as text (RFC 6532: UTF-8). */
export function headerBytesText(bytes: Buffer): string {
  return isAscii(bytes) ? bytes.toString('latin1') : fallback(bytes);
}

function distinct(texts: readonly string[], oddities: readonly Oddity[]): CharsetReadings {
  // They are few and may be long: to compare them is cheaper than to hash them.
  return { texts: texts.filter((text, index) => texts.indexOf(text) === index), oddities };
}
