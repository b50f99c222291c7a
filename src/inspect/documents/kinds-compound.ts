import { read } from 'cfb';
import { ENCRYPTED_OFFICE, KINDS, OTHER_COMPOUND } from './kinds.js';

/** Streams at the top by which programs tell the kinds ([MS-DOC] 2.1, [MS-XLS] 2.1.2, [MS-PPT] 2.1, [MS-OXMSG] 2.2, [MS-OVBA] 2.2). */
const STREAMS: readonly (readonly [RegExp, string])[] = [
  [/^EncryptedPackage$/i, ENCRYPTED_OFFICE],
  [/^WordDocument$/i, KINDS.doc],
  [/^(?:Workbook|Book)$/i, KINDS.xls],
  [/^PowerPoint Document$/i, KINDS.ppt],
  [/^__properties_version1\.0$/i, KINDS.msg],
  // Last: the macros of a document are in a folder of it.
  [/^PROJECT$/i, KINDS.vba],
];

/** What a compound file ([MS-CFB]) holds. */
export function compoundKind(bytes: Buffer): string {
  const names = topNames(bytes);
  for (const [pattern, kind] of STREAMS) if (names.some((name) => pattern.test(name))) return kind;
  return OTHER_COMPOUND;
}

function topNames(bytes: Buffer): readonly string[] {
  try {
    return read(bytes, { type: 'buffer' })
      .FullPaths.map((path) => path.split('/').slice(1))
      .filter((steps) => steps.length === 1)
      .map((steps) => steps[0] ?? '');
  } catch {
    // Damaged: the names anywhere in it tell what to try; the reader of that kind then says how far it came.
    const known = [
      'EncryptedPackage',
      'WordDocument',
      'Workbook',
      'PowerPoint Document',
      '__properties_version1.0',
    ];
    return known.filter((name) => bytes.includes(Buffer.from(name, 'utf16le')));
  }
}
