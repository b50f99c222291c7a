import { createHash, type KeyObject } from 'node:crypto';
import { ALGORITHM } from '../../keys/openpgp/algorithms.js';
import { BOUNDS } from '../../keys/openpgp/bounds.js';
import { MalformedKey } from '../../keys/openpgp/malformed.js';
import { nodeKey } from '../../keys/openpgp/node-key.js';
import { scanPackets, TAG } from '../../keys/openpgp/packets.js';
import { type PublicKey, readPublicKey } from '../../keys/openpgp/public-key.js';
import type { OpenPgpSealingKey } from '../../keys/types.js';
import { remembered } from '../../shared/remembered.js';
import { SealFailed } from '../seal-failed.js';

/** The one (sub)key of a recipient that is encrypted to. */
export interface Recipient {
  readonly key: PublicKey;
  readonly publicKey: KeyObject;
  readonly primary: PublicKey;
}

/** Public keys only, a few kilobytes each. */
const RECIPIENTS = 500;

/**
 * Finds the key to encrypt to by its fingerprint, which nothing but its own octets can have. Whether it may be used was
 * judged before. Keys that were seen lately are remembered by the hash of everything that they were found by.
 * @throws SealFailed
 */
export const openRecipient = remembered(RECIPIENTS, recipientIdentity, findRecipient);

function recipientIdentity(sealing: OpenPgpSealingKey): string {
  const material = createHash('sha256').update(sealing.material).digest('base64');
  return `${sealing.fingerprint} ${sealing.encryptionKey} ${material}`;
}

function findRecipient(sealing: OpenPgpSealingKey): Recipient {
  const keys = scanPackets(sealing.material, BOUNDS.packets).packets.filter(
    ({ tag }) => tag === TAG.publicKey || tag === TAG.publicSubkey,
  );
  const found = keys.flatMap(({ body }) => readIfPossible(body));
  // 10.1: the primary key comes first. Another one there means that this is not the material that was judged.
  const [primary] = found;
  if (primary?.fingerprint !== sealing.fingerprint)
    throw new SealFailed('the key is not the one that was judged');
  const key = found.find(({ fingerprint }) => fingerprint === sealing.encryptionKey);
  if (key === undefined) throw new SealFailed('the key has lost its encryption key');
  if (!canEncrypt(key)) throw new SealFailed('the key cannot encrypt');
  try {
    return { key, publicKey: nodeKey(key), primary };
  } catch (cause) {
    throw new SealFailed('the key is not valid for its algorithm', { cause });
  }
}

/** What can't be read is not the key that was judged; if it is the one that is needed, it isn't found. */
function readIfPossible(body: Uint8Array): readonly PublicKey[] {
  try {
    const key = readPublicKey(body, false);
    return 'unsupported' in key ? [] : [key];
  } catch (thrown) {
    if (thrown instanceof MalformedKey) return [];
    throw thrown;
  }
}

/** RFC 9580 9.1. */
function canEncrypt({ algorithm, numbers }: PublicKey): boolean {
  return numbers.kind === 'ecdh' || (numbers.kind === 'rsa' && algorithm !== ALGORITHM.rsaSign);
}
