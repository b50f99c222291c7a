import { KINDS } from '../kinds.js';
import type { FormatReader } from '../types.js';
import { readOoxml } from './ooxml/ooxml.js';

/** Readers of formats by the media type that the bytes are. */
export const READERS: Readonly<Record<string, FormatReader>> = {
  [KINDS.docx]: readOoxml,
  [KINDS.xlsx]: readOoxml,
  [KINDS.pptx]: readOoxml,
};
