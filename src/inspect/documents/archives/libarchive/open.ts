import { type LibarchiveWasm, libarchiveWasm } from 'libarchive-wasm';
import { TooLarge } from '../../types.js';
import { CorruptArchive } from '../listing.js';
import type { EntryMeter } from '../meter.js';

const CHUNK = 64 * 1024;
/** ARCHIVE_EOF shows only in what a further call complains about: the binding makes no difference of end and error. */
const AT_END = /state 'eof'/;

/** A parsed archive in WebAssembly memory of its own, which goes with it: what breaks it breaks nothing else. */
export interface OpenArchive {
  /** The next entry; undefined at the end. @throws CorruptArchive */
  next(): ArchiveEntry | undefined;
  /** The archive's own headers are encrypted. */
  headersEncrypted(): boolean;
}

export interface ArchiveEntry {
  /** As far as it is ASCII: other characters are lost. */
  readonly name: string;
  /** The file type bits of a Unix mode. */
  readonly type: number;
  readonly size: number;
  readonly encrypted: boolean;
  readonly link: string;
  /**
   * Its content. Never more than `size` is asked for, since an error at the end would take what came before it along.
   * @throws TooLarge
   */
  read(count: EntryMeter): EntryContent;
}

export interface EntryContent {
  readonly bytes: Buffer;
  /** What libarchive complained about, where it isn't all. */
  readonly complaint?: string;
}

/** @throws CorruptArchive where it is no archive that libarchive knows */
export async function openArchive(bytes: Buffer): Promise<OpenArchive> {
  const library = await libarchiveWasm({ print: ignore, printErr: ignore });
  const place = allocate(library, bytes.length);
  heap(library).set(bytes, place);
  const archive = library.read_new_memory(place, bytes.length);
  const chunk = allocate(library, CHUNK);
  return {
    next() {
      const entry = library.read_next_entry(archive);
      if (entry !== 0) return describe(library, archive, entry, chunk);
      if (library.read_next_entry(archive) === 0 && AT_END.test(library.error_string(archive)))
        return undefined;
      throw new CorruptArchive('libarchive cannot read the next entry');
    },
    headersEncrypted: () => /header is encrypted/.test(library.error_string(archive)),
  };
}

function describe(library: LibarchiveWasm, archive: number, entry: number, chunk: number): ArchiveEntry {
  const size = library.entry_size(entry);
  return {
    name: library.entry_pathname(entry),
    type: library.entry_filetype(entry),
    size,
    encrypted: library.entry_is_encrypted(entry) !== 0,
    link: library.entry_symlink(entry),
    read(count) {
      const pieces: Buffer[] = [];
      let length = 0;
      let complaint: string | undefined;
      try {
        // Once more at the end, for the checksum.
        for (let more = true; more; ) {
          const got = library.read_data(archive, chunk, Math.max(1, Math.min(CHUNK, size - length)));
          more = got > 0;
          count(got);
          pieces.push(Buffer.from(heap(library).subarray(chunk, chunk + got)));
          length += got;
        }
      } catch (error) {
        if (!(error instanceof Error) || error instanceof TooLarge) throw error;
        complaint = library.error_string(archive);
      }
      if (complaint === undefined && length !== size) complaint = 'wrong size';
      return { bytes: Buffer.concat(pieces), ...(complaint !== undefined && { complaint }) };
    },
  };
}

function allocate(library: LibarchiveWasm, size: number): number {
  const place: unknown = library.module._malloc(Math.max(1, size));
  if (typeof place !== 'number' || place === 0)
    throw new CorruptArchive('there is no memory for the archive');
  return place;
}

/** Anew each time: the memory moves when it grows. */
function heap(library: LibarchiveWasm): Uint8Array {
  const bytes: unknown = library.module.HEAPU8;
  if (!(bytes instanceof Uint8Array)) throw new CorruptArchive('libarchive has no memory');
  return bytes;
}

function ignore(): void {
  // Its messages could quote names.
}
