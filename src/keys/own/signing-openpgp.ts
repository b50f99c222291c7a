import { config, type PrivateKey, readPrivateKey } from 'openpgp';

/** Parsed keys that are remembered; a gateway has its own and those of some senders. */
const MAX_KEPT = 256;

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
    const key = await readPrivateKey({ binaryKey: secret });
    if (kept.size >= MAX_KEPT) kept.clear();
    kept.set(fingerprint, { bytes: Buffer.from(secret), key });
    return key;
  }

  return {
    whyItCannotSign: async (fingerprint, secret, now) =>
      whyOpenPgpCannotSign(await parsed(fingerprint, secret), now),
  };
}

/** A signing (sub)key that is bound, not expired, not revoked, of an algorithm that is still used (RFC 9580 5.2.3.29). */
export async function whyOpenPgpCannotSign(key: PrivateKey, now: number): Promise<string | undefined> {
  const at = new Date(now);
  if (await key.isRevoked(undefined, undefined, at)) return 'it was revoked';
  const expires = await key.getExpirationTime();
  if (expires instanceof Date && expires.getTime() <= now)
    return `expired on ${expires.toISOString().slice(0, 10)}`;
  try {
    const signer = await key.getSigningKey(undefined, at, undefined, { ...config, minRSABits: 2048 });
    return signer.isDecrypted() === true
      ? undefined
      : 'its signing key is not in the file, or still protected';
  } catch {
    // openpgp.js names no kind, and its words quote the key.
    return 'it has no key that can sign now';
  }
}
