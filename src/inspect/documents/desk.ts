import type { DocumentPart } from './types.js';

/** A document found in a message, to be read elsewhere. */
export interface FoundDocument {
  /** Names it within the message; the same each time that the message is read. */
  readonly key: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly fileName?: string;
  readonly mediaType: string;
}

export interface ReadDocument {
  readonly key: string;
  /** The document itself (path `''`) first. */
  readonly parts: readonly DocumentPart[];
}

/**
 * Where the reader of the structure gives documents and finds those that were read. A message with documents is read
 * again when they are, and again where mail within them holds more.
 */
export interface DocumentDesk {
  /** Undefined: it isn't read yet, and from now on it is wanted. */
  read(path: string, document: GivenDocument): readonly DocumentPart[] | undefined;
  wanted(): readonly FoundDocument[];
}

interface GivenDocument {
  readonly bytes: Buffer;
  readonly fileName: string | undefined;
  readonly mediaType: string;
}

/**
 * @param known documents that were read
 * @param message the message, whose memory isn't handed over with a document
 */
export function createDesk(known: readonly ReadDocument[], message: Uint8Array): DocumentDesk {
  const parts = new Map(known.map((one) => [one.key, one.parts]));
  const places = new Map<string, GivenDocument[]>();
  const wanted: FoundDocument[] = [];
  return {
    read(path, document) {
      const given = places.get(path) ?? [];
      places.set(path, given);
      let index = given.findIndex(
        (one) => one.mediaType === document.mediaType && one.bytes.equals(document.bytes),
      );
      const isNew = index < 0;
      if (isNew) index = given.push(document) - 1;
      const key = `${path} ${index}`;
      const found = parts.get(key);
      if (found === undefined && isNew) {
        const { bytes, fileName, mediaType } = document;
        wanted.push({
          key,
          bytes: ownMemory(bytes, [message, ...wanted.map((other) => other.bytes)]),
          mediaType,
          ...(fileName !== undefined && { fileName }),
        });
      }
      return found;
    },
    wanted: () => wanted,
  };
}

/**
 * Memory that can be handed over: what is a view of something larger would take all of that along, and what others
 * need, or are handed over with, can't go.
 */
function ownMemory(bytes: Buffer, others: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const { buffer } = bytes;
  return buffer instanceof ArrayBuffer &&
    buffer.byteLength === bytes.byteLength &&
    others.every((other) => other.buffer !== buffer)
    ? new Uint8Array(buffer)
    : Uint8Array.from(bytes);
}
