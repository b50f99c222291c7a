import { looksLikePdf } from './kinds-text.js';

const END_RECORD = Buffer.from('PK\x05\x06', 'latin1');
const CENTRAL_HEADER = Buffer.from('PK\x01\x02', 'latin1');
const END_RECORD_BYTES = 22;
const LONGEST_COMMENT = 0xffff;

/**
 * Whether the bytes end as a zip does, whatever they begin with (APPNOTE 4.3.16): programs for archives look at the
 * end, others at the beginning. Only a record whose comment ends with the file counts, with a directory before it.
 */
export function endsAsZip(bytes: Buffer): boolean {
  const from = Math.max(0, bytes.length - END_RECORD_BYTES - LONGEST_COMMENT);
  for (let at = bytes.lastIndexOf(END_RECORD); at >= from; at = bytes.lastIndexOf(END_RECORD, at - 1)) {
    if (at + END_RECORD_BYTES <= bytes.length && isEndRecord(bytes, at)) return true;
    if (at === 0) break;
  }
  return false;
}

function isEndRecord(bytes: Buffer, at: number): boolean {
  if (at + END_RECORD_BYTES + bytes.readUInt16LE(at + 20) !== bytes.length) return false;
  const entries = bytes.readUInt16LE(at + 10);
  const directory = at - bytes.readUInt32LE(at + 12);
  return entries > 0 && directory >= 0 && bytes.subarray(directory, directory + 4).equals(CENTRAL_HEADER);
}

const PREAMBLE = 128;

/** Whether readers of PDF open a picture. DICOM may hold a PDF that is read there: of it only the preamble counts. */
export function opensAsPdf(bytes: Buffer): boolean {
  return isDicom(bytes) ? bytes.subarray(0, PREAMBLE).includes('%PDF-') : looksLikePdf(bytes);
}

/**
 * Whether programs for medical pictures read the bytes, whatever they begin with (DICOM PS3.10 7.1): the preamble before
 * their mark may hold the header of another format, as in pictures of tissue that are TIFF too.
 */
export function isDicom(bytes: Buffer): boolean {
  return bytes.toString('latin1', PREAMBLE, PREAMBLE + 4) === 'DICM';
}
