/** One header field as it was written, made safe to write again. */
export interface RawField {
  /** Lower case. */
  readonly name: string;
  /** The whole field, folded as it came, ending in CRLF; one character for each octet (Latin-1). */
  readonly raw: string;
}

export interface RawHeader {
  readonly fields: readonly RawField[];
  /** First octet of the body, or the length where there is no empty line. */
  readonly bodyStart: number;
  /** False where the bytes end before an empty line. */
  readonly complete: boolean;
}

const FIELD = /^([\x21-\x39\x3b-\x7e]+)[ \t]*:/;
/** Takes lines that are no fields, so that they are neither lost nor end the header for anybody. */
const STRAY = 'X-Malformed-Header';

/**
 * Reads the header of an entity (RFC 5322 2.2) as fields that can be written again one by one. Intake refuses malformed
 * headers; should one come all the same, then a line that is no field becomes the value of a field of its own, folded
 * lines of blanks, which some readers take for the end of the header, are left out, and a CR or NUL within a line
 * becomes a blank.
 */
export function readRawHeader(bytes: Buffer): RawHeader {
  const fields: RawField[] = [];
  let lines: string[] = [];
  let at = 0;
  const flush = () => {
    if (lines.length > 0) fields.push(rawField(lines));
    lines = [];
  };
  while (at < bytes.length) {
    const newline = bytes.indexOf(0x0a, at);
    const next = newline < 0 ? bytes.length : newline + 1;
    const line = bytes.toString('latin1', at, next).replace(/\r?\n$/, '');
    if (line === '' && newline >= 0) {
      flush();
      return { fields, bodyStart: next, complete: true };
    }
    const safe = line.replace(/[\r\0]/g, ' ');
    const folded = safe.startsWith(' ') || safe.startsWith('\t');
    if (!folded) flush();
    if (safe.trim() !== '') lines.push(safe);
    at = next;
  }
  flush();
  return { fields, bodyStart: bytes.length, complete: false };
}

function rawField(lines: readonly string[]): RawField {
  const text = `${lines.join('\r\n')}\r\n`;
  const match = FIELD.exec(text);
  if (match?.[1] === undefined) return { name: STRAY.toLowerCase(), raw: `${STRAY}: ${text.trimStart()}` };
  return { name: match[1].toLowerCase(), raw: text };
}

/** The value without its folding and the blanks around it (RFC 5322 2.2.3). */
export function fieldValue(field: RawField): string {
  return field.raw
    .slice(field.raw.indexOf(':') + 1)
    .replaceAll('\r\n', '')
    .trim();
}
