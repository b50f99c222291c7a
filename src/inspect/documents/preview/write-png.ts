import { deflateSync } from 'node:zlib';
import { writeChunk } from '../images/png-chunk.js';

/** Rows of red, green and blue, a byte each. */
export interface ColourImage {
  readonly width: number;
  readonly height: number;
  readonly pixels: Buffer;
}

const SIGNATURE = Buffer.from('89504e470d0a1a0a', 'hex');
const SAMPLES = 3;
/** ISO/IEC 15948, 11.2.2: eight bits, true colour, and the only methods there are. */
const FORMAT = Buffer.from([8, 2, 0, 0, 0]);

/** Packs an image as PNG (ISO/IEC 15948). */
export function writePng({ width, height, pixels }: ColourImage): Buffer {
  const size = Buffer.alloc(8);
  size.writeUInt32BE(width, 0);
  size.writeUInt32BE(height, 4);
  return Buffer.concat([
    SIGNATURE,
    writeChunk('IHDR', Buffer.concat([size, FORMAT])),
    writeChunk('IDAT', deflateSync(filtered(pixels, width * SAMPLES, height), { level: 5 })),
    writeChunk('IEND', Buffer.alloc(0)),
  ]);
}

/** Each row as it is or as differences to its left or upper neighbours, whichever has the smaller numbers (12.8). */
function filtered(pixels: Buffer, row: number, height: number): Buffer {
  const out = Buffer.alloc((row + 1) * height);
  for (let y = 0; y < height; y++) {
    const from = y * row;
    const to = y * (row + 1);
    const filter = bestFilter(pixels, from, row, y > 0);
    out[to] = filter;
    for (let x = 0; x < row; x++)
      out[to + 1 + x] = (pixels[from + x] ?? 0) - neighbour(pixels, from, x, row, filter);
  }
  return out;
}

/** 0: as it is, 1: the pixel to the left, 2: the one above. */
type Filter = 0 | 1 | 2;

function neighbour(pixels: Buffer, from: number, x: number, row: number, filter: Filter): number {
  if (filter === 1) return x < SAMPLES ? 0 : (pixels[from + x - SAMPLES] ?? 0);
  return filter === 2 ? (pixels[from + x - row] ?? 0) : 0;
}

function bestFilter(pixels: Buffer, from: number, row: number, hasUpper: boolean): Filter {
  const filters: readonly Filter[] = hasUpper ? [0, 1, 2] : [0, 1];
  let best: Filter = 0;
  let least = Number.POSITIVE_INFINITY;
  for (const filter of filters) {
    let sum = 0;
    // Every seventh sample tells them apart.
    for (let x = 0; x < row; x += 7) {
      const difference = ((pixels[from + x] ?? 0) - neighbour(pixels, from, x, row, filter)) & 0xff;
      sum += difference < 128 ? difference : 256 - difference;
    }
    if (sum < least) {
      least = sum;
      best = filter;
    }
  }
  return best;
}
