import { type ByteRange, lineAt, SPACE, TAB } from './bytes.js';
import { headerBytesText } from './charset.js';
import { MAX_HEADER_BYTES, MAX_HEADER_FIELDS } from './limits.js';
import { harmless, material, type Oddity } from './oddity.js';

export interface HeaderField {
  /** Lower case, without blanks around it. */
  readonly name: string;
  /** Unfolded (RFC 5322 2.2.3), blanks around it removed; not decoded. */
  readonly value: string;
}

export interface HeaderBlock {
  readonly fields: readonly HeaderField[];
  /** Lines that are no fields. */
  readonly strayLines: readonly string[];
  readonly oddities: readonly Oddity[];
  /** First byte after the empty line. */
  readonly bodyStart: number;
  /** More fields or bytes than are read; the rest of the header isn't in `fields`. */
  readonly tooLarge: boolean;
}

const FIELD_NAME = /^[\x21-\x39\x3b-\x7e]+$/;

/**
 * Reads the header of an entity (RFC 5322 2.2, RFC 6532): fields up to the first empty line. A line that is no field
 * doesn't end the header here; it is named, since other readers end it there.
 */
export function readHeaderBlock(source: Buffer, range: ByteRange): HeaderBlock {
  const fields: HeaderField[] = [];
  const strayLines: string[] = [];
  const oddities = new Map<string, Oddity>();
  const note = (oddity: Oddity) => {
    if (oddities.get(oddity.name)?.material !== true) oddities.set(oddity.name, oddity);
  };
  let at = range.start;
  let tooLarge = false;
  while (at < range.end) {
    const first = lineAt(source, at, range.end);
    if (first.end === first.start) {
      at = first.next;
      return { fields, strayLines, oddities: [...oddities.values()], bodyStart: at, tooLarge };
    }
    if (
      fields.length + strayLines.length >= MAX_HEADER_FIELDS ||
      first.next - range.start > MAX_HEADER_BYTES
    ) {
      tooLarge = true;
      break;
    }
    let last = first;
    const folded: string[] = [headerBytesText(source.subarray(first.start, first.end))];
    while (last.next < range.end && isBlankByte(source[last.next])) {
      last = lineAt(source, last.next, range.end);
      const line = headerBytesText(source.subarray(last.start, last.end));
      // Some readers take a line of blanks for the empty line that ends the header.
      if (line.trim() === '') note(material('folded-blank-line'));
      folded.push(line);
      if (last.next - range.start > MAX_HEADER_BYTES) break;
    }
    at = last.next;
    if (isBlankByte(source[first.start])) note(material('leading-continuation'));
    readField(folded.join(''), fields, strayLines, note);
  }
  if (tooLarge) at = skipToBody(source, { start: at, end: range.end });
  return { fields, strayLines, oddities: [...oddities.values()], bodyStart: at, tooLarge };
}

function readField(
  line: string,
  fields: HeaderField[],
  strayLines: string[],
  note: (oddity: Oddity) => void,
): void {
  const colon = line.indexOf(':');
  if (colon <= 0) {
    strayLines.push(line);
    note(material('header-without-colon'));
    return;
  }
  const given = line.slice(0, colon);
  const bare = given.trim();
  const name = bare.toLowerCase();
  if (bare === '' || !FIELD_NAME.test(bare)) {
    note(material('odd-header-name'));
    strayLines.push(line);
    // What is left of the name without the odd characters is how a lenient reader takes it.
    const lenient = name.replace(/[^\x21-\x39\x3b-\x7e]/g, '');
    if (lenient !== '') fields.push({ name: lenient, value: line.slice(colon + 1).trim() });
    return;
  }
  if (bare !== given) {
    // RFC 5322 4.5 still reads blanks before the colon; a reader that doesn't would miss the field.
    const changesMime = name.startsWith('content-') || name === 'mime-version';
    note((changesMime ? material : harmless)('space-before-colon'));
  }
  fields.push({ name, value: line.slice(colon + 1).trim() });
}

function isBlankByte(byte: number | undefined): boolean {
  return byte === SPACE || byte === TAB;
}

function skipToBody(source: Buffer, range: ByteRange): number {
  const strict = source.indexOf('\r\n\r\n', range.start, 'latin1');
  const lenient = source.indexOf('\n\n', range.start, 'latin1');
  const ends = [strict < 0 ? range.end : strict + 4, lenient < 0 ? range.end : lenient + 2];
  return Math.min(range.end, ...ends);
}

/** The values of all fields of that name (lower case), in order. */
export function fieldValues(fields: readonly HeaderField[], name: string): readonly string[] {
  return fields.filter((field) => field.name === name).map((field) => field.value);
}
