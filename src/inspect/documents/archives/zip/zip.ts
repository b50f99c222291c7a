import { isZero } from '../bytes.js';
import { nameReadings } from '../entry-name.js';
import { containerReader, type Listing } from '../listing.js';
import type { Meter } from '../meter.js';
import { covers, gaps, merged, overlaps, type Span } from './coverage.js';
import { type CentralEntry, directoriesAt, END_SIGNATURE, type ZipDirectory } from './directory.js';
import { readEntry } from './entry.js';
import { readGap } from './gap.js';
import { DESCRIPTOR, readLocal, skipDescriptor } from './local.js';

/** Directories of one file that are read; a file with more is made to confuse. */
const MAX_DIRECTORIES = 8;
const MAX_END_RECORDS = 100_000;

/**
 * ZIP (PKWARE APPNOTE 6.3.10), in every way in which programs read it: by the directory at the end, by other
 * directories, and from front to back by the local headers. What only some of them would show is an oddity.
 */
export const readZip = containerReader(async ({ bytes }, listing, meter, context) => {
  const { maxEntries } = context.limits;
  const directories = findDirectories(bytes, listing, maxEntries);
  const seen = new Set<string>();
  for (const directory of directories) {
    await readByDirectory(bytes, directory, seen, listing, meter, maxEntries);
  }
  const covered = directories.flatMap((directory) => [...directory.ranges, ...entrySpans(bytes, directory)]);
  const whole = directories.length === 0;
  if (whole) listing.fail('corrupt');
  for (const gap of gaps(covered, bytes.length)) {
    const piece = bytes.subarray(gap.start, gap.end);
    if (isZero(piece) || (gap.start === 0 && isSpanMark(piece))) continue;
    if (!whole && !directories.some(({ split }) => split)) listing.oddity(gapName(gap, bytes.length));
    await readGap(bytes, gap, !whole, listing, meter);
  }
});

function gapName({ start, end }: Span, length: number): string {
  if (start === 0) return 'zip-data-before';
  return end === length ? 'zip-data-after' : 'zip-hidden-data';
}

/** The mark of an archive that was to be split and fitted on one disk (APPNOTE 8.5.4, 8.5.5). */
function isSpanMark(piece: Buffer): boolean {
  return piece.length === 4 && /^PK(?:00|\x07\x08)$/.test(piece.toString('latin1'));
}

/** All directories that aren't inside an entry of another one, the one nearest to the end first. */
function findDirectories(bytes: Buffer, listing: Listing, maxEntries: number): readonly ZipDirectory[] {
  const found: ZipDirectory[] = [];
  let inside: readonly Span[] = [];
  let records = 0;
  for (
    let at = bytes.lastIndexOf(END_SIGNATURE);
    at >= 0;
    at = at === 0 ? -1 : bytes.lastIndexOf(END_SIGNATURE, at - 1)
  ) {
    records += 1;
    if (records > MAX_END_RECORDS || found.length > MAX_DIRECTORIES) {
      listing.fail('corrupt');
      break;
    }
    if (covers(inside, at)) continue;
    const next = directoriesAt(bytes, at, maxEntries);
    found.push(...next);
    // A directory within a stored entry belongs to that entry.
    if (next.length > 0) inside = merged(found.flatMap((directory) => entrySpans(bytes, directory)));
  }
  if (found.length > 1) listing.oddity('zip-two-directories');
  return found;
}

/** Which bytes belong to a directory's entries: header, data and descriptor. */
function entrySpans(bytes: Buffer, directory: ZipDirectory): readonly Span[] {
  return directory.entries.flatMap((entry) => {
    const local = readLocal(bytes, entry.localAt);
    if (local === undefined) return [];
    const end = Math.min(local.dataAt + entry.packed, bytes.length);
    const described = (local.flags & DESCRIPTOR) !== 0 ? skipDescriptor(bytes, end, entry) : end;
    return [{ start: entry.localAt, end: described }];
  });
}

async function readByDirectory(
  bytes: Buffer,
  directory: ZipDirectory,
  seen: Set<string>,
  listing: Listing,
  meter: Meter,
  maxEntries: number,
): Promise<void> {
  if (directory.split) listing.fail('unsupported');
  if (directory.broken) listing.fail('corrupt');
  if (directory.entries.length > maxEntries) listing.fail('too-large');
  if (directory.countDiffers) listing.oddity('zip-count-mismatch');
  if (directory.zip64Differs) listing.oddity('zip-two-directories');
  if (overlaps([...entrySpans(bytes, directory), ...directory.ranges])) listing.oddity('zip-overlap');
  listing.comment(nameReadings(directory.comment, false).join('\n'));
  const names = new Set<string>();
  for (const entry of directory.entries) {
    const name = entry.name.toString('latin1');
    if (names.has(name)) listing.oddity('zip-duplicate-name');
    names.add(name);
    const key = keyOf(entry, name);
    if (seen.has(key)) continue;
    seen.add(key);
    // The data of an entry of several disks may be in another file.
    await readEntry(bytes, entry, directory.split ? 'unsupported' : 'corrupt', listing, meter);
  }
}

function keyOf(entry: CentralEntry, name: string): string {
  return [entry.localAt, entry.method, entry.flags, entry.packed, entry.size, entry.crc, name].join(':');
}
