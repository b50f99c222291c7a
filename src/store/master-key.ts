import { createSecretKey, hkdfSync, type KeyObject, randomBytes } from 'node:crypto';
import {
  closeSync,
  fstatSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Config } from '../config/schema.js';
import { errorCode, errorText, UserError } from '../shared/errors.js';
import { databaseExists, makePrivateFolder, syncFolder } from './data-dir.js';

/** The key from which all others are derived. A KeyObject, so that no log or JSON can show it. */
export interface MasterKey {
  readonly secret: KeyObject;
  /** Where it came from, for messages. */
  readonly source: string;
}

export type KeyPurpose =
  | 'body-wrap'
  | 'fingerprint'
  | 'portal-code'
  | 'loop'
  | 'cookie'
  | 'key-check'
  | 'secrets'
  | 'rosters'
  | 'operators'
  | 'backup-files'
  | 'backup-manifest';

const KEY_BYTES = 32;

/**
 * Reads the master key: 32 bytes in base64. A file must not be readable by group or others.
 * @param dataDir relative files count from it; an existing database there forbids making a new key
 * @param options `createIfMissing`: make the file (mode 0600, synced) when neither it nor a database exists
 * @throws UserError when it is missing, malformed or open to others
 */
export function loadMasterKey(
  from: Config['master_key'],
  dataDir: string,
  options: { readonly createIfMissing: boolean; readonly env?: NodeJS.ProcessEnv },
): MasterKey {
  const env = options.env ?? process.env;
  if ('env' in from) {
    const text = env[from.env];
    const source = `the environment variable ${from.env}`;
    if (text === undefined || text === '')
      throw new UserError(`the master key is missing: ${source} is not set`, { exitStatus: 2 });
    return parseKey(text, source);
  }
  if ('credential' in from) {
    const folder = env.CREDENTIALS_DIRECTORY;
    if (folder === undefined || folder === '') {
      throw new UserError(
        `the master key is missing: the systemd credential ${from.credential} needs LoadCredential= in the unit (CREDENTIALS_DIRECTORY is not set)`,
        { exitStatus: 2 },
      );
    }
    const file = join(folder, from.credential);
    const text = readKeyFile(file, { ownerOnly: false });
    if (text === undefined)
      throw new UserError(`the master key is missing: there is no ${file}`, { exitStatus: 2 });
    return parseKey(text, `the systemd credential ${from.credential}`);
  }
  return loadFile(resolve(dataDir, from.file), dataDir, options.createIfMissing);
}

/** A key of 32 bytes for one purpose: HKDF (RFC 5869) with SHA-256, no salt, the purpose as info. */
export function deriveKey(master: MasterKey, purpose: KeyPurpose): Buffer {
  return Buffer.from(
    hkdfSync('sha256', master.secret, Buffer.alloc(0), `sallyport/v1/${purpose}`, KEY_BYTES),
  );
}

function loadFile(file: string, dataDir: string, createIfMissing: boolean): MasterKey {
  const text = readKeyFile(file, { ownerOnly: true });
  if (text !== undefined) return parseKey(text, file);
  // A new key could open nothing of what is stored, and would hide that the old one is lost.
  if (databaseExists(dataDir)) {
    throw new UserError(
      `the master key ${file} is missing, but ${dataDir} holds a database sealed with it: put the key back (restore it from its backup)`,
      { exitStatus: 2 },
    );
  }
  if (!createIfMissing) {
    throw new UserError(
      `the master key ${file} is missing: \`sallyport start\` makes it at the first start`,
      {
        exitStatus: 2,
      },
    );
  }
  const bytes = randomBytes(KEY_BYTES);
  try {
    writeKeyFile(file, `${bytes.toString('base64')}\n`);
  } catch (cause) {
    if (cause instanceof UserError) throw cause;
    throw new UserError(`cannot write the master key ${file}: ${errorText(cause)}`, { cause });
  }
  return { secret: createSecretKey(bytes), source: file };
}

function parseKey(text: string, source: string): MasterKey {
  const trimmed = text.trim();
  const bytes = Buffer.from(trimmed, 'base64');
  if (bytes.length !== KEY_BYTES || bytes.toString('base64') !== trimmed) {
    throw new UserError(`${source} is not a master key: it must be ${KEY_BYTES} bytes in base64`, {
      exitStatus: 2,
    });
  }
  return { secret: createSecretKey(bytes), source };
}

function readKeyFile(file: string, options: { readonly ownerOnly: boolean }): string | undefined {
  let fd: number;
  try {
    fd = openSync(file, 'r');
  } catch (cause) {
    if (errorCode(cause) === 'ENOENT') return undefined;
    throw new UserError(`cannot read the master key ${file}: ${errorText(cause)}`, { exitStatus: 2, cause });
  }
  try {
    // Asked of the open file: the name could be pointed elsewhere between a check and the read.
    if (options.ownerOnly && (fstatSync(fd).mode & 0o077) !== 0) {
      throw new UserError(`the master key ${file} is open to others than its owner: chmod 600 ${file}`, {
        exitStatus: 2,
      });
    }
    return readFileSync(fd, 'utf8');
  } finally {
    closeSync(fd);
  }
}

/** Writes the whole key or nothing, never over an existing file. */
function writeKeyFile(file: string, text: string): void {
  makePrivateFolder(dirname(file));
  const draft = `${file}.${process.pid}.new`;
  const fd = openSync(draft, 'wx', 0o600);
  try {
    writeSync(fd, text);
    fsyncSync(fd);
    linkSync(draft, file);
  } finally {
    closeSync(fd);
    unlinkSync(draft);
  }
  syncFolder(dirname(file));
}
