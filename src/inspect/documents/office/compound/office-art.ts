import { inflateSync } from 'node:zlib';
import type { ReaderContext } from '../../types.js';
import { TooLarge } from '../../types.js';
import type { Findings } from '../findings.js';

/** Types of records that hold a picture, with the instances that say how many identifiers precede it ([MS-ODRAW] 2.2.23). */
const BLIPS: ReadonlyMap<
  number,
  { readonly ending: string; readonly one: readonly number[]; readonly two: readonly number[] }
> = new Map([
  [0xf01a, { ending: 'emf', one: [0x3d4], two: [0x3d5] }],
  [0xf01b, { ending: 'wmf', one: [0x216], two: [0x217] }],
  [0xf01c, { ending: 'pict', one: [0x542], two: [0x543] }],
  [0xf01d, { ending: 'jpg', one: [0x46a, 0x6e2], two: [0x46b, 0x6e3] }],
  [0xf01e, { ending: 'png', one: [0x6e0], two: [0x6e1] }],
  [0xf01f, { ending: 'bmp', one: [0x7a8], two: [0x7a9] }],
  [0xf029, { ending: 'tif', one: [0x6e4], two: [0x6e5] }],
  [0xf02a, { ending: 'jpg', one: [0x46a, 0x6e2], two: [0x46b, 0x6e3] }],
]);
const METAFILES: ReadonlySet<number> = new Set([0xf01a, 0xf01b, 0xf01c]);
const PROPERTIES: ReadonlySet<number> = new Set([0xf00b, 0xf121, 0xf122]);
/** Words of a person: WordArt, name, description, tooltip, script; and others in UTF-16 (2.3). */
const TEXT_PROPERTIES: ReadonlySet<number> = new Set([
  0xc0, 0xc5, 0x105, 0x380, 0x381, 0x382, 0x38d, 0x38e, 0x38f,
]);

/**
 * Takes the pictures and the words of drawings out of a stream of older Office formats. Every place is looked at where
 * such a record can begin, so that what nothing refers to is found as well.
 * @throws TooLarge
 */
export function addOfficeArt(stream: Buffer, found: Findings, context: ReaderContext): void {
  const words: string[] = [];
  let pictures = 0;
  for (let at = 0; at + 8 <= stream.length; ) {
    // All types are 0xF0xx or 0xF1xx.
    const high = stream[at + 3];
    if (high !== 0xf0 && high !== 0xf1) {
      at += 1;
      continue;
    }
    const type = stream.readUInt16LE(at + 2);
    const start = stream.readUInt16LE(at);
    const end = at + 8 + stream.readUInt32LE(at + 4);
    const blip = BLIPS.get(type);
    const ids = blip === undefined ? undefined : identifiers(blip, start >> 4);
    if (blip !== undefined && ids !== undefined && (start & 0xf) === 0 && end <= stream.length) {
      pictures += 1;
      addPicture(
        stream.subarray(at + 8 + ids * 16, end),
        type,
        `picture${pictures}.${blip.ending}`,
        found,
        context,
      );
      at = end;
      continue;
    }
    if (PROPERTIES.has(type) && (start & 0xf) === 3 && end <= stream.length) {
      const texts = textProperties(stream.subarray(at + 8, end), start >> 4);
      if (texts !== undefined) {
        words.push(...texts);
        at = end;
        continue;
      }
    }
    at += 1;
  }
  found.text('attributes', words.join('\n'));
}

function identifiers(
  blip: { readonly one: readonly number[]; readonly two: readonly number[] },
  instance: number,
): number | undefined {
  if (blip.one.includes(instance)) return 1;
  return blip.two.includes(instance) ? 2 : undefined;
}

function addPicture(
  body: Buffer,
  type: number,
  fileName: string,
  found: Findings,
  context: ReaderContext,
): void {
  if (!METAFILES.has(type)) {
    // A tag of one byte; a bitmap then lacks the header that it has in a file.
    const bytes = body.subarray(1);
    if (bytes.length > 0) found.extracted({ fileName, bytes: type === 0xf01f ? bitmapFile(bytes) : bytes });
    return;
  }
  if (body.length < 34) return;
  const size = body.readUInt32LE(0);
  const packed = body.subarray(34, 34 + body.readUInt32LE(28));
  const isPacked = body[32] === 0;
  const bytes = isPacked ? inflateAtMost(packed, size, context) : packed;
  if (bytes === undefined) found.extracted({ fileName, status: 'corrupt' });
  else found.extracted({ fileName, bytes });
}

/** @param size as declared. @returns undefined where the data are damaged. @throws TooLarge */
export function inflateAtMost(packed: Buffer, size: number, context: ReaderContext): Buffer | undefined {
  if (size > context.limits.maxUnpacked) throw new TooLarge();
  try {
    return inflateSync(packed, { maxOutputLength: Math.max(1, size) });
  } catch {
    // Damaged, or more than it is said to be: not read, and the child says so.
    return undefined;
  }
}

/** A device-independent bitmap ([MS-WMF] 2.2.2.9) with the header of a file before it. */
export function bitmapFile(dib: Buffer): Buffer {
  const header = Buffer.alloc(14);
  header.write('BM', 0, 'latin1');
  header.writeUInt32LE(14 + dib.length, 2);
  header.writeUInt32LE(Math.min(0xffffffff, 14 + bitsAt(dib)), 10);
  return Buffer.concat([header, dib]);
}

const CORE_HEADER = 12;
const INFO_HEADER = 40;
const BIT_FIELDS = 3;

/** Where the bits begin, behind the header and the colours. */
function bitsAt(dib: Buffer): number {
  const size = dib.length >= 4 ? dib.readUInt32LE(0) : 0;
  if (size === CORE_HEADER && dib.length >= CORE_HEADER) {
    const bits = dib.readUInt16LE(10);
    return size + (bits <= 8 ? 3 * 2 ** bits : 0);
  }
  if (size < INFO_HEADER || dib.length < INFO_HEADER) return size;
  const bits = dib.readUInt16LE(14);
  const used = dib.readUInt32LE(32);
  const colours = bits <= 8 ? used || 2 ** bits : used;
  const masks = size === INFO_HEADER && dib.readUInt32LE(16) === BIT_FIELDS ? 12 : 0;
  return size + masks + colours * 4;
}

/** Texts of a table of properties (2.2.7 to 2.2.10), or undefined where it isn't one. */
function textProperties(table: Buffer, count: number): readonly string[] | undefined {
  if (count * 6 > table.length) return undefined;
  const texts: string[] = [];
  let at = count * 6;
  for (let index = 0; index < count; index++) {
    const id = table.readUInt16LE(index * 6);
    if ((id & 0x8000) === 0) continue;
    const length = table.readUInt32LE(index * 6 + 2);
    if (at + length > table.length) return undefined;
    if (TEXT_PROPERTIES.has(id & 0x3fff)) {
      const text = table
        .subarray(at, at + (length & ~1))
        .toString('utf16le')
        .replaceAll('\0', '');
      if (/[\p{L}\p{N}]/u.test(text)) texts.push(text);
    }
    at += length;
  }
  return texts;
}
