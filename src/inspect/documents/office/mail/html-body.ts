import { htmlTexts } from '../../../html-text.js';
import { percentBytes } from '../../../percent.js';
import type { Findings } from '../findings.js';

/** Adds an HTML body in all its readings; what it carries in `data:` URIs is a child. @throws TooLarge */
export function addHtml(html: string, found: Findings): void {
  const texts = htmlTexts(html);
  found.text('html', texts.visible);
  found.text('hidden', texts.hidden);
  found.text('all', texts.all);
  found.text('attributes', texts.attributes);
  found.text('html-comments', texts.comments);
  found.text('table', texts.table);
  for (const uri of texts.dataUris) addDataUri(uri, found);
}

function addDataUri(uri: string, found: Findings): void {
  const comma = uri.indexOf(',');
  const head = uri.slice(5, Math.max(5, comma));
  const mediaType = head.split(';')[0]?.trim().toLowerCase();
  const plain = percentBytes(uri.slice(comma + 1));
  const bytes = /;\s*base64\s*$/i.test(head) ? Buffer.from(plain.toString('latin1'), 'base64') : plain;
  if (bytes.length > 0) found.extracted({ bytes, ...(mediaType && { mediaType }) });
}
