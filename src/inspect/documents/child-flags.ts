import { existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { threadEntry } from '../../shared/thread-entry.js';

/**
 * What a child is started with: it may read the program and its libraries and nothing else, write nowhere, load no
 * native code and start no process (Node's permission model, under its older name before Node 22.13).
 * @param heapMb limit of the JavaScript heap; other memory is watched from outside
 */
export function childFlags(entry: URL, heapMb: number): string[] {
  const model = process.allowedNodeEnvironmentFlags.has('--permission')
    ? '--permission'
    : '--experimental-permission';
  return [
    model,
    '--allow-worker',
    ...readable(entry).map((path) => `--allow-fs-read=${path}`),
    `--import=${threadEntry(import.meta.url, './child-sandbox.js').href}`,
    `--max-old-space-size=${heapMb}`,
  ];
}

/** The folder of the program, those with libraries on the way up, and what says how files there are to be taken. */
function readable(entry: URL): readonly string[] {
  const program = dirname(dirname(dirname(fileURLToPath(threadEntry(import.meta.url, './child.js')))));
  const paths = new Set([join(program, '*'), join(dirname(fileURLToPath(entry)), '*')]);
  for (let folder = program; ; folder = dirname(folder)) {
    const libraries = join(folder, 'node_modules');
    if (existsSync(libraries)) paths.add(join(libraries, '*')).add(join(realpathSync(libraries), '*'));
    const description = join(folder, 'package.json');
    if (existsSync(description)) paths.add(description);
    if (folder === dirname(folder)) break;
  }
  paths.add(join(realpathSync(program), '*'));
  // Node 20 can't take a path that another one covers.
  const covered = (path: string) =>
    [...paths].some((other) => other !== path && other.endsWith('*') && path.startsWith(other.slice(0, -1)));
  return [...paths].filter((path) => !covered(path));
}
