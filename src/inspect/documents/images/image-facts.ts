import type { LeafText } from '../../leaf-text.js';
import type { StoredPicture } from './stored-picture.js';

/** One picture of a file that may hold several: a frame of an animation, a page of a fax. */
export interface Frame {
  readonly width: number;
  readonly height: number;
  /**
   * As one image that can be recognised by itself.
   * @throws Error where it can't be decoded
   */
  image(): Promise<Buffer> | Buffer;
  /** The same, to be drawn larger: it is recognised better. */
  readonly stored?: StoredPicture;
  /** The frame before it, as other programs show it. */
  readonly again?: true;
  /** In its colours, as a PDF of one page. Absent: by `stored`, or by decoding `image`. */
  readonly asPdf?: () => Buffer;
}

/** What the headers of an image say; nothing is decoded yet. */
export interface ImageFacts {
  /** At least one. */
  readonly frames: readonly Frame[];
  /** Pixels of the canvas that the frames are drawn on. */
  readonly width: number;
  readonly height: number;
  /** Words kept beside the picture. */
  readonly texts: readonly LeafText[];
  /** Some of these words can't be unpacked. */
  readonly unreadTexts?: true;
  /** Offset behind the last byte that belongs to the image. */
  readonly end: number;
  /** The pictures are stored in a way that isn't decoded here. */
  readonly unsupported?: true;
  /** The file ends before the image does. */
  readonly cutOff?: true;
}

/** Reads the headers. @throws Error where they are damaged; @throws TooLarge */
export type ImageParser = (bytes: Buffer) => ImageFacts;
