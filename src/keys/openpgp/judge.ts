import { createHash } from 'node:crypto';
import { parseAddress } from '../../shared/address.js';
import { remembered } from '../../shared/remembered.js';
import type { KeyLimits, OpenPgpVerdict } from '../types.js';
import { type Certificate, certify } from './certificate.js';
import { libraryAgrees } from './library.js';
import { MalformedKey } from './malformed.js';
import type { PublicKey } from './public-key.js';
import { readSingle } from './read-single.js';
import type { Signature } from './signature.js';
import { certificateEnd, day, governing, revoked, standingDirect, userIdRevocations } from './standing.js';
import { encryptionWeakness, signingWeakness } from './strength.js';
import { chooseSubkey, mayEncrypt } from './subkeys.js';
import { namesSeveralAddresses, sameAddress, userIdAddress } from './user-id.js';
import { writeCertificate } from './write.js';

type Refused = Extract<OpenPgpVerdict, { readonly usable: false }>;

/**
 * Whether mail to an address may be encrypted to an OpenPGP key at a time, and to which part of it. What comes back for
 * sealing holds the primary key, this user ID and this subkey with the signatures that were relied on, nothing else.
 *
 * @param material one transferable public key, binary
 * @param address the recipient
 * @param now epoch milliseconds
 */
export async function judgeOpenPgp(
  material: Uint8Array,
  address: string,
  limits: KeyLimits,
  now: number,
): Promise<OpenPgpVerdict> {
  try {
    const certificate = material.length > SMALL ? verified(material) : verifiedBefore(material);
    if ('usable' in certificate) return certificate;
    return await judge(certificate, address, limits, now);
  } catch (thrown) {
    if (thrown instanceof MalformedKey) return refuse(`malformed: ${thrown.message}`);
    throw thrown;
  }
}

/** Octets of a key that is remembered; those of people are smaller. */
const SMALL = 32 * 1024;

/**
 * What a key says about itself, its signatures verified, is the same whenever it is asked, and verifying is what costs: it is
 * remembered, by all of the key's octets. What depends on the time, the address and the settings is judged each time.
 */
const verifiedBefore = remembered(
  500,
  (material: Uint8Array) => createHash('sha256').update(material).digest('base64'),
  // Parts of a certificate are views of its octets, which here must be nobody else's.
  (material) => verified(Uint8Array.from(material)),
);

/** @throws MalformedKey */
function verified(material: Uint8Array): Certificate | Refused {
  const single = readSingle(material);
  if ('unsupported' in single.primary) return refuse(single.primary.unsupported);
  if (single.primary.numbers.kind === 'refused') return refuse(single.primary.numbers.why);
  return certify(single, single.primary);
}

async function judge(
  certificate: Certificate,
  address: string,
  limits: KeyLimits,
  now: number,
): Promise<OpenPgpVerdict> {
  const { primary } = certificate;
  // RFC 9580 5.2.1.11.
  const reason =
    revoked('the key', certificate.revocations) ??
    (primary.created > now ? `not valid before ${day(primary.created)}` : signingWeakness(primary, limits));
  if (reason !== undefined) return refuse(reason);

  const named = findUserId(certificate, address, limits, now);
  if ('usable' in named) return named;

  const direct = governing(standingDirect(certificate), now);
  // 5.2.3.10: a version 6 key must not be used without; this keeps anybody from stripping its expiry.
  if (primary.version === 6 && typeof direct === 'string')
    return refuse(`its direct-key signature: ${direct}`);
  const end = certificateEnd(certificate, now, named.certification);
  if (end <= now) return refuse(`expired on ${day(end)}`);

  const ownDirect = typeof direct === 'string' ? undefined : direct;
  const chosen = chooseKey(certificate, named.certification, ownDirect, limits, now);
  if ('usable' in chosen) return chosen;

  const pruned = writeCertificate({
    primary,
    // What names a revoker, other programs refuse to look at; it isn't needed where user IDs carry the rest.
    direct: ownDirect === undefined || ownDirect.revokers.length > 0 ? [] : [ownDirect],
    directRevocations: [],
    revocations: [],
    userIds: [{ body: named.body, certifications: [named.certification], revocations: [] }],
    subkeys: chosen.subkey === undefined ? [] : [chosen.subkey],
    strayed: [],
  });
  if (!(await libraryAgrees(primary, pruned, chosen.key.fingerprint, limits, now)))
    return refuse('a second reading of it, by OpenPGP.js, does not accept it for encryption');
  return {
    usable: true,
    algorithm: chosen.key.name,
    sealing: {
      kind: 'openpgp',
      fingerprint: primary.fingerprint,
      material: pruned,
      encryptionKey: chosen.key.fingerprint,
      seipd: readsVersion2(primary, named.certification, ownDirect) ? 2 : 1,
    },
  };
}

