import {
  close,
  closeSync,
  existsSync,
  fdatasync,
  fdatasyncSync,
  fstatSync,
  openSync,
  readSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { type Checkpoint, findCheckpoint, formatCheckpoint } from './checkpoint.js';
import { syncDirectory } from './month-file.js';

/** Name of the file of checkpoints in the audit folder and in snapshots. It is never shortened. */
export const CHECKPOINT_FILE = 'checkpoints.log';

/** Bytes that are read at once. */
const CHUNK = 256 * 1024;
/** More characters than any checkpoint has. */
const LONGEST_LINE = 1000;
const LINE_FEED = 0x0a;

/** Appends checkpoints, a line each, and syncs them. A line that a crash cut off is ended first. */
export function appendCheckpoints(file: string, checkpoints: readonly Checkpoint[]): void {
  if (checkpoints.length === 0) return;
  const fd = withLines(file, checkpoints);
  try {
    fdatasyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/**
 * The same; the sync runs beside other work, which `done` is told the end of.
 * @throws what went wrong before it; then `done` is not called
 */
export function appendCheckpointsBeside(
  file: string,
  checkpoints: readonly Checkpoint[],
  done: (failure: Error | null) => void,
): void {
  const fd = withLines(file, checkpoints);
  fdatasync(fd, (failure) => close(fd, (problem) => done(failure ?? problem ?? null)));
}

/** The file, open, with the lines behind all others. */
function withLines(file: string, checkpoints: readonly Checkpoint[]): number {
  const isNew = !existsSync(file);
  const fd = openSync(file, 'a+', 0o600);
  try {
    const separator = endsWithLineFeed(fd) ? '' : '\n';
    // Not `writeSync`, which on a full disk writes a part and says nothing.
    writeFileSync(fd, separator + checkpoints.map((one) => `${formatCheckpoint(one)}\n`).join(''));
    if (isNew) syncDirectory(dirname(file));
    return fd;
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

/** The whole checkpoints of a file of our own, the last one first; a cut-off line (a crash) is passed over. */
export function* checkpointsFromEnd(file: string): Generator<Checkpoint> {
  if (!existsSync(file)) return;
  for (const line of linesFromEnd(file)) {
    const found = findCheckpoint(line);
    if (found !== undefined && found !== 'damaged') yield found;
  }
}

/** As Latin-1: checkpoints are ASCII. Of a line that is too long only its end. */
function* linesFromEnd(file: string): Generator<string> {
  const fd = openSync(file, 'r');
  try {
    let begun = '';
    for (let end = fstatSync(fd).size; end > 0; ) {
      const start = Math.max(0, end - CHUNK);
      const [first = '', ...lines] = (readAt(fd, start, end - start) + begun).split('\n');
      yield* lines.reverse();
      // It may have begun before.
      begun = first.slice(-LONGEST_LINE);
      end = start;
    }
    yield begun;
  } finally {
    closeSync(fd);
  }
}

function readAt(fd: number, position: number, length: number): string {
  const bytes = Buffer.alloc(length);
  return bytes.toString('latin1', 0, readSync(fd, bytes, 0, length, position));
}

/** Whether what is there, if anything, ends with one. */
function endsWithLineFeed(fd: number): boolean {
  const { size } = fstatSync(fd);
  const last = Buffer.alloc(1);
  return size === 0 || (readSync(fd, last, 0, 1, size - 1) === 1 && last[0] === LINE_FEED);
}
