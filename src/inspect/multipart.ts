import { type ByteRange, CR, DASH, isBlank, LF, lineAt, SPACE, TAB } from './bytes.js';
import { harmless, material, type Oddity } from './oddity.js';

export interface MultipartSplit {
  /** Entities in order, also those found after the close delimiter. */
  readonly parts: readonly ByteRange[];
  readonly preamble: ByteRange;
  readonly epilogue: ByteRange;
  readonly oddities: readonly Oddity[];
  /** There were more parts than asked for; the rest starts here. */
  readonly unreadFrom?: number;
}

const BCHARS = /^[0-9A-Za-z'()+_,\-./:=? ]*[0-9A-Za-z'()+_,\-./:=?]$/;

/** What is odd about a boundary itself (RFC 2046 5.1.1). */
export function boundaryOddities(boundary: string, ancestors: readonly string[]): readonly Oddity[] {
  const oddities: Oddity[] = [];
  // Blanks are allowed within, but unfolding, trimming and splitting at blanks are done in many ways.
  if (/\s/.test(boundary) || /[^\x20-\x7e]/.test(boundary)) oddities.push(material('boundary-invalid'));
  else if (boundary.length > 70 || !BCHARS.test(boundary)) oddities.push(harmless('boundary-invalid'));
  if (ancestors.includes(boundary)) oddities.push(material('boundary-reused'));
  else if (ancestors.some((other) => other.startsWith(boundary) || boundary.startsWith(other))) {
    oddities.push(material('boundary-prefix'));
  }
  return oddities;
}

/**
 * Splits a multipart body at its delimiter lines: `--boundary`, `--` for the last, blanks as padding. One native
 * search finds the candidates, so ordinary content costs little.
 * @param maxParts parts to find; the rest is left unread
 */
export function splitMultipart(
  source: Buffer,
  body: ByteRange,
  boundary: string,
  maxParts: number,
): MultipartSplit {
  const oddities = new Map<string, Oddity>();
  const mark = Buffer.from(`--${boundary}`, 'utf8');
  const parts: ByteRange[] = [];
  let preambleEnd = body.end;
  let partStart = -1;
  let closedAt = -1;
  let unreadFrom: number | undefined;
  for (let at = source.indexOf(mark, body.start); at >= 0 && at < body.end; ) {
    const line = lineAt(source, at, body.end);
    const lineStart = at === body.start || source[at - 1] === LF;
    const kind = lineStart ? delimiterKind(source, at + mark.length, line.end) : 'no';
    if (kind === 'no') {
      // The boundary within a line is content. At its start, with more behind it, RFC 2046 5.1.1 and many readers
      // still take it for a delimiter.
      if (lineStart && at + mark.length <= body.end)
        oddities.set('boundary-prefix', material('boundary-prefix'));
      else if (isIndented(source, at, body.start)) {
        oddities.set('boundary-indented', material('boundary-indented'));
      }
      at = source.indexOf(mark, lineStart ? Math.max(line.next, at + 1) : at + 1);
      continue;
    }
    if (kind.padded) oddities.set('boundary-padding', material('boundary-padding'));
    const contentEnd = beforeLineEnd(source, at, partStart < 0 ? body.start : partStart);
    if (partStart >= 0) parts.push({ start: partStart, end: contentEnd });
    else if (closedAt < 0) preambleEnd = contentEnd;
    else oddities.set('parts-after-close', material('parts-after-close'));
    partStart = kind.close ? -1 : line.next;
    if (kind.close) closedAt = line.next;
    if (parts.length >= maxParts) {
      unreadFrom = at;
      break;
    }
    at = source.indexOf(mark, line.next);
  }
  const opened = parts.length > 0 || partStart >= 0 || closedAt >= 0;
  if (!opened) oddities.set('boundary-unused', material('boundary-unused'));
  if (partStart >= 0 && unreadFrom === undefined) {
    parts.push({ start: Math.min(partStart, body.end), end: body.end });
    oddities.set('boundary-unclosed', material('boundary-unclosed'));
  }
  const epilogue =
    closedAt >= 0 && partStart < 0 && unreadFrom === undefined
      ? { start: closedAt, end: body.end }
      : { start: body.end, end: body.end };
  const preamble = { start: body.start, end: preambleEnd };
  if (opened && !isBlank(source, preamble)) {
    oddities.set('preamble-text', looseText(source, preamble, 'preamble-text'));
  }
  if (!isBlank(source, epilogue)) {
    oddities.set('epilogue-text', looseText(source, epilogue, 'epilogue-text'));
  }
  return {
    parts,
    preamble,
    epilogue,
    oddities: [...oddities.values()],
    ...(unreadFrom === undefined ? {} : { unreadFrom }),
  };
}

type DelimiterKind = 'no' | { readonly close: boolean; readonly padded: boolean };

function delimiterKind(source: Buffer, from: number, lineEnd: number): DelimiterKind {
  if (from > lineEnd) return 'no';
  const close = from + 2 <= lineEnd && source[from] === DASH && source[from + 1] === DASH;
  const rest = close ? from + 2 : from;
  for (let i = rest; i < lineEnd; i++) {
    const byte = source[i];
    if (byte !== SPACE && byte !== TAB) return 'no';
  }
  return { close, padded: rest < lineEnd };
}

/** Whether nothing but blanks stands before it on its line: readers that trim lines take it for a delimiter. */
function isIndented(source: Buffer, at: number, least: number): boolean {
  let start = at;
  while (start > least && (source[start - 1] === SPACE || source[start - 1] === TAB)) start -= 1;
  return start < at && (start === least || source[start - 1] === LF);
}

/** The line end before a delimiter belongs to the delimiter. */
function beforeLineEnd(source: Buffer, at: number, least: number): number {
  let end = at;
  if (end > least && source[end - 1] === LF) end -= 1;
  if (end > least && source[end - 1] === CR) end -= 1;
  return end;
}

/**
 * Text before the first or after the last part, which mail readers don't show. It is scanned in any case; it counts
 * as ambiguous when it could be more than a sentence for old mail readers or a footer: a part, or encoded content.
 */
function looseText(source: Buffer, range: ByteRange, name: string): Oddity {
  const bytes = source.subarray(range.start, range.end);
  const text = bytes.toString('latin1');
  const plain =
    bytes.length <= 2000 &&
    /^[\t\r\n\x20-\x7e]*$/.test(text) &&
    !/^content-[a-z-]+[ \t]*:/im.test(text) &&
    !/^--\S/m.test(text) &&
    !/^[A-Za-z0-9+/]{32,}={0,2}\s*$/m.test(text) &&
    !/^begin [0-7]{3,4} /m.test(text);
  return (plain ? harmless : material)(name);
}
