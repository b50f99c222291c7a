import type { ReaderContext } from '../../types.js';
import { openCompound, rootStream } from '../compound/compound.js';
import { addOfficeArt, inflateAtMost } from '../compound/office-art.js';
import { addRest } from '../compound/ole-object.js';
import { printableRuns } from '../compound/printable.js';
import { CorruptDocument, documentReader, type Findings } from '../findings.js';

/** Records of [MS-PPT] 2.13.24 by number. */
const SLIDE = 0x03ee;
const NOTES = 0x03f0;
const MASTER = 0x03f8;
const HANDOUT = 0x0fc9;
const SLIDE_INFO = 0x03f9;
const SLIDE_LIST = 0x0ff0;
const COMMENT = 0x2ee0;
const TEXT_CHARS = 0x0fa0;
const TEXT_BYTES = 0x0fa8;
const STRING = 0x0fba;
const OLE_OBJECT = 0x1011;
/** What programs of their own keep there (2.11.24 to 2.11.27): records again, comments among them. */
const BINARY_TAG = 0x138b;
const CRYPT_SESSION = 0x2f14;
const TOP_LEVEL: ReadonlySet<number> = new Set([0x03e8, SLIDE, NOTES, MASTER, HANDOUT]);
const VIEWS: ReadonlyMap<number, string> = new Map([
  [SLIDE, 'text'],
  [NOTES, 'notes'],
  [MASTER, 'masters'],
  [HANDOUT, 'masters'],
  [COMMENT, 'comments'],
]);
const READ_HERE = /^(?:powerpoint document|pictures|current user)$/;
/** Of the token in "Current User" (2.3.2). */
const ENCRYPTED_TOKEN = 0xf3d1c4df;
const MAX_DEPTH = 64;
const ZIP = Buffer.from('PK\x03\x04', 'latin1');
/** Bit 2 of the flags behind a slide's times (2.4.12). */
const HIDDEN_SLIDE = 0x0004;

/** PowerPoint 97 to 2003 ([MS-PPT]). Slides as they were before the last changes are still in the stream, and read. */
export const readPpt = documentReader((input, found, context) => {
  const compound = openCompound(input.bytes);
  const document = rootStream(compound, 'PowerPoint Document');
  if (rootStream(compound, 'Text_Content') !== undefined) {
    // PowerPoint 95, perhaps with the same slides for 97 beside it, which then are a child.
    found.fail('unsupported');
    for (const { bytes } of compound.streams) found.text('strings', printableRuns(bytes));
    addRest(compound, ([, second]) => second === undefined, found);
    return;
  }
  if (document === undefined) throw new CorruptDocument('no slides');
  const user = rootStream(compound, 'Current User');
  if (user !== undefined && user.length >= 16 && user.readUInt32LE(12) === ENCRYPTED_TOKEN) {
    found.fail('encrypted');
    return;
  }
  if (compound.damaged) found.fail('corrupt');
  if (!readRecords(document, 'other', 0, found, context)) found.fail('corrupt');
  addOfficeArt(document, found, context);
  const pictures = rootStream(compound, 'Pictures');
  if (pictures !== undefined) addOfficeArt(pictures, found, context);
  addRest(compound, ([first = '']) => READ_HERE.test(first.toLowerCase()), found);
});

/** @returns false where a record is longer than what it is in. @throws TooLarge */
function readRecords(
  data: Buffer,
  view: string,
  depth: number,
  found: Findings,
  context: ReaderContext,
): boolean {
  if (depth > MAX_DEPTH) return false;
  let whole = true;
  let at = 0;
  while (at + 8 <= data.length) {
    const start = data.readUInt16LE(at);
    const type = data.readUInt16LE(at + 2);
    const end = at + 8 + data.readUInt32LE(at + 4);
    if (end > data.length) {
      whole = false;
      const next = depth === 0 ? nextRecord(data, at + 1) : undefined;
      if (next !== undefined) {
        at = next;
        continue;
      }
    }
    const body = data.subarray(at + 8, Math.min(end, data.length));
    const isContainer = (start & 0xf) === 0xf;
    if (body.subarray(0, 4).equals(ZIP)) {
      // Parts that later programs keep beside the records for themselves.
      found.extracted({ fileName: 'data.zip', bytes: body });
    } else if (type === CRYPT_SESSION) found.fail('encrypted');
    else if (isContainer || type === BINARY_TAG) {
      const inner = viewOf(type, start >> 4, body, view);
      whole = readRecords(body, inner, depth + 1, found, context) && whole;
    } else if (type === TEXT_CHARS || type === STRING) {
      const text = body.subarray(0, body.length & ~1).toString('utf16le');
      found.text(view, lines(text));
    } else if (type === TEXT_BYTES) found.text(view, lines(body.toString('latin1')));
    else if (type === OLE_OBJECT) addObject(body, start >> 4, found, context);
    at = end;
  }
  return whole;
}

/** Where the next record of the outermost level may begin, behind what can't be read. */
function nextRecord(data: Buffer, from: number): number | undefined {
  for (let at = from; at + 8 <= data.length; at++) {
    if (((data[at] ?? 0) & 0xf) !== 0xf) continue;
    if (TOP_LEVEL.has(data.readUInt16LE(at + 2)) && at + 8 + data.readUInt32LE(at + 4) <= data.length)
      return at;
  }
  return undefined;
}

function viewOf(type: number, instance: number, body: Buffer, outer: string): string {
  if (type === SLIDE && isHidden(body)) return 'hidden';
  if (type === SLIDE_LIST) return instance === 2 ? 'notes' : instance === 1 ? 'masters' : 'text';
  return VIEWS.get(type) ?? outer;
}

function isHidden(slide: Buffer): boolean {
  for (let at = 0; at + 8 <= slide.length; at += 8 + slide.readUInt32LE(at + 4)) {
    if (slide.readUInt16LE(at + 2) === SLIDE_INFO && at + 20 <= slide.length) {
      return (slide.readUInt16LE(at + 18) & HIDDEN_SLIDE) !== 0;
    }
  }
  return false;
}

/** Carriage returns end paragraphs, vertical tabs lines within (2.9.42). */
function lines(text: string): string {
  return text.replace(/[\r\v]/g, '\n').replaceAll('\0', '');
}

/** A compound file, packed where the instance says so (2.10.34, 2.10.35). */
function addObject(body: Buffer, instance: number, found: Findings, context: ReaderContext): void {
  if (instance !== 1) {
    if (body.length > 0) found.extracted({ fileName: 'object', bytes: body });
    return;
  }
  const bytes = body.length < 4 ? undefined : inflateAtMost(body.subarray(4), body.readUInt32LE(0), context);
  found.extracted(
    bytes === undefined ? { fileName: 'object', status: 'corrupt' } : { fileName: 'object', bytes },
  );
}
