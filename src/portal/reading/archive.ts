import { PassThrough, Readable } from 'node:stream';
import { ZipFile } from 'yazl';
import { safeFileName } from '../../web/file-name.js';

export interface ArchivedFile {
  readonly fileName: string;
  /** Bytes. */
  readonly size: number;
  /** Called once, when its turn has come. */
  open(): Readable;
}

/**
 * A ZIP archive of files as a stream, one file opened and packed after the other. Names are safe and differ from each
 * other on every system.
 * @param time of all files, epoch milliseconds
 */
export function archiveOf(files: readonly ArchivedFile[], time: number): Readable {
  const zip = new ZipFile();
  const names = distinctNames(files.map((file) => file.fileName));
  let running: Readable | undefined;
  for (const [index, { size, open }] of files.entries()) {
    const options = { mtime: new Date(time), size, compress: true };
    zip.addReadStreamLazy(names[index] ?? `attachment-${index + 1}`, options, (deliver) => {
      running = open();
      deliver(null, running);
    });
  }
  zip.end();
  const out = new PassThrough();
  zip.on('error', (error: Error) => out.destroy(error));
  zip.outputStream.pipe(out);
  // Whoever leaves leaves a file half read.
  out.once('close', () => running?.destroy());
  return out;
}

/** A file that is in memory. */
export function archived({
  fileName,
  bytes,
}: {
  readonly fileName: string;
  readonly bytes: Uint8Array;
}): ArchivedFile {
  return {
    fileName,
    size: bytes.length,
    open: () => Readable.from(pieces(bytes), { objectMode: false }),
  };
}

const PIECE = 64 * 1024;

function* pieces(bytes: Uint8Array): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += PIECE)
    yield Buffer.from(bytes.buffer, bytes.byteOffset + at, Math.min(PIECE, bytes.length - at));
}

/** Safe names; the second of two that some file system takes for the same gets a number: `a (2).pdf`. */
export function distinctNames(given: readonly string[]): readonly string[] {
  const taken = new Set<string>();
  return given.map((one) => {
    const name = safeFileName(one);
    const dot = name.lastIndexOf('.');
    const [stem, extension] = dot > 0 ? [name.slice(0, dot), name.slice(dot)] : [name, ''];
    let free = name;
    for (let number = 2; taken.has(sameName(free)); number++) free = `${stem} (${number})${extension}`;
    taken.add(sameName(free));
    return free;
  });
}

/** File systems differ in whether case and composition of letters count. */
function sameName(name: string): string {
  return name.normalize('NFKC').toUpperCase().toLowerCase();
}
