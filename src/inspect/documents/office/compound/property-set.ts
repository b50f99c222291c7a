import { TooLarge } from '../../types.js';
import { type ByteReader, byteReader } from '../byte-reader.js';
import { decodeAnyPage, isKnownPage, untilZero } from '../code-page.js';

/** What a set of document properties holds ([MS-OLEPS]). */
export interface PropertySet {
  /** One property a line, with its name where it has one. */
  readonly text: string;
  /** All text is in code pages that are known. */
  readonly pagesKnown: boolean;
  /** Data in clipboard formats: small pictures of the first page. */
  readonly clipboard: readonly { readonly format: number; readonly bytes: Buffer }[];
}

const MAX_PROPERTIES = 10_000;
const MAX_DEPTH = 4;
/** Names of the properties of SummaryInformation ([MS-OLEPS] 3.1.3, [MS-OSHARED] 2.3.3.2.1). */
const NAMES: Readonly<Record<number, string>> = {
  2: 'Title',
  3: 'Subject',
  4: 'Author',
  5: 'Keywords',
  6: 'Comments',
  8: 'Last author',
};
const SUMMARY = 'e0859ff2f94f6810ab9108002b27b3d9';
const VECTOR = 0x1000;

/**
 * Reads whatever can be read of it; damage only ends the reading of the property in which it is.
 * @throws TooLarge
 */
export function readPropertySet(bytes: Buffer): PropertySet {
  const lines: string[] = [];
  const clipboard: { format: number; bytes: Buffer }[] = [];
  let pagesKnown = true;
  const count = bytes.length >= 28 ? Math.min(2, bytes.readUInt32LE(24)) : 0;
  for (let index = 0; index < count; index++) {
    const at = 28 + index * 20;
    if (at + 20 > bytes.length) break;
    const isSummary = bytes.toString('hex', at, at + 16) === SUMMARY;
    const section = bytes.subarray(Math.min(bytes.length, bytes.readUInt32LE(at + 16)));
    pagesKnown = isKnownPage(readSection(section, isSummary, lines, clipboard)) && pagesKnown;
  }
  return { text: lines.join('\n'), pagesKnown, clipboard };
}

/** @returns the code page of its text */
function readSection(
  section: Buffer,
  isSummary: boolean,
  lines: string[],
  clipboard: { format: number; bytes: Buffer }[],
): number {
  if (section.length < 8) return 1252;
  const count = Math.min(section.readUInt32LE(4), Math.floor((section.length - 8) / 8));
  if (count > MAX_PROPERTIES) throw tooMany();
  const offsets = new Map<number, number>();
  for (let index = 0; index < count; index++) {
    offsets.set(section.readUInt32LE(8 + index * 8), section.readUInt32LE(12 + index * 8));
  }
  const page = codePage(section, offsets.get(1));
  const names = attempt(() => readDictionary(section, offsets.get(0), page)) ?? new Map<number, string>();
  for (const [id, offset] of offsets) {
    if (id < 2) continue;
    const values: string[] = [];
    attempt(() => {
      const reader = byteReader(section, Math.min(offset, section.length));
      readValue(reader, reader.u32() & 0xffff, page, values, clipboard, 0);
    });
    const name = names.get(id) ?? (isSummary ? NAMES[id] : undefined);
    const text = values.join(', ');
    if (text.trim() !== '') lines.push(name === undefined ? text : `${name}: ${text}`);
    else if (name !== undefined && names.has(id)) lines.push(name);
  }
  return page;
}

function attempt<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch (error) {
    if (error instanceof TooLarge) throw error;
    // A damaged property: programs leave it out as well, and the runs of letters in it aren't shown.
    return undefined;
  }
}

function codePage(section: Buffer, offset: number | undefined): number {
  if (offset === undefined || offset + 6 > section.length) return 1252;
  return section.readUInt16LE(offset + 4);
}

function readDictionary(section: Buffer, offset: number | undefined, page: number): Map<number, string> {
  const names = new Map<number, string>();
  if (offset === undefined) return names;
  const reader = byteReader(section, Math.min(offset, section.length));
  const count = countOf(reader);
  for (let index = 0; index < count; index++) {
    const id = reader.u32();
    const length = reader.u32();
    if (page === 1200) {
      names.set(id, untilZero(reader.bytes(length * 2).toString('utf16le')));
      reader.skip(Math.min(reader.left, (length * 2) % 4));
    } else names.set(id, untilZero(decodeAnyPage(reader.bytes(length), page)));
  }
  return names;
}

/** More than there can be are damage, which shows at their end. */
function countOf(reader: ByteReader): number {
  const count = reader.u32();
  if (count > MAX_PROPERTIES && count <= reader.left) throw tooMany();
  return Math.min(count, MAX_PROPERTIES);
}

function tooMany(): TooLarge {
  return new TooLarge('a document has too many properties');
}

function readValue(
  reader: ByteReader,
  type: number,
  page: number,
  values: string[],
  clipboard: { format: number; bytes: Buffer }[],
  depth: number,
): void {
  if (depth > MAX_DEPTH) return;
  if ((type & VECTOR) !== 0) {
    const count = countOf(reader);
    for (let index = 0; index < count; index++) {
      const element = type & 0xfff;
      readValue(reader, element === 12 ? reader.u32() & 0xffff : element, page, values, clipboard, depth + 1);
    }
    return;
  }
  switch (type) {
    case 2:
    case 11:
    case 18:
      reader.skip(Math.min(4, reader.left));
      return;
    case 3:
    case 19:
    case 10:
    case 22:
    case 23:
      reader.skip(4);
      return;
    case 5:
      values.push(String(reader.f64()));
      return;
    case 8:
    case 30: {
      const length = reader.u32();
      values.push(untilZero(decodeAnyPage(reader.bytes(length), page)));
      pad(reader, length);
      return;
    }
    case 31: {
      const length = reader.u32() * 2;
      values.push(untilZero(reader.bytes(length).toString('utf16le')));
      pad(reader, length);
      return;
    }
    case 64: {
      const low = reader.u32();
      const time = (reader.u32() * 2 ** 32 + low) / 10_000 - 11_644_473_600_000;
      // Lengths of time are written like dates in 1601.
      if (time > -2_208_988_800_000 && time < 4_102_444_800_000)
        values.push(new Date(time).toISOString().slice(0, 10));
      return;
    }
    case 65:
    case 70: {
      // Links of older programs, in UTF-16.
      const length = reader.u32();
      for (const words of printable(reader.bytes(length))) values.push(words);
      pad(reader, length);
      return;
    }
    case 71: {
      const data = reader.bytes(reader.u32());
      const format = data.length >= 8 ? data.readUInt32LE(4) : 0;
      if (data.length > 8) clipboard.push({ format, bytes: data.subarray(8) });
      return;
    }
    default:
      return;
  }
}

function printable(blob: Buffer): readonly string[] {
  const wide = blob.subarray(0, blob.length & ~1).toString('utf16le');
  return wide.match(/[\x20-\x7e\u00a0-\u024f]{3,}/g) ?? [];
}

function pad(reader: ByteReader, length: number): void {
  reader.skip(Math.min(reader.left, (4 - (length % 4)) % 4));
}
