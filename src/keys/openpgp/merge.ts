import { createHash } from 'node:crypto';
import { remembered } from '../../shared/remembered.js';
import { type Certificate, certify, signatureIdentity } from './certificate.js';
import { hex } from './cursor.js';
import { MalformedKey } from './malformed.js';
import { readSingle } from './read-single.js';
import type { Transferable } from './transferable.js';
import { writeCertificate } from './write.js';

/**
 * Two copies of one key as one with the user IDs, subkeys, signatures and revocations of both, so that an older copy
 * undoes nothing. What the key didn't sign itself is left out. Gives `known` itself where `found` has nothing new.
 *
 * @param known one public key, binary
 * @param found another copy of the same key
 * @throws MalformedKey when either can't be read, or they are different keys
 */
export async function mergeOpenPgp(known: Uint8Array, found: Uint8Array): Promise<Uint8Array> {
  const isLarge = known.length > SMALL || found.length > SMALL;
  const merged = isLarge ? withNews(known, found) : withNewsBefore({ known, found });
  // A copy: whoever has it may give its memory away.
  return merged === undefined ? known : Uint8Array.from(merged);
}

/** Octets of a key that is remembered; those of people are smaller. */
const SMALL = 32 * 1024;

/** The copies that are kept of a key are put together for each message, and verifying is what costs. */
const withNewsBefore = remembered(
  200,
  ({ known, found }: { readonly known: Uint8Array; readonly found: Uint8Array }) =>
    `${hashOf(known)} ${hashOf(found)}`,
  ({ known, found }) => withNews(known, found),
);

function hashOf(material: Uint8Array): string {
  return createHash('sha256').update(material).digest('base64');
}

/** Undefined where `found` has nothing new. @throws MalformedKey */
function withNews(known: Uint8Array, found: Uint8Array): Uint8Array | undefined {
  const [first, second] = [readSingle(known), readSingle(found)];
  const before = read(first);
  const after = read({
    ...first,
    signatures: [...first.signatures, ...second.signatures],
    userIds: [...first.userIds, ...second.userIds],
    subkeys: [...first.subkeys, ...second.subkeys],
  });
  const other = read(second);
  if (hex(other.primary.body) !== hex(before.primary.body)) throw new MalformedKey('they are different keys');
  const old = new Set(statements(before));
  return statements(after).every((one) => old.has(one)) ? undefined : writeCertificate(after);
}

function read(transferable: Transferable): Certificate {
  const { primary } = transferable;
  if ('unsupported' in primary) throw new MalformedKey(primary.unsupported);
  if (primary.numbers.kind === 'refused') throw new MalformedKey(primary.numbers.why);
  return certify(transferable, primary);
}

function statements(certificate: Certificate): readonly string[] {
  const { direct, directRevocations, revocations, userIds, subkeys } = certificate;
  const revoked = [
    ...directRevocations,
    ...revocations,
    ...[...userIds, ...subkeys].flatMap((part) => part.revocations),
  ].map(({ signature }) => signature);
  const signed = [
    ...direct,
    ...userIds.flatMap((userId) => userId.certifications),
    ...subkeys.flatMap((subkey) => subkey.bindings),
  ];
  return [...revoked, ...signed].map(signatureIdentity);
}
