import { asText } from './words.js';

const MARK = 0x1c;
/** Longer ones have the length of their length in its place, which never is more than this. */
const EXTENDED = 0x8000;
const LONGEST_LENGTH = 4;

/** The texts of IPTC-IIM data sets (IIM 4.2, 1.5 and 1.6): caption, keywords, by-line … */
export function readIptc(bytes: Buffer): readonly string[] {
  const lines: string[] = [];
  for (let at = 0; at + 5 <= bytes.length; ) {
    if (bytes[at] !== MARK) break;
    const record = bytes[at + 1];
    const said = bytes.readUInt16BE(at + 3);
    const more = said < EXTENDED ? 0 : said - EXTENDED;
    const from = at + 5 + more;
    if (said === EXTENDED || more > LONGEST_LENGTH || from > bytes.length) break;
    const end = from + (more === 0 ? said : bytes.readUIntBE(at + 5, more));
    if (record === 2) {
      const text = asText(bytes.subarray(from, end));
      if (/\p{L}{2}|\d{2}/u.test(text)) lines.push(text);
    }
    at = end;
  }
  return lines;
}

/** The texts of Photoshop's image resources, as JPEG carries them in APP13: `8BIM`, an id, a name, a length, data. */
export function readImageResources(bytes: Buffer): readonly string[] {
  const lines: string[] = [];
  for (let at = 0; at + 12 <= bytes.length && bytes.toString('latin1', at, at + 4) === '8BIM'; ) {
    const id = bytes.readUInt16BE(at + 4);
    const nameLength = bytes[at + 6] ?? 0;
    const sizeAt = at + 6 + ((nameLength + 2) & ~1);
    if (sizeAt + 4 > bytes.length) break;
    const size = bytes.readUInt32BE(sizeAt);
    const data = bytes.subarray(sizeAt + 4, sizeAt + 4 + size);
    if (id === 0x0404) lines.push(...readIptc(data));
    if (id === 0x0424) lines.push(asText(data));
    at = sizeAt + 4 + size + (size & 1);
  }
  return lines;
}
