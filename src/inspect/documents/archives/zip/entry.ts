import { TooLarge } from '../../types.js';
import { nameReadings } from '../entry-name.js';
import { addContent, isPath, type Listing } from '../listing.js';
import type { Meter } from '../meter.js';
import { type DecodedEntry, decodeEntry, type EntryData, isReadableMethod } from './decode.js';
import type { CentralEntry } from './directory.js';
import { extraField, unicodeField } from './extra-fields.js';
import { DESCRIPTOR, ENCRYPTED, type LocalHeader, MASKED, readLocal, UTF8 } from './local.js';

const STRONG = 0x0040;
const AES_METHOD = 99;
const MAX_LINK = 4096;

/**
 * Reads one entry as the directory describes it, and as its local header does where the two disagree.
 * @param missing what it is where it isn't in the file
 */
export async function readEntry(
  bytes: Buffer,
  entry: CentralEntry,
  missing: 'corrupt' | 'unsupported',
  listing: Listing,
  meter: Meter,
): Promise<void> {
  const local = readLocal(bytes, entry.localAt);
  const names = [...entryNames(entry), ...(local && !isMasked(local, entry) ? entryNames(local) : [])];
  listing.entry(names);
  const comment = unicodeField(entry.extra, 0x6375, entry.comment) ?? entry.comment;
  listing.comment(nameReadings(comment, (entry.flags & UTF8) !== 0).join('\n'));
  const about = { ...(names[0] !== undefined && { fileName: names[0] }), size: entry.size };
  if (local === undefined) {
    listing.fail(missing);
    listing.child({ ...about, status: missing });
    return;
  }
  const differs = disagree(entry, local);
  if (differs) listing.oddity('zip-header-mismatch');
  if (isDirectory(names, entry) && !differs) return;
  const central = await readData(bytes, local.dataAt, entry, about, listing, meter);
  if (!differs || isEncrypted(local)) return;
  // A program that reads from front to back goes by the local header.
  const packed = (local.flags & DESCRIPTOR) === 0 ? local.packed : bytes.length - local.dataAt;
  const unknown = (local.flags & DESCRIPTOR) !== 0;
  const data = {
    ...local,
    packed: bytes.subarray(local.dataAt, local.dataAt + packed),
    size: unknown ? undefined : local.size,
    crc: unknown ? undefined : local.crc,
  };
  await addOther(data, central, about, listing, meter);
}

/** A name that ends in a slash is a directory (APPNOTE 4.4.17); it has no content. */
function isDirectory(names: readonly string[], entry: CentralEntry): boolean {
  return entry.size === 0 && entry.packed <= 2 && /[/\\]$/.test(names[0] ?? '');
}

/** What the two headers of one entry must say alike; sizes only where they don't follow the data. */
function disagree(entry: CentralEntry, local: LocalHeader): boolean {
  if (isMasked(local, entry)) return false;
  if (!entry.name.equals(local.name)) return true;
  if (entry.method !== local.method || isEncrypted(entry) !== isEncrypted(local)) return true;
  if ((local.flags & DESCRIPTOR) !== 0) return false;
  return entry.packed !== local.packed || entry.size !== local.size || entry.crc !== local.crc;
}

/** Only what is encrypted has its local header masked; programs that don't know of it read what is there. */
function isMasked(local: LocalHeader, entry: CentralEntry): boolean {
  return (local.flags & MASKED) !== 0 && isEncrypted(entry);
}

function isEncrypted(header: {
  readonly flags: number;
  readonly method: number;
  readonly extra: Buffer;
}): boolean {
  // Traditional encryption and strong encryption by flag; WinZip's AES by its method and extra field 0x9901.
  return (
    (header.flags & (ENCRYPTED | STRONG)) !== 0 ||
    header.method === AES_METHOD ||
    extraField(header.extra, 0x9901) !== undefined
  );
}

async function readData(
  bytes: Buffer,
  dataAt: number,
  entry: CentralEntry,
  about: { readonly fileName?: string; readonly size: number },
  listing: Listing,
  meter: Meter,
): Promise<DecodedEntry | undefined> {
  if (isEncrypted(entry)) {
    listing.child({ ...about, status: 'encrypted' });
    return undefined;
  }
  if (!isReadableMethod(entry.method)) {
    listing.child({ ...about, status: 'unsupported' });
    return undefined;
  }
  const packed = bytes.subarray(dataAt, dataAt + entry.packed);
  let result: DecodedEntry | undefined;
  const decode = async () => {
    const decoded = await decodeEntry({ ...entry, packed }, meter);
    result = decoded;
    return { bytes: decoded.bytes, complete: decoded.complete && packed.length === entry.packed };
  };
  if (isLink(entry)) {
    const target = await decode();
    // Programs that know no links make a file of it, and so of whatever is called one.
    if (!isPath(target.bytes.toString('latin1')))
      await addContent(
        listing,
        () => about,
        async () => target,
      );
    else {
      if (!target.complete) listing.fail('corrupt');
      listing.comment(nameReadings(target.bytes, false).join('\n'));
    }
  } else await addContent(listing, () => about, decode);
  if (result === undefined) return undefined;
  if (result.sizeDiffers && (result.complete || entry.method === 0)) {
    // Some programs stop at the size that is declared, others where the data end.
    listing.oddity('zip-header-mismatch');
    if (entry.method === 0) await addStoredBySize(bytes, dataAt, entry, about, listing, meter);
  }
  addRest(packed.subarray(result.consumed), result, listing);
  return result;
}

/** Stored data whose two sizes differ: as much as the other one says, where it is there. */
async function addStoredBySize(
  bytes: Buffer,
  dataAt: number,
  entry: CentralEntry,
  about: { readonly fileName?: string },
  listing: Listing,
  meter: Meter,
): Promise<void> {
  if (entry.size <= entry.packed) return;
  const longer = bytes.subarray(dataAt, dataAt + entry.size);
  await addContent(
    listing,
    () => about,
    async () => decodeEntry({ ...entry, crc: undefined, packed: longer, size: longer.length }, meter),
  );
}

/** What lies behind the end of the compressed data, and still within what the entry is said to hold. */
function addRest(rest: Buffer, decoded: DecodedEntry, listing: Listing): void {
  if (!decoded.complete || rest.length === 0) return;
  listing.oddity('zip-hidden-data');
  listing.child({ bytes: rest, size: rest.length });
}

async function addOther(
  data: EntryData,
  central: DecodedEntry | undefined,
  about: { readonly fileName?: string },
  listing: Listing,
  meter: Meter,
): Promise<void> {
  if (!isReadableMethod(data.method)) {
    listing.child({ ...about, status: 'unsupported' });
    return;
  }
  const other = await decodeEntry(data, meter).catch((error: unknown) => {
    listing.fail(error instanceof TooLarge ? 'too-large' : 'corrupt');
    return undefined;
  });
  if (other === undefined) return;
  // Where the other reading gives nothing that could be had, it isn't one.
  if (central?.bytes.equals(other.bytes) === true || other.bytes.length === 0) return;
  listing.child({ ...about, bytes: other.bytes, size: other.bytes.length });
}

function isLink(entry: CentralEntry): boolean {
  return (entry.mode & 0xf000) === 0xa000 && entry.size <= MAX_LINK;
}

/** How a header's name can be read, likeliest first. */
export function entryNames(header: CentralEntry | LocalHeader): readonly string[] {
  const unicode = unicodeField(header.extra, 0x7075, header.name);
  const plain = nameReadings(header.name, (header.flags & UTF8) !== 0);
  return unicode === undefined ? plain : [...nameReadings(unicode, true), ...plain];
}
