import { crc32 } from 'node:zlib';
import { isZero } from './bytes.js';
import { nameReadings } from './entry-name.js';
import { inflateRaw } from './inflate.js';
import { innerName } from './inner-name.js';
import { addContent, CorruptArchive, containerReader, type Listing } from './listing.js';
import type { EntryMeter } from './meter.js';

const FHCRC = 0x02;
const FEXTRA = 0x04;
const FNAME = 0x08;
const FCOMMENT = 0x10;

/** gzip (RFC 1952): all members, one after another, make up the content. */
export const readGzip = containerReader(async ({ bytes, fileName }, listing, meter) => {
  let name = innerName(fileName, /\.(?:gz|gzip)$/i);
  let end = 0;
  let complete = false;
  const pieces: Buffer[] = [];
  await addContent(
    listing,
    () => (name === undefined ? {} : { fileName: name }),
    async () => {
      const count = meter.entry(undefined);
      do {
        const header = readHeader(bytes, end, listing);
        if (end === 0) name = header.name ?? name;
        const member = await readMember(bytes, header.dataAt, count);
        pieces.push(member.bytes);
        end = member.end;
        complete = member.complete;
      } while (complete && isMember(bytes, end));
      return { bytes: Buffer.concat(pieces), complete };
    },
  );
  // Tapes are padded with zeros; gunzip ignores those and warns of anything else.
  const rest = bytes.subarray(end);
  if (complete && rest.length > 0 && !isZero(rest)) {
    listing.oddity('gzip-trailing-data');
    listing.child({ bytes: rest, size: rest.length });
  }
});

function isMember(bytes: Buffer, at: number): boolean {
  return bytes[at] === 0x1f && bytes[at + 1] === 0x8b;
}

/** RFC 1952 2.3.1. */
function readHeader(
  bytes: Buffer,
  start: number,
  listing: Listing,
): { readonly dataAt: number; readonly name?: string } {
  const flags = bytes.readUInt8(start + 3);
  if (!isMember(bytes, start) || bytes.readUInt8(start + 2) !== 8)
    throw new CorruptArchive('not a gzip member');
  let at = start + 10;
  if ((flags & FEXTRA) !== 0) at += 2 + bytes.readUInt16LE(at);
  const names: string[] = [];
  const field = (keep: (text: Buffer) => void) => {
    const stop = bytes.indexOf(0, at);
    if (stop < 0) throw new CorruptArchive('a gzip header ends within a field');
    keep(bytes.subarray(at, stop));
    at = stop + 1;
  };
  if ((flags & FNAME) !== 0) field((raw) => names.push(...nameReadings(raw, false)));
  if ((flags & FCOMMENT) !== 0) field((raw) => listing.comment(nameReadings(raw, false).join('\n')));
  if ((flags & FHCRC) !== 0) at += 2;
  listing.entry(names);
  return { dataAt: at, ...(names[0] !== undefined && { name: names[0] }) };
}

async function readMember(
  bytes: Buffer,
  dataAt: number,
  count: EntryMeter,
): Promise<{ readonly bytes: Buffer; readonly end: number; readonly complete: boolean }> {
  const inflated = await inflateRaw(bytes.subarray(dataAt), count);
  const trailer = dataAt + inflated.consumed;
  const complete =
    inflated.sound &&
    trailer + 8 <= bytes.length &&
    bytes.readUInt32LE(trailer) === crc32(inflated.bytes) &&
    bytes.readUInt32LE(trailer + 4) === inflated.bytes.length % 2 ** 32;
  return { bytes: inflated.bytes, end: Math.min(trailer + 8, bytes.length), complete };
}
