import { createKept, type Kept } from '../portal/reading/kept.js';
import type { AttachedFile, RenderedMessage } from '../portal/renderer.js';

/** A page and its frame are fetched right after each other. In milliseconds. */
const KEPT_MS = 60_000;
/** Bytes, about: of all that is kept. */
const MOST_BYTES = 64 * 1024 * 1024;
/** People open attachments while they read. In milliseconds. */
const FILES_KEPT_MS = 15 * 60_000;
const MOST_FILES_BYTES = 16 * 1024 * 1024;
/** Bytes, about, of what is kept of one file. */
const OF_A_FILE = 1000;

/**
 * Messages as rendered lately, without their attachments' content, so that the page, its frame, the text and the print
 * view read a message once. It opens nothing: whoever is shown something passes the gates anew.
 */
export function renderedCache(keptMs = KEPT_MS, mostBytes = MOST_BYTES): Kept<RenderedMessage> {
  return createKept(sizeOf, keptMs, mostBytes);
}

/** The same for what attachments there are and where they stand, for longer: it is small. */
export function filesCache(): Kept<readonly AttachedFile[]> {
  return createKept((files) => OF_A_FILE * (files.length + 1), FILES_KEPT_MS, MOST_FILES_BYTES);
}

/** Two bytes for each character, and something for the rest. */
function sizeOf({ html = '', text = '', subject, from, to, attachments }: RenderedMessage): number {
  return (
    2 * (html.length + text.length + subject.length + from.length + to.length) +
    OF_A_FILE * (attachments.length + 1)
  );
}
