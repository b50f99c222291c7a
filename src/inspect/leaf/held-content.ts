import { type BytesField, bytesFields, MAX_FIELDS } from '../base64-fields.js';
import { KINDS, MESSAGE, TEXT } from '../documents/kinds.js';
import { isMailType } from '../documents/kinds-declared.js';
import { hasMailField, textKind } from '../documents/kinds-text.js';
import { MAX_DATA_URIS } from '../html-data-uris.js';
import { percentBytes } from '../percent.js';
import { looksLikeText, sniff } from '../sniff.js';
import { addEmbedded, type Found, mayHold, takeRoom, wasRead } from './found.js';

/** Fewer bytes than the smallest PDF with a page has. */
const LEAST_PDF = 64;

/** What stands in `data:` addresses (RFC 2397). */
export function readDataUris(uris: readonly string[], found: Found): void {
  for (const uri of uris.slice(0, MAX_DATA_URIS)) readDataUri(uri, found);
  if (uris.length > MAX_DATA_URIS) found.tooMuch = true;
}

function readDataUri(uri: string, found: Found): void {
  if (wasRead(uri, found)) return;
  const comma = uri.indexOf(',');
  const head = uri.slice(5, comma < 0 ? uri.length : comma).toLowerCase();
  const data = comma < 0 ? '' : uri.slice(comma + 1);
  const unescaped = percentBytes(data);
  const bytes = head.includes('base64') ? Buffer.from(unescaped.toString('latin1'), 'base64') : unescaped;
  if (bytes.length > 0) readHeld(head, bytes, found);
}

/** What stands in fields of records that say themselves that they hold bytes. */
export function readBytesFields(source: string, found: Found): void {
  const fields = bytesFields(source);
  for (const field of fields.slice(0, MAX_FIELDS)) readBytesField(field, found);
  if (fields.length > MAX_FIELDS) found.tooMuch = true;
}

function readBytesField({ type, value, bytes }: BytesField, found: Found): void {
  // The same bytes can be read in another way where they are declared as something else.
  if (!wasRead(`${type},${value}`, found)) readHeld(type.toLowerCase(), bytes, found);
}

/**
 * What is text is read as a part of that type would be; anything else is a part of its own.
 * @param head media type with its parameters
 */
function readHeld(head: string, bytes: Buffer, found: Found): void {
  const mediaType = head.split(';')[0]?.trim() ?? '';
  const isText = (looksLikeText(bytes) && sniff(bytes) === 'text') || isExcerpt(bytes);
  if (!mayHold(found) || !isText) {
    addEmbedded({ mediaType, bytes }, found);
    return;
  }
  if (!takeRoom(bytes.length, found)) return;
  const charset = /;\s*charset\s*=\s*"?([^\s";]{1,40})/.exec(head)?.[1];
  const content = {
    mediaType,
    bytes,
    charsets: charset === undefined ? [] : [charset],
    isFile: true,
  };
  const kind = heldKind(mediaType, bytes);
  if (kind !== 'text')
    addEmbedded({ mediaType, bytes, ...(kind === 'message' && { isMessage: true }) }, found);
  if (kind === 'text' || kind === 'document' || !isMailType(mediaType)) {
    found.readInner(content, found);
    return;
  }
  // What is in the text of mail are its own parts, for whoever opens it as mail.
  const aside = { ...found, embedded: [] };
  found.readInner(content, aside);
  found.tooMuch ||= aside.tooMuch;
  found.unread = aside.unread;
}

/** Files that are text, and hold more than their text says: as an attachment of the type would be read. */
function heldKind(mediaType: string, bytes: Buffer): 'text' | 'message' | 'mbox' | 'document' {
  const kind = textKind(bytes);
  if (kind === MESSAGE || (DECLARED_MESSAGE.test(mediaType) && kind === TEXT && hasMailField(bytes)))
    return 'message';
  if (kind === KINDS.mbox) return 'mbox';
  return kind === TEXT ? 'text' : 'document';
}

const DECLARED_MESSAGE = /^message\/(?:rfc822|global|news)$/;

/** Examples and quotations often give only the beginning of a PDF; that is none that a reader could show, but is read. */
function isExcerpt(bytes: Buffer): boolean {
  return bytes.length < LEAST_PDF && bytes.toString('latin1', 0, 5) === '%PDF-';
}
