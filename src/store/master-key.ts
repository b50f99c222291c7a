import { createSecretKey, hkdfSync, type KeyObject, randomBytes } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  renameSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Config } from '../config/schema.js';
import { errorCode, errorText, UserError } from '../shared/errors.js';
import type { NumberedKey } from './body-seal.js';
import { databaseExists, makePrivateFolder, syncFolder } from './data-dir.js';
import { keyStateOf, openLasting } from './key-state.js';
import { isDenied, notOurUser } from './not-our-user.js';

/** The key from which all others are derived. KeyObjects, so that no log or JSON can show them. */
export interface MasterKey {
  /** The key in force; during a rotation the old one. */
  readonly secret: KeyObject;
  /** Where it came from, for messages. */
  readonly source: string;
  /** What rotations made of it; absent: it is the first. Changes while a rotation goes on. */
  readonly ring?: KeyRing;
  /** The file of a key that is gone, which the one in force takes the place of when the store is opened. */
  readonly fileToReplace?: string | undefined;
}

/** Master keys by their numbers. */
export interface KeyRing {
  /** Seals whatever is sealed from now on. */
  newest: NumberedSecret;
  /** Sealed something that was not sealed anew yet. */
  older: readonly NumberedSecret[];
  /** Nothing is sealed with them any more; what was read a moment ago may still be. In memory only. */
  retired: readonly NumberedSecret[];
  /** Keys that outlive master keys; undefined: they are derived from the newest. */
  lasting: ReadonlyMap<string, Uint8Array> | undefined;
}

export interface NumberedSecret {
  readonly number: number;
  readonly secret: KeyObject;
}

/** Seal what can be opened and sealed anew: each master key has its own. */
type SealingPurpose = 'body-wrap' | 'secrets' | 'operators' | 'roster-seal';
/** Make names and codes that can't be made anew, so they outlive master keys. */
type LastingPurpose = 'fingerprint' | 'portal-code' | 'loop' | 'cookie' | 'rosters';
/** Belong to the key in force alone. */
type OwnPurpose = 'key-check' | 'backup-files' | 'backup-manifest' | 'lasting-keys';

export type KeyPurpose = SealingPurpose | LastingPurpose | OwnPurpose;

export const LASTING = [
  'fingerprint',
  'portal-code',
  'loop',
  'cookie',
  'rosters',
] as const satisfies readonly LastingPurpose[];

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
    return withRing(parseKey(text, source), dataDir, undefined);
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
    return withRing(parseKey(text, `the systemd credential ${from.credential}`), dataDir, undefined);
  }
  const file = resolve(dataDir, from.file);
  return withRing(loadFile(file, dataDir, options.createIfMissing), dataDir, file);
}

/**
 * A key of 32 bytes for one purpose: HKDF (RFC 5869) with SHA-256, no salt, the purpose as info. Of purposes that seal,
 * the newest: ask for it each time, because a rotation changes it.
 */
export function deriveKey(master: MasterKey, purpose: KeyPurpose): Buffer {
  const { ring } = master;
  if (ring === undefined || isOwn(purpose)) return derived(master.secret, purpose);
  if (isLasting(purpose)) {
    const lasting = ring.lasting?.get(purpose);
    return lasting === undefined ? derived(ring.newest.secret, purpose) : Buffer.from(lasting);
  }
  return derived(ring.newest.secret, purpose);
}

/** The keys that may have sealed something, with the numbers of their master keys; the newest first. */
export function sealingKeys(master: MasterKey, purpose: SealingPurpose): readonly NumberedKey[] {
  const { ring } = master;
  if (ring === undefined) return [{ number: 1, key: derivedOnce(master.secret, purpose) }];
  // Content that was read before the end of a rotation is opened after it; nothing else takes that long.
  const retired = purpose === 'body-wrap' ? ring.retired : [];
  return [ring.newest, ...ring.older, ...retired].map(({ number, secret }) => ({
    number,
    key: derivedOnce(secret, purpose),
  }));
}

