import { read, utils, write } from 'cfb';
import { CorruptDocument } from '../findings.js';
import { directoryTree, ENTRY } from './tree.js';

export interface CompoundStream {
  /** Names from below the root, the stream's own last. */
  readonly path: readonly string[];
  readonly bytes: Buffer;
}

/** A compound file ([MS-CFB]): a file system in a file, in which older Office formats keep their parts. */
export interface Compound {
  readonly streams: readonly CompoundStream[];
  /** Chains of sectors end before they should, or programs may find other streams: it is cut short or damaged. */
  readonly damaged: boolean;
}

const SIGNATURE = Buffer.from('d0cf11e0a1b11ae1', 'hex');
const MARK = '\u0001Sh33tJ5';
const MAX_STREAMS = 20_000;

/** @throws CorruptDocument */
export function openCompound(bytes: Buffer): Compound {
  if (!bytes.subarray(0, 8).equals(SIGNATURE)) throw new CorruptDocument('not a compound file');
  const { FileIndex } = parse(bytes);
  if (FileIndex.length > MAX_STREAMS) throw new CorruptDocument('too many streams');
  const { paths, sound } = directoryTree(FileIndex);
  let damaged = !sound;
  const streams = FileIndex.flatMap((entry, index) => {
    if (entry.type !== ENTRY.stream) return [];
    const content = entry.content === undefined ? Buffer.alloc(0) : Buffer.from(entry.content);
    if (content.length !== entry.size) damaged = true;
    // The mark that the library itself leaves in what it writes.
    if (entry.name === MARK && content.toString('latin1') === '7262') return [];
    return [{ path: paths[index] ?? [entry.name], bytes: content }];
  });
  return { streams, damaged };
}

function parse(bytes: Buffer): ReturnType<typeof read> {
  try {
    return read(bytes, { type: 'buffer' });
  } catch {
    throw new CorruptDocument('the compound file is damaged');
  }
}

/** The stream at the root of that name; names don't differ by case. */
export function rootStream(compound: Compound, name: string): Buffer | undefined {
  const wanted = name.toLowerCase();
  return compound.streams.find(({ path }) => path.length === 1 && path[0]?.toLowerCase() === wanted)?.bytes;
}

/** The streams below a folder, with their paths from there, as a compound file of its own. */
export function asCompoundFile(streams: readonly CompoundStream[]): Buffer {
  const file = utils.cfb_new();
  for (const { path, bytes } of streams) {
    utils.cfb_add(file, `/${path.join('/')}`, bytes, { unsafe: true });
  }
  const written: unknown = write(file, { type: 'buffer', fileType: 'cfb' });
  if (!Buffer.isBuffer(written)) throw new CorruptDocument('a storage cannot be taken out');
  return written;
}

/** Groups what lies below the root by the first step of its path. */
export function folders(compound: Compound, depth = 0): ReadonlyMap<string, readonly CompoundStream[]> {
  const groups = new Map<string, CompoundStream[]>();
  for (const { path, bytes } of compound.streams) {
    const name = path.slice(0, depth + 1).join('/');
    if (path.length < depth + 2) continue;
    const group = groups.get(name) ?? [];
    groups.set(name, group);
    group.push({ path: path.slice(depth + 1), bytes });
  }
  return groups;
}
