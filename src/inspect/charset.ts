import { isUtf8 } from 'node:buffer';
import iconv from 'iconv-lite';
import { isAscii } from './bytes.js';
import { harmless, material, type Oddity } from './oddity.js';

export interface CharsetReadings {
  /** Distinct readings, the declared one first. */
  readonly texts: readonly string[];
  readonly oddities: readonly Oddity[];
}

const UTF7 = /^(?:x-)?(?:unicode-[12]-[01]-)?utf-?7(?:-imap)?$/;
/** A character set in which the bytes of ASCII text don't stand for that text, or whose state can hide it. */
const NOT_ASCII_BASED =
  /^(?:utf-?(?:7|16|32)|ucs|iso-10646|unicode|iso-2022|hz|csiso2022|replacement|x-user)/;

/** Labels that programs write where they don't know the set: readers take the text as if there were none. */
const NO_CHARSET =
  /^(?:|(?:us-?)?ascii|ansi_x3\.4-19\d\d|iso646-us|unknown(?:-8bit)?|x-unknown|default(?:_charset)?|7bit|8bit|none|binary)$/;

/**
 * Reads bytes in their declared character set, and in every other one that a mail reader might take instead: UTF-8
 * where the bytes are valid UTF-8, and ASCII-based where the declared set isn't.
 * @param label as declared, or undefined where nothing was
 */
export function readCharset(bytes: Buffer, label: string | undefined): CharsetReadings {
  const name = (label ?? 'us-ascii').trim().toLowerCase();
  const marked = readMarked(bytes, name);
  const read = readLabelled(bytes, label, name);
  if (marked === undefined) return read;
  return distinct([...read.texts, ...marked.texts], [...read.oddities, ...marked.oddities]);
}

function readLabelled(bytes: Buffer, label: string | undefined, name: string): CharsetReadings {
  if (UTF7.test(name)) {
    return distinct([decode(bytes, 'utf-7') ?? '', fallback(bytes)], [material('utf-7')]);
  }
  if (/^(?:utf-?16|utf16|ucs-?2|iso-10646-ucs-2|unicode)$/.test(name)) return readUtf16(bytes);
  const ascii = isAscii(bytes);
  if (label === undefined || NO_CHARSET.test(name)) {
    if (ascii) return distinct([bytes.toString('latin1'), ...escaped(bytes)], []);
    return distinct(
      [fallback(bytes), windows1252(bytes), ...overlong(bytes)],
      [harmless('undeclared-8bit'), ...overlongOddity(bytes)],
    );
  }
  const declared = decode(bytes, name);
  if (declared === undefined) {
    return distinct([fallback(bytes), bytes.toString('latin1')], [material('unknown-charset')]);
  }
  const texts = [declared];
  const oddities: Oddity[] = [];
  if (NOT_ASCII_BASED.test(name)) {
    texts.push(fallback(bytes));
    // Plain ASCII declared as UTF-16 or -32 is one text to one reader and another to the next.
    const order = /^utf-?16(le|be)$/.exec(name)?.[1];
    const likely = utf16Order(bytes);
    if (/^(?:utf|ucs)/.test(name) && ascii && !bytes.includes(0)) oddities.push(material('charset-mismatch'));
    else if (order !== undefined && likely !== undefined && likely !== order) {
      texts.push(new TextDecoder(`utf-16${likely}`).decode(bytes));
      oddities.push(material('charset-mismatch'));
    }
  } else if (!ascii) {
    const utf8 = decodeUtf8(bytes);
    if (utf8 !== undefined) texts.push(utf8);
    else if (/^utf-?8$/.test(name)) {
      oddities.push(harmless('invalid-utf-8'), ...overlongOddity(bytes));
      texts.push(windows1252(bytes), ...overlong(bytes));
    }
  }
  return distinct(texts, oddities);
}

/**
 * What a mark at the beginning says, where the declaration says something else: UTF-16's, which some readers believe
 * more than any declaration, and UTF-7's, which browsers once did.
 */
