import { looksLikeText } from '../sniff.js';
import { isTextPicture } from '../text-pictures.js';
import { KINDS, OTHER_COMPOUND } from './kinds.js';
import { compoundKind } from './kinds-compound.js';
import { looksLikePdf, textKind } from './kinds-text.js';
import { zipKind } from './kinds-zip.js';
import { isDicom } from './polyglot.js';

const MAGIC: readonly (readonly [string, string])[] = [
  ['PK\x03\x04', KINDS.zip],
  ['PK\x05\x06', KINDS.zip],
  ['PK\x07\x08', KINDS.zip],
  ['7z\xbc\xaf\x27\x1c', KINDS.sevenZip],
  ['Rar!\x1a\x07', KINDS.rar],
  ['\xfd7zXZ\x00', KINDS.xz],
  ['\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1', OTHER_COMPOUND],
  // Word opens it with the last letter left out.
  ['{\\rt', KINDS.rtf],
  ['\x78\x9f\x3e\x22', KINDS.tnef],
  ['VCLMTF', KINDS.svm],
  ['\x89PNG\r\n\x1a\n', KINDS.png],
  ['\xff\xd8\xff', KINDS.jpeg],
  ['GIF87a', KINDS.gif],
  ['GIF89a', KINDS.gif],
  ['II*\x00', KINDS.tiff],
  ['MM\x00*', KINDS.tiff],
  ['II+\x00', KINDS.tiff],
  ['MM\x00+', KINDS.tiff],
];
/** Of these the first bytes alone prove little; ordinary text may begin so. */
const WEAK_MAGIC: readonly (readonly [RegExp, string])[] = [
  // [MS-EMF] 2.2.9, [MS-WMF] 2.3.2.3 and 2.3.2.2.
  [/^\x01\x00{3}.{36} EMF/s, KINDS.emf],
  [/^\xd7\xcd\xc6\x9a|^[\x01\x02]\x00\x09\x00\x00[\x01\x03]/, KINDS.wmf],
  [/^\x1f\x8b\x08/, KINDS.gzip],
  [/^BZh[1-9](?:1AY&SY|\x17rE8P\x90)/, KINDS.bzip2],
  [/^RIFF.{4}WEBP/s, KINDS.webp],
  // OpenType 1.9.1, "Organization of an OpenType font": the number of tables is small.
  [/^(?:\x00\x01\x00\x00|OTTO|true)\x00[\x01-\xff]/, KINDS.sfnt],
  // Embedded OpenType: version and, behind flags and weights, a mark.
  [/^.{8}[\x00-\x02]\x00[\x01\x02]\x00.{22}LP/s, KINDS.eot],
  // The reserved fields of the file header are zero, and the size of the next header is one of those in use.
  [/^BM.{4}\x00{4}.{4}[\x0c\x28\x34\x38\x40\x6c\x7c]\x00{3}/s, KINDS.bmp],
];

/**
 * What the bytes are: one of `KINDS`, `ENCRYPTED_OFFICE`, `OTHER_COMPOUND`, `MESSAGE` for a mail message, `TEXT` for
 * any text, or undefined for bytes that nobody here can name. Nothing declared is believed.
 */
export function kindOf(bytes: Buffer): string | undefined {
  const kind = binaryKind(bytes);
  if (kind === KINDS.zip) return zipKind(bytes);
  if (kind === OTHER_COMPOUND) return compoundKind(bytes);
  if (kind !== undefined) return kind;
  if (looksLikePdf(bytes)) return KINDS.pdf;
  if (isTar(bytes)) return KINDS.tar;
  if (looksLikeText(bytes) && !isTextPicture(bytes)) return textKind(bytes);
  return undefined;
}

function binaryKind(bytes: Buffer): string | undefined {
  const head = bytes.subarray(0, 64).toString('latin1');
  const trimmed = head.trimStart();
  for (const [prefix, kind] of MAGIC) if (trimmed.startsWith(prefix)) return kind;
  for (const [pattern, kind] of WEAK_MAGIC) if (pattern.test(head)) return kind;
  if (isDicom(bytes)) return KINDS.dicom;
  return undefined;
}

/** POSIX `ustar`, or a header of older programs with a correct checksum (POSIX.1-2017 pax, "ustar Interchange Format"). */
function isTar(bytes: Buffer): boolean {
  if (bytes.length < 512) return false;
  if (bytes.toString('latin1', 257, 262) === 'ustar') return true;
  if (bytes[0] === 0) return false;
  const declared = /^ *([0-7]{1,7})[ \0]/.exec(bytes.toString('latin1', 148, 156))?.[1];
  if (declared === undefined) return false;
  let sum = 0;
  for (let at = 0; at < 512; at++) sum += at >= 148 && at < 156 ? 0x20 : (bytes[at] ?? 0);
  return sum === Number.parseInt(declared, 8);
}
