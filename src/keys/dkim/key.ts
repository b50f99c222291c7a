import { createHash, createPublicKey, generateKeyPair, type KeyObject } from 'node:crypto';

export const DKIM_KEY_TYPES = ['rsa', 'ed25519'] as const;
export type DkimKeyType = (typeof DKIM_KEY_TYPES)[number];

/** RFC 8301 3.2: 2048 bits or more to sign; verifiers need not read more than 4096. */
export const MIN_RSA_BITS = 2048;
export const MAX_RSA_BITS = 4096;

/** Where the public key of a selector is published (RFC 6376 3.6.2.1). Also what a kept key is filed under. */
export function dkimRecordName(key: { readonly domain: string; readonly selector: string }): string {
  return `${key.selector}._domainkey.${key.domain}`;
}

/** The domain and selector of such a name; undefined where it is none. */
export function fromRecordName(name: string): { domain: string; selector: string } | undefined {
  const at = name.indexOf('._domainkey.');
  if (at < 1) return undefined;
  return { selector: name.slice(0, at), domain: name.slice(at + '._domainkey.'.length) };
}

/** Makes a key off the main thread; RSA takes a tenth of a second (2048 bits) to some seconds (4096). */
export function makeDkimKey(type: DkimKeyType, bits: number): Promise<DkimKeyPair> {
  const encodings = {
    publicKeyEncoding: { type: 'spki', format: 'der' },
    privateKeyEncoding: { type: 'pkcs8', format: 'der' },
  } as const;
  return new Promise((done, failed) => {
    const made = (error: Error | null, spki: Buffer, pkcs8: Buffer) =>
      error === null ? done({ spki, pkcs8 }) : failed(error);
    if (type === 'ed25519') generateKeyPair('ed25519', encodings, made);
    else generateKeyPair('rsa', { modulusLength: bits, publicExponent: 0x10001, ...encodings }, made);
  });
}

/** DER. */
export interface DkimKeyPair {
  readonly spki: Buffer;
  readonly pkcs8: Buffer;
}

/** The SubjectPublicKeyInfo of a private or public key, DER. */
export function spkiOf(key: KeyObject): Buffer {
  return (key.type === 'public' ? key : createPublicKey(key)).export({ type: 'spki', format: 'der' });
}

/** SHA-256 of the SubjectPublicKeyInfo, upper-case hex. */
export function dkimFingerprint(spki: Uint8Array): string {
  return createHash('sha256').update(spki).digest('hex').toUpperCase();
}

/** Reads a SubjectPublicKeyInfo. @throws Error of node:crypto when it is none */
export function publicKeyOf(spki: Uint8Array): KeyObject {
  return createPublicKey({ key: Buffer.from(spki), type: 'spki', format: 'der' });
}

/** For people: `RSA 2048`, `Ed25519`. */
export function dkimAlgorithm(key: KeyObject): string {
  return dkimKeyType(key) === 'rsa' ? `RSA ${rsaBits(key)}` : 'Ed25519';
}

export function dkimKeyType(key: KeyObject): DkimKeyType | undefined {
  return DKIM_KEY_TYPES.find((one) => one === key.asymmetricKeyType);
}

/** Why a key can't sign mail, in words; undefined when it can. */
export function whyNoDkimKey(key: KeyObject): string | undefined {
  const type = dkimKeyType(key);
  if (type === undefined) return 'only RSA and Ed25519 keys sign DKIM';
  if (type === 'ed25519') return undefined;
  const bits = rsaBits(key);
  if (bits < MIN_RSA_BITS) return `RSA ${bits} is shorter than ${MIN_RSA_BITS} bits`;
  if (bits > MAX_RSA_BITS)
    return `RSA ${bits} is longer than the ${MAX_RSA_BITS} bits that every verifier reads`;
  return undefined;
}

function rsaBits(key: KeyObject): number {
  return key.asymmetricKeyDetails?.modulusLength ?? 0;
}