function readMarked(bytes: Buffer, name: string): CharsetReadings | undefined {
  if (/^\+\/v[89+/]/.test(bytes.toString('latin1', 0, 4))) {
    const text = decode(bytes, 'utf-7');
    return text === undefined ? undefined : { texts: [text], oddities: [material('utf-7')] };
  }
  const order =
    bytes[0] === 0xff && bytes[1] === 0xfe ? 'le' : bytes[0] === 0xfe && bytes[1] === 0xff ? 'be' : undefined;
  if (order === undefined || /16|32|ucs|unicode/.test(name)) return undefined;
  return {
    texts: [new TextDecoder(`utf-16${order}`).decode(bytes)],
    oddities: NO_CHARSET.test(name) ? [] : [material('charset-mismatch')],
  };
}

/** How the zeros lie in UTF-16 of mostly ASCII; undefined where they don't tell. */
function utf16Order(bytes: Buffer): 'le' | 'be' | undefined {
  let even = 0;
  let odd = 0;
  for (let i = 0; i + 1 < Math.min(bytes.length, 4096); i += 2) {
    if (bytes[i] === 0) even += 1;
    if (bytes[i + 1] === 0) odd += 1;
  }
  if (odd > even * 4) return 'le';
  return even > odd * 4 ? 'be' : undefined;
}

/** ASCII characters written in two bytes of UTF-8, which only careless decoders take (RFC 3629 10). */
const OVERLONG = /[\xc0\xc1][\x80-\xbf]/;

function isOverlong(bytes: Buffer): boolean {
  const first = [0xc0, 0xc1].some((lead) => bytes.includes(lead));
  return first && OVERLONG.test(bytes.toString('latin1'));
}

function overlongOddity(bytes: Buffer): readonly Oddity[] {
  return isOverlong(bytes) ? [material('overlong-utf-8')] : [];
}

function overlong(bytes: Buffer): readonly string[] {
  if (!isOverlong(bytes)) return [];
  const shortened = bytes
    .toString('latin1')
    .replace(/[\xc0\xc1][\x80-\xbf]/g, (pair) =>
      String.fromCharCode(((pair.charCodeAt(0) & 1) << 6) | (pair.charCodeAt(1) & 0x3f)),
    );
  return [fallback(Buffer.from(shortened, 'latin1'))];
}

/** ISO-2022 escapes in undeclared 7-bit text: some readers honour them (RFC 1468). */
function escaped(bytes: Buffer): readonly string[] {
  if (!bytes.includes(0x1b)) return [];
  const text = decode(bytes, 'iso-2022-jp');
  return text === undefined ? [] : [text];
}

/** `utf-16` without an order of bytes: by its mark, else by where the zeros are, else both ways. */
function readUtf16(bytes: Buffer): CharsetReadings {
  const little = new TextDecoder('utf-16le').decode(bytes);
  const big = new TextDecoder('utf-16be').decode(bytes);
  const oddities = isAscii(bytes) && !bytes.includes(0) ? [material('charset-mismatch')] : [];
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return distinct([little], oddities);
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return distinct([big], oddities);
  const order = utf16Order(bytes);
  if (order !== undefined) return distinct([order === 'le' ? little : big], oddities);
  return distinct([big, little, fallback(bytes)], oddities);
}

/** The bytes in that character set, or undefined when it is unknown. Malformed sequences become U+FFFD. */
export function decode(bytes: Buffer, label: string): string | undefined {
  let encoding: string | undefined;
  try {
    encoding = new TextDecoder(label).encoding;
  } catch {
    // Not a WHATWG label; iconv-lite may know it, and otherwise the caller fails closed.
  }
  // Node's own windows-1252 reads 0x80-0x9f as control characters.
  if (encoding !== undefined && encoding !== 'windows-1252') return new TextDecoder(encoding).decode(bytes);
  const name = encoding ?? label;
  return iconv.encodingExists(name) && !/^(?:base64|hex|binary|internal|_|ucs2)/.test(name)
    ? iconv.decode(bytes, name)
    : undefined;
}

/** The bytes as UTF-8, or undefined when they aren't. */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  return isUtf8(bytes) ? new TextDecoder('utf-8').decode(bytes) : undefined;
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
  // One text needs no comparing, and most bytes have one reading.
  return { texts: texts.length === 1 ? texts : [...new Set(texts)], oddities };
}
