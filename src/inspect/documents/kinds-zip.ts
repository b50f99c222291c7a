import { KINDS } from './kinds.js';

/** Main parts of Office documents by what their names begin with (ISO/IEC 29500-2). */
const OFFICE: readonly (readonly [string, string])[] = [
  ['word/', KINDS.docx],
  ['xl/', KINDS.xlsx],
  ['ppt/', KINDS.pptx],
];
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
  const openDocument = openDocumentKind(bytes);
  if (openDocument !== undefined) return openDocument;
  const names = entryNames(bytes);
  if (!names.has('[Content_Types].xml')) return KINDS.zip;
  for (const [prefix, kind] of OFFICE) {
    for (const name of names) if (name.startsWith(prefix)) return kind;
  }
  return KINDS.zip;
}

/** The entry `mimetype` is the first, stored and without extra field (OpenDocument 1.2 part 3, 3.3). */
function openDocumentKind(bytes: Buffer): string | undefined {
  if (bytes.toString('latin1', 30, 38) !== 'mimetype') return undefined;
  const extra = bytes.length > 30 ? bytes.readUInt16LE(28) : 0;
  const declared = bytes.toString('latin1', 38 + extra, 38 + extra + 100);
  return OPEN_DOCUMENT.find(([type]) => declared.startsWith(type))?.[1];
}

/** Names in local and central headers, wherever one of these begins: programs differ in which they follow. */
function entryNames(bytes: Buffer): ReadonlySet<string> {
  const names = new Set<string>();
  for (const [mark, lengthAt, nameAt] of [
    [CENTRAL_HEADER, 28, 46],
    [LOCAL_HEADER, 26, 30],
  ] as const) {
    for (let at = bytes.indexOf(mark); at >= 0 && names.size < MAX_NAMES; at = bytes.indexOf(mark, at + 4)) {
      if (at + nameAt > bytes.length) break;
      const length = bytes.readUInt16LE(at + lengthAt);
      names.add(
        bytes.toString('latin1', at + nameAt, at + nameAt + Math.min(length, 255)).replaceAll('\\', '/'),
      );
    }
  }
  return names;
}
