import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { formatCheckpoint } from '../audit/checkpoint.js';
import { CHECKPOINT_FILE, checkpointsFromEnd } from '../audit/checkpoint-file.js';
import { syncFile } from '../audit/month-file.js';
import { exportSnapshot } from '../audit/snapshot.js';
import { UserError } from '../shared/errors.js';
import { RELAY_DB, syncFolder } from '../store/data-dir.js';
import { type CopyFacts, copyDatabase, copyFacts } from '../store/database-copy.js';
import type { BesideConfig } from './beside-config.js';
import { type BackupKeys, formatManifest, MANIFEST } from './manifest.js';
import { copyFileHashed, type StoredFile, sealFile } from './sealed-file.js';

/** Suffix of files that are sealed for the backup; the content of mail is sealed already. */
export const SEALED = '.sealed';
/** What is read of a folder that others fill. */
const MOST_CONFIG_FILES = 10_000;
const DEEPEST = 6;

/** What to copy; plain data, for the thread. */
export interface BackupPlan {
  readonly dataDir: string;
  /** Empty, in `dataDir`; for copies in the clear. */
  readonly work: string;
  /** Folder that gets the backup under its last name; does not exist. */
  readonly to: string;
  /** The same beside it, until the backup is whole. */
  readonly draft: string;
  readonly configFile: string;
  readonly policyDir: string;
  /** Files that the configuration names, and those of them that stay where they are. */
  readonly beside: BesideConfig;
  readonly keys: BackupKeys;
  readonly version: string;
  /** Epoch milliseconds. */
  readonly madeAt: number;
}

/** A backup that has everything but its last name. */
export interface Drafted {
  readonly files: number;
  readonly bytes: number;
  readonly messages: number;
  readonly recipients: Readonly<Record<string, number>>;
  readonly portalItems: number;
  readonly auditSeq: number;
  /** Paths of files that the configuration names and that are not in it. */
  readonly leftOut: readonly string[];
  /** SHA-256 of the manifest, in hex. */
  readonly manifestHash: string;
}

/**
 * Copies everything but the master key. The database comes before the audit log, so that no act lacks its event; body
 * files that the copied rows name must not be removed meanwhile.
 * @throws UserError when something can't be copied; an error of the file system
 */
export async function draftBackup(plan: BackupPlan): Promise<Drafted> {
  const { dataDir, work, draft, keys } = plan;
  await mkdir(draft, { mode: 0o700 });
  const files: ({ readonly name: string } & StoredFile)[] = [];
  const add = async (name: string, copy: (to: string) => Promise<StoredFile>) => {
    const to = join(draft, name);
    await mkdir(dirname(to), { recursive: true, mode: 0o700 });
    files.push({ name, ...(await copy(to)) });
  };
  const addSealed = (name: string, from: string) =>
    add(`${name}${SEALED}`, (to) => sealFile(keys.files, `${name}${SEALED}`, from, to));

  const database = join(work, RELAY_DB);
  copyDatabase(join(dataDir, RELAY_DB), database);
  const facts = copyFacts(database);
  await addSealed(RELAY_DB, database);
  await rm(database);

  const log = join(work, 'audit');
  const { head } = exportSnapshot(join(dataDir, 'audit'), log);
  const [checkpoint] = checkpointsFromEnd(join(log, CHECKPOINT_FILE));
  for (const name of (await readdir(log)).sort()) await addSealed(`audit/${name}`, join(log, name));
  await addSealed('audit/signing-key.pem', join(dataDir, 'audit', 'signing-key.pem'));
  await rm(log, { recursive: true });

  await addBodies(facts, join(dataDir, 'bodies'), add);
  for (const [folder, pattern] of DATA_FOLDERS) {
    const there = join(dataDir, folder);
    if (!existsSync(there)) continue;
    for (const name of (await readdir(there)).sort())
      if (pattern.test(name)) await addSealed(`${folder}/${name}`, join(there, name));
  }
  await addSealed('config/config.yaml', plan.configFile);
  for (const name of await filesBelow(plan.policyDir))
    await addSealed(`config/policies/${name}`, join(plan.policyDir, name));
  const leftOut = [...plan.beside.leftOut];
  const names = new Set(files.map(({ name }) => name));
  for (const { name, path } of plan.beside.taken) {
    // Another file has that name already, unless it is the same one, such as a list among the policies.
    if (!names.has(`config/${name}${SEALED}`)) await addSealed(`config/${name}`, path);
    else if (path !== join(plan.policyDir, name.replace(/^policies\//, ''))) leftOut.push(path);
  }

  const { bodyFiles: _, ...counts } = facts;
  const text = formatManifest(keys, {
    sallyport: plan.version,
    madeAt: plan.madeAt,
    ...counts,
    audit: {
      ...head,
      ...(checkpoint === undefined ? {} : { checkpoint: formatCheckpoint(checkpoint) }),
    },
    ...(leftOut.length === 0 ? {} : { leftOut }),
    files,
  });
  await writeFile(join(draft, MANIFEST), text, { flag: 'wx', mode: 0o600 });
  syncFile(join(draft, MANIFEST));
  for (const folder of new Set(files.map(({ name }) => dirname(join(draft, name))))) syncFolder(folder);
  syncFolder(draft);
  return {
    files: files.length,
    bytes: files.reduce((sum, { size }) => sum + size, 0),
    messages: facts.messages,
    recipients: facts.recipients,
    portalItems: facts.portalItems,
    auditSeq: head.seq,
    leftOut,
    manifestHash: createHash('sha256').update(text).digest('hex'),
  };
}

/** Gives a drafted backup its name: from then on it is one. */
export async function nameBackup({ draft, to }: Pick<BackupPlan, 'draft' | 'to'>): Promise<void> {
  if (existsSync(to)) throw new UserError(`${to} was made by somebody else meanwhile; name a new folder`);
  await rename(draft, to);
  syncFolder(dirname(to));
}

/** Of the data directory only what is known by name: whatever else lies there, such as a copy of the master key, stays. */
const DATA_FOLDERS: readonly (readonly [folder: string, files: RegExp])[] = [
  ['rosters', /^[a-z0-9][a-z0-9-]{0,62}\.roster$/],
  ['tls', /^(?:certificate|key)\.pem$/],
];

async function addBodies(
  facts: CopyFacts,
  folder: string,
  add: (name: string, copy: (to: string) => Promise<StoredFile>) => Promise<void>,
): Promise<void> {
  for (const name of facts.bodyFiles)
    await add(`bodies/${name}`, (to) => copyFileHashed(join(folder, name), to));
}

/** Regular files below a folder, hidden ones left out; names with `/`. */
async function filesBelow(folder: string, prefix = '', depth = 0): Promise<readonly string[]> {
  const found: string[] = [];
  for (const name of (await readdir(folder)).sort()) {
    if (name.startsWith('.')) continue;
    const path = join(folder, name);
    const kind = await stat(path);
    if (kind.isFile()) found.push(`${prefix}${name}`);
    else if (kind.isDirectory() && depth < DEEPEST)
      found.push(...(await filesBelow(path, `${prefix}${name}/`, depth + 1)));
    if (found.length > MOST_CONFIG_FILES)
      throw new UserError(
        `${folder} has more than ${MOST_CONFIG_FILES} files: is that the folder of policies?`,
      );
  }
  return found;
}
