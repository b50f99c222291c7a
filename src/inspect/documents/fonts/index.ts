import { KINDS } from '../kinds.js';
import type { FormatReader } from '../types.js';
import { readEot } from './eot.js';
import { readSfnt } from './sfnt.js';

/** Readers of fonts, as documents carry them, by the media type that the bytes are. */
export const READERS: Readonly<Record<string, FormatReader>> = {
  [KINDS.sfnt]: readSfnt,
  [KINDS.eot]: readEot,
};
