import { safeFileName } from '../../inspect/safe-file-name.js';
import type { PartReport } from '../../model/inspection.js';

/** Percent-encoded characters of one piece of a long parameter. */
const PIECE = 60;

/**
 * Content-Disposition with one file name, so that it is a name and nothing else: no path, no controls, no marks that
 * change the direction of writing. Empty where nothing is to be said.
 * @param isEmbedded another part refers to it
 */
export function dispositionField(
  disposition: PartReport['disposition'],
  fileName: string | undefined,
  isEmbedded: boolean,
): string {
  if (disposition === 'none' && fileName === undefined) return '';
  const said = disposition === 'none' ? (isEmbedded ? 'inline' : 'attachment') : disposition;
  return `Content-Disposition: ${said}${fileName === undefined ? '' : nameParameter(safeFileName(fileName, 'attachment'))}\r\n`;
}

/** RFC 2183 2.3; where the name is long or not ASCII, RFC 2231 3 and 4. */
function nameParameter(name: string): string {
  if (name === '') return '';
  if (/^[\x20-\x7e]{1,60}$/.test(name) && !/["\\%]|=\?/.test(name)) return `;\r\n filename="${name}"`;
  const encoded = [...Buffer.from(name, 'utf8')].map((byte) => {
    const character = String.fromCharCode(byte);
    return /[A-Za-z0-9._-]/.test(character)
      ? character
      : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  });
  const pieces: string[] = [''];
  for (const one of encoded) {
    const last = pieces.at(-1) ?? '';
    if (last.length + one.length > PIECE) pieces.push(one);
    else pieces[pieces.length - 1] = last + one;
  }
  const [first = ''] = pieces;
  if (pieces.length === 1) return `;\r\n filename*=utf-8''${first}`;
  return pieces.map((piece, i) => `;\r\n filename*${i}*=${i === 0 ? "utf-8''" : ''}${piece}`).join('');
}
