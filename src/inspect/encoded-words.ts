import { readCharset } from './charset.js';
import { harmless, material, type Oddity } from './oddity.js';
import { decodeBase64, decodeQuotedPrintable } from './transfer-decoding.js';

export interface HeaderText {
  /** As most readers show it. */
  readonly text: string;
  /** All distinct readings, `text` first. */
  readonly readings: readonly string[];
  readonly oddities: readonly Oddity[];
}

/** RFC 2047 2: no blanks or question marks within. */
const STRICT = /(?<![^\s("])=\?([^?\s]+)\?([BbQq])\?([^?\s]*)\?=(?![^\s)",])/g;
/** What readers still take for an encoded word: blanks within, no blanks around. */
const LENIENT = /=\?([^?\s]{1,60})\?([BbQq])\?([^?\r\n]*)\?=/g;

interface Token {
  readonly start: number;
  readonly end: number;
  readonly charset: string;
  readonly encoding: string;
  readonly text: string;
}

/** More than any header has, and as many as are decoded of one field. */
const MAX_WORDS = 5000;
/** With question marks in its text, which some readers take for such. */
const QUESTIONING = /=\?([^?\s]{1,60})\?([Qq])\?([^\r\n]{0,1000}?)\?=/g;
/** Readings of the bytes of a word, at most, beside the first. */
const FURTHER = [1, 2, 3];
/** One that is never ended. */
const OPEN = /=\?[^?\s]{1,60}\?[BbQq]\?[^?\r\n]+$/;

/**
 * The readings of an unstructured field's value with RFC 2047 encoded words: strict, lenient (also where an encoded
 * word may not stand, with characters split across words, and with what was encoded twice), and as it is written.
 */
export function decodeHeaderText(value: string): HeaderText {
  if (!value.includes('=?')) return { text: value, readings: [value], oddities: [] };
  const oddities = new Map<string, Oddity>();
  const note = (oddity: Oddity) => oddities.set(oddity.name, oddity);
  const ended = OPEN.test(value) ? `${value}?=` : value;
  const lenient = replaceWords(ended, LENIENT, 'bytes', note);
  const readings = [
    lenient,
    replaceWords(value, STRICT, 'none', note),
    replaceWords(ended, LENIENT, 'text', note),
    ...FURTHER.map((reading) => replaceWords(ended, LENIENT, 'bytes', note, reading)),
    replaceWords(ended, QUESTIONING, 'bytes', note),
    ...(lenient.includes('=?') ? [replaceWords(lenient, LENIENT, 'bytes', note)] : []),
    value,
  ];
  return { text: lenient, readings: [...new Set(readings)], oddities: [...oddities.values()] };
}

/**
 * @param merge what of adjacent words is put together before it is decoded further
 * @param reading which of those of a word's bytes, or their last: one is as ASCII where the label hides ASCII
 */
function replaceWords(
  value: string,
  pattern: RegExp,
  merge: 'none' | 'bytes' | 'text',
  note: (oddity: Oddity) => void,
  reading = 0,
): string {
  const tokens: Token[] = [];
  for (const match of value.matchAll(pattern)) {
    if (tokens.length >= MAX_WORDS) {
      note(material('too-many-encoded-words'));
      break;
    }
    const [whole, charset = '', encoding = '', text = ''] = match;
    tokens.push({
      start: match.index,
      end: match.index + whole.length,
      // RFC 2231 5 allows a language after the character set.
      charset: charset.replace(/\*.*$/, '').toLowerCase(),
      encoding: encoding.toUpperCase(),
      text,
    });
  }
  let out = '';
  let at = 0;
  for (let i = 0; i < tokens.length; ) {
    const first = tokens[i];
    if (first === undefined) break;
    const between = value.slice(at, first.start);
    // Blanks between two encoded words are not shown (RFC 2047 6.2).
    if (i === 0 || between.trim() !== '') out += between;
    const texts = [first.text];
    let last = first;
    i += 1;
    for (; merge !== 'none' && i < tokens.length; i++) {
      const next = tokens[i];
      if (next === undefined || next.charset !== first.charset || next.encoding !== first.encoding) break;
      if (value.slice(last.end, next.start).trim() !== '') break;
      texts.push(next.text);
      last = next;
    }
    const pieces = merge === 'text' ? [texts.join('')] : texts;
    const bytes = pieces.map((text) => wordBytes(first.encoding, text, note));
    out += wordText(Buffer.concat(bytes), first.charset, reading, note);
    at = last.end;
  }
  return out + value.slice(at);
}

function wordBytes(encoding: string, text: string, note: (oddity: Oddity) => void): Buffer {
  const raw = Buffer.from(encoding === 'Q' ? text.replaceAll('_', '=20') : text, 'utf8');
  const decoded = encoding === 'Q' ? decodeQuotedPrintable(raw) : decodeBase64(raw);
  if (decoded.oddities.some((oddity) => oddity.material)) note(harmless('encoded-word-malformed'));
  return decoded.readings[0] ?? raw;
}

function wordText(bytes: Buffer, charset: string, reading: number, note: (oddity: Oddity) => void): string {
  const { texts, oddities } = readCharset(bytes, charset);
  for (const oddity of oddities) if (oddity.material) note(oddity);
  return texts[reading] ?? texts.at(-1) ?? '';
}
