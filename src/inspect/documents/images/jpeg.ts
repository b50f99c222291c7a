import type { LeafText } from '../../leaf-text.js';
import { drawPdf } from '../pdf/draw-pdf.js';
import { xmpText } from '../xmp.js';
import { readExif } from './exif.js';
import { toPnm } from './grey-image.js';
import type { ImageFacts } from './image-facts.js';
import { readImageResources } from './iptc.js';
import { COMPRESSION, type StoredPicture } from './stored-picture.js';
import { pictureAsPdf } from './stored-picture-pdf.js';
import { isMirrored, turnImage, upright } from './turn.js';
import { asText } from './words.js';

const START = 0xd8;
const END = 0xd9;
const SCAN = 0xda;
const COMMENT = 0xfe;
const APP1 = 0xe1;
const APP13 = 0xed;
/** Baseline, extended and progressive Huffman coding (ITU-T T.81 table B.1); the others are hardly ever used. */
const DECODABLE = new Set([0xc0, 0xc1, 0xc2]);
const XMP = 'http://ns.adobe.com/xap/1.0/\0';
const EXTENDED_XMP = 'http://ns.adobe.com/xmp/extension/\0';
/** Before each piece: what it is a piece of (32 letters), the length of the whole, and where it begins. */
const EXTENDED_HEAD = 40;
const PHOTOSHOP = 'Photoshop 3.0\0';

/** JPEG (ITU-T T.81). */
export function parseJpeg(bytes: Buffer): ImageFacts {
  if (bytes[0] !== 0xff || bytes[1] !== START) throw new Error('not a JPEG');
  const lines: string[] = [];
  const extended: Buffer[] = [];
  const resources: Buffer[] = [];
  let size: { width: number; height: number; marker: number; samples: number } | undefined;
  let orientation = 1;
  let end: number | undefined;
  for (let at = 2; at + 2 <= bytes.length && end === undefined; ) {
    // Any number of 0xff may stand before a marker; what stands between segments is skipped as decoders skip it.
    if (bytes[at] !== 0xff || bytes[at + 1] === 0xff || bytes[at + 1] === 0) {
      at += 1;
      continue;
    }
    const marker = bytes[at + 1] ?? 0;
    if (marker === END) {
      end = at + 2;
    } else if (marker === 1 || (marker >= 0xd0 && marker <= START)) {
      at += 2;
    } else {
      if (at + 4 > bytes.length) break;
      const length = bytes.readUInt16BE(at + 2);
      const data = bytes.subarray(at + 4, at + 2 + length);
      if (isFrameHeader(marker) && data.length >= 6) {
        size ??= { height: data.readUInt16BE(1), width: data.readUInt16BE(3), marker, samples: data[5] ?? 0 };
      } else if (marker === COMMENT) lines.push(asText(data));
      else if (marker === APP1 && data.toString('latin1', 0, 4) === 'Exif') {
        const exif = readExif(data.subarray(6));
        for (const line of exif.lines) lines.push(line);
        orientation = exif.orientation;
      } else if (marker === APP1 && begins(data, XMP)) lines.push(xmpText(asText(data.subarray(XMP.length))));
      else if (marker === APP1 && begins(data, EXTENDED_XMP))
        extended.push(data.subarray(EXTENDED_XMP.length));
      else if (marker === APP13 && begins(data, PHOTOSHOP)) resources.push(data.subarray(PHOTOSHOP.length));
      at += 2 + Math.max(2, length);
      if (marker === SCAN) at = nextMarker(bytes, at);
    }
  }
  if (size === undefined) throw new Error('a JPEG without a frame');
  for (const line of [...extendedXmp(extended), ...imageResources(resources)]) lines.push(line);
  const { width, height } = size;
  const image = bytes.subarray(0, end ?? bytes.length);
  const quarters = ({ 3: 2, 6: 1, 8: 3 } as const)[orientation];
  const turned = quarters === undefined ? image : (turnImage(image, quarters) ?? image);
  const decoded = storedPicture(image, size);
  const mirrored = isMirrored(orientation);
  // Only where it stands upright: as a picture of a PDF it isn't turned.
  const stored = quarters === undefined && !mirrored ? decoded : undefined;
  const unsupported = !DECODABLE.has(size.marker) || (mirrored && decoded === undefined);
  const frame = async (): Promise<Buffer> =>
    mirrored && decoded !== undefined
      ? toPnm(upright(await drawPdf(pictureAsPdf(decoded, height), 1), orientation))
      : turned;
  const texts: LeafText[] = lines.length === 0 ? [] : [{ view: 'metadata', text: lines.join('\n') }];
  return {
    width,
    height,
    frames: [{ width, height, image: frame, ...(stored && { stored }) }],
    texts,
    end: image.length,
    ...(end === undefined && { cutOff: true as const }),
    ...(unsupported && { unsupported: true as const }),
  };
}

function storedPicture(
  bytes: Buffer,
  { width, height, samples }: { readonly width: number; readonly height: number; readonly samples: number },
): StoredPicture | undefined {
  if (samples !== 1 && samples !== 3) return undefined;
  return {
    width,
    height,
    bits: 8,
    samples,
    photometric: samples === 1 ? 1 : 6,
    compression: COMPRESSION.jpeg,
    predictor: 1,
    t4Options: 0,
    jpegTables: undefined,
    colourMap: [],
    pieces: [{ x: 0, y: 0, width, height, bytes }],
  };
}

function isFrameHeader(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
}

/** Behind the coded data of a scan: the next marker that isn't part of it. */
function nextMarker(bytes: Buffer, from: number): number {
  for (let at = bytes.indexOf(0xff, from); at >= 0; at = bytes.indexOf(0xff, at + 1)) {
    const next = bytes[at + 1] ?? 0;
    if (next !== 0 && next !== 0xff && (next < 0xd0 || next > 0xd7)) return at;
  }
  return bytes.length;
}

function begins(data: Buffer, name: string): boolean {
  return data.toString('latin1', 0, name.length) === name;
}

/** XMP that is longer than a segment, put together of its pieces (XMP specification part 3, 1.1.3.1). */
function extendedXmp(segments: readonly Buffer[]): readonly string[] {
  const pieces = new Map<string, Buffer[]>();
  for (const segment of segments.filter((one) => one.length > EXTENDED_HEAD)) {
    const name = segment.toString('latin1', 0, 32);
    const known = pieces.get(name);
    if (known === undefined) pieces.set(name, [segment]);
    else known.push(segment);
  }
  return [...pieces.values()].map((all) => {
    const sorted = all.toSorted((one, other) => one.readUInt32BE(36) - other.readUInt32BE(36));
    return xmpText(asText(Buffer.concat(sorted.map((one) => one.subarray(EXTENDED_HEAD)))));
  });
}

/** Photoshop's resources go on from one segment to the next where they are longer than one; or each has its own. */
function imageResources(segments: readonly Buffer[]): ReadonlySet<string> {
  const together = segments.length > 1 ? [Buffer.concat(segments)] : [];
  return new Set([...together, ...segments].flatMap((one) => readImageResources(one)));
}
