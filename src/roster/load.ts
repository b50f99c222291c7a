import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { RosterTable } from '../inspect/detect/roster/types.js';
import { errorCode, errorText, UserError } from '../shared/errors.js';
import type { MasterKey } from '../store/master-key.js';
import { openRosterFile, rosterKeys } from './roster-file.js';

export function rosterFolder(dataDir: string): string {
  return join(dataDir, 'rosters');
}

export function rosterPath(dataDir: string, name: string): string {
  return join(rosterFolder(dataDir), `${name}.roster`);
}

/**
 * Files of the rosters in the data directory, by name; none where there is no folder for them.
 * @throws UserError when the folder can't be read
 */
export async function rosterFiles(dataDir: string): Promise<readonly string[]> {
  const folder = rosterFolder(dataDir);
  try {
    const names = await readdir(folder);
    return names
      .filter((name) => name.endsWith('.roster') && !name.startsWith('.'))
      .sort()
      .map((name) => join(folder, name));
  } catch (cause) {
    if (errorCode(cause) === 'ENOENT') return [];
    throw new UserError(`cannot read the rosters in ${folder}: ${errorText(cause)}`, { cause });
  }
}

/**
 * All rosters of the data directory, as the inspecting threads need them.
 * @throws UserError for one that is damaged or can't be read: without it, mail would count as clean that isn't
 */
export async function loadRosters(dataDir: string, masterKey: MasterKey): Promise<readonly RosterTable[]> {
  const rosters: RosterTable[] = [];
  for (const path of await rosterFiles(dataDir)) rosters.push(await loadRoster(path, masterKey));
  return rosters;
}

/**
 * @throws UserError where there are rosters and nobody looks into mail: who put them there counts on their being found
 */
export function refuseUnused(
  config: { readonly inspect: { readonly enabled: boolean } },
  names: readonly string[],
): void {
  if (config.inspect.enabled || names.length === 0) return;
  throw new UserError(
    `no patient of the roster ${names.join(', ')} would be found: nobody looks into mail (\`inspect.enabled: false\`); switch inspection on, or remove the roster (\`sallyport roster remove NAME\`)`,
    { exitStatus: 2 },
  );
}

/**
 * One roster's file.
 * @throws UserError when it is damaged, can't be read, or was made with another master key
 */
export async function loadRoster(path: string, masterKey: MasterKey): Promise<RosterTable> {
  const { about, table } = await openRosterFile(path, masterKey);
  return {
    name: about.name,
    columns: about.columns.map(({ kind }) => kind),
    rows: about.rows,
    table,
    key: rosterKeys(masterKey, about.name).hash,
  };
}
