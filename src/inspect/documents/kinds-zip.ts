import { inflateRawSync } from 'node:zlib';
import { KINDS } from './kinds.js';

/** Main parts of Office documents by what their names begin with (ISO/IEC 29500-2). */
const OFFICE: readonly (readonly [string, string])[] = [
  ['word/', KINDS.docx],
  ['xl/', KINDS.xlsx],
  ['ppt/', KINDS.pptx],
];
/** What every XPS document has at its top (ECMA-388 9.1). */
const XPS = /^[^/]*\.fdseq$/i;
const END_RECORD = Buffer.from('PK\x05\x06', 'latin1');
const OPEN_DOCUMENT: readonly (readonly [string, string])[] = [
  ['application/vnd.oasis.opendocument.text', KINDS.odt],
  ['application/vnd.oasis.opendocument.spreadsheet', KINDS.ods],
  ['application/vnd.oasis.opendocument.presentation', KINDS.odp],
];
const LOCAL_HEADER = Buffer.from('PK\x03\x04', 'latin1');
const CENTRAL_HEADER = Buffer.from('PK\x01\x02', 'latin1');
/** Entries whose names are looked at. */
const MAX_NAMES = 20_000;

/** Whether a zip is an Office document or OpenDocument; the readers of those say what else is in it. */
export function zipKind(bytes: Buffer): string {
  const directory = directoryEntries(bytes);
  const openDocument = openDocumentKind(bytes, directory?.get('mimetype'));
  if (openDocument !== undefined) return openDocument;
  const names = directory === undefined ? entryNames(bytes) : new Set(directory.keys());
  if (!names.has('[Content_Types].xml')) return KINDS.zip;
  for (const [prefix, kind] of OFFICE) {
    for (const name of names) if (name.startsWith(prefix)) return kind;
  }
  for (const name of names) if (XPS.test(name)) return KINDS.xps;
  return KINDS.zip;
}

/**
 * Entries in the directory at the end, as most programs read it, with where they begin; undefined where there is none,
 * or it is broken. A document may hold others, whose names aren't its own.
 */
function directoryEntries(bytes: Buffer): ReadonlyMap<string, number> | undefined {
  const end = bytes.lastIndexOf(END_RECORD);
  if (end < 0 || end + 22 > bytes.length) return undefined;
  const count = bytes.readUInt16LE(end + 10);
  const entries = new Map<string, number>();
  let at = end - bytes.readUInt32LE(end + 12);
  for (let index = 0; index < Math.min(count, MAX_NAMES); index++) {
    if (at < 0 || at + 46 > end || !bytes.subarray(at, at + 4).equals(CENTRAL_HEADER)) return undefined;
    const length = bytes.readUInt16LE(at + 28);
    entries.set(nameAt(bytes, at + 46, length), bytes.readUInt32LE(at + 42));
    at += 46 + length + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32);
  }
  return entries;
}

function nameAt(bytes: Buffer, at: number, length: number): string {
  return bytes.toString('latin1', at, at + Math.min(length, 255)).replaceAll('\\', '/');
}

/**
 * The entry `mimetype` is the first, stored and without extra field (OpenDocument 1.2 part 3, 3.3). Programs open
 * documents without complaint in which it is somewhere else, or packed.
 * @param at where the directory says that it is
 */
function openDocumentKind(bytes: Buffer, at = 0): string | undefined {
  if (at + 30 > bytes.length || bytes.toString('latin1', at + 30, at + 38) !== 'mimetype') return undefined;
  const from = at + 38 + bytes.readUInt16LE(at + 28);
  const data = bytes.subarray(from, from + 200);
  const isPacked = bytes.readUInt16LE(at + 8) === 8;
  const declared = (isPacked ? unpacked(data) : data).toString('latin1', 0, 100);
  return OPEN_DOCUMENT.find(([type]) => declared.startsWith(type))?.[1];
}

function unpacked(data: Buffer): Buffer {
  try {
    return inflateRawSync(data, { maxOutputLength: 1000, finishFlush: 2 });
  } catch {
    // The reader of archives says what is wrong with it.
    return Buffer.alloc(0);
  }
}

/** Names in local and central headers, wherever one of these begins: programs differ in which they follow. */
function entryNames(bytes: Buffer): ReadonlySet<string> {
  const names = new Set<string>();
  for (const [mark, lengthAt, nameFrom] of [
    [CENTRAL_HEADER, 28, 46],
    [LOCAL_HEADER, 26, 30],
  ] as const) {
    for (let at = bytes.indexOf(mark); at >= 0 && names.size < MAX_NAMES; at = bytes.indexOf(mark, at + 4)) {
      if (at + nameFrom > bytes.length) break;
      const length = bytes.readUInt16LE(at + lengthAt);
      names.add(nameAt(bytes, at + nameFrom, length));
    }
  }
  return names;
}
