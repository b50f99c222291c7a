import { isUtf8 } from 'node:buffer';
import { type CmsContent, readCms } from './cms-content.js';
import { looksLikePdf } from './documents/kinds-text.js';
import { fourBytes, hasNoControl } from './four-bytes.js';
import { pgpKind } from './pgp-text.js';

/** What the bytes of a body are, as far as can be told cheaply. Nothing declared is believed. */
export type SniffedKind =
  | 'empty'
  | 'text'
  | 'encrypted'
  /** A CMS SignedData without content that is small enough to be nothing but a signature. */
  | 'detached-signature'
  /** A CMS SignedData with its content inside. */
  | 'signed-content'
  /** A document, archive, image or program by its first bytes. */
  | 'document'
  /** Neither text nor anything known. */
  | 'binary';

const MAGIC: readonly (readonly [string, string])[] = [
  ['%PDF-', 'pdf'],
  ['PK\x03\x04', 'zip'],
  ['PK\x05\x06', 'zip'],
  ['PK\x07\x08', 'zip'],
  ['\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1', 'cfb'],
  // Word opens it with the last letter left out.
  ['{\\rt', 'rtf'],
  ['%!PS', 'postscript'],
  ['%FDF-', 'fdf'],
  ['7z\xbc\xaf\x27\x1c', '7z'],
  ['Rar!\x1a\x07', 'rar'],
  ['\x1f\x8b', 'gzip'],
  ['BZh', 'bzip2'],
  ['\xfd7zXZ\x00', 'xz'],
  ['\x89PNG', 'png'],
  ['\xff\xd8\xff', 'jpeg'],
  ['GIF8', 'gif'],
  ['II*\x00', 'tiff'],
  ['MM\x00*', 'tiff'],
  ['BM', 'bmp'],
  ['RIFF', 'riff'],
  ['MZ', 'exe'],
  ['\x7fELF', 'elf'],
  ['(This file must be converted with BinHex', 'binhex'],
];
/** Of these the first bytes alone are no proof: ordinary text may begin so. */
const NEEDS_BINARY: ReadonlySet<string> = new Set(['bzip2', 'bmp', 'riff', 'exe', 'gif', 'gzip']);

const OIDS_ENCRYPTED = [
  Buffer.from('06092a864886f70d010703', 'hex'),
  Buffer.from('06092a864886f70d010706', 'hex'),
  Buffer.from('060b2a864886f70d0109100117', 'hex'),
];
/** Bytes of a signature with its certificates; what is larger isn't taken for one. */
export const MAX_UNREAD_SIGNATURE = 64 * 1024;
const UTF16_ENCRYPTED_PACKAGE = Buffer.from('EncryptedPackage', 'utf16le');

/** @param isPlain it is known that they are nothing but printable ASCII with tabs and line ends (`isPlainText`) */
export function sniff(bytes: Buffer, isPlain = false): SniffedKind {
  if (bytes.length === 0 || bytes.every((byte) => byte === 0x20 || (byte >= 0x09 && byte <= 0x0d)))
    return 'empty';
  // A signature around much text can look like text.
  const cms = bytes[0] === 0x30 ? readCms(bytes) : undefined;
  if (cms !== undefined) return cmsKind(cms, bytes.length);
  const text = isPlain || looksLikeText(bytes);
  const magic = magicOf(bytes);
  if (magic !== undefined && !(text && NEEDS_BINARY.has(magic))) {
    return isEncrypted(magic, bytes) ? 'encrypted' : 'document';
  }
  if (looksLikePdf(bytes)) return isEncrypted('pdf', bytes) ? 'encrypted' : 'document';
  if (text) return 'text';
  const head = bytes.subarray(0, 64);
  // Also where it is cut off, so that it is called by its name.
  if (head[0] === 0x30 && OIDS_ENCRYPTED.some((oid) => head.includes(oid))) return 'encrypted';
  return pgpKind(bytes) === 'encrypted' ? 'encrypted' : 'binary';
}

