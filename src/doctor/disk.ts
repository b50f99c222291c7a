import { randomUUID } from 'node:crypto';
import { open, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { errorText } from '../shared/errors.js';
import { type Check, type Finding, ok, problem, warning } from './finding.js';

/** Magic numbers of statfs(2). */
const TMPFS = 0x01021994;
const RAMFS = 0x858458f6;
const NFS = 0x6969;
const CIFS = new Set([0xff534d42, 0xfe534d42, 0x517b]);
const OVERLAY = 0x794c7630;

const SLOW_SYNC_MS = 50;
const SYNCS = 9;

/** Free space and free files where the data is. */
export const checkSpace: Check = async ({ loaded: { config, dataDir } }) => {
  const { bavail, bsize, ffree, files } = await statfs(dataDir);
  const free = bavail * bsize;
  const least = config.intake.min_free_space;
  const inWords = `${megabytes(free)} free where ${dataDir} is`;
  const findings: Finding[] = [];
  if (free < least)
    findings.push(
      problem(
        'space',
        `only ${inWords}; below ${megabytes(least)} new mail is deferred`,
        'make room, or move data_dir to a larger disk',
      ),
    );
  else if (free < 4 * least)
    findings.push(
      warning(
        'space',
        `${inWords}; new mail is deferred below ${megabytes(least)}`,
        'make room soon, and watch it',
      ),
    );
  else findings.push(ok('space', inWords));
  if (files > 0 && ffree < 10_000)
    findings.push(
      problem(
        'space',
        `only ${ffree} more files fit where ${dataDir} is`,
        'remove files, or use a file system with more inodes',
      ),
    );
  return findings;
};

/**
 * Whether what was synced stays: `250` is only as good as the disk below it. Measures some syncs of a small file, and
 * knows file systems that forget or that SQLite's locks don't work on.
 */
export const checkSync: Check = async ({ loaded: { dataDir } }) => {
  const { type } = await statfs(dataDir);
  if (type === TMPFS || type === RAMFS)
    return [
      problem('sync', `${dataDir} is kept in memory and lost at the next start`, 'put data_dir on a disk'),
    ];
  if (type === NFS || CIFS.has(type))
    return [
      problem(
        'sync',
        `${dataDir} is on a network file system, whose locks and syncs SQLite can't rely on`,
        'put data_dir on a local disk or a block device',
      ),
    ];
  const findings: Finding[] = [];
  if (type === OVERLAY)
    findings.push(
      warning(
        'sync',
        `${dataDir} is within a container's own layer and lost with it`,
        'mount a volume there',
      ),
    );
  const file = join(dataDir, `.doctor-${randomUUID()}`);
  const times: number[] = [];
  try {
    const handle = await open(file, 'wx', 0o600);
    try {
      for (let i = 0; i < SYNCS; i++) {
        const from = performance.now();
        await handle.write(Buffer.alloc(4096, i), 0, 4096, 0);
        await handle.sync();
        times.push(performance.now() - from);
      }
    } finally {
      await handle.close();
    }
  } catch (error) {
    return [
      problem(
        'sync',
        `nothing can be written durably in ${dataDir}: ${errorText(error)}`,
        'see to the disk and its rights',
      ),
    ];
  } finally {
    await rm(file, { force: true });
  }
  const middle = times.toSorted((a, b) => a - b)[SYNCS >> 1] ?? 0;
  const seen = `a sync takes ${middle.toFixed(1)} ms`;
  findings.push(
    middle > SLOW_SYNC_MS
      ? warning('sync', `${seen}; each message waits for one`, 'use a disk with a safe write cache')
      : ok('sync', seen),
  );
  return findings;
};

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1_000_000).toLocaleString('en')} MB`;
}
