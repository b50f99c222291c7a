/** What other programs look for anywhere in a file, or at its end. */
const MARKS = [
  '%PDF-',
  'PK\x05\x06',
  'Rar!\x1a\x07',
  '7z\xbc\xaf\x27\x1c',
  '<html',
  '<script',
  '<!doctype',
  '{\\rtf',
];

/**
 * What follows the end of an image; undefined where it is nothing but filling.
 * @returns `other` where another program would take the whole file for something of its own
 */
export function trailingData(
  bytes: Buffer,
  end: number,
): { readonly bytes: Buffer; readonly other: boolean } | undefined {
  const rest = bytes.subarray(end);
  if (rest.every((byte) => byte === 0 || byte === 0xff || byte === 0x20 || (byte >= 0x09 && byte <= 0x0d))) {
    return undefined;
  }
  const text = rest.toString('latin1').toLowerCase();
  return { bytes: Buffer.from(rest), other: MARKS.some((mark) => text.includes(mark.toLowerCase())) };
}
