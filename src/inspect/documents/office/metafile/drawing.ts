import { bitmapFile } from '../compound/office-art.js';
import type { Findings } from '../findings.js';

/** Collects what a metafile draws. */
export interface Drawing {
  /** Words at a place, in the units of the file. */
  words(text: string, x: number, y: number): void;
  /** A device-independent bitmap: its header with colours, and its bits. @throws TooLarge */
  bitmap(header: Buffer, bits: Buffer): void;
  /** A file of a picture. @throws TooLarge */
  picture(bytes: Buffer, fileName: string): void;
  /** Points that are joined by straight lines. */
  lines(points: readonly (readonly [number, number])[]): void;
  curve(): void;
  /** Something was drawn that can't be read here. */
  unread(): void;
  /** @throws TooLarge */
  end(): void;
}

/** More strokes than these may be letters; frames and the lines of tables are upright or level. */
const MAX_SLANTED = 60;
const MAX_CURVES = 4;
const JPEG = 4;
const PNG = 5;

export function createDrawing(found: Findings): Drawing {
  const pieces: { readonly text: string; readonly y: number }[] = [];
  let slanted = 0;
  let curves = 0;
  return {
    words(text, _x, y) {
      pieces.push({ text: text.replaceAll('\0', ''), y });
    },
    bitmap(header, bits) {
      const compression = header.length >= 20 ? header.readUInt32LE(16) : 0;
      const isFile = compression === JPEG || compression === PNG;
      const bytes = isFile ? bits : bitmapFile(Buffer.concat([header, bits]));
      found.extracted({ fileName: isFile ? 'picture' : 'picture.bmp', bytes });
    },
    picture(bytes, fileName) {
      found.extracted({ fileName, bytes });
    },
    lines(points) {
      for (let index = 1; index < points.length; index++) {
        const [x = 0, y = 0] = points[index] ?? [];
        const [fromX = 0, fromY = 0] = points[index - 1] ?? [];
        if (x !== fromX && y !== fromY) slanted += 1;
      }
    },
    curve() {
      curves += 1;
    },
    unread: () => found.fail('unsupported'),
    end() {
      let text = '';
      let joined = '';
      let last: number | undefined;
      for (const piece of pieces) {
        const separator = last === undefined || piece.y === last ? '' : '\n';
        text += separator === '' && text !== '' ? ` ${piece.text}` : separator + piece.text;
        joined += separator + piece.text;
        last = piece.y;
      }
      found.text('text', text);
      // Words are often drawn in pieces.
      found.text('joined', joined);
      if (slanted > MAX_SLANTED || curves > MAX_CURVES) found.fail('unsupported');
    },
  };
}
