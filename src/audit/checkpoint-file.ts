import { closeSync, existsSync, fdatasyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Checkpoint, findCheckpoint, formatCheckpoint } from './checkpoint.js';
import { syncDirectory } from './month-file.js';

/** Name of the file of checkpoints in the audit folder and in snapshots. */
export const CHECKPOINT_FILE = 'checkpoints.log';

/** Appends a checkpoint's line and syncs it. A line that a crash cut off is ended first. */
export function appendCheckpoint(file: string, checkpoint: Checkpoint): void {
  const isNew = !existsSync(file);
  const fd = openSync(file, 'a', 0o600);
  try {
    const separator = isNew || endsWithLineFeed(file) ? '' : '\n';
    writeSync(fd, `${separator}${formatCheckpoint(checkpoint)}\n`);
    fdatasyncSync(fd);
  } finally {
    closeSync(fd);
  }
  if (isNew) syncDirectory(dirname(file));
}

/** The whole checkpoints of a file of our own, in its order; a cut-off line (a crash) is passed over. */
export function readCheckpoints(file: string): readonly Checkpoint[] {
  if (!existsSync(file)) return [];
  const found = readFileSync(file, 'utf8').split('\n').map(findCheckpoint);
  return found.filter((one) => one !== undefined && one !== 'damaged');
}

function endsWithLineFeed(file: string): boolean {
  const text = readFileSync(file);
  return text.length === 0 || text[text.length - 1] === 0x0a;
}
