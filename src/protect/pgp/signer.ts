import { createHash } from 'node:crypto';
import { config, enums, type PrivateKey, readPrivateKey, SecretKeyPacket, SecretSubkeyPacket } from 'openpgp';
import type { SigningKey } from '../../keys/types.js';
import { remembered } from '../../shared/remembered.js';
import { SealFailed } from '../seal-failed.js';
import { readSecretKey, type SecretKey } from './secret-key.js';

type OpenPgpSigningKey = Extract<SigningKey, { kind: 'openpgp' }>;

/** Whole keys of senders; most gateways have one. */
const SIGNERS = 50;

interface OpenedSigner {
  readonly key: Promise<PrivateKey>;
  /** By fingerprint of the (sub)key. */
  readonly secrets: Map<string, SecretKey>;
}

const openSigner = remembered(SIGNERS, signerIdentity, (signer: OpenPgpSigningKey): OpenedSigner => {
  // Parsed keys are kept because openpgp.js remembers in them which self-signatures hold.
  const key = readPrivateKey({ binaryKey: signer.secret, config: CONFIG });
  // Whoever waits for it is told; nobody waiting is no reason to end the process.
  key.catch(() => undefined);
  return { key, secrets: new Map() };
});

const CONFIG = {
  ...config,
  ignoreUnsupportedPackets: true,
  rejectHashAlgorithms: new Set([enums.hash.md5, enums.hash.sha1, enums.hash.ripemd]),
};

function signerIdentity({ fingerprint, secret }: OpenPgpSigningKey): string {
  return `${fingerprint} ${createHash('sha256').update(secret).digest('base64')}`;
}

/**
 * The (sub)key that signs at a time: bound, flagged for signing, neither expired nor revoked (RFC 9580 5.2.3.29), chosen by
 * openpgp.js.
 * @param now epoch milliseconds
 * @throws SealFailed
 */
export async function signingSecret(signer: OpenPgpSigningKey, now: number): Promise<SecretKey> {
  const opened = openSigner(signer);
  let chosen: Awaited<ReturnType<PrivateKey['getSigningKey']>>;
  try {
    const key = await opened.key;
    if (key.getFingerprint().toUpperCase() !== signer.fingerprint)
      throw new SealFailed('the signing key is another one');
    chosen = await key.getSigningKey(undefined, new Date(now), undefined, CONFIG);
  } catch (cause) {
    if (cause instanceof SealFailed) throw cause;
    throw new SealFailed('no signing key is valid now', { cause });
  }
  const fingerprint = chosen.getFingerprint();
  const known = opened.secrets.get(fingerprint);
  if (known !== undefined) return known;
  const { keyPacket } = chosen;
  if (!(keyPacket instanceof SecretKeyPacket || keyPacket instanceof SecretSubkeyPacket))
    throw new SealFailed('the secret of the signing key is missing');
  try {
    const secret = readSecretKey(keyPacket.write());
    opened.secrets.set(fingerprint, secret);
    return secret;
  } catch (cause) {
    if (cause instanceof SealFailed) throw cause;
    throw new SealFailed('the signing key cannot be used', { cause });
  }
}
