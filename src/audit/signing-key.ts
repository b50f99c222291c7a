import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { errorCode, errorText, UserError } from '../shared/errors.js';
import { keyFingerprint } from './checkpoint.js';
import { monthFileNames, syncDirectory } from './month-file.js';

export interface SigningKey {
  readonly privateKeyPem: string;
  readonly publicKeyPem: string;
  /** SHA-256 (hex) of the public key's SubjectPublicKeyInfo. */
  readonly fingerprint: string;
}

/** Name of the public key's file, in the audit folder and in snapshots. */
export const PUBLIC_KEY_FILE = 'public-key.pem';

/**
 * The Ed25519 key that signs checkpoints: `audit/signing-key.pem` (0600) and `audit/public-key.pem` under `dataDir`.
 * @param options `folder`: where they are instead of `audit`, as for a log that is only beginning
 * @throws UserError when it is missing and may not be made, when a log exists that an older key signed, when others
 * may read it, or when the two files do not belong together
 */
export function loadOrCreateSigningKey(
  dataDir: string,
  options: { readonly createIfMissing: boolean; readonly folder?: string },
): SigningKey {
  const dir = join(dataDir, options.folder ?? 'audit');
  const privateFile = join(dir, 'signing-key.pem');
  const publicFile = join(dir, PUBLIC_KEY_FILE);
  if (!existsSync(privateFile)) {
    if (!options.createIfMissing) {
      throw new UserError(
        `the audit signing key ${privateFile} is missing; restore it from a backup of the data directory, or move the ` +
          `folder ${dir} away as a whole (and keep it) to begin a new log`,
      );
    }
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    if (existsSync(publicFile) || monthFileNames(dir).length > 0) {
      throw new UserError(
        `the audit signing key ${privateFile} is missing, but an audit log that it signed exists; restore the key ` +
          `from a backup, or move the folder ${dir} away as a whole (and keep it) to begin a new log`,
      );
    }
    const { privateKey } = generateKeyPairSync('ed25519');
    writeSynced(privateFile, String(privateKey.export({ type: 'pkcs8', format: 'pem' })), 0o600);
    writeSynced(publicFile, publicPem(privateKey), 0o644);
    syncDirectory(dir);
  }
  const privateKeyPem = readPrivate(privateFile);
  const key = parsePrivate(privateKeyPem, privateFile);
  const publicKeyPem = publicPem(key);
  const fingerprint = keyFingerprint(key);
  if (!existsSync(publicFile)) {
    writeSynced(publicFile, publicKeyPem, 0o644);
    syncDirectory(dir);
  } else if (keyFingerprint(readPublicKey(publicFile)) !== fingerprint) {
    throw new UserError(
      `${publicFile} is not the public half of ${privateFile}; find out which of the two was changed before going on`,
    );
  }
  return { privateKeyPem, publicKeyPem, fingerprint };
}

/**
 * Reads a PEM file with an Ed25519 public key.
 * @throws UserError (exit status 2)
 */
export function readPublicKey(file: string): KeyObject {
  try {
    const key = createPublicKey(readFileSync(file, 'utf8'));
    if (key.asymmetricKeyType === 'ed25519') return key;
  } catch (cause) {
    throw new UserError(`cannot read the public key ${file}: ${errorText(cause)}`, { exitStatus: 2, cause });
  }
  throw new UserError(`${file} is no Ed25519 public key`, { exitStatus: 2 });
}

function readPrivate(file: string): string {
  const fd = openSync(file, 'r');
  try {
    if ((fstatSync(fd).mode & 0o077) !== 0) {
      throw new UserError(`${file} can be read by others; find out who did, then run: chmod 600 ${file}`);
    }
    return readFileSync(fd, 'utf8');
  } finally {
    closeSync(fd);
  }
}

function parsePrivate(pem: string, file: string): KeyObject {
  try {
    const key = createPrivateKey(pem);
    if (key.asymmetricKeyType === 'ed25519') return key;
  } catch (cause) {
    // The library's text could quote the key; its code cannot.
    throw new UserError(`cannot read the audit signing key ${file} (${errorCode(cause) ?? 'not a PEM key'})`);
  }
  throw new UserError(`${file} is no Ed25519 key`);
}

function publicPem(privateKey: KeyObject): string {
  return String(createPublicKey(privateKey).export({ type: 'spki', format: 'pem' }));
}

/** Writes the whole file or nothing, never over an existing one: a crash leaves no half of a key, with which nothing would start. */
function writeSynced(file: string, text: string, mode: number): void {
  const draft = `${file}.new`;
  rmSync(draft, { force: true });
  const fd = openSync(draft, 'wx', mode);
  try {
    writeFileSync(fd, text);
    fsyncSync(fd);
    linkSync(draft, file);
  } finally {
    closeSync(fd);
    rmSync(draft, { force: true });
  }
}
