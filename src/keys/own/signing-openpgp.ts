import { type PrivateKey, readPrivateKey } from 'openpgp';
import { libraryConfig } from '../openpgp/library.js';

const MIN_RSA_BITS = 2048;
/** Parsed keys that are remembered; a gateway has its own and those of some senders. */
const MAX_KEPT = 256;

/** What openOpenPgpSecret could open can be read here too. */
const CONFIG = { ...libraryConfig({ minRsaBits: MIN_RSA_BITS }), ignoreUnsupportedPackets: true };

export interface OpenPgpSigners {
  /** Why a secret key can't sign at a time (epoch milliseconds), in words; undefined when it can. */
  whyItCannotSign(fingerprint: string, secret: Uint8Array, now: number): Promise<string | undefined>;
}

/**
 * Judges our own OpenPGP keys. Parsed keys are kept, because openpgp.js remembers in them which self-signatures hold;
 * without that every message would verify them again.
 */
export function createOpenPgpSigners(): OpenPgpSigners {
  const kept = new Map<string, { readonly bytes: Buffer; readonly key: PrivateKey }>();

  async function parsed(fingerprint: string, secret: Uint8Array): Promise<PrivateKey> {
    const before = kept.get(fingerprint);
    if (before?.bytes.equals(secret) === true) return before.key;
    const key = await parseOpenPgpSecret(secret);
    if (kept.size >= MAX_KEPT) kept.clear();
    kept.set(fingerprint, { bytes: Buffer.from(secret), key });
    return key;
  }

  return {
    whyItCannotSign: async (fingerprint, secret, now) =>
      whyOpenPgpCannotSign(await parsed(fingerprint, secret), now),
  };
}

/** @throws Error of openpgp.js when it can't be read */
export function parseOpenPgpSecret(secret: Uint8Array): Promise<PrivateKey> {
  return readPrivateKey({ binaryKey: secret, config: CONFIG });
}

/** A signing (sub)key that is bound, not expired, not revoked, of an algorithm that is still used (RFC 9580 5.2.3.29). */
export async function whyOpenPgpCannotSign(key: PrivateKey, now: number): Promise<string | undefined> {
  const at = new Date(now);
  if (await key.isRevoked(undefined, undefined, at, CONFIG)) return 'it was revoked';
  const expires = await key.getExpirationTime();
  if (expires instanceof Date && expires.getTime() <= now)
    return `expired on ${expires.toISOString().slice(0, 10)}`;
  try {
    const signer = await key.getSigningKey(undefined, at, undefined, CONFIG);
    return signer.isDecrypted() === true
      ? undefined
      : 'its signing key is not in the file, or still protected';
  } catch {
    // openpgp.js names no kind, and its words quote the key.
    return 'it has no key that can sign now';
  }
}
