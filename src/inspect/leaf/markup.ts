import { readHtml, readXml } from '../html-readings.js';
import { drawingTexts, enrichedText } from '../markup-views.js';
import { type Found, mayHold, takeRoom } from './found.js';
import { readDataUris } from './held-content.js';

export const LOOKS_LIKE_MARKUP =
  /<(?:!doctype|html|head|body|table|div|span|p|br|td|a|b|font|svg)\b[^<>]*>|^\s*<\?xml\s/i;
export const IS_XML = /^[\s\ufeff]*<\?xml\s/i;

/** A block of PGP is one in what is shown, too, whatever its lines are made of. */
const PGP = /-----BEGIN PGP (?:MESSAGE|SIGNED)/;

function readPgpOf(shown: string, found: Found): void {
  if (!PGP.test(shown)) return;
  const bytes = Buffer.from(shown);
  if (!mayHold(found)) found.tooMuch = true;
  else if (takeRoom(bytes.length, found))
    found.readInner({ mediaType: 'text/plain', charsets: ['utf-8'], bytes }, found);
}

/** Adds what readers of HTML or XML show of a text, and what stands in its addresses. */
export function addMarkup(source: string, mediaType: string, found: Found): void {
  const { texts, oddities } = found;
  const isHtml = /^(?:text\/(?:x-)?html|application\/xhtml\+xml)$/.test(mediaType);
  const xml = !isHtml && (/xml$/.test(mediaType) || IS_XML.test(source));
  const reading = xml ? readXml(source) : readHtml(source);
  texts.push(...reading.texts);
  oddities.push(...reading.oddities);
  for (const { view, text } of reading.texts) if (view === 'html') readPgpOf(text, found);
  // HTML as a value, in a section of characters or escaped: feeds and records have it so.
  const value = xml ? (reading.texts[0]?.text ?? '') : '';
  if (LOOKS_LIKE_MARKUP.test(value)) addMarkup(value, 'text/html', found);
  const drawing = drawingTexts(source);
  for (const text of drawing.texts) texts.push({ view: 'drawing', text });
  if (!drawing.whole) found.tooMuch = true;
  if (/^text\/(?:enriched|richtext)$/.test(mediaType))
    texts.push({ view: 'html', text: enrichedText(source) });
  readDataUris(reading.dataUris, found);
}
