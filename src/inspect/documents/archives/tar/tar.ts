import { isZero } from '../bytes.js';
import { nameReadings } from '../entry-name.js';
import { addContent, CorruptArchive, containerReader, type Listing } from '../listing.js';
import type { Meter } from '../meter.js';
import { BLOCK, cString, padded, readTarHeader, type TarHeader } from './header.js';
import { type PaxRecord, paxNumber, paxValue, readPax } from './pax.js';
import { fillSparse, oldSparseMap, paxSparseMap, type SparseMap } from './sparse.js';

/** What the headers before a file say of it. */
interface Extended {
  readonly records: readonly PaxRecord[];
  readonly longName?: Buffer;
  readonly longLink?: Buffer;
}

const NOTHING: Extended = { records: [] };
const MAX_GLOBALS = 100;
const NO_CONTENT = new Set(['1', '2', '3', '4', '5', '6']);

/** tar: v7, ustar, GNU (long names, sparse files) and pax. */
export const readTar = containerReader(async ({ bytes }, listing, meter) => {
  let at = 0;
  let ended = false;
  const globals = new Map<string, PaxRecord>();
  let extended = NOTHING;
  const remarks = new Set<string>();
  while (at < bytes.length) {
    const block = bytes.subarray(at, at + BLOCK);
    if (isZero(block)) {
      // Two blocks of zeros are the end. Some programs stop at the first, others read on behind both.
      ended = true;
      at += BLOCK;
      continue;
    }
    const header = readTarHeader(bytes, at);
    if (ended) listing.oddity('tar-data-after-end');
    if (header === undefined) return unreadable(bytes.subarray(at), ended, listing);
    ended = false;
    at += BLOCK;
    if (
      header.type === 'x' ||
      header.type === 'X' ||
      header.type === 'g' ||
      header.type === 'L' ||
      header.type === 'K'
    ) {
      const data = bytes.subarray(at, at + header.size);
      if (data.length < header.size) throw new CorruptArchive('a tar file ends within a header');
      at += padded(header.size);
      if (header.type === 'g') addGlobals(globals, readPax(data));
      else if (header.type === 'L') extended = { ...extended, longName: cString(data) };
      else if (header.type === 'K') extended = { ...extended, longLink: cString(data) };
      else extended = { ...extended, records: readPax(data) };
      continue;
    }
    const known = withGlobals(extended, [...globals.values()]);
    for (const remark of remarksOn(header, known)) {
      if (remarks.has(remark)) continue;
      remarks.add(remark);
      listing.comment(remark);
    }
    at = await readMember(bytes, at, header, known, listing, meter);
    extended = NOTHING;
  }
  // Without zeros at its end it may have been cut between two members.
  if (at > bytes.length || (!ended && at > 0)) listing.fail('corrupt');
  if (extended !== NOTHING) listing.fail('corrupt');
});

/** Later global records replace earlier ones (pax); there is no use for many. */
function addGlobals(globals: Map<string, PaxRecord>, records: readonly PaxRecord[]): void {
  for (const record of records) globals.set(record.key, record);
  if (globals.size > MAX_GLOBALS) throw new CorruptArchive('a tar file has too many global records');
}

function withGlobals(extended: Extended, globals: readonly PaxRecord[]): Extended {
  return globals.length === 0 ? extended : { ...extended, records: [...globals, ...extended.records] };
}

/** No header where one must be: what is left is given as it is. */
function unreadable(rest: Buffer, ended: boolean, listing: Listing): void {
  if (!ended) listing.fail('corrupt');
  listing.child({ bytes: rest, size: rest.length });
}

/** One member; gives the place of the next header. */
async function readMember(
  bytes: Buffer,
  at: number,
  header: TarHeader,
  extended: Extended,
  listing: Listing,
  meter: Meter,
): Promise<number> {
  const names = memberNames(header, extended, listing);
  const size = memberSize(header, extended, listing);
  const sparse =
    header.type === 'S' ? oldSparseMap(bytes, header.block, at) : paxSparseMap(extended.records, bytes, at);
  const dataAt = header.type === 'S' ? (sparse?.dataAt ?? at) : at;
  const next = dataAt + padded(size);
  const link = linkTarget(header, extended);
  listing.entry(link === undefined ? names : names.map((name) => `${name} -> ${link}`));
  if (NO_CONTENT.has(header.type)) {
    if (size === 0) return next;
    // Some readers skip the content of a link or directory, others take it for the next header.
    listing.oddity('tar-link-with-content');
  }
  const about = { ...(names[0] !== undefined && { fileName: names[0] }), size: sparse?.realSize ?? size };
  await addContent(
    listing,
    () => about,
    async () => content(bytes, dataAt, size, sparse, meter),
  );
  return next;
}

function content(bytes: Buffer, dataAt: number, size: number, sparse: SparseMap | undefined, meter: Meter) {
  meter.entry(sparse?.realSize ?? size);
  const data = bytes.subarray(sparse?.dataAt ?? dataAt, dataAt + size);
  const complete = dataAt + size <= bytes.length;
  if (sparse === undefined || !complete) return { bytes: data, complete };
  return { bytes: fillSparse(sparse, data), complete };
}

function memberNames(header: TarHeader, extended: Extended, listing: Listing): readonly string[] {
  const old =
    header.prefix.length > 0 ? Buffer.concat([header.prefix, Buffer.from('/'), header.name]) : header.name;
  const paths = extended.records.filter(({ key }) => key === 'path' || key === 'GNU.sparse.name');
  // The short name repeats the beginning of a long one; where it is told apart, both are read.
  const raw = [
    ...paths.map(({ value }) => value).reverse(),
    ...(extended.longName ? [extended.longName] : []),
    old,
  ];
  if (paths.filter(({ key }) => key === 'path').length > 1) listing.oddity('tar-duplicate-path');
  return raw.flatMap((name) => nameReadings(name, false));
}

function memberSize(header: TarHeader, extended: Extended, listing: Listing): number {
  const value = paxValue(extended.records, 'size');
  if (value === undefined) return header.size;
  const size = paxNumber(value);
  // The header has room for eight gibibytes; a smaller size that differs is read differently by old programs.
  if (size !== header.size && size < 8 * 1024 ** 3) listing.oddity('tar-size-mismatch');
  return size;
}

/** What programs list of a member besides its name: its owners, and comments (pax). */
function remarksOn(header: TarHeader, { records }: Extended): readonly string[] {
  const listed = records.filter(({ key }) => key === 'uname' || key === 'gname' || key === 'comment');
  return [...header.owners, ...listed.map(({ value }) => value)]
    .filter((raw) => raw.length > 0)
    .flatMap((raw) => nameReadings(raw, false));
}

function linkTarget(header: TarHeader, extended: Extended): string | undefined {
  if (header.type !== '1' && header.type !== '2') return undefined;
  const raw = paxValue(extended.records, 'linkpath') ?? extended.longLink ?? header.linkName;
  return nameReadings(raw, false)[0];
}
