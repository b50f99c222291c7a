import {
  closeSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { readJournal, type Shim } from './index.js';

/** One line of the journal that faults.c writes. */
interface Entry {
  readonly type:
    | 'write'
    | 'truncate'
    | 'create'
    | 'rename'
    | 'unlink'
    | 'sync-begun'
    | 'sync'
    | 'sync-folder'
    | 'lost';
  readonly inode: number;
  readonly offset: number;
  readonly size: number;
  /** Of a write: how many bytes are new. */
  readonly written: number;
  readonly path: string;
  readonly old: Buffer;
}

const TYPES: Readonly<Record<string, Entry['type']>> = {
  W: 'write',
  T: 'truncate',
  C: 'create',
  R: 'rename',
  U: 'unlink',
  B: 'sync-begun',
  S: 'sync',
  D: 'sync-folder',
  F: 'lost',
};

const HEAD = 48;

/**
 * What a power cut does: takes back, in the files themselves, what no sync covered. The relay must have been killed.
 * @param keep for each file: how many of its last unsynced changes were on the disk all the same (the first of them; a
 *   disk may write early), by their number and its path. Default: none
 * @returns how many changes were taken back
 */
export function loseUnsynced(
  shim: Shim,
  root: string,
  keep: (changes: number, path: string) => number = () => 0,
): number {
  const entries = parse(readJournal(shim));
  const lost = unsynced(entries);
  const byFile = new Map<number, Entry[]>();
  for (const entry of lost) byFile.set(entry.inode, [...(byFile.get(entry.inode) ?? []), entry]);
  const kept = new Set(
    [...byFile.values()].flatMap((changes) => changes.slice(0, keep(changes.length, changes[0]?.path ?? ''))),
  );
  const paths = pathsByInode(root);
  let taken = 0;
  for (const entry of lost.toReversed()) {
    if (kept.has(entry) || !takeBack(entry, paths)) continue;
    taken += 1;
  }
  // From here on this is what is on the disk.
  rmSync(shim.journalFile, { force: true });
  return taken;
}

function parse(journal: Buffer): readonly Entry[] {
  const entries: Entry[] = [];
  for (let at = 0; at + HEAD <= journal.length; ) {
    const pathLength = journal.readUInt32LE(at + 4);
    const length = Number(journal.readBigUInt64LE(at + 24));
    const path = journal.toString('utf8', at + HEAD, at + HEAD + pathLength);
    const end = at + HEAD + pathLength + length;
    const type = TYPES[String.fromCharCode(journal.readUInt32LE(at))];
    // The kill may have cut the last one off; then its change was not begun either.
    if (end > journal.length) break;
    if (type === undefined) throw new Error(`the journal is damaged at ${at}`);
    entries.push({
      type,
      inode: Number(journal.readBigUInt64LE(at + 8)),
      offset: Number(journal.readBigUInt64LE(at + 16)),
      size: Number(journal.readBigUInt64LE(at + 32)),
      written: Number(journal.readBigUInt64LE(at + 40)),
      path,
      old: journal.subarray(at + HEAD + pathLength, end),
    });
    at = end;
  }
  return entries;
}

/**
 * Changes that no sync covers, oldest first. As on common file systems a file's sync covers its being there, too; a new
 * name needs that of its folder. What a failed sync was to write is lost, whatever later syncs say, until it is written again.
 */
function unsynced(entries: readonly Entry[]): readonly Entry[] {
  let open = new Set<Entry>();
  const doomed = new Set<Entry>();
  /** What slow syncs cover, by their number. */
  const begun = new Map<number, ReadonlySet<Entry>>();
  for (const entry of entries) {
    const { type, inode, path } = entry;
    const ofFile = (one: Entry) => one.inode === inode;
    const before = begun.get(entry.offset);
    const isCovered = (one: Entry) => before?.has(one) ?? true;
    if (type === 'sync-begun') begun.set(entry.offset, new Set(open));
    else if (type === 'sync')
      open = without(open, (one) => ofFile(one) && one.type !== 'rename' && isCovered(one));
    else if (type === 'unlink') open = without(open, ofFile);
    else if (type === 'sync-folder')
      open = without(
        open,
        (one) => (one.type === 'create' || one.type === 'rename') && dirname(one.path) === path,
      );
    else if (type === 'lost') for (const one of open) if (ofFile(one)) doomed.add(one);
    if (['write', 'truncate', 'create', 'rename'].includes(type)) open.add(entry);
  }
  const isThere = (one: Entry) => !open.has(one) && !doomed.has(one);
  const writtenAgain = (one: Entry, i: number) =>
    entries.slice(i + 1).some((later) => isThere(later) && replaces(later, one));
  return entries.filter((one, i) => open.has(one) || (doomed.has(one) && !writtenAgain(one, i)));
}

/** Whether nothing of a write shows any more behind a later one. */
function replaces(later: Entry, one: Entry): boolean {
  return (
    later.inode === one.inode &&
    later.type === 'write' &&
    one.type === 'write' &&
    later.offset <= one.offset &&
    later.offset + later.written >= one.offset + one.written
  );
}

function without(open: Set<Entry>, covered: (one: Entry) => boolean): Set<Entry> {
  for (const one of open) if (covered(one)) open.delete(one);
  return open;
}

function takeBack(entry: Entry, paths: Map<number, string>): boolean {
  const path = paths.get(entry.inode);
  // It is gone meanwhile.
  if (path === undefined) return false;
  switch (entry.type) {
    case 'create':
      rmSync(path);
      paths.delete(entry.inode);
      return true;
    case 'rename': {
      const before = entry.old.toString('utf8');
      renameSync(path, before);
      paths.set(entry.inode, before);
      return true;
    }
    default: {
      const fd = openSync(path, 'r+');
      try {
        if (entry.old.length > 0) writeSync(fd, entry.old, 0, entry.old.length, entry.offset);
        ftruncateSync(fd, entry.size);
        fsyncSync(fd);
      } finally {
        closeSync(fd);
      }
      return true;
    }
  }
}

function pathsByInode(root: string): Map<number, string> {
  const paths = new Map<number, string>();
  for (const name of readdirSync(root, { recursive: true, encoding: 'utf8' })) {
    const path = join(root, name);
    const found = statSync(path, { throwIfNoEntry: false });
    if (found?.isFile() === true) paths.set(found.ino, path);
    // Its memory between processes does not outlive a power cut.
    if (path.endsWith('-shm')) truncateSync(path);
  }
  return paths;
}
