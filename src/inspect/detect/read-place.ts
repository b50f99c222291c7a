import type { Span } from './scan.js';
import type { ScannedText } from './scanned-text.js';

/** The spans of one reading of one place. */
export interface ReadPlace {
  readonly where: string;
  readonly scanned: ScannedText;
  readonly spans: readonly Span[];
}

/** Where the Subject is read: it heads the whole message. */
export const SUBJECT = 'header:subject';
