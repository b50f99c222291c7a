import { decode, fallback } from './charset.js';
import { decodeHeaderText } from './encoded-words.js';
import { harmless, material, type Oddity } from './oddity.js';
import { percentBytes } from './percent.js';

export interface MimeValue {
  /** What stands before the first `;`, without comments, lower case: a media type, a disposition, an encoding. */
  readonly value: string;
  /** Every plausible value of each parameter (lower-case name), the most common reading first. */
  readonly params: ReadonlyMap<string, readonly string[]>;
  readonly oddities: readonly Oddity[];
}

/** Parameters that decide how a body is read, so that two values for them are two messages. */
const DECISIVE: ReadonlySet<string> = new Set(['boundary', 'charset', 'access-type']);

interface RawParam {
  readonly name: string;
  readonly value: string;
  /** How readers take it who know less of the grammar, or more than they should. */
  readonly others: readonly string[];
}

/** What stands between two semicolons, as it is written, and with blanks for comments. */
interface Segment {
  readonly written: string;
  readonly text: string;
}

/**
 * Reads a structured MIME field: `value; name=value; …` (RFC 2045 5.1) with comments, quoted strings, and RFC 2231
 * continuations and character sets. What is malformed is read leniently and named.
 */
export function parseMimeValue(text: string): MimeValue {
  const oddities = new Map<string, Oddity>();
  const note = (oddity: Oddity) => {
    if (oddities.get(oddity.name)?.material !== true) oddities.set(oddity.name, oddity);
  };
  const segments = splitSegments(text, note);
  const [head, ...rest] = segments;
  const raw: RawParam[] = [];
  for (const segment of rest) {
    const param = readParam(segment, note);
    if (param !== undefined) raw.push(param);
  }
  const params = collect(raw, note);
  return { value: (head?.text ?? '').trim().toLowerCase(), params, oddities: [...oddities.values()] };
}

/** Splits at semicolons outside of quoted strings and comments; comments become blanks. */
function splitSegments(text: string, note: (oddity: Oddity) => void): readonly Segment[] {
  const segments: Segment[] = [];
  let current = '';
  let from = 0;
  let depth = 0;
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const character = text[i] ?? '';
    if (character === '\\' && (quoted || depth > 0)) {
      if (quoted) current += character + (text[i + 1] ?? '');
      i += 1;
    } else if (quoted) {
      current += character;
      if (character === '"') quoted = false;
    } else if (depth > 0) {
      if (character === '(') depth += 1;
      else if (character === ')') depth -= 1;
    } else if (character === '"') {
      quoted = true;
      current += character;
    } else if (character === '(') {
      depth = 1;
      current += ' ';
      note(harmless('mime-comment'));
    } else if (character === ';') {
      segments.push({ written: text.slice(from, i), text: current });
      current = '';
      from = i + 1;
    } else current += character;
  }
  if (quoted || depth > 0) note(material('unterminated-parameter'));
  segments.push({ written: text.slice(from), text: current });
  return segments;
}

