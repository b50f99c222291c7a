import { setImmediate } from 'node:timers/promises';
import type { ReadKey } from '../types.js';
import { readArmour } from './armour.js';
import { BOUNDS } from './bounds.js';
import { type Certificate, certify } from './certificate.js';
import { concat } from './cursor.js';
import { MalformedKey } from './malformed.js';
import { type Packet, scanPackets, TAG, writePacket } from './packets.js';
import { certificateEnd, certifiedAddresses } from './standing.js';
import { mayEncrypt } from './subkeys.js';
import { readTransferable, splitKeys } from './transferable.js';
import { writeCertificate } from './write.js';

/** What a file or an answer of a source holds. Nothing in it is judged. */
export interface OpenPgpRead {
  /**
   * Keys whose own signatures hold. One without addresses can still matter: it may revoke a key that is known. Their
   * material holds only what the key itself signed.
   */
  readonly publics: readonly ReadKey[];
  readonly secrets: readonly OpenPgpSecret[];
  readonly refused: readonly { readonly fingerprint?: string; readonly reason: string }[];
}

/** A secret key that openOpenPgpSecret can open. */
export interface OpenPgpSecret {
  /** Its public part. */
  readonly key: ReadKey;
  /** The transferable secret key as it came, binary; protected by a passphrase or not. */
  readonly protectedSecret: Uint8Array;
}

/**
 * Reads OpenPGP keys: binary, or armoured blocks with any text around them; any number of keys. One that is broken is
 * refused by itself. Never throws for what is in the bytes.
 */
export async function readOpenPgp(bytes: Uint8Array): Promise<OpenPgpRead> {
  const publics: ReadKey[] = [];
  const secrets: OpenPgpSecret[] = [];
  const refused: { fingerprint?: string; reason: string }[] = [];
  if (bytes.length > BOUNDS.input) {
    refused.push({ reason: `it is larger than ${BOUNDS.input} bytes` });
    return { publics, secrets, refused };
  }
  for (const packets of readBlocks(bytes, refused)) {
    const { before, keys } = splitKeys(packets);
    if (keys.length === 0)
      refused.push({
        reason: before.some(({ tag }) => tag === TAG.signature)
          ? 'a signature or revocation certificate without its key; export the key that has it'
          : 'there is no key in it',
      });
    if (keys.length > BOUNDS.keys)
      refused.push({ reason: `more than ${BOUNDS.keys} keys; the rest was not read` });
    for (const key of keys.slice(0, BOUNDS.keys)) {
      // Each may take a while to verify; others want the thread as well.
      await setImmediate();
      const read = readOne(key);
      if ('reason' in read) refused.push(read);
      else if ('protectedSecret' in read) secrets.push(read);
      else publics.push(read);
    }
  }
  return { publics, secrets, refused };
}

function* readBlocks(bytes: Uint8Array, refused: { reason: string }[]): Generator<readonly Packet[]> {
  // Packets begin with an octet that has its highest bit set, text doesn't; UTF-8 text may, after its mark.
  const marked = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  if (!marked && ((bytes[0] ?? 0) & 0x80) !== 0) {
    yield scan(bytes, refused);
    return;
  }
  const blocks = readArmour(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1'));
  if (blocks.length === 0) refused.push({ reason: 'there is no OpenPGP key in it' });
  for (const { label, bytes: content } of blocks) {
    if (label !== 'PUBLIC KEY BLOCK' && label !== 'PRIVATE KEY BLOCK')
      refused.push({ reason: 'an armoured block that is not a key' });
    else if (content === undefined) refused.push({ reason: 'malformed: an armoured block is damaged' });
    else yield scan(content, refused);
  }
}

function scan(bytes: Uint8Array, refused: { reason: string }[]): readonly Packet[] {
  const { packets, problem } = scanPackets(bytes, BOUNDS.packets * 10);
  if (problem !== undefined) refused.push({ reason: `malformed: ${problem}` });
  return packets;
}

function readOne(
  packets: readonly Packet[],
): ReadKey | OpenPgpSecret | { readonly fingerprint?: string; readonly reason: string } {
  let fingerprint: string | undefined;
  const refuse = (reason: string) => ({ ...(fingerprint === undefined ? {} : { fingerprint }), reason });
  try {
    const transferable = readTransferable(packets);
    const { primary, secret } = transferable;
    if ('unsupported' in primary) return refuse(primary.unsupported);
    fingerprint = primary.fingerprint;
    if (primary.numbers.kind === 'refused') return refuse(primary.numbers.why);
    const certificate = certify(transferable, primary);
    const { direct, revocations, userIds, subkeys } = certificate;
    if ([direct, revocations, userIds, subkeys].every((list) => list.length === 0))
      return refuse('nothing in it is signed by the key itself');
    const key = describe(certificate);
    if (!secret) return key;
    return { key, protectedSecret: concat(...packets.map(({ tag, body }) => writePacket(tag, body))) };
  } catch (thrown) {
    if (thrown instanceof MalformedKey) return refuse(`malformed: ${thrown.message}`);
    throw thrown;
  }
}

function describe(certificate: Certificate): ReadKey {
  const { primary, subkeys } = certificate;
  const encrypting = subkeys
    .filter(({ bindings }) => mayEncrypt(bindings[0]?.flags) === true)
    .sort((a, b) => b.key.created - a.key.created)[0]?.key;
  const end = certificateEnd(certificate, Number.POSITIVE_INFINITY);
  return {
    kind: 'openpgp',
    fingerprint: primary.fingerprint,
    addresses: certifiedAddresses(certificate),
    algorithm: (encrypting ?? primary).name,
    notBefore: primary.created,
    ...(Number.isFinite(end) ? { notAfter: end } : {}),
    material: writeCertificate(certificate),
    chain: [],
  };
}
