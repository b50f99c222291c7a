import { readHtml } from '../../../html-readings.js';
import { percentBytes } from '../../../percent.js';
import type { Findings } from '../findings.js';

/** Adds an HTML body in all its readings, as HTML of a mail is; what it carries in `data:` URIs is a child. @throws TooLarge */
export function addHtml(html: string, found: Findings): void {
  const { texts, oddities, dataUris } = readHtml(html);
  for (const { view, text } of texts) found.text(view, text);
  for (const { name, material } of oddities) if (material) found.oddity(name);
  for (const uri of dataUris) addDataUri(uri, found);
}

function addDataUri(uri: string, found: Findings): void {
  const comma = uri.indexOf(',');
  const head = uri.slice(5, Math.max(5, comma));
  const mediaType = head.split(';')[0]?.trim().toLowerCase();
  const plain = percentBytes(uri.slice(comma + 1));
  const bytes = /;\s*base64\s*$/i.test(head) ? Buffer.from(plain.toString('latin1'), 'base64') : plain;
  if (bytes.length > 0) found.extracted({ bytes, ...(mediaType && { mediaType }) });
}
