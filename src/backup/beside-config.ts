import { constants } from 'node:fs';
import { access, realpath, stat } from 'node:fs/promises';
import { dirname, relative, sep } from 'node:path';
import { canBeNamed } from './manifest.js';

/** A file that the configuration names and that goes into the backup. */
export interface FileBeside {
  /** Within the folder of the configuration, with `/`. */
  readonly name: string;
  /** Absolute. */
  readonly path: string;
}

/** What goes into a backup with the configuration, and what an administrator has to keep in another way. */
export interface BesideConfig {
  readonly taken: readonly FileBeside[];
  /** Absolute paths. */
  readonly leftOut: readonly string[];
}

/** Beyond it a file is none of those that a configuration names. */
const MOST_BYTES = 16 * 1024 * 1024;

/**
 * Sorts the files that a configuration names: those below its own folder can be put back beside it.
 * @param named absolute paths
 * @param never absolute paths that must not be taken: the master key's
 */
export async function besideConfig(
  configFile: string,
  named: readonly string[],
  never: readonly string[],
): Promise<BesideConfig> {
  const forbidden = new Set(await Promise.all(never.map(whereItIs)));
  const taken: FileBeside[] = [];
  const leftOut: string[] = [];
  for (const path of named) {
    const name = relative(dirname(configFile), path).split(sep).join('/');
    // A name that leads out begins with `..`, which no name in a backup may.
    if (canBeNamed(name) && !forbidden.has(await whereItIs(path)) && (await canBeTaken(path)))
      taken.push({ name, path });
    else leftOut.push(path);
  }
  return { taken, leftOut };
}

/** The file behind links, so that no other name brings the master key in. */
async function whereItIs(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch {
    // There is none, or it can't be looked at: then it is not taken either.
    return path;
  }
}

async function canBeTaken(path: string): Promise<boolean> {
  try {
    const found = await stat(path);
    await access(path, constants.R_OK);
    return found.isFile() && found.size <= MOST_BYTES;
  } catch {
    // Missing or not ours to read: it is listed as left out, and a backup of the rest is better than none.
    return false;
  }
}
