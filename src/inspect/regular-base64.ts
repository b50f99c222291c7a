import { CR, LF, SPACE, TAB } from './bytes.js';

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
  const out = Buffer.allocUnsafeSlow(size);
  let line = 0;
  for (let at = 0; at < size; line += linesAtOnce) {
    const piece = body.toString('latin1', line * stride, Math.min(end, (line + linesAtOnce) * stride));
    const wanted = Math.min(size - at, linesAtOnce * lineSize);
    // Whatever is no digit makes it fewer.
    if (out.write(piece, at, 'base64') !== wanted) return undefined;
    at += wanted;
  }
  return out;
}

function isBlank(byte: number | undefined): boolean {
  return byte === CR || byte === LF || byte === SPACE || byte === TAB;
}
