import { isZero } from '../bytes.js';
import { addContent, type Listing } from '../listing.js';
import type { Meter } from '../meter.js';
import type { Span } from './coverage.js';
import { decodeEntry, isReadableMethod } from './decode.js';
import { entryNames } from './entry.js';
import {
  DESCRIPTOR,
  ENCRYPTED,
  LOCAL_SIGNATURE,
  type LocalHeader,
  readLocal,
  skipDescriptor,
} from './local.js';

/**
 * Reads what no directory mentions: entries by their local headers, as a program does that reads from front to back or
 * repairs a file; and the rest as it is.
 * @param keepRest whether bytes that are no entry become children
 */
export async function readGap(
  bytes: Buffer,
  gap: Span,
  keepRest: boolean,
  listing: Listing,
  meter: Meter,
): Promise<void> {
  let at = gap.start;
  let rest = gap.start;
  const addRest = (end: number) => {
    const piece = bytes.subarray(rest, end);
    if (keepRest && !isZero(piece)) listing.child({ bytes: piece, size: piece.length });
  };
  for (;;) {
    at = bytes.indexOf(LOCAL_SIGNATURE, at);
    if (at < 0 || at >= gap.end) break;
    const local = readLocal(bytes, at);
    if (local === undefined) {
      at += LOCAL_SIGNATURE.length;
      continue;
    }
    if (keepRest) listing.oddity('zip-unlisted-entry');
    addRest(at);
    at = Math.min(await readUnlisted(bytes, local, gap.end, listing, meter), gap.end);
    rest = at;
  }
  addRest(gap.end);
}

/** An entry of which only the local header is known; gives the place behind it. */
async function readUnlisted(
  bytes: Buffer,
  local: LocalHeader,
  limit: number,
  listing: Listing,
  meter: Meter,
): Promise<number> {
  const names = entryNames(local);
  listing.entry(names);
  const about = names[0] === undefined ? {} : { fileName: names[0] };
  const sized = (local.flags & DESCRIPTOR) === 0;
  const end = sized ? Math.min(local.dataAt + local.packed, limit) : limit;
  if ((local.flags & ENCRYPTED) !== 0 || !isReadableMethod(local.method)) {
    listing.child({ ...about, status: (local.flags & ENCRYPTED) !== 0 ? 'encrypted' : 'unsupported' });
    return sized ? end : local.dataAt;
  }
  if (sized && local.packed === 0) return end;
  // Stored data of unknown length end where the next header begins, as far as anybody can tell.
  const next = !sized && local.method === 0 ? bytes.indexOf('PK', local.dataAt, 'latin1') : -1;
  const packed = bytes.subarray(local.dataAt, next >= 0 && next < end ? next : end);
  let behind = end;
  await addContent(
    listing,
    () => about,
    async () => {
      const size = sized ? local.size : undefined;
      const decoded = await decodeEntry(
        { ...local, packed, size, crc: sized ? local.crc : undefined },
        meter,
      );
      behind = local.dataAt + decoded.consumed;
      return decoded;
    },
  );
  return sized ? end : skipDescriptor(bytes, behind, { crc: 0, packed: 0, size: 0 });
}
