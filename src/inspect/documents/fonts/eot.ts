import { byteReader } from '../office/byte-reader.js';
import { printableRuns } from '../office/compound/printable.js';
import { CorruptDocument, documentReader } from '../office/findings.js';

/** Flags of a header (Embedded OpenType File Format, W3C submission of 2008, 4.1). */
const COMPRESSED = 0x4;
const MASKED = 0x10000000;
const MASK = 0x50;
const FLAGS_AT = 12;
const NAMES_AT = 82;

/**
 * A font as PowerPoint embeds it. Its header's names are text; an uncompressed font is given to be read; compressed
 * outlines aren't unpacked, only looked through for words.
 */
export const readEot = documentReader((input, found) => {
  const { bytes } = input;
  const reader = byteReader(bytes);
  const size = reader.u32();
  const fontSize = reader.u32();
  const flags = byteReader(bytes, FLAGS_AT).u32();
  if (size !== bytes.length || fontSize > bytes.length - NAMES_AT)
    throw new CorruptDocument('sizes disagree');
  found.text('metadata', printableRuns(bytes.subarray(NAMES_AT, bytes.length - fontSize)));
  const data = Buffer.from(bytes.subarray(bytes.length - fontSize));
  if ((flags & MASKED) !== 0) for (let at = 0; at < data.length; at++) data[at] = (data[at] ?? 0) ^ MASK;
  if ((flags & COMPRESSED) === 0) found.extracted({ fileName: 'font.ttf', bytes: data });
  else found.text('strings', printableRuns(data));
});