interface Named {
  readonly body: Uint8Array;
  readonly certification: Signature;
}

/** The user ID with the newest certification that names this address; else why none does. */
function findUserId(
  certificate: Certificate,
  address: string,
  limits: KeyLimits,
  now: number,
): Named | Refused {
  const wanted = parseAddress(address);
  if (!wanted.ok) return refuse('the address is not a valid one');
  const naming = certificate.userIds.filter(({ body }) => {
    const named = userIdAddress(body);
    return named !== undefined && sameAddress(named, wanted.mailbox.address, limits.localPart);
  });
  const good: Named[] = [];
  const reasons: string[] = [];
  for (const userId of naming) {
    const isRevoked = revoked('the user ID with this address', userIdRevocations(userId, now));
    if (isRevoked !== undefined) {
      reasons.push(isRevoked);
      continue;
    }
    const certification = governing(userId.certifications, now);
    if (typeof certification === 'string') reasons.push(`the user ID with this address: ${certification}`);
    else good.push({ body: userId.body, certification });
  }
  good.sort((a, b) => b.certification.created - a.certification.created);
  return good[0] ?? refuse(reasons[0] ?? whyNobody(certificate, 'this address'));
}

function whyNobody({ userIds }: Certificate, whom: string): string {
  return userIds.some(({ body }) => namesSeveralAddresses(body))
    ? 'a user ID names two addresses, so it counts for neither'
    : `no user ID with a valid self-signature names ${whom}`;
}

/** Why a key names no address at all. It doesn't throw. */
export function whyNoAddress(material: Uint8Array): string {
  try {
    const single = readSingle(material);
    if ('unsupported' in single.primary) return single.primary.unsupported;
    return whyNobody(certify(single, single.primary), 'an address');
  } catch (thrown) {
    if (thrown instanceof MalformedKey) return `malformed: ${thrown.message}`;
    throw thrown;
  }
}

/** A subkey before the primary key: who has one for encryption wants it to be used. */
function chooseKey(
  certificate: Certificate,
  certification: Signature,
  direct: Signature | undefined,
  limits: KeyLimits,
  now: number,
): { readonly key: PublicKey; readonly subkey?: Certificate['subkeys'][number] } | Refused {
  const choice = chooseSubkey(certificate, limits, now);
  if (choice.ok) {
    const { subkey, binding } = choice;
    return { key: subkey.key, subkey: { key: subkey.key, bindings: [binding], revocations: [] } };
  }
  const { primary } = certificate;
  const flags = primary.version === 6 ? direct?.flags : (certification.flags ?? direct?.flags);
  if (mayEncrypt(flags) !== true) return refuse(choice.reason);
  const weakness = encryptionWeakness(primary, limits);
  return weakness === undefined ? { key: primary } : refuse(weakness);
}

/**
 * Whether the owner reads version 2 packets (5.2.3.32). Version 4 keys say so with the user ID by which they were
 * found, else with the direct-key signature (5.2.3.10); version 6 keys with the latter.
 */
function readsVersion2(primary: PublicKey, certification: Signature, direct: Signature | undefined): boolean {
  const features = primary.version === 6 ? direct?.features : (certification.features ?? direct?.features);
  return ((features ?? 0) & 0x08) !== 0;
}

function refuse(reason: string): Refused {
  return { usable: false, reason };
}
