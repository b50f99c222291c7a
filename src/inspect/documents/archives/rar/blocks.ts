import { crc32 } from 'node:zlib';
import { nameReadings } from '../entry-name.js';
import { CorruptArchive } from '../listing.js';

/** What the blocks of a RAR file say, followed by ourselves: unrar ends quietly where a file is cut short. */
export interface RarBlocks {
  /** Headers are encrypted: not even names can be had. */
  readonly encrypted: boolean;
  /** It is one part of several files. */
  readonly volume: boolean;
  /** Files and directories in order; links have a target. */
  readonly entries: readonly { readonly link?: string; readonly size: number }[];
  /** The block that ends the archive was there. */
  readonly ended: boolean;
  /** Where the archive ends in the file. */
  readonly end: number;
}

const SIGNATURE_4 = Buffer.from('Rar!\x1a\x07\0', 'latin1');
const SIGNATURE_5 = Buffer.from('Rar!\x1a\x07\x01\0', 'latin1');

/** @throws CorruptArchive */
export function readRarBlocks(bytes: Buffer, maxEntries: number): RarBlocks {
  if (bytes.subarray(0, 8).equals(SIGNATURE_5)) return readVersion5(bytes, maxEntries);
  if (bytes.subarray(0, 7).equals(SIGNATURE_4)) return readVersion4(bytes, maxEntries);
  throw new CorruptArchive('not a RAR file');
}

interface Found {
  encrypted: boolean;
  volume: boolean;
  entries: { link?: string; size: number }[];
  ended: boolean;
  end: number;
}

/** RAR 1.5 to 4 (technote.txt of that time): 16-bit flags, and the size of data where bit 15 is set. */
function readVersion4(bytes: Buffer, maxEntries: number): RarBlocks {
  const found: Found = {
    encrypted: false,
    volume: false,
    entries: [],
    ended: false,
    end: SIGNATURE_4.length,
  };
  while (found.end < bytes.length && !found.ended && found.entries.length <= maxEntries) {
    const at = found.end;
    if (at + 7 > bytes.length) throw new CorruptArchive('a RAR block is cut short');
    const type = bytes.readUInt8(at + 2);
    const flags = bytes.readUInt16LE(at + 3);
    const size = bytes.readUInt16LE(at + 5);
    if (size < 7 || at + size > bytes.length) throw new CorruptArchive('a RAR block is cut short');
    // Unrar only warns of a wrong checksum, and may pass over the file that the block was about.
    if ((crc32(bytes.subarray(at + 2, at + size)) & 0xffff) !== bytes.readUInt16LE(at)) {
      throw new CorruptArchive('a RAR block is broken');
    }
    let data = 0;
    if ((flags & 0x8000) !== 0) data = bytes.readUInt32LE(at + 7);
    if (type === 0x73) {
      found.volume = (flags & 0x0001) !== 0;
      found.encrypted = (flags & 0x0080) !== 0;
      if (found.encrypted) return found;
    } else if (type === 0x74 || type === 0x7a) {
      const large = (flags & 0x0100) !== 0;
      if (size < (large ? 40 : 32)) throw new CorruptArchive('a RAR block is cut short');
      data = bytes.readUInt32LE(at + 7) + (large ? bytes.readUInt32LE(at + 32) * 2 ** 32 : 0);
      const unpacked = bytes.readUInt32LE(at + 11) + (large ? bytes.readUInt32LE(at + 36) * 2 ** 32 : 0);
      if (type === 0x74) found.entries.push({ size: unpacked });
    } else if (type === 0x7b) found.ended = true;
    else if (type < 0x72 || type > 0x7b) throw new CorruptArchive('a RAR block is of an unknown kind');
    found.end = at + size + data;
  }
  if (found.end > bytes.length) throw new CorruptArchive('the data of a RAR block are cut short');
  return found;
}

/** RAR 5 (RAR 5.0 archive format): numbers of variable length. */
function readVersion5(bytes: Buffer, maxEntries: number): RarBlocks {
  const found: Found = {
    encrypted: false,
    volume: false,
    entries: [],
    ended: false,
    end: SIGNATURE_5.length,
  };
  while (found.end < bytes.length && !found.ended && found.entries.length <= maxEntries) {
    const at = found.end;
    if (at + 4 > bytes.length) throw new CorruptArchive('a RAR block is cut short');
    const block = numbers(bytes, at + 4);
    const size = block.next();
    const headerEnd = block.at() + size;
    if (headerEnd > bytes.length || crc32(bytes.subarray(at + 4, headerEnd)) !== bytes.readUInt32LE(at)) {
      throw new CorruptArchive('a RAR block is broken');
    }
    const type = block.next();
    const flags = block.next();
    const extra = (flags & 0x01) !== 0 ? block.next() : 0;
    const data = (flags & 0x02) !== 0 ? block.next() : 0;
    if (headerEnd + data > bytes.length || extra > size) throw new CorruptArchive('a RAR block is cut short');
    if (type === 4) return { ...found, encrypted: true };
    if (type === 1) found.volume = (block.next() & 0x01) !== 0;
    if (type === 2) {
      const fileFlags = block.next();
      const unpacked = block.next();
      const link = redirection(bytes.subarray(headerEnd - extra, headerEnd));
      // Bit 3: the size isn't known.
      const fileSize = (fileFlags & 0x08) !== 0 ? Number.MAX_SAFE_INTEGER : unpacked;
      found.entries.push({ size: fileSize, ...(link !== undefined && { link }) });
    }
    if (type === 5) found.ended = true;
    found.end = headerEnd + data;
  }
  return found;
}

/** Record 5 of the extra area: a link or a reference to another file. */
function redirection(extra: Buffer): string | undefined {
  const records = numbers(extra, 0);
  while (records.at() < extra.length) {
    const size = records.next();
    const end = records.at() + size;
    if (records.next() === 5) {
      records.next();
      records.next();
      const length = records.next();
      const target = extra.subarray(records.at(), records.at() + length);
      return nameReadings(target, true)[0] ?? '';
    }
    if (size === 0) return undefined;
    records.move(end);
  }
  return undefined;
}

function numbers(bytes: Buffer, start: number) {
  let at = start;
  return {
    at: () => at,
    move(to: number) {
      at = to;
    },
    /** Seven bits a byte, the lowest first. */
    next(): number {
      let value = 0;
      for (let index = 0; index < 10; index++) {
        const byte = bytes[at];
        if (byte === undefined) break;
        at += 1;
        value += (byte & 0x7f) * 2 ** (7 * index);
        if ((byte & 0x80) === 0) return value;
      }
      throw new CorruptArchive('a number of a RAR block is malformed');
    },
  };
}
