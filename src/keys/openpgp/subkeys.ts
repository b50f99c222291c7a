import type { KeyLimits } from '../types.js';
import type { BoundSubkey, Certificate } from './certificate.js';
import { MalformedKey } from './malformed.js';
import { nodeKey } from './node-key.js';
import type { PublicKey } from './public-key.js';
import { readSignature, SIGNATURE, type Signature } from './signature.js';
import { day, distrust, governing, keyEnd, revoked } from './standing.js';
import { encryptionWeakness } from './strength.js';
import { checkSignature, signedData } from './verify.js';

/** 0x04: communications, 0x08: storage (RFC 9580 5.2.3.29). */
const ENCRYPTS = 0x04 | 0x08;
const SIGNS = 0x02;

export type EncryptionChoice =
  | { readonly ok: true; readonly subkey: BoundSubkey; readonly binding: Signature }
  | { readonly ok: false; readonly reason: string };

/** The newest subkey that may be encrypted to now, or what is wrong with the newest that claims it may. */
export function chooseSubkey(certificate: Certificate, limits: KeyLimits, now: number): EncryptionChoice {
  // Newest first; of the same second in a fixed order, whatever that of the packets.
  const candidates = certificate.subkeys
    .filter(({ bindings }) => mayEncrypt(bindings[0]?.flags) !== false)
    .sort((a, b) => b.key.created - a.key.created || (a.key.fingerprint < b.key.fingerprint ? -1 : 1));
  let reason: string | undefined;
  for (const subkey of candidates) {
    const binding = usableBinding(certificate, subkey, limits, now);
    if (typeof binding !== 'string') return { ok: true, subkey, binding };
    reason ??= binding;
  }
  return { ok: false, reason: reason ?? certificate.strayed[0] ?? 'no part of it may encrypt (sign-only)' };
}

/** Whether key flags allow encryption; undefined where there are no flags. */
export function mayEncrypt(flags: number | undefined): boolean | undefined {
  return flags === undefined ? undefined : (flags & ENCRYPTS) !== 0;
}

function usableBinding(
  certificate: Certificate,
  subkey: BoundSubkey,
  limits: KeyLimits,
  now: number,
): Signature | string {
  const { key, bindings, revocations } = subkey;
  const isRevoked = revoked('its encryption subkey', revocations);
  if (isRevoked !== undefined) return isRevoked;
  const binding = governing(bindings, now);
  if (typeof binding === 'string') return `its encryption subkey: ${binding}`;
  if (mayEncrypt(binding.flags) !== true) return 'its subkey does not say that it may encrypt';
  // 5.2.1.8: who binds a signing subkey must show that it is theirs.
  if (((binding.flags ?? 0) & SIGNS) !== 0 && !hasBackSignature(certificate.primary, key, binding))
    return 'its subkey may sign, but does not confirm its primary key';
  if (key.created > now) return `its encryption subkey is not valid before ${day(key.created)}`;
  const end = keyEnd(key, binding);
  if (end <= now) return `its encryption subkey expired on ${day(end)}`;
  return encryptionWeakness(key, limits) ?? binding;
}

/** A primary key binding signature by the subkey, inside the binding signature (RFC 9580 5.2.1.9, 5.2.3.34). */
export function hasBackSignature(primary: PublicKey, subkey: PublicKey, binding: Signature): boolean {
  // A handful at most; each costs a verification.
  return binding.embedded.slice(0, 4).some((body) => {
    try {
      const signature = readSignature(body);
      return (
        signature.type === SIGNATURE.primaryBinding &&
        distrust(signature) === undefined &&
        checkSignature(signature, subkey, nodeKey(subkey), signedData.subkey(primary, subkey)) === 'right'
      );
    } catch (thrown) {
      if (thrown instanceof MalformedKey) return false;
      throw thrown;
    }
  });
}
