import { xmpText } from '../xmp.js';
import type { Frame, ImageFacts } from './image-facts.js';
import { asText } from './words.js';

const TRAILER = 0x3b;
const EXTENSION = 0x21;
const IMAGE = 0x2c;
const GRAPHIC_CONTROL = 0xf9;
const COMMENT = 0xfe;
const PLAIN_TEXT = 0x01;
const APPLICATION = 0xff;
const MAX_FRAMES = 10_000;

/** GIF87a and GIF89a; each frame becomes a GIF by itself. */
export function parseGif(bytes: Buffer): ImageFacts {
  if (!/^GIF8[79]a$/.test(bytes.toString('latin1', 0, 6)) || bytes.length < 13) throw new Error('not a GIF');
  const width = bytes.readUInt16LE(6);
  const height = bytes.readUInt16LE(8);
  const bodyAt = 13 + tableSize(bytes[10] ?? 0);
  const head = bytes.subarray(0, bodyAt);
  const frames: Frame[] = [];
  const lines: string[] = [];
  let control = Buffer.alloc(0);
  let end: number | undefined;
  for (let at = bodyAt; at < bytes.length && end === undefined; ) {
    const block = bytes[at];
    if (block === TRAILER) end = at + 1;
    else if (block === EXTENSION) {
      const label = bytes[at + 1];
      const { data, next } = subBlocks(bytes, at + 2);
      if (label === GRAPHIC_CONTROL) control = Buffer.from(bytes.subarray(at, next));
      if (label === COMMENT) lines.push(asText(data));
      // The first sub-block says where and how the text is drawn.
      if (label === PLAIN_TEXT) lines.push(asText(data.subarray(12)));
      if (label === APPLICATION && data.toString('latin1', 0, 8) === 'XMP Data') {
        lines.push(xmpText(asText(bytes.subarray(at + 14, next))));
      }
      at = next;
    } else if (block === IMAGE && at + 10 <= bytes.length && frames.length < MAX_FRAMES) {
      const dataAt = at + 10 + tableSize(bytes[at + 9] ?? 0) + 1;
      const { next, whole } = subBlocks(bytes, dataAt);
      if (!whole) break;
      const own = Buffer.concat([control]);
      const [from, to] = [at, next];
      frames.push({
        width: Math.max(width, bytes.readUInt16LE(at + 5)),
        height: Math.max(height, bytes.readUInt16LE(at + 7)),
        image: () => Buffer.concat([head, own, bytes.subarray(from, to), Buffer.of(TRAILER)]),
      });
      control = Buffer.alloc(0);
      at = next;
    } else break;
  }
  if (frames.length === 0) throw new Error('a GIF without a picture');
  return {
    width: Math.max(width, ...frames.map((frame) => frame.width)),
    height: Math.max(height, ...frames.map((frame) => frame.height)),
    frames,
    texts: lines.length === 0 ? [] : [{ view: 'metadata', text: lines.join('\n') }],
    end: end ?? bytes.length,
    ...(end === undefined && { cutOff: true as const }),
  };
}

/** Bytes of the colour table that flags announce. */
function tableSize(flags: number): number {
  return (flags & 0x80) === 0 ? 0 : 3 * 2 ** ((flags & 7) + 1);
}

function subBlocks(bytes: Buffer, from: number): { data: Buffer; next: number; whole: boolean } {
  const pieces: Buffer[] = [];
  let at = from;
  for (;;) {
    const length = bytes[at];
    if (length === undefined) return { data: Buffer.concat(pieces), next: bytes.length, whole: false };
    if (length === 0) return { data: Buffer.concat(pieces), next: at + 1, whole: true };
    pieces.push(bytes.subarray(at + 1, at + 1 + length));
    at += 1 + length;
  }
}
