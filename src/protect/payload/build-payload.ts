import { headerBytesText } from '../../inspect/charset.js';
import { decodeHeaderText } from '../../inspect/encoded-words.js';
import { SealFailed } from '../seal-failed.js';
import { isAlreadySigned } from './already-signed.js';
import { changeStructure, type StructureChange } from './content-fields.js';
import { type Edit, edited, editedSize, type OriginalMessage } from './edits.js';
import { legacyDisplay } from './legacy-display.js';
import { findMainBodies } from './main-bodies.js';
import { isStructural, type Outside, outerField, travelsInside } from './outer-fields.js';
import { fieldValue, type RawField, type RawHeader, readRawHeader } from './raw-header.js';
import type { Payload } from './types.js';

export interface PayloadOptions {
  /** Stands outside in place of the Subject: one line of printable ASCII. */
  readonly subject: string;
  /** Stands outside for Message-ID, and the IDs of other messages are left out; unsaid: they stay as they are. */
  readonly messageId?: string;
  /** Puts the real Subject into the text, for readers that don't know protected header fields. */
  readonly legacyDisplay: boolean;
}

/** Larger than any header that intake takes by default; what is larger isn't sealed. */
const MAX_HEADER = 1024 * 1024;
/** How much of the message is looked at. Of a main body part that goes further only the beginning is. */
const MAX_START = 2 * MAX_HEADER;

/**
 * Splits a stored message for sealing with protected header fields (RFC 9788): every field of its author travels
 * inside, on the entity that is sealed, which says so with `hp="cipher"` and records in HP-Outer fields what stands
 * outside (2.1, 2.2). Outside stand the Subject's substitute and the fields that `outerField` allows. The body is
 * streamed and not changed by a byte, except for the Legacy Display Element where that is asked for.
 *
 * A message that its sender signed keeps everything below its header. Its protected fields go onto the root's header
 * even so: no signature covers it, for what is signed is the first part within (RFC 1847 2.1), or the octets in the
 * CMS structure; and those can't be given fields without breaking the signature.
 * @throws SealFailed where the header is too large, or the original isn't as long as it says
 */
export async function buildPayload(original: OriginalMessage, options: PayloadOptions): Promise<Payload> {
  if (!/^[\x20-\x7e]+$/.test(options.subject)) throw new Error('the outer Subject must be one line of ASCII');
  const { start, header } = await readStart(original);
  const isAll = start.length === original.size;
  const alreadySigned = isAlreadySigned(header.fields, start.subarray(header.bodyStart));
  const subject =
    options.legacyDisplay && !alreadySigned ? hiddenSubject(header, options.subject) : undefined;
  const display = subject === undefined ? NO_DISPLAY : displayEdits(start, header.bodyStart, isAll, subject);

  const outer = outerFields(header.fields, options);
  const inner = innerHeader(header.fields, outer, display.root);
  const edits: readonly Edit[] = [{ start: 0, end: header.bodyStart, bytes: inner }, ...display.edits];
  return {
    outerHeader: Buffer.from(outer.map((field) => field.raw).join(''), 'latin1'),
    size: editedSize(original, edits),
    open: () => edited(original, edits),
    alreadySigned,
  };
}

/** The message's header and the beginning of its body. */
async function readStart(
  original: OriginalMessage,
): Promise<{ readonly start: Buffer; readonly header: RawHeader }> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of original.open()) {
    chunks.push(chunk);
    length += chunk.length;
    if (length >= MAX_START) break;
  }
  const start = Buffer.concat(chunks, Math.min(length, MAX_START));
  const header = readRawHeader(start.subarray(0, MAX_HEADER));
  if (!header.complete && start.length > MAX_HEADER) throw new SealFailed('the header is larger than 1 MB');
  return { start, header };
}

/** What stands outside, in order. Two Subjects become one: the substitute says nothing twice. */
function outerFields(fields: readonly RawField[], outside: Outside): readonly RawField[] {
  const outer: RawField[] = [];
  for (const field of fields) {
    if (field.name === 'subject' && outer.some((one) => one.name === 'subject')) continue;
    const raw = outerField(field, outside);
    if (raw !== undefined) outer.push({ name: field.name, raw });
  }
  return outer;
}

function innerHeader(
  fields: readonly RawField[],
  outer: readonly RawField[],
  change: StructureChange | undefined,
): Buffer {
  const kept = fields.filter(travelsInside);
  const structure = changeStructure(kept.filter(isStructural), {
    ...change,
    parameters: new Map([['hp', 'cipher'], ...(change?.parameters ?? [])]),
  });
  const lines = [
    ...kept.filter((field) => !isStructural(field)).map((field) => field.raw),
    // Received and the like are the way's, not the author's; HP-Outer doesn't speak of them.
    ...outer.filter(travelsInside).map(hpOuter),
    ...structure.map((field) => field.raw),
  ];
  return Buffer.from(`${lines.join('')}\r\n`, 'latin1');
}

/** RFC 5322 2.1.1 limits a line to 998 octets: a long one is folded behind the name. */
function hpOuter(field: RawField): string {
  if (field.raw.indexOf('\r\n') <= 980) return `HP-Outer: ${field.raw}`;
  const colon = field.raw.indexOf(':') + 1;
  return `HP-Outer: ${field.raw.slice(0, colon)}\r\n ${field.raw.slice(colon).trimStart()}`;
}

/** The decoded Subject, where there is one and it doesn't stand outside as it is. */
function hiddenSubject(header: RawHeader, outer: string): string | undefined {
  const field = header.fields.find((one) => one.name === 'subject');
  if (field === undefined) return undefined;
  const decoded = decodeHeaderText(headerBytesText(Buffer.from(fieldValue(field), 'latin1'))).text;
  const subject = decoded.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').trim();
  return subject === '' || subject === outer ? undefined : subject;
}

interface DisplayEdits {
  /** Changes to the root's own fields. */
  readonly root?: StructureChange;
  readonly edits: readonly Edit[];
}

const NO_DISPLAY: DisplayEdits = { edits: [] };

function displayEdits(start: Buffer, bodyStart: number, isAll: boolean, subject: string): DisplayEdits {
  let root: StructureChange | undefined;
  const edits: Edit[] = [];
  for (const part of findMainBodies(start, isAll)) {
    const display = legacyDisplay(start, part, subject);
    const isRoot = part.range.start === 0;
    // Two readers of the same header that disagree on its end: nothing is worth that risk.
    if (display === undefined || (isRoot && part.bodyStart !== bodyStart)) continue;
    if (isRoot) root = display.change;
    else {
      const fields = readRawHeader(start.subarray(part.range.start, part.bodyStart)).fields;
      const changed = changeStructure(fields, display.change).map((field) => field.raw);
      const bytes = Buffer.from(`${changed.join('')}\r\n`, 'latin1');
      edits.push({ start: part.range.start, end: part.bodyStart, bytes });
    }
    edits.push(display.edit);
  }
  return { edits, ...(root && { root }) };
}
