import { CR, LF, SPACE, TAB } from './bytes.js';

/** A body in base64 as programs write it: lines of one width, the last one shorter, padding at the very end. */
export interface RegularBase64 {
  /** Decoded bytes. */
  readonly size: number;
  /**
   * Decodes a stretch of the content, with the lines that it touches. Undefined where one of these holds anything but the 64
   * digits, so that readers may differ: nothing can be said of the content then.
   * @param memory where it is decoded to, if it is large enough
   */
  readonly read: (from: number, to: number, memory?: Buffer) => Buffer | undefined;
}

const PAD = 0x3d;
/** Bytes of a body that are decoded at a time: strings of this size are soon garbage. */
const PIECE = 48 * 1024;
const MINUS = 0x2d;
const UNDERLINE = 0x5f;

/**
 * What a body holds that is base64 as programs write it: lines of one width, the last one shorter, nothing in them but the 64
 * digits, padding at the very end. Undefined for any other, of which readers may make different things.
 */
export function regularBase64(body: Buffer): Buffer | undefined {
  const lines = regularLines(body);
  return lines?.read(0, lines.size);
}

/** The lines of a body as `regularBase64` wants them. Looks at nothing but their ends: the rest is looked at as it is read. */
export function regularLines(body: Buffer): RegularBase64 | undefined {
  let end = body.length;
  while (end > 0 && isBlank(body[end - 1])) end -= 1;
  if (end === 0) return undefined;
  const lineEnd = body.indexOf(LF);
  const lineBreak = lineEnd < 0 || lineEnd > end ? 0 : body[lineEnd - 1] === CR ? 2 : 1;
  const width = lineBreak === 0 ? end : lineEnd - lineBreak + 1;
  if (width === 0 || (width % 4 !== 0 && lineBreak > 0)) return undefined;
  const stride = width + lineBreak;
  const last = Math.floor((end - 1) / stride) * stride;
  const rest = end - last;
  if (rest > width || rest % 4 !== 0) return undefined;
  for (let at = width; at < last; at += stride)
    if (body[at + lineBreak - 1] !== LF || (lineBreak === 2 && body[at] !== CR)) return undefined;
  // The decoder takes these two for digits (RFC 4648 5).
  if (body.includes(MINUS) || body.includes(UNDERLINE)) return undefined;
  const padding = body[end - 1] !== PAD ? 0 : body[end - 2] === PAD ? 2 : 1;
  const lineSize = (width / 4) * 3;
  const size = (last / stride) * lineSize + (rest / 4) * 3 - padding;
  const linesAtOnce = Math.max(1, Math.floor(PIECE / stride));
  return {
    size,
    read(from, to, memory) {
      const firstLine = Math.floor(from / lineSize);
      const endLine = Math.ceil(Math.min(to, size) / lineSize);
      const start = firstLine * lineSize;
      const length = Math.max(0, Math.min(size, endLine * lineSize) - start);
      const fits = memory !== undefined && length <= memory.length;
      const out = fits ? memory.subarray(0, length) : Buffer.allocUnsafeSlow(length);
      let at = 0;
      for (let line = firstLine; line < endLine; line += linesAtOnce) {
        // No line more than is wanted: what it decodes to would make up for what is missing.
        const next = Math.min(endLine, line + linesAtOnce);
        const wanted = Math.min(out.length, next * lineSize - start) - at;
        const piece = body.toString('latin1', line * stride, Math.min(end, next * stride));
        // Whatever is no digit makes it fewer.
        if (out.write(piece, at, 'base64') !== wanted) return undefined;
        at += wanted;
      }
      return out.subarray(from - start, Math.min(to, size) - start);
    },
  };
}

function isBlank(byte: number | undefined): boolean {
  return byte === CR || byte === LF || byte === SPACE || byte === TAB;
}