/** Every body is sealed and opened with one of these. They are forgotten with the key that they come from. */
const known = new WeakMap<KeyObject, Map<KeyPurpose, Buffer>>();

function derivedOnce(secret: KeyObject, purpose: KeyPurpose): Buffer {
  const those = known.get(secret) ?? new Map<KeyPurpose, Buffer>();
  known.set(secret, those);
  const key = those.get(purpose) ?? derived(secret, purpose);
  those.set(purpose, key);
  return key;
}

/** A key of one purpose of a key that isn't in force yet. */
export function derived(secret: KeyObject, purpose: KeyPurpose): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, Buffer.alloc(0), `sallyport/v1/${purpose}`, KEY_BYTES));
}

function isLasting(purpose: KeyPurpose): purpose is LastingPurpose {
  return LASTING.some((one) => one === purpose);
}

function isOwn(purpose: KeyPurpose): purpose is OwnPurpose {
  return (
    purpose === 'key-check' ||
    purpose === 'backup-files' ||
    purpose === 'backup-manifest' ||
    purpose === 'lasting-keys'
  );
}

/** The file of a new master key while a rotation goes on. */
export function nextKeyFile(file: string): string {
  return `${file}.next`;
}

/** Reads a new master key's file. @throws UserError as `loadMasterKey` */
export function readNextKey(file: string): KeyObject | undefined {
  const next = nextKeyFile(file);
  const text = readKeyFile(next, { ownerOnly: true });
  return text === undefined ? undefined : parseKey(text, next).secret;
}

/**
 * Makes a new master key beside the old one (0600, synced). One that was begun and never used is replaced.
 * @throws UserError when it can't be written
 */
export function makeNextKey(file: string): KeyObject {
  const next = nextKeyFile(file);
  const bytes = randomBytes(KEY_BYTES);
  try {
    if (existsSync(next)) unlinkSync(next);
    writeKeyFile(next, `${bytes.toString('base64')}\n`);
  } catch (cause) {
    throw new UserError(
      `cannot write the new master key ${next}: ${errorText(cause)}; the relay must be able to write in its folder`,
      { cause },
    );
  }
  return createSecretKey(bytes);
}

/** Puts a new master key in place of the old one, whose file is gone with that. */
export function replaceKeyFile(file: string): void {
  renameSync(nextKeyFile(file), file);
  syncFolder(dirname(file));
}

/** Finds out from the database which keys are in use. */
function withRing(key: MasterKey, dataDir: string, file: string | undefined): MasterKey {
  const state = keyStateOf(dataDir);
  if (state?.check === undefined) return key;
  const check = Buffer.from(state.check);
  const { number, rotation } = state;
  const isInForce = (secret: KeyObject) => derived(secret, 'key-check').equals(check);
  const lastingOf = (of: NumberedSecret) => {
    const sealed = state.lasting(of.number);
    return sealed && openLasting(derived(of.secret, 'lasting-keys'), of.number, sealed);
  };
  const ringOf = (newest: NumberedSecret, older: readonly NumberedSecret[]): KeyRing => ({
    newest,
    older,
    retired: [],
    lasting: lastingOf(newest),
  });
  const next = file === undefined ? undefined : readNextKey(file);
  if (!isInForce(key.secret)) {
    // A rotation was at its end, and only its file was not in its place yet.
    if (next === undefined || rotation !== undefined || !isInForce(next)) return key;
    return {
      secret: next,
      source: key.source,
      ring: ringOf({ number, secret: next }, []),
      fileToReplace: file,
    };
  }
  const now = { number, secret: key.secret };
  if (rotation === undefined) return number === 1 ? key : { ...key, ring: ringOf(now, []) };
  if (next === undefined || derived(next, 'key-check').toString('hex') !== rotation.check) {
    throw new UserError(
      `the master key is being replaced, and the new one is missing: put ${file === undefined ? 'it' : nextKeyFile(file)} back`,
      { exitStatus: 2 },
    );
  }
  return { ...key, ring: ringOf({ number: rotation.to, secret: next }, [now]) };
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
    if (isDenied(cause)) throw notOurUser(file, cause);
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
