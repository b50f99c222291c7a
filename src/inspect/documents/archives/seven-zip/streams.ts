import { CorruptArchive } from '../listing.js';
import type { Cursor } from './cursor.js';

const END = 0x00;
const PACK_INFO = 0x06;
const UNPACK_INFO = 0x07;
const SUB_STREAMS = 0x08;
const SIZE = 0x09;
const CRC = 0x0a;
const FOLDER = 0x0b;
const UNPACK_SIZE = 0x0c;
const STREAM_COUNT = 0x0d;

/** Passes over a description of packed streams: only where it ends matters here. @throws CorruptArchive */
export function skipStreams(input: Cursor): void {
  let folders: readonly boolean[] = [];
  for (let tag = input.byte(); tag !== END; tag = input.byte()) {
    if (tag === PACK_INFO) skipPacked(input);
    else if (tag === UNPACK_INFO) folders = readFolders(input);
    else if (tag === SUB_STREAMS) skipSubStreams(input, folders);
    else throw new CorruptArchive('a 7z header holds an unknown block');
  }
}

function skipPacked(input: Cursor): void {
  input.number();
  const count = input.count();
  for (let tag = input.byte(); tag !== END; tag = input.byte()) {
    if (tag === SIZE) for (let left = count; left > 0; left--) input.number();
    else if (tag === CRC) skipDigests(input, count);
    else throw new CorruptArchive('a 7z header holds an unknown block');
  }
}

/** For each folder, whether it has a checksum. */
function readFolders(input: Cursor): readonly boolean[] {
  if (input.byte() !== FOLDER) throw new CorruptArchive('a 7z header lacks its folders');
  const count = input.count();
  if (input.byte() !== 0) throw new CorruptArchive('a 7z header keeps its folders elsewhere');
  let outputs = 0;
  for (let left = count; left > 0; left--) outputs += skipFolder(input);
  if (input.byte() !== UNPACK_SIZE) throw new CorruptArchive('a 7z header lacks its sizes');
  for (let left = outputs; left > 0; left--) input.number();
  let digests: readonly boolean[] = Array.from({ length: count }, () => false);
  for (let tag = input.byte(); tag !== END; tag = input.byte()) {
    if (tag !== CRC) throw new CorruptArchive('a 7z header holds an unknown block');
    digests = skipDigests(input, count);
  }
  return digests;
}

/** Gives the number of streams that come out of the folder's coders. */
function skipFolder(input: Cursor): number {
  let inputs = 0;
  let outputs = 0;
  for (let left = input.count(); left > 0; left--) {
    const flags = input.byte();
    input.take(flags & 0x0f);
    const complex = (flags & 0x10) !== 0;
    inputs += complex ? input.count() : 1;
    outputs += complex ? input.count() : 1;
    if ((flags & 0x20) !== 0) input.take(input.number());
  }
  const pairs = Math.max(0, outputs - 1);
  for (let left = pairs * 2; left > 0; left--) input.number();
  const packed = inputs - pairs;
  if (packed > 1) for (let left = packed; left > 0; left--) input.number();
  return outputs;
}

function skipSubStreams(input: Cursor, folders: readonly boolean[]): void {
  let counts: readonly number[] = folders.map(() => 1);
  let tag = input.byte();
  if (tag === STREAM_COUNT) {
    counts = folders.map(() => input.count());
    tag = input.byte();
  }
  if (tag === SIZE) {
    for (const count of counts) for (let left = count - 1; left > 0; left--) input.number();
    tag = input.byte();
  }
  for (; tag !== END; tag = input.byte()) {
    if (tag !== CRC) throw new CorruptArchive('a 7z header holds an unknown block');
    let unknown = 0;
    for (const [index, count] of counts.entries())
      if (count !== 1 || folders[index] !== true) unknown += count;
    skipDigests(input, unknown);
  }
}

function skipDigests(input: Cursor, count: number): readonly boolean[] {
  const defined = input.flags(count, true);
  input.take(4 * defined.filter(Boolean).length);
  return defined;
}
