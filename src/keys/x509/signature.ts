import { constants, type KeyObject, type VerifyKeyObjectInput, verify } from 'node:crypto';
import type { AlgorithmIdentifier } from './certificate.js';
import { readAlgorithm } from './certificate.js';
import { BadCertificate, contextConstructed, type DerNode, fieldsOf, smallInteger, TAG } from './der.js';
import { importPublicKey, type PublicKeyInfo } from './public-key.js';

export type SignatureCheck =
  | { readonly ok: true }
  | { readonly ok: false; readonly why: 'wrong' }
  /** `name` says which algorithm it is: one that is broken, or not known. */
  | { readonly ok: false; readonly why: 'algorithm'; readonly name: string };

interface Scheme {
  readonly kind: 'rsa' | 'pss' | 'ecdsa' | 'ed25519';
  readonly hash: string | null;
}

/** RFC 4055 5, RFC 5758 3.2, RFC 8410 3: SHA-2 of 256 bits and more (RFC 8550 4.3). */
const SCHEMES: Readonly<Record<string, Scheme>> = {
  '1.2.840.113549.1.1.11': { kind: 'rsa', hash: 'sha256' },
  '1.2.840.113549.1.1.12': { kind: 'rsa', hash: 'sha384' },
  '1.2.840.113549.1.1.13': { kind: 'rsa', hash: 'sha512' },
  '1.2.840.113549.1.1.10': { kind: 'pss', hash: null },
  '1.2.840.10045.4.3.2': { kind: 'ecdsa', hash: 'sha256' },
  '1.2.840.10045.4.3.3': { kind: 'ecdsa', hash: 'sha384' },
  '1.2.840.10045.4.3.4': { kind: 'ecdsa', hash: 'sha512' },
  '1.3.101.112': { kind: 'ed25519', hash: null },
};

/** Names of those that are refused, for the reason. */
const REFUSED: Readonly<Record<string, string>> = {
  '1.2.840.113549.1.1.2': 'MD2',
  '1.2.840.113549.1.1.4': 'MD5',
  '1.2.840.113549.1.1.5': 'SHA-1',
  '1.3.14.3.2.29': 'SHA-1',
  '1.2.840.10045.4.1': 'SHA-1',
  '1.2.840.113549.1.1.14': 'SHA-224',
  '1.2.840.10045.4.3.1': 'SHA-224',
  '1.2.840.10040.4.3': 'DSA with SHA-1',
  '2.16.840.1.101.3.4.3.1': 'DSA',
  '2.16.840.1.101.3.4.3.2': 'DSA',
};

const HASHES: Readonly<Record<string, string>> = {
  '2.16.840.1.101.3.4.2.1': 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
  '2.16.840.1.101.3.4.2.3': 'sha512',
};
const SHA1 = '1.3.14.3.2.26';
const MGF1 = '1.2.840.113549.1.1.8';

/** How node:crypto is to verify: with which hash (null: the scheme has its own), key and padding. */
interface Plan {
  readonly hash: string | null;
  readonly key: KeyObject | VerifyKeyObjectInput;
}

/**
 * Whether a key made a signature over these bytes: of a certificate or another small thing.
 * @throws BadCertificate when the algorithm's parameters are malformed
 */
export function checkSignature(
  signed: Uint8Array,
  algorithm: AlgorithmIdentifier,
  signature: Uint8Array,
  signer: PublicKeyInfo,
): SignatureCheck {
  const plan = planFor(algorithm, signer);
  if ('ok' in plan) return plan;
  try {
    if (verify(plan.hash, signed, plan.key, signature)) return { ok: true };
  } catch {
    // OpenSSL throws for keys whose own parameters forbid the scheme: not a signature by that key.
  }
  return WRONG;
}

/**
 * The same in Node's thread pool, for CRLs, which may have megabytes.
 * Rejects with BadCertificate when the algorithm's parameters are malformed.
 */
export async function checkLongSignature(
  signed: Uint8Array,
  algorithm: AlgorithmIdentifier,
  signature: Uint8Array,
  signer: PublicKeyInfo,
): Promise<SignatureCheck> {
  const plan = planFor(algorithm, signer);
  if ('ok' in plan) return plan;
  return new Promise((resolve) => {
    // An error is what it is above.
    verify(plan.hash, signed, plan.key, signature, (error, valid) =>
      resolve(error === null && valid ? { ok: true } : WRONG),
    );
  });
}

