import type { FormatReader } from '../types.js';
import { readPdf } from './read-pdf.js';

/** Readers of PDF, by media type. */
export const READERS: Readonly<Record<string, FormatReader>> = { 'application/pdf': readPdf };
