import type { FormatReader } from '../types.js';

/** Readers of formats by the media type that the bytes are. */
export const READERS: Readonly<Record<string, FormatReader>> = {};
