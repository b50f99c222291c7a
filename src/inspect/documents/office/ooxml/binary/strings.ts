import type { ByteReader } from '../../byte-reader.js';

const NONE = 0xffffffff;

/** A string with its length before it ([MS-XLSB] 2.5.169); empty where there is none (2.5.167). @throws CorruptDocument */
export function wideString(reader: ByteReader): string {
  const characters = reader.u32();
  return characters === NONE ? '' : reader.bytes(2 * characters).toString('utf16le');
}

/** A string with fonts and readings in another script (2.5.122). @throws CorruptDocument */
export function richWideString(reader: ByteReader): { readonly text: string; readonly phonetic: string } {
  const flags = reader.u8();
  const text = wideString(reader);
  if ((flags & 1) !== 0) reader.skip(4 * reader.u32());
  return { text, phonetic: (flags & 2) !== 0 ? wideString(reader) : '' };
}
