/** Types of entries in the directory ([MS-CFB] 2.6.1). */
export const ENTRY = { stream: 2, root: 5 } as const;
const NONE = -1;
/** Deeper folders than any program makes. */
const MAX_DEPTH = 256;
/** Where streams go to which nothing leads. */
const LOST = 'lost';

export interface DirectoryTree {
  /** Names from below the root, of the entry with the same index. */
  readonly paths: readonly (readonly string[])[];
  /** There is one root, nothing is reached twice, and no two streams have one name. */
  readonly sound: boolean;
}

interface Entry {
  readonly name: string;
  readonly type: number;
}

/**
 * The paths of a compound file's entries, as programs find them: along the tree ([MS-CFB] 2.6.4), whatever order the
 * directory has. What nothing leads to takes the place of nothing else.
 */
export function directoryTree(entries: readonly Entry[]): DirectoryTree {
  const paths = entries.map(({ name }): readonly string[] => [LOST, name]);
  const seen = new Set<number>([0]);
  const numbers = pathNumbers();
  const taken = new Set<number>();
  let sound = entries.every(({ type }, index) => (type === ENTRY.root) === (index === 0));
  const waiting: { readonly index: number; readonly folder: Folder }[] = [];
  const visit = (index: number, folder: Folder) => {
    if (index === NONE) return;
    if (seen.has(index) || entries[index] === undefined || folder.path.length > MAX_DEPTH) {
      sound = false;
      return;
    }
    seen.add(index);
    waiting.push({ index, folder });
  };
  visit(link(entries[0], 'C'), { path: [], number: 0 });
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { index, folder } = next;
    const entry = entries[index];
    const name = entry?.name ?? '';
    const path = [...folder.path, name];
    const number = numbers(folder.number, name);
    paths[index] = path;
    // No name has the mark that divides paths (2.6.1).
    if (name.includes('/')) sound = false;
    visit(link(entry, 'L'), folder);
    visit(link(entry, 'R'), folder);
    visit(link(entry, 'C'), { path, number });
    if (entry?.type !== ENTRY.stream) continue;
    if (taken.has(number)) sound = false;
    taken.add(number);
  }
  return { paths, sound };
}

interface Folder {
  readonly path: readonly string[];
  readonly number: number;
}

/** A number for each path, by that of its folder: of deep ones there may be many, and each is long. */
function pathNumbers(): (folder: number, name: string) => number {
  const known = new Map<string, number>();
  return (folder, name) => {
    // Names don't differ by case.
    const key = `${folder}/${name.toLowerCase()}`;
    const number = known.get(key) ?? known.size + 1;
    known.set(key, number);
    return number;
  };
}

/** The library has these, and its types don't tell. */
function link(entry: object | undefined, name: 'L' | 'R' | 'C'): number {
  const value: unknown = entry === undefined ? undefined : Reflect.get(entry, name);
  return typeof value === 'number' ? value : NONE;
}
