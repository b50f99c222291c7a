import { createHash, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import type { Head } from './chain.js';

/** A signed statement that the log had this head at this time. */
export interface Checkpoint extends Head {
  /** Epoch milliseconds. */
  readonly at: number;
  /** Fingerprint of the signing key: SHA-256 (hex) of its SubjectPublicKeyInfo. */
  readonly key: string;
  /** Ed25519 signature (RFC 8032), base64url without padding. */
  readonly signature: string;
}

const MARK = 'sallyport-audit-checkpoint';
const LINE =
  /sallyport-audit-checkpoint v1 seq=([1-9]\d{0,15}) time=(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z) hash=([0-9a-f]{64}) key=([0-9a-f]{64}) sig=([A-Za-z0-9_-]{86})(?![A-Za-z0-9_-])/;

/** SHA-256 (hex) of the key's SubjectPublicKeyInfo in DER, as `openssl pkey -pubin -outform DER | sha256sum` gives. */
export function keyFingerprint(key: KeyObject): string {
  const spki = (key.type === 'private' ? createPublicKey(key) : key).export({ type: 'spki', format: 'der' });
  return createHash('sha256').update(spki).digest('hex');
}

/** The text that is signed: the checkpoint's line up to its signature. Its first words separate the domain. */
export function checkpointStatement(checkpoint: Omit<Checkpoint, 'signature'>): string {
  const time = new Date(checkpoint.at).toISOString();
  return `${MARK} v1 seq=${checkpoint.seq} time=${time} hash=${checkpoint.hash} key=${checkpoint.key}`;
}

/** The one-line text form, for files and the system log. */
export function formatCheckpoint(checkpoint: Checkpoint): string {
  return `${checkpointStatement(checkpoint)} sig=${checkpoint.signature}`;
}

/**
 * Finds a checkpoint in a line of text, behind whatever a system log puts before it.
 * @returns the checkpoint; `damaged` when the line has a checkpoint's first word but is not whole; undefined for other text
 */
export function findCheckpoint(line: string): Checkpoint | 'damaged' | undefined {
  const match = LINE.exec(line);
  if (match === null) return line.includes(`${MARK} v`) ? 'damaged' : undefined;
  const [, seq = '', time = '', hash = '', key = '', signature = ''] = match;
  const at = Date.parse(time);
  return Number.isNaN(at) ? 'damaged' : { seq: Number(seq), at, hash, key, signature };
}

export function signCheckpoint(
  head: Head,
  at: number,
  privateKey: KeyObject,
  fingerprint: string,
): Checkpoint {
  const unsigned = { seq: head.seq, hash: head.hash, at, key: fingerprint };
  const signature = sign(null, Buffer.from(checkpointStatement(unsigned)), privateKey);
  return { ...unsigned, signature: signature.toString('base64url') };
}

/** Whether the signature is this key's. False, too, for fields that no statement could hold. */
export function checkpointSignatureHolds(checkpoint: Checkpoint, publicKey: KeyObject): boolean {
  if (!Number.isSafeInteger(checkpoint.at) || Math.abs(checkpoint.at) > 8.64e15) return false;
  const signature = Buffer.from(checkpoint.signature, 'base64url');
  // Only the one spelling of a signature counts, so that a stored checkpoint cannot be changed without being found.
  if (signature.toString('base64url') !== checkpoint.signature) return false;
  return verify(null, Buffer.from(checkpointStatement(checkpoint)), publicKey, signature);
}
