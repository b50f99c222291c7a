import type { LeafSeal } from '../existing-protection.js';
import type { LeafText } from '../leaf-text.js';
import type { Oddity } from '../oddity.js';
import type { EmbeddedContent, LeafContent } from './content.js';

const MAX_EMBEDDED = 100;
/** Addresses within what stands in such. */
const MAX_DEPTH = 3;
/** Bytes that are read of the texts that stand in one part: so often its own, and some more. */
const ROOM_PER_BYTE = 2;
const LEAST_ROOM = 65_536;

/**
 * What stands within one part as something of its own (in `data:` addresses, in fields of records) and was read. A document
 * in several character sets holds each of them several times, what stands in these holds its own as often, and so on:
 * without such bounds a few letters would be a thousand documents.
 */
interface Held {
  /** In how many documents each stood. */
  readonly depths: Map<string, number>;
  /** Bytes that may still be read. */
  room: number;
}

/** What is gathered while a leaf's text is read. */
export interface Found {
  readonly texts: LeafText[];
  readonly embedded: EmbeddedContent[];
  readonly oddities: Oddity[];
  /** More is embedded than was taken. */
  tooMuch: boolean;
  /** A block of PGP in it: encrypted, or signed or compressed in a way that isn't read here. */
  unread: 'encrypted' | 'unsupported' | undefined;
  /** A block of PGP that is all of a text. */
  wholePgp: LeafSeal['state'] | undefined;
  /** In how many others the text that is read stands. */
  readonly depth: number;
  readonly held: Held;
  /** Reads text that stands within this one as a leaf of its own. */
  readonly readInner: (content: LeafContent, within: Found) => void;
}

/** @param part the bytes of the whole part */
export function newFound(part: Buffer, readInner: Found['readInner']): Found {
  const held = { depths: new Map(), room: ROOM_PER_BYTE * part.length + LEAST_ROOM };
  return nothingFound(0, held, readInner);
}

/** For text that stands within the other. */
export function foundWithin({ depth, held, readInner }: Found): Found {
  return nothingFound(depth + 1, held, readInner);
}

function nothingFound(depth: number, held: Held, readInner: Found['readInner']): Found {
  return {
    texts: [],
    embedded: [],
    oddities: [],
    tooMuch: false,
    unread: undefined,
    wholePgp: undefined,
    depth,
    held,
    readInner,
  };
}

export function addEmbedded(content: EmbeddedContent, found: Found): void {
  if (found.embedded.some((one) => one.bytes.equals(content.bytes))) return;
  if (found.embedded.length < MAX_EMBEDDED) found.embedded.push(content);
  else found.tooMuch = true;
}

/** Whether no less of it was read, as it is where it stood in as few documents. From now on it was. */
export function wasRead(content: string, { depth, held }: Found): boolean {
  if ((held.depths.get(content) ?? MAX_DEPTH + 1) <= depth) return true;
  held.depths.set(content, depth);
  return false;
}

/** Whether text may stand within what is read, and be read, too. */
export function mayHold({ depth }: Found): boolean {
  return depth < MAX_DEPTH;
}

/** Takes room for text that stands within; false: there is none left. */
export function takeRoom(bytes: number, found: Found): boolean {
  found.held.room -= bytes;
  if (found.held.room >= 0) return true;
  found.tooMuch = true;
  return false;
}
