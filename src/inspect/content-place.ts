import type { ByteRange } from './bytes.js';

/**
 * Where an attachment's content stands in its message, so that it can be had without reading the rest: exactly these
 * bytes, decoded by `decodeStream`, are what the rendering gives for it.
 */
export interface ContentPlace extends ByteRange {
  readonly encoding: 'base64' | 'quoted-printable' | 'none';
}
