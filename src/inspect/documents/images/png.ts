import { constants, inflateSync } from 'node:zlib';
import { errorCode } from '../../../shared/errors.js';
import type { LeafText } from '../../leaf-text.js';
import { TooLarge } from '../types.js';
import { xmpText } from '../xmp.js';
import { drawnUpright } from './enlarge.js';
import { readExif } from './exif.js';
import type { Frame, ImageFacts } from './image-facts.js';
import { readImageResources, readIptc } from './iptc.js';
import { writeChunk } from './png-chunk.js';
import { COMPRESSION, type StoredPicture } from './stored-picture.js';
import { isOrientation } from './turn.js';
import { asText } from './words.js';

const SIGNATURE = Buffer.from('89504e470d0a1a0a', 'hex');
const MAX_TEXT = 1024 * 1024;

interface Chunk {
  readonly type: string;
  readonly data: Buffer;
}

/** PNG (ISO/IEC 15948) and its animated form (APNG). */
export function parsePng(bytes: Buffer): ImageFacts {
  if (!bytes.subarray(0, 8).equals(SIGNATURE)) throw new Error('not a PNG');
  const { chunks, end, cutOff } = readChunks(bytes);
  const header = chunks[0];
  if (header?.type !== 'IHDR' || header.data.length < 13) throw new Error('a PNG without header');
  const width = header.data.readUInt32BE(0);
  const height = header.data.readUInt32BE(4);
  const words = textsOf(chunks);
  const stored = cutOff ? undefined : storedPicture(chunks, header.data);
  const orientation = orientationOf(chunks);
  const still: Frame = {
    width,
    height,
    // The recogniser would heed some orientations by itself, and what they are is found out here.
    image: () => (orientation !== 1 && stored ? drawnUpright(stored, 1) : bytes.subarray(0, end)),
    ...(stored && { stored }),
  };
  // Some programs heed the orientation, others don't.
  const turned: readonly Frame[] =
    orientation !== 1 && stored
      ? [{ width, height, again: true, image: () => drawnUpright(stored, orientation) }]
      : [];
  return {
    width,
    height,
    frames: [still, ...turned, ...laterFrames(chunks, header.data)],
    texts: words.texts,
    ...(words.damaged && { unreadTexts: true as const }),
    ...(orientation !== 1 && stored === undefined && { unsupported: true as const }),
    end,
    ...(cutOff && { cutOff: true as const }),
  };
}

function readChunks(bytes: Buffer): { chunks: readonly Chunk[]; end: number; cutOff: boolean } {
  const chunks: Chunk[] = [];
  for (let at = 8; at + 12 <= bytes.length; ) {
    const length = bytes.readUInt32BE(at);
    const type = bytes.toString('latin1', at + 4, at + 8);
    const next = at + 12 + length;
    if (next > bytes.length) break;
    chunks.push({ type, data: bytes.subarray(at + 8, at + 8 + length) });
    at = next;
    if (type === 'IEND') return { chunks, end: at, cutOff: false };
  }
  return { chunks, end: bytes.length, cutOff: true };
}

/** How the picture is to be turned (PNG 3rd edition, 11.3.4.5; Exif 2.32, 0x0112), the last word on it. */
function orientationOf(chunks: readonly Chunk[]): number {
  return chunks
    .filter(({ type }) => type === 'eXIf')
    .map(({ data }) => readExif(data).orientation)
    .reduce((known, one) => (isOrientation(one) ? one : known), 1);
}

/** PDF knows the coding of PNG's pixels too (ISO 32000-1 7.4.4.4), unless they are interlaced. */
function storedPicture(chunks: readonly Chunk[], header: Buffer): StoredPicture | undefined {
  const [bits = 0, colour = 0, , , interlaced] = header.subarray(8, 13);
  const kind = COLOURS[colour];
  if (kind === undefined || interlaced !== 0) return undefined;
  const width = header.readUInt32BE(0);
  const height = header.readUInt32BE(4);
  const palette = chunks.find((chunk) => chunk.type === 'PLTE')?.data ?? Buffer.alloc(0);
  const size = 2 ** bits;
  const data = chunks.filter((chunk) => chunk.type === 'IDAT').map((chunk) => chunk.data);
  return {
    width,
    height,
    bits,
    ...kind,
    compression: COMPRESSION.deflate,
    predictor: 15,
    t4Options: 0,
    jpegTables: undefined,
    colourMap:
      colour === 3
        ? Array.from(
            { length: size * 3 },
            (_, at) => (palette[(at % size) * 3 + Math.floor(at / size)] ?? 0) << 8,
          )
        : [],
    pieces: [{ x: 0, y: 0, width, height, bytes: Buffer.concat(data) }],
  };
}

/** By PNG's colour type: samples of a pixel, and TIFF's number for what they mean. */
const COLOURS: Readonly<Record<number, { readonly samples: number; readonly photometric: number }>> = {
  0: { samples: 1, photometric: 1 },
  2: { samples: 3, photometric: 2 },
  3: { samples: 1, photometric: 3 },
  4: { samples: 2, photometric: 1 },
  6: { samples: 4, photometric: 2 },
};

