import { isUtf8 } from 'node:buffer';

/** Bytes of a text field as text: UTF-8 where it is, ISO 8859-1 otherwise, without control characters. */
export function asText(bytes: Buffer): string {
  const text = bytes.toString(isUtf8(bytes) ? 'utf8' : 'latin1');
  return text.replace(/[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]+/g, ' ').trim();
}
