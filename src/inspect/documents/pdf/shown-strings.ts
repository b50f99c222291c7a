/**
 * Strings that programs show beside a page and neither reader gives: what notes are about, why something was signed, formatted
 * text and captions of fields, words over what was blacked out (ISO 32000-1 12.5.6.2, 12.5.6.19, 12.5.6.23, 12.7.3.4, 12.8.1).
 */
const KEYS = ['Subj', 'Reason', 'Location', 'ContactInfo', 'RV', 'OverlayText', 'CA', 'AC', 'RC'].map(
  (name) => Buffer.from(`/${name}`),
);
const MOST = 10_000;
const LONGEST = 64 * 1024;
const LONGEST_GAP = 16;
const ESCAPED: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '', f: '\n' };

export interface ShownStrings {
  readonly texts: readonly string[];
  /** There are more than were taken. */
  readonly cut: boolean;
}

/** Those in the bytes of a document, or of one of its streams of objects. Linear in the length. */
export function shownStrings(bytes: Buffer): ShownStrings {
  const texts: string[] = [];
  let cut = false;
  for (const key of KEYS) {
    for (let at = bytes.indexOf(key); at >= 0; at = bytes.indexOf(key, at)) {
      at += key.length;
      const start = stringStart(bytes, at);
      if (start === undefined) continue;
      if (texts.length >= MOST) return { texts, cut: true };
      const isHex = bytes[start] === 0x3c;
      const { text, end } = isHex ? hexString(bytes, start + 1) : literalString(bytes, start + 1);
      if (end - start >= LONGEST) cut = true;
      at = end;
      const decoded = decode(Buffer.from(text, 'latin1'));
      // Formatted text stands within tags.
      const plain = decoded.replace(/<\/?(?:p|br|div)\b[^<>]*>/gi, '\n').replace(/<[^<>]*>/g, '');
      if (decoded.trim() !== '') texts.push(decoded);
      if (plain !== decoded && plain.trim() !== '') texts.push(plain);
    }
  }
  return { texts, cut };
}

function stringStart(bytes: Buffer, from: number): number | undefined {
  for (let at = from; at < Math.min(bytes.length, from + LONGEST_GAP); at++) {
    const byte = bytes[at] ?? 0;
    if (byte === 0x28) return at;
    if (byte === 0x3c) return bytes[at + 1] === 0x3c ? undefined : at;
    if (byte > 0x20) return undefined;
  }
  return undefined;
}

interface Written {
  readonly text: string;
  readonly end: number;
}

/** ISO 32000-1 7.3.4.2: parentheses in pairs, and escapes. */
function literalString(bytes: Buffer, from: number): Written {
  const limit = Math.min(bytes.length, from + LONGEST);
  let text = '';
  let depth = 1;
  let at = from;
  for (; at < limit; at++) {
    let character = String.fromCharCode(bytes[at] ?? 0);
    if (character === '\\') {
      const next = bytes.toString('latin1', at + 1, at + 4);
      const octal = /^[0-7]{1,3}/.exec(next)?.[0];
      const first = next.charAt(0);
      if (octal !== undefined) character = String.fromCharCode(Number.parseInt(octal, 8) & 0xff);
      else if (first === '\n' || first === '\r') character = '';
      else character = ESCAPED[first] ?? first;
      at += octal?.length ?? 1;
    } else if (character === '(') depth++;
    else if (character === ')' && --depth === 0) break;
    text += character;
  }
  return { text, end: at };
}

function hexString(bytes: Buffer, from: number): Written {
  const limit = Math.min(bytes.length, from + LONGEST);
  const close = bytes.subarray(from, limit).indexOf(0x3e);
  const end = close < 0 ? limit : from + close;
  const digits = bytes.toString('latin1', from, end).replace(/[^0-9a-f]/gi, '');
  return { text: Buffer.from(digits, 'hex').toString('latin1'), end };
}

/** ISO 32000-2 7.9.2.2. */
function decode(bytes: Buffer): string {
  const mark = bytes.toString('latin1', 0, 3);
  if (mark.startsWith('\xfe\xff'))
    return bytes
      .subarray(2, bytes.length & ~1)
      .swap16()
      .toString('utf16le');
  if (mark.startsWith('\xff\xfe')) return bytes.toString('utf16le', 2);
  return mark === '\xef\xbb\xbf' ? bytes.toString('utf8', 3) : bytes.toString('latin1');
}
