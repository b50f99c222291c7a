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
    ...readableFolders(entry).map((folder) => `--allow-fs-read=${join(folder, '*')}`),
    `--import=${threadEntry(import.meta.url, './child-sandbox.js').href}`,
    `--max-old-space-size=${heapMb}`,
  ];
}

/** The folder of the program and those with libraries on the way up. */
function readableFolders(entry: URL): readonly string[] {
  const program = dirname(dirname(dirname(fileURLToPath(threadEntry(import.meta.url, './child.js')))));
  const folders = new Set([program, dirname(fileURLToPath(entry))]);
  for (let folder = program; ; folder = dirname(folder)) {
    for (const name of ['node_modules', 'package.json']) {
      const path = join(folder, name);
      if (existsSync(path)) folders.add(path);
    }
    if (folder === dirname(folder)) break;
  }
  return [...new Set([...folders].flatMap((folder) => [folder, realPath(folder)]))];
}

function realPath(path: string): string {
  return existsSync(path) ? realpathSync(path) : path;
}
