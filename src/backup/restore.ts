import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { copyFile, mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { syncFile } from '../audit/month-file.js';
import { PUBLIC_KEY_FILE, readPublicKey } from '../audit/signing-key.js';
import { verifyAuditLog } from '../audit/verify.js';
import { errorText, UserError } from '../shared/errors.js';
import { RELAY_DB, syncFolder } from '../store/data-dir.js';
import { type CopyFacts, checkCopy } from '../store/database-copy.js';
import type { MasterKey } from '../store/master-key.js';
import { markRestored } from '../store/restored.js';
import { SEALED } from './make.js';
import { type BackupKeys, backupKeys, MANIFEST, type Manifest, readManifest } from './manifest.js';
import { hashFile, openSealedFile } from './sealed-file.js';

/** Where the configuration and policies of a backup are put, in the restored data directory, for a person to place. */
export const CONFIG_FOLDER = 'restored-config';

/** What a restored data directory holds. */
export interface RestoreReport {
  readonly manifest: Manifest;
  /** Recipients that were held, so that nothing is sent twice. */
  readonly held: number;
}

/* Ends of the names of folders in which backups are opened; 16 digits follow. */
const RESTORING = '.restoring-';
const VERIFYING = '.sallyport-verify-';

/**
 * Folders in which backups were, or just now are, opened in the clear: one that was killed has left its own. They are not removed
 * here, because somebody may have made a data directory of one.
 */
export async function openedBackups(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder).catch(() => []);
  return names
    .filter((name) => /[0-9a-f]{16}$/.test(name))
    .filter((name) => [RESTORING, VERIFYING].some((end) => name.slice(0, -16).endsWith(end)))
    .map((name) => join(folder, name));
}

/**
 * Checks a backup from top to bottom without keeping anything: its manifest, every file, the database and the audit
 * log, in a folder that is removed again.
 * @param near an existing folder with room for the opened copy
 * @throws UserError with the first thing that is wrong
 */
