import { Readable } from 'node:stream';
import type { SealedBody } from '../../model/message.js';
import type { AttachedFile, FilePlace } from '../renderer.js';
import type { Site } from '../site.js';

/** A file that stands in one piece in its message. */
export interface PlacedFile extends AttachedFile {
  readonly place: FilePlace;
}

export function isPlaced(file: AttachedFile | undefined): file is PlacedFile {
  return file?.place !== undefined;
}

/**
 * The content of a file, read from the sealed message and decoded as its reader takes it: a chunk or two of it are in
 * memory. The stream fails where the message is damaged, or the file isn't as large as it was.
 */
export function contentOf(
  site: Pick<Site, 'bodies' | 'renderer'>,
  body: SealedBody,
  { place, size }: PlacedFile,
): Readable {
  const decoded = () => site.renderer.decode(site.bodies.open(body, place), place.encoding);
  // Nothing ahead of what is asked for: there may be many readers, and slow ones.
  return Readable.from(exactly(decoded, size), { objectMode: false, highWaterMark: 0 });
}

/** Nothing is opened before somebody reads. */
async function* exactly(open: () => AsyncIterable<Uint8Array>, size: number): AsyncGenerator<Uint8Array> {
  let given = 0;
  for await (const bytes of open()) {
    given += bytes.length;
    if (given > size) break;
    yield bytes;
  }
  if (given !== size) throw new Error('an attachment has another size than when it was found');
}