function cmsKind(cms: CmsContent, size: number): SniffedKind {
  if (cms.type !== 'signed') return cms.type === 'compressed' ? 'binary' : 'encrypted';
  if (cms.trailing || cms.content === 'unreadable') return 'binary';
  if (cms.content !== undefined) return 'signed-content';
  return size <= MAX_UNREAD_SIGNATURE ? 'detached-signature' : 'binary';
}

function magicOf(bytes: Buffer): string | undefined {
  const start = bytes.subarray(0, 48).toString('latin1').trimStart();
  for (const [prefix, name] of MAGIC) if (start.startsWith(prefix)) return name;
  return undefined;
}

function isEncrypted(magic: string, bytes: Buffer): boolean {
  // PKWARE APPNOTE 4.4.4: bit 0 of the general purpose flag.
  if (magic === 'zip') return zipHasEncryptedEntry(bytes);
  if (magic === 'pdf') return bytes.includes('/Encrypt', 0, 'latin1');
  if (magic === 'cfb') return bytes.includes(UTF16_ENCRYPTED_PACKAGE);
  return false;
}

function zipHasEncryptedEntry(bytes: Buffer): boolean {
  for (const [signature, flag] of [
    ['PK\x03\x04', 6],
    ['PK\x01\x02', 8],
  ] as const) {
    const mark = Buffer.from(signature, 'latin1');
    for (let at = bytes.indexOf(mark); at >= 0; at = bytes.indexOf(mark, at + 4)) {
      if (((bytes[at + flag] ?? 0) & 1) === 1) return true;
    }
  }
  return false;
}

/** 1 for a control character that no text has, 2 for a byte beyond ASCII. */
const KINDS_OF_BYTES = Uint8Array.from({ length: 256 }, (_, byte) => {
  if (byte > 0x7f) return 2;
  return (byte < 0x20 && (byte < 0x09 || byte > 0x0d) && byte !== 0x1b) || byte === 0x7f ? 1 : 0;
});

/**
 * Whether the bytes are clearly text: UTF-8, or an 8-bit character set with few high bytes; UTF-16 with its mark; and
 * hardly a control character.
 */
export function looksLikeText(bytes: Buffer): boolean {
  if (bytes.length === 0) return false;
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)) {
    return (
      bytes.length % 2 === 0 &&
      !hasOddControls(
        new TextDecoder(bytes[0] === 0xff ? 'utf-16le' : 'utf-16be').decode(bytes.subarray(0, 8192)),
      )
    );
  }
  if (bytes.includes(0)) return false;
  // Most texts, and far quicker than to count.
  const utf8 = isUtf8(bytes);
  if (utf8 && !hasControls(bytes)) return true;
  let controls = 0;
  let high = 0;
  for (let at = 0; at < bytes.length; at++) {
    const kind = KINDS_OF_BYTES[bytes[at] ?? 0] ?? 0;
    controls += kind & 1;
    high += kind >> 1;
  }
  if (controls * 100 > bytes.length) return false;
  return utf8 || high * 3 < bytes.length;
}

/** Whether there is a control character that no text has. */
function hasControls(bytes: Buffer): boolean {
  const { first, words } = fourBytes(bytes);
  for (let i = 0; i < words.length; i++) {
    const at = first + i * 4;
    if (!hasNoControl(words[i] ?? 0) && hasControlsIn(bytes, at, at + 4)) return true;
  }
  return hasControlsIn(bytes, 0, first) || hasControlsIn(bytes, first + words.length * 4, bytes.length);
}

function hasControlsIn(bytes: Buffer, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (KINDS_OF_BYTES[bytes[at] ?? 0] === 1) return true;
  return false;
}

function hasOddControls(text: string): boolean {
  return /[\x00-\x08\x0e-\x1a\x1c-\x1f]/.test(text);
}