/** APNG keeps later frames in chunks of their own (`fdAT`); each becomes a PNG by itself. */
function laterFrames(chunks: readonly Chunk[], header: Buffer): readonly Frame[] {
  const palette = chunks.filter((chunk) => chunk.type === 'PLTE' || chunk.type === 'tRNS');
  const frames: { control: Buffer; data: Buffer[] }[] = [];
  for (const chunk of chunks) {
    if (chunk.type === 'fcTL' && chunk.data.length >= 26) frames.push({ control: chunk.data, data: [] });
    // The first four bytes number the pieces.
    if (chunk.type === 'fdAT') frames.at(-1)?.data.push(chunk.data.subarray(4));
  }
  return frames
    .filter((frame) => frame.data.length > 0)
    .map((frame) => {
      const width = frame.control.readUInt32BE(4);
      const height = frame.control.readUInt32BE(8);
      const own = Buffer.concat([frame.control.subarray(4, 12), header.subarray(8, 13)]);
      return {
        width,
        height,
        image: () =>
          Buffer.concat([
            SIGNATURE,
            writeChunk('IHDR', own),
            ...palette.map((chunk) => writeChunk(chunk.type, chunk.data)),
            writeChunk('IDAT', Buffer.concat(frame.data)),
            writeChunk('IEND', Buffer.alloc(0)),
          ]),
      };
    });
}

function textsOf(chunks: readonly Chunk[]): {
  readonly texts: readonly LeafText[];
  readonly damaged: boolean;
} {
  let damaged = false;
  const lines = chunks.flatMap(({ type, data }) => {
    if (type === 'eXIf') return readExif(data).lines;
    if (type !== 'tEXt' && type !== 'zTXt' && type !== 'iTXt') return [];
    const keyEnd = data.indexOf(0);
    if (keyEnd < 0) return [asText(data)];
    const keyword = asText(data.subarray(0, keyEnd));
    const { bytes: value, whole } = textValue(type, data.subarray(keyEnd + 1));
    damaged ||= !whole;
    if (keyword.startsWith('Raw profile type')) return rawProfile(value);
    if (/^date:/.test(keyword)) return [];
    return [/^XML:/.test(keyword) ? xmpText(asText(value)) : `${keyword}: ${asText(value)}`];
  });
  return { texts: lines.length === 0 ? [] : [{ view: 'metadata', text: lines.join('\n') }], damaged };
}

interface TextValue {
  readonly bytes: Buffer;
  /** All of it was unpacked. */
  readonly whole: boolean;
}

function textValue(type: string, data: Buffer): TextValue {
  if (type === 'tEXt') return { bytes: data, whole: true };
  if (type === 'zTXt') return inflated(data.subarray(1));
  // iTXt: compressed?, method, language, translated keyword, text.
  const languageEnd = data.indexOf(0, 2);
  const keywordEnd = languageEnd < 0 ? -1 : data.indexOf(0, languageEnd + 1);
  if (keywordEnd < 0) return { bytes: data, whole: true };
  const translated = data.subarray(languageEnd + 1, keywordEnd);
  const text = data.subarray(keywordEnd + 1);
  const value = data[0] === 1 ? inflated(text) : { bytes: text, whole: true };
  return { bytes: Buffer.concat([translated, Buffer.from(' '), value.bytes]), whole: value.whole };
}

/** @throws TooLarge for a text that unpacks to more than fits any caption: what isn't read must not count as read */
function inflated(data: Buffer): TextValue {
  try {
    return { bytes: inflateSync(data, { maxOutputLength: MAX_TEXT }), whole: true };
  } catch (error) {
    if (errorCode(error) === 'ERR_BUFFER_TOO_LARGE') throw new TooLarge('a text of a picture is too long');
    // Damaged, or packed in another way: what can be had of it is read, and the picture says that this isn't all.
    return { bytes: inflatedBeginning(data), whole: false };
  }
}

/** What a text begins with that ends too early; the bytes themselves where nothing can be unpacked. */
function inflatedBeginning(data: Buffer): Buffer {
  try {
    const options = { maxOutputLength: MAX_TEXT, finishFlush: constants.Z_SYNC_FLUSH };
    return inflateSync(data, options);
  } catch {
    return data;
  }
}

/** Exif and IPTC data in hexadecimal digits, as ImageMagick keeps them: a name, a length, digits. */
function rawProfile(value: Buffer): readonly string[] {
  const digits = /^\s*\S+\s+\d+\s+([\da-f\s]+)/i.exec(value.toString('latin1'))?.[1];
  if (digits === undefined) return [asText(value)];
  const data = Buffer.from(digits.replace(/\s+/g, ''), 'hex');
  if (data.toString('latin1', 0, 4) === 'Exif') return readExif(data.subarray(6)).lines;
  if (data.toString('latin1', 0, 4) === '8BIM') return readImageResources(data);
  if (data[0] === 0x1c) return readIptc(data);
  return [data.includes('<x:xmpmeta') ? xmpText(asText(data)) : asText(data)];
}
