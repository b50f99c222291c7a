import { type Refusal, refusal } from './reply.js';

/** One header field with its folded lines. */
export interface HeaderField {
  /** Lower case. */
  readonly name: string;
  /** The whole field as it came, with its final CRLF. */
  readonly raw: Buffer;
  /** Unfolded value without the white space around it; octets above 127 as in Latin-1. */
  readonly value: string;
}

export type HeaderResult =
  | { readonly ok: true; readonly fields: readonly HeaderField[] }
  | { readonly ok: false; readonly refusal: Refusal };

/** RFC 5322 2.1.1: a line has 998 characters at most, without CRLF. */
const MAX_HEADER_LINE = 998;

/** RFC 5322 3.6: these stand once at most. Two of them, and readers choose differently which to show. */
const ONCE = new Set([
  'date',
  'from',
  'sender',
  'reply-to',
  'to',
  'cc',
  'message-id',
  'in-reply-to',
  'references',
  'subject',
]);
/** Those of them that say who wrote; two are a matter of rights. */
const WHO = new Set(['from', 'sender']);

/**
 * Reads a header block by RFC 5322 2.2, without the obsolete forms: what readers are known to see differently (RFC
 * 7103 section 7: a line that is no field, white space before a colon, a folded line of white space only, which some
 * take for the end of the header) is refused.
 * @param block everything before the empty line, each line with its CRLF; no bare CR or LF in it
 */
export function readHeader(block: Buffer): HeaderResult {
  const text = block.toString('latin1');
  const fields: HeaderField[] = [];
  const seen = new Set<string>();
  let start = 0;
  while (start < text.length) {
    let end = lineEnd(text, start);
    if (tooLong(start, end)) return bad('A header line is longer than 998 octets');
    if (text[start] === ' ' || text[start] === '\t') return bad('The header begins with a folded line');
    const colon = text.indexOf(':', start);
    const name = colon < 0 || colon >= end ? '' : text.slice(start, colon);
    if (!/^[\x21-\x39\x3b-\x7e]+$/.test(name)) {
      return bad(
        /^[\x21-\x39\x3b-\x7e]+[ \t]+$/.test(name)
          ? 'A header field has white space before its colon'
          : 'A line of the header is not a header field',
      );
    }
    while (text[end] === ' ' || text[end] === '\t') {
      const next = lineEnd(text, end);
      if (tooLong(end, next)) return bad('A header line is longer than 998 octets');
      if (text.slice(end, next).trim() === '') return bad('A folded header line is blank');
      end = next;
    }
    const lower = name.toLowerCase();
    if (ONCE.has(lower) && seen.has(lower)) {
      return WHO.has(lower)
        ? { ok: false, refusal: refusal('body', 550, '5.7.1', 'From or Sender is given more than once') }
        : bad('A header field that may stand once is given more than once');
    }
    seen.add(lower);
    fields.push({
      name: lower,
      raw: block.subarray(start, end),
      value: text
        .slice(colon + 1, end)
        .replaceAll('\r\n', '')
        .replace(/^[ \t]+|[ \t]+$/g, ''),
    });
    start = end;
  }
  return { ok: true, fields };
}

/** Index after the CRLF of the line that begins at `from`. */
function lineEnd(text: string, from: number): number {
  const at = text.indexOf('\r\n', from);
  return at < 0 ? text.length : at + 2;
}

function tooLong(start: number, end: number): boolean {
  return end - start > MAX_HEADER_LINE + 2;
}

function bad(text: string): HeaderResult {
  return { ok: false, refusal: refusal('body', 550, '5.6.0', text) };
}