export async function verifyBackup(dir: string, masterKey: MasterKey, near: string): Promise<Manifest> {
  const draft = join(near, `${VERIFYING}${randomBytes(8).toString('hex')}`);
  try {
    return (await unpack(dir, draft, masterKey)).manifest;
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

/**
 * Makes a data directory of a backup. Everything is checked in a folder beside it, which gets its name last; so there is
 * either a whole data directory or none.
 * @param options `resume`: what waited goes on by itself, although it may have been sent since
 * @param now epoch milliseconds
 * @throws UserError when `to` is in use, or anything about the backup is wrong
 */
export async function restoreBackup(
  dir: string,
  to: string,
  masterKey: MasterKey,
  options: { readonly resume: boolean; readonly now: number },
): Promise<RestoreReport> {
  if (existsSync(to) && readdirSync(to).length > 0)
    throw new UserError(
      `${to} exists and is not empty: nothing is restored over anything; name a new folder`,
      {
        exitStatus: 2,
      },
    );
  const draft = `${to}${RESTORING}${randomBytes(8).toString('hex')}`;
  try {
    const { manifest } = await unpack(dir, draft, masterKey);
    const { held } = markRestored(join(draft, RELAY_DB), {
      madeAt: manifest.madeAt,
      restoredAt: options.now,
      manifestHash: createHash('sha256')
        .update(await readFile(join(dir, MANIFEST)))
        .digest('hex'),
      resumed: options.resume,
    });
    await syncBelow(draft);
    await rename(draft, to);
    syncFolder(dirname(to));
    return { manifest, held };
  } catch (cause) {
    await rm(draft, { recursive: true, force: true });
    if (cause instanceof UserError) throw cause;
    throw new UserError(`could not restore to ${to}: ${errorText(cause)}`, { cause });
  }
}

/** Opens and checks everything into a new folder. */
async function unpack(
  dir: string,
  draft: string,
  masterKey: MasterKey,
): Promise<{ readonly manifest: Manifest; readonly facts: CopyFacts }> {
  const keys = backupKeys(masterKey);
  const manifest = await readManifest(dir, keys);
  await refuseOtherFiles(dir, manifest);
  await mkdir(draft, { mode: 0o700 });
  await mkdir(join(draft, 'bodies'), { mode: 0o700 });
  for (const file of manifest.files) await unpackFile(dir, draft, keys, file);
  const facts = checkCopy(join(draft, RELAY_DB), masterKey);
  checkCounts(manifest, facts);
  checkLog(join(draft, 'audit'), manifest);
  return { manifest, facts };
}

async function unpackFile(
  dir: string,
  draft: string,
  keys: BackupKeys,
  { name, size, sha256 }: Manifest['files'][number],
): Promise<void> {
  const from = join(dir, name);
  // The manifest's word first: it tells a changed file from one that belongs to another backup.
  const found = await hashFile(from).catch((cause: unknown) => {
    throw new UserError(`cannot read ${from}: ${errorText(cause)}`, { cause });
  });
  if (found.size !== size || found.sha256 !== sha256)
    throw new UserError(`${from} was changed or damaged since the backup was made`);
  const to = join(draft, placeOf(name));
  await mkdir(dirname(to), { recursive: true, mode: 0o700 });
  if (!name.endsWith(SEALED)) {
    await copyFile(from, to);
    return;
  }
  try {
    const opened = await openSealedFile(keys.files, name, from, to);
    if (opened.sha256 !== sha256) throw new Error('it changed while it was read');
  } catch (cause) {
    throw new UserError(`${from} can't be opened: ${errorText(cause)}`, { cause });
  }
}

function placeOf(name: string): string {
  const plain = name.endsWith(SEALED) ? name.slice(0, -SEALED.length) : name;
  return plain.startsWith('config/') ? `${CONFIG_FOLDER}/${plain.slice('config/'.length)}` : plain;
}

/** A file too many is as suspicious as one too few: somebody else wrote here. */
async function refuseOtherFiles(dir: string, manifest: Manifest): Promise<void> {
  const named = new Set([MANIFEST, ...manifest.files.map(({ name }) => name)]);
  const found = new Set<string>();
  for (const entry of await readdir(dir, { recursive: true, withFileTypes: true })) {
    if (entry.isDirectory()) continue;
    const path = join(entry.parentPath, entry.name).slice(dir.length).replace(/^\/+/, '');
    if (!named.has(path))
      throw new UserError(`${join(dir, path)} doesn't belong to the backup: take it away`);
    found.add(path);
  }
  for (const name of named)
    if (!found.has(name)) throw new UserError(`${join(dir, name)} is missing: the backup is not whole`);
}

function checkCounts(manifest: Manifest, facts: CopyFacts): void {
  const { bodyFiles, ...counts } = facts;
  const bodies = manifest.files
    .filter(({ name }) => name.startsWith('bodies/'))
    .map(({ name }) => basename(name));
  const missing = new Set(bodyFiles);
  for (const name of bodies) missing.delete(name);
  if (missing.size > 0 || bodies.length !== bodyFiles.length)
    throw new UserError('the sealed content in the backup is not what its database names');
  if (counts.messages !== manifest.messages || counts.portalItems !== manifest.portalItems)
    throw new UserError('the database in the backup is not the one that its manifest tells of');
}

function checkLog(dir: string, manifest: Manifest): void {
  const report = verifyAuditLog({ dir, publicKey: readPublicKey(join(dir, PUBLIC_KEY_FILE)) });
  const [problem] = report.problems;
  if (problem !== undefined)
    throw new UserError(`the audit log in the backup does not verify: ${problem.code}: ${problem.text}`);
  if (report.head.seq !== manifest.audit.seq || report.head.hash !== manifest.audit.hash)
    throw new UserError('the audit log in the backup does not end where its manifest says');
}

async function syncBelow(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    if ((await stat(path)).isDirectory()) await syncBelow(path);
    else syncFile(path);
  }
  syncFolder(folder);
}
