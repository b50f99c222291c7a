import { isAscii } from '../../inspect/bytes.js';
import { encodeLines } from '../base64-lines.js';

export interface EncodedBody {
  readonly encoding: '7bit' | 'quoted-printable' | 'base64';
  /** The body in that encoding, ASCII with CRLF line ends, none at its end where the content has none. */
  readonly bytes: Buffer;
}

/** RFC 5321 4.5.3.1.6, less the CRLF. */
const MAX_LINE = 998;

/** Text in UTF-8 (or in another ASCII-based set) as it may travel anywhere: as it is, else quoted-printable, else base64. */
export function encodeText(bytes: Buffer): EncodedBody {
  const text = bytes.toString('latin1');
  if (isPlain(bytes, text)) return { encoding: '7bit', bytes };
  const needsEncoding = text.replace(/[\t\r\n\x20-\x3c\x3e-\x7e]/g, '').length;
  return needsEncoding * 3 > bytes.length
    ? encodeBytes(bytes)
    : { encoding: 'quoted-printable', bytes: quotedPrintable(bytes) };
}

/** Any bytes in base64. */
export function encodeBytes(bytes: Buffer): EncodedBody {
  // The last line end belongs to the delimiter that follows.
  const lines = encodeLines(bytes);
  return { encoding: 'base64', bytes: lines.subarray(0, Math.max(0, lines.length - 2)) };
}

/** Whether the bytes may stand in a mail as they are: ASCII without controls, lines neither long nor to be mistaken. */
function isPlain(bytes: Buffer, text: string): boolean {
  return (
    isAscii(bytes) &&
    !/[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]/.test(text) &&
    !/(?:^|[^\r])\n|\r(?!\n)/.test(text) &&
    !/[ \t](?:\r\n|$)/.test(text) &&
    !/^(?:From |--)/m.test(text) &&
    text.split('\r\n').every((line) => line.length <= MAX_LINE)
  );
}

/**
 * Quoted-printable (RFC 2045 6.7) in lines of at most 76 characters. CRLF in the content is a line end; a CR or LF
 * alone, blanks at the end of a line and what could be taken for something else at its beginning are encoded.
 */
export function quotedPrintable(bytes: Buffer): Buffer {
  const out: string[] = [];
  for (const [index, line] of bytes.toString('latin1').split('\r\n').entries()) {
    if (index > 0) out.push('\r\n');
    const safe = line
      .replace(/[^\t\x20-\x3c\x3e-\x7e]/g, escaped)
      .replace(/[ \t]$/, escaped)
      .replace(/^(?:From |-|\.)/, (start) => escaped(start[0] ?? '') + start.slice(1));
    let column = 0;
    for (const token of safe.match(/=[0-9A-F]{2}|[^=]/g) ?? []) {
      if (column + token.length > 75) {
        out.push('=\r\n');
        column = 0;
      }
      out.push(token);
      column += token.length;
    }
  }
  return Buffer.from(out.join(''), 'latin1');
}

function escaped(character: string): string {
  return `=${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
}