function readParam(segment: Segment, note: (oddity: Oddity) => void): RawParam | undefined {
  const text = segment.text.trim();
  if (text === '') return undefined;
  const equals = text.indexOf('=');
  if (equals <= 0) {
    note(harmless('malformed-parameter'));
    return undefined;
  }
  const name = text.slice(0, equals).trim().toLowerCase();
  const given = text.slice(equals + 1).trim();
  const decisive = DECISIVE.has(name.replace(/\*.*$/, ''));
  const quoted = given.startsWith('"');
  const end = quoted ? closingQuote(given) : given.length;
  const value = quoted ? given.slice(1, end).replace(/\\([\s\S])/g, '$1') : given;
  // A quotation in the middle of a value: where it ends, and so the parameter, is anybody's guess.
  if (!quoted && given.includes('"')) note(material('malformed-parameter'));
  // `"ab"cd`: some readers take ab, some abcd, some all of it.
  if (quoted ? end + 1 < given.length : /\s/.test(given)) {
    note((decisive ? material : harmless)('malformed-parameter'));
  } else if (!quoted && /[()<>@,:\\"/[\]?=]/.test(given)) note(harmless('unquoted-parameter'));
  const others = decisive ? otherValues(segment, given, value) : otherNames(given, end);
  if (decisive && others.length > 0) note(material('ambiguous-parameter'));
  return { name, value, others };
}

/** Some readers drop every backslash and quotation mark of a value, wherever it stands. */
function otherNames(given: string, end: number): readonly string[] {
  const quoted = given.startsWith('"');
  const plain = quoted ? end + 1 >= given.length : !/["\\]/.test(given);
  return plain ? [] : [given.replace(/["\\]/g, ''), given];
}

/** Other readings of a value with a comment beside it, quoted-pairs or encoded words in it, or more than one word. */
function otherValues({ written }: Segment, given: string, value: string): readonly string[] {
  const others = new Set<string>();
  const asWritten = written.slice(written.indexOf('=') + 1).trim();
  if (asWritten !== given) others.add(asWritten).add(asWritten.replace(/^"|"$/g, ''));
  if (given.includes('\\')) others.add(given.replace(/^"|"$/g, ''));
  if (/^"[^"]*".|^[^"]*\s/.test(given)) others.add(given.replaceAll('"', '')).add(given.split(/\s/)[0] ?? '');
  if (value.includes('=?')) for (const reading of decodeHeaderText(value).readings) others.add(reading);
  others.delete(value);
  others.delete('');
  return [...others];
}

/** Where a quoted string that starts the text ends; the end of the text when it is never closed. */
function closingQuote(text: string): number {
  for (let at = 1; at < text.length; at++) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === '"') return at;
  }
  return text.length;
}

interface Piece {
  readonly text: string;
  /** The same as read otherwise; mostly no different. */
  readonly bare: string;
  readonly encoded: boolean;
}

interface Group {
  readonly plain: string[];
  readonly others: string[];
  readonly extended: string[];
  readonly pieces: Map<number, Piece>;
}

function collect(raw: readonly RawParam[], note: (oddity: Oddity) => void): MimeValue['params'] {
  const groups = new Map<string, Group>();
  for (const { name: full, value, others } of raw) {
    const star = full.indexOf('*');
    const name = star < 0 ? full : full.slice(0, star);
    const group: Group = groups.get(name) ?? { plain: [], others: [], extended: [], pieces: new Map() };
    groups.set(name, group);
    group.others.push(...others);
    const decisive = DECISIVE.has(name);
    if (star < 0) {
      if (group.plain.length > 0) note(duplicate(group.plain[0] !== value && decisive));
      group.plain.push(value);
      continue;
    }
    const match = /^\*(?:(\d{1,5})(\*)?)?$/.exec(full.slice(star));
    if (match === null) {
      note((decisive ? material : harmless)('malformed-parameter'));
      continue;
    }
    if (match[1] === undefined) {
      if (group.extended.length > 0) note(duplicate(decisive));
      for (const one of [value, ...others]) group.extended.push(extendedValue(one, note));
      continue;
    }
    const index = Number(match[1]);
    if (group.pieces.has(index)) note(duplicate(decisive));
    else group.pieces.set(index, { text: value, bare: others[0] ?? value, encoded: match[2] !== undefined });
  }
  const params = new Map<string, readonly string[]>();
  for (const [name, group] of groups) {
    const continued = joinPieces(group, note);
    const values = new Set([...group.extended, ...continued, ...group.plain]);
    // With pieces numbered in a way of their own, some readers put everything together.
    if (group.extended.length > 0 && continued.length > 0) {
      values.add(`${group.extended.join('')}${continued[0] ?? ''}`);
    }
    const decisive = DECISIVE.has(name);
    if (group.plain.length > 0 && values.size > new Set(group.plain).size) {
      note((decisive ? material : harmless)('parameter-conflict'));
    }
    // Many readers know RFC 2231 only for file names.
    if (decisive && (group.extended.length > 0 || continued.length > 0)) note(material('extended-parameter'));
    for (const other of group.others) values.add(other);
    if (values.size > 0) params.set(name, [...values]);
  }
  return params;
}

function duplicate(changesReading: boolean): Oddity {
  return (changesReading ? material : harmless)('duplicate-parameter');
}

/** `charset'language'%41bc` (RFC 2231 4). */
function extendedValue(value: string, note: (oddity: Oddity) => void): string {
  const match = /^([^']*)'[^']*'([\s\S]*)$/.exec(value);
  if (match === null) {
    note(harmless('malformed-parameter'));
    return percentDecode(value, '');
  }
  return percentDecode(match[2] ?? '', match[1] ?? '');
}

function percentDecode(text: string, charset: string): string {
  const buffer = percentBytes(text);
  return (charset === '' ? undefined : decode(buffer, charset)) ?? fallback(buffer);
}

/** RFC 2231 3: numbered pieces in order, from 0 without a gap. */
function joinPieces(group: Group, note: (oddity: Oddity) => void): readonly string[] {
  if (group.pieces.size === 0) return [];
  const order = [...group.pieces.keys()].sort((a, b) => a - b);
  if (order.some((index, position) => index !== position)) note(harmless('malformed-parameter'));
  return [...new Set([joined(group.pieces, order, 'text'), joined(group.pieces, order, 'bare')])];
}

function joined(
  pieces: ReadonlyMap<number, Piece>,
  order: readonly number[],
  reading: 'text' | 'bare',
): string {
  const first = pieces.get(order[0] ?? 0);
  const prefix = first?.encoded === true ? /^([^']*)'[^']*'/.exec(first[reading]) : null;
  const charset = prefix?.[1] ?? '';
  let whole = '';
  let anyEncoded = false;
  for (const index of order) {
    const piece = pieces.get(index);
    if (piece === undefined) continue;
    const text =
      index === order[0] && prefix !== null ? piece[reading].slice(prefix[0].length) : piece[reading];
    if (piece.encoded) anyEncoded = true;
    // A literal percent sign of a plain piece must survive the decoding of the whole.
    whole += piece.encoded ? text : text.replaceAll('%', '%25');
  }
  return anyEncoded ? percentDecode(whole, charset) : whole.replaceAll('%25', '%');
}
