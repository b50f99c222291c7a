import type { Readable } from 'node:stream';
import type { SealedBody } from '../../model/message.js';

/** Writes one body, sealed, as it arrives. */
export interface BodyWriter {
  write(chunk: Uint8Array): Promise<void>;
  /** Syncs file and directory (large bodies) and gives what the row must keep. */
  finish(): Promise<SealedBody>;
  /** Removes what was written. */
  abort(): Promise<void>;
}

/** Bytes of the plain content, from 0; `end` isn't part of it. */
export interface PlainRange {
  readonly start: number;
  readonly end: number;
}

export interface BodyStore {
  /** @param use `readSoon`: where there is room, what is not large stays in memory for the moment until it is read */
  create(use?: { readonly readSoon: boolean }): BodyWriter;
  /**
   * The plain bytes, or some of them. The stream fails when a chunk was damaged, truncated, reordered or taken from another
   * body; of a range, when one that it lies in was, or the whole has the wrong length.
   */
  open(body: SealedBody, range?: PlainRange): Readable;
  /** Seals small content of our own (notices) at once. */
  seal(bytes: Uint8Array): Promise<SealedBody>;
  /** Removes the file of a body whose content was destroyed. */
  remove(fileName: string): Promise<void>;
}

/** The bodies that the relay keeps. */
export interface KeptBodies extends BodyStore {
  /**
   * From now on `remove` only remembers what is to go, because somebody copies files. What is given removes it; a crash
   * leaves it to the next start.
   */
  keepFiles(): () => Promise<void>;
}