const WRONG: SignatureCheck = { ok: false, why: 'wrong' };

function planFor(algorithm: AlgorithmIdentifier, signer: PublicKeyInfo): Plan | SignatureCheck {
  const scheme = SCHEMES[algorithm.oid];
  if (scheme === undefined)
    return { ok: false, why: 'algorithm', name: REFUSED[algorithm.oid] ?? 'an unknown algorithm' };
  const { hash } = scheme;
  switch (scheme.kind) {
    case 'rsa':
      // RFC 4055 5: NULL; that they be absent is common.
      if (algorithm.parameters !== undefined && algorithm.parameters.tag !== 0x05) return WRONG;
      if (signer.kind !== 'rsa') return WRONG;
      return planWith(signer, (key) => ({ hash, key: { key, padding: constants.RSA_PKCS1_PADDING } }));
    case 'pss': {
      const pss = readPss(algorithm.parameters);
      if (typeof pss === 'string') return { ok: false, why: 'algorithm', name: pss };
      if (signer.kind !== 'rsa' && signer.kind !== 'rsa-pss') return WRONG;
      const { saltLength } = pss;
      return planWith(signer, (key) => ({
        hash: pss.hash,
        key: { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength },
      }));
    }
    case 'ecdsa':
      // RFC 5758 3.2, RFC 8410 3: no parameters.
      if (algorithm.parameters !== undefined || signer.curve === undefined) return WRONG;
      return planWith(signer, (key) => ({ hash, key }));
    case 'ed25519':
      if (algorithm.parameters !== undefined || signer.kind !== 'ed25519') return WRONG;
      return planWith(signer, (key) => ({ hash: null, key }));
  }
}

function planWith(signer: PublicKeyInfo, plan: (key: KeyObject) => Plan): Plan | SignatureCheck {
  const key = signer.flaw === undefined ? importPublicKey(signer) : undefined;
  return key === undefined ? WRONG : plan(key);
}

/** RFC 4055 3.1; the defaults are SHA-1. A text names what is not accepted. */
function readPss(
  parameters: DerNode | undefined,
): { readonly hash: string; readonly saltLength: number } | string {
  if (parameters === undefined) return 'RSASSA-PSS without parameters';
  const fields = fieldsOf(parameters);
  const hashNode = inner(fields.maybe(contextConstructed(0)));
  const maskNode = inner(fields.maybe(contextConstructed(1)));
  const saltNode = inner(fields.maybe(contextConstructed(2)));
  const trailerNode = inner(fields.maybe(contextConstructed(3)));
  fields.end();
  const hashOid = hashNode === undefined ? SHA1 : readAlgorithm(hashNode).oid;
  const mask = maskNode === undefined ? undefined : readAlgorithm(maskNode);
  if (mask !== undefined && mask.oid !== MGF1) return 'RSASSA-PSS with an unknown mask';
  const maskHash = mask?.parameters === undefined ? SHA1 : readAlgorithm(mask.parameters).oid;
  const hash = HASHES[hashOid];
  if (hash === undefined) return hashOid === SHA1 ? 'SHA-1' : 'RSASSA-PSS with an unknown hash';
  // RFC 4055 3.1 recommends the same hash for both; OpenSSL is given one.
  if (maskHash !== hashOid) return 'RSASSA-PSS with two different hashes';
  const saltLength = saltNode === undefined ? 20 : smallInteger(saltNode);
  if (trailerNode !== undefined && smallInteger(trailerNode) !== 1)
    return 'RSASSA-PSS with an unknown trailer';
  if (saltLength > 512) throw new BadCertificate('has signature parameters that are out of range');
  return { hash, saltLength };
}

function inner(node: DerNode | undefined): DerNode | undefined {
  if (node === undefined) return undefined;
  const [child, more] = node.children;
  if (child === undefined || more !== undefined || (child.tag !== TAG.sequence && child.tag !== TAG.integer))
    throw new BadCertificate('has signature parameters that are malformed');
  return child;
}
