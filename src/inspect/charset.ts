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

/**
 * Reads bytes in their declared character set, and in every other one that a mail reader might take instead: UTF-8
 * where the bytes are valid UTF-8, and ASCII-based where the declared set isn't.
 * @param label as declared, or undefined where nothing was
 */
export function readCharset(bytes: Buffer, label: string | undefined): CharsetReadings {
  const name = (label ?? 'us-ascii').trim().toLowerCase();
  if (UTF7.test(name)) {
    return distinct([decode(bytes, 'utf-7') ?? '', fallback(bytes)], [material('utf-7')]);
  }
  if (/^(?:utf-?16|utf16|ucs-?2|iso-10646-ucs-2|unicode)$/.test(name)) return readUtf16(bytes);
  const ascii = isAscii(bytes);
  const undeclared = label === undefined || name === '' || /^(?:us-)?ascii$/.test(name);
  if (undeclared) {
    if (ascii) return distinct([bytes.toString('latin1'), ...escaped(bytes)], []);
    return distinct([fallback(bytes), windows1252(bytes)], [harmless('undeclared-8bit')]);
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
    if (/^(?:utf|ucs)/.test(name) && ascii && !bytes.includes(0)) oddities.push(material('charset-mismatch'));
  } else if (!ascii) {
    const utf8 = decodeUtf8(bytes);
    if (utf8 !== undefined) texts.push(utf8);
    else if (/^utf-?8$/.test(name)) {
      oddities.push(harmless('invalid-utf-8'));
      texts.push(windows1252(bytes));
    }
  }
  return distinct(texts, oddities);
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
  let even = 0;
  let odd = 0;
  for (let i = 0; i + 1 < Math.min(bytes.length, 4096); i += 2) {
    if (bytes[i] === 0) even += 1;
    if (bytes[i + 1] === 0) odd += 1;
  }
  if (odd > even * 4) return distinct([little], oddities);
  if (even > odd * 4) return distinct([big], oddities);
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
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
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
  return { texts: [...new Set(texts)], oddities };
}
