import { TooLarge } from '../../types.js';
import { isZero } from '../bytes.js';
import { type ArchiveEntry, openArchive } from '../libarchive/open.js';
import { addContent, CorruptArchive, containerReader, type Listing } from '../listing.js';
import type { EntryMeter, Meter } from '../meter.js';
import { readHeader } from './header.js';

const FOLDER = 0x4000;
const LINK = 0xa000;

/** 7z, by libarchive; names and the number of entries by our own reading of the header. */
export const readSevenZip = containerReader(async ({ bytes }, listing, meter) => {
  const header = await readHeader(bytes, meter);
  if (header.kind === 'encrypted') {
    listing.fail('encrypted');
    return;
  }
  const rest = bytes.subarray(header.end);
  if (rest.length > 0 && !isZero(rest)) {
    listing.oddity('7z-trailing-data');
    listing.child({ bytes: rest, size: rest.length });
  }
  if (header.names.length === 0) return;
  const archive = await openArchive(bytes);
  const state: SolidState = { full: false, unsupported: false };
  let index = 0;
  for (let entry = archive.next(); entry !== undefined; entry = archive.next()) {
    const name = header.names[index] ?? entry.name;
    index += 1;
    listing.entry([entry.link === '' ? name : `${name} -> ${entry.link}`]);
    if (entry.type === FOLDER && entry.size === 0) continue;
    if (entry.type === LINK) {
      // Programs that know no links make a file of what it holds, of which libarchive gives only what stands before a NUL.
      listing.child({ fileName: name, status: 'unsupported' });
      continue;
    }
    await readEntry(entry, name, state, listing, meter);
  }
  if (index !== header.names.length)
    throw new CorruptArchive('a 7z file has other entries than its header says');
});

/** In a solid archive one entry's fate decides about those after it. */
interface SolidState {
  /** The budget is used up: even passing over what follows would cost unpacking it. */
  full: boolean;
  /** A method isn't known; what is packed together with it can't be had either. */
  unsupported: boolean;
}

async function readEntry(
  entry: ArchiveEntry,
  fileName: string,
  state: SolidState,
  listing: Listing,
  meter: Meter,
): Promise<void> {
  const about = { fileName, size: entry.size };
  if (entry.encrypted || state.full) {
    listing.child({ ...about, status: entry.encrypted ? 'encrypted' : 'too-large' });
    return;
  }
  let count: EntryMeter;
  try {
    count = meter.entry(entry.size);
  } catch (error) {
    if (!(error instanceof TooLarge)) throw error;
    state.full = true;
    listing.fail('too-large');
    listing.child({ ...about, status: 'too-large' });
    return;
  }
  const content = entry.read(count);
  if (/unsupported|not supported|unknown codec/i.test(content.complaint ?? '')) state.unsupported = true;
  if (state.unsupported && content.complaint !== undefined && content.bytes.length === 0) {
    listing.child({ ...about, status: 'unsupported' });
    return;
  }
  await addContent(
    listing,
    () => about,
    async () => ({ bytes: content.bytes, complete: content.complaint === undefined }),
  );
}
