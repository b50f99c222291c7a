import { crc32 } from 'node:zlib';
import { readUInt64LE } from '../bytes.js';
import { openArchive } from '../libarchive/open.js';
import { CorruptArchive } from '../listing.js';
import type { Meter } from '../meter.js';
import { type Cursor, cursor } from './cursor.js';
import { skipStreams } from './streams.js';

const END = 0x00;
const HEADER = 0x01;
const ARCHIVE_PROPERTIES = 0x02;
const ADDITIONAL_STREAMS = 0x03;
const MAIN_STREAMS = 0x04;
const FILES = 0x05;
const PACK_INFO = 0x06;
const SUB_STREAMS = 0x08;
const NAMES = 0x11;
const ENCODED = 0x17;
const START = 32;
const MAX_LAYERS = 4;

/** What a 7z file's own headers say, read apart from libarchive, which loses names that aren't ASCII. */
export type SevenZipHeader =
  | { readonly kind: 'encrypted' }
  | { readonly kind: 'plain'; readonly names: readonly string[]; readonly end: number };

/** @throws CorruptArchive, TooLarge */
export async function readHeader(bytes: Buffer, meter: Meter): Promise<SevenZipHeader> {
  const start = readStart(bytes);
  let header = bytes.subarray(start.at, start.end);
  for (let layer = 0; header[0] === ENCODED; layer++) {
    if (layer >= MAX_LAYERS) throw new CorruptArchive('a 7z header is packed too often');
    const unpacked = await unpackHeader(bytes, start.at, header, meter);
    if (unpacked === undefined) return { kind: 'encrypted' };
    header = unpacked;
  }
  return { kind: 'plain', names: header.length === 0 ? [] : readNames(header), end: start.end };
}

/** Where the header is: the first 32 bytes say so, and checksums guard them. */
function readStart(bytes: Buffer): { readonly at: number; readonly end: number } {
  if (bytes.length < START || bytes.readUInt32LE(8) !== crc32(bytes.subarray(12, START))) {
    throw new CorruptArchive('the start of a 7z file is broken');
  }
  const at = START + readUInt64LE(bytes, 12);
  const end = at + readUInt64LE(bytes, 20);
  if (end > bytes.length || crc32(bytes.subarray(at, end)) !== bytes.readUInt32LE(28)) {
    throw new CorruptArchive('the header of a 7z file is broken');
  }
  return { at, end };
}

/**
 * A packed header is described like a file's content; it is unpacked as the only file of an archive made for that.
 * Undefined where it is encrypted.
 */
async function unpackHeader(
  bytes: Buffer,
  headerAt: number,
  header: Buffer,
  meter: Meter,
): Promise<Buffer | undefined> {
  const input = cursor(header.subarray(1));
  if (input.byte() !== PACK_INFO) throw new CorruptArchive('a packed 7z header lacks its place');
  const place = START + input.number();
  if (place > headerAt) throw new CorruptArchive('a packed 7z header lies outside its file');
  const packed = bytes.subarray(place, headerAt);
  const streams = input.rest().subarray(0, -1);
  const plain = Buffer.concat([
    Buffer.from([HEADER, MAIN_STREAMS, PACK_INFO, 0]),
    streams,
    // libarchive insists on this block, empty as it is.
    Buffer.from([SUB_STREAMS, END, END]),
    Buffer.from([FILES, 1, NAMES, 5, 0, 0x78, 0, 0, 0, END]),
    Buffer.from([END]),
  ]);
  const archive = await openArchive(Buffer.concat([startHeader(packed.length, plain), packed, plain]));
  const entry = archive.next();
  if (entry === undefined) throw new CorruptArchive('a packed 7z header is empty');
  if (entry.encrypted) return undefined;
  const content = entry.read(meter.entry(entry.size));
  if (content.complaint !== undefined) throw new CorruptArchive('a packed 7z header is broken');
  return content.bytes;
}

function startHeader(offset: number, header: Buffer): Buffer {
  const start = Buffer.alloc(START);
  start.write('7z\xbc\xaf\x27\x1c\x00\x04', 'latin1');
  start.writeUInt32LE(offset, 12);
  start.writeUInt32LE(header.length, 20);
  start.writeUInt32LE(crc32(header), 28);
  start.writeUInt32LE(crc32(start.subarray(12)), 8);
  return start;
}

function readNames(header: Buffer): readonly string[] {
  const input = cursor(header);
  if (input.byte() !== HEADER) throw new CorruptArchive('a 7z header is of an unknown kind');
  for (let tag = input.byte(); tag !== END; tag = input.byte()) {
    if (tag === ARCHIVE_PROPERTIES)
      for (let type = input.byte(); type !== END; type = input.byte()) input.take(input.number());
    else if (tag === ADDITIONAL_STREAMS || tag === MAIN_STREAMS) skipStreams(input);
    else if (tag === FILES) return readFileNames(input);
    else throw new CorruptArchive('a 7z header holds an unknown block');
  }
  return [];
}

function readFileNames(input: Cursor): readonly string[] {
  const count = input.count();
  let names: readonly string[] | undefined;
  for (let type = input.byte(); type !== END; type = input.byte()) {
    const data = input.take(input.number());
    if (type !== NAMES) continue;
    if (data[0] !== 0) throw new CorruptArchive('a 7z header keeps its names elsewhere');
    names = data.toString('utf16le', 1).split('\0').slice(0, -1);
  }
  if (names !== undefined && names.length !== count) throw new CorruptArchive('a 7z header lacks names');
  return names ?? Array.from({ length: count }, () => '');
}
