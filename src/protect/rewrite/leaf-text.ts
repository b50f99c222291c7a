import { readCharset } from '../../inspect/charset.js';
import { sniff } from '../../inspect/sniff.js';
import type { Entity } from './entity-tree.js';

/** The text of a leaf that is declared as text and is one, in the first reading of its character set. */
export function leafText(entity: Entity): string | undefined {
  const { content, type } = entity;
  if (content.kind !== 'leaf' || !/^(?:text\/|application\/xhtml\+xml$)/.test(type.mediaType))
    return undefined;
  const kind = sniff(content.bytes);
  if (kind !== 'text' && kind !== 'binary' && kind !== 'empty') return undefined;
  const text = readCharset(content.bytes, type.charsets[0]).texts[0] ?? '';
  // UTF-16 looks like binary content until it is read as what it is.
  return kind === 'binary' && /[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]/.test(text) ? undefined : text;
}
