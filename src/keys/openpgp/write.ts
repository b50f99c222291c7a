import type { Certificate } from './certificate.js';
import { concat } from './cursor.js';
import { TAG, writePacket } from './packets.js';
import type { Signature } from './signature.js';

/** A key as its packets, with nothing in it but what was verified (RFC 9580 10.1). */
export function writeCertificate(certificate: Certificate): Uint8Array {
  const signatures = (list: readonly Signature[]) => list.map(({ body }) => writePacket(TAG.signature, body));
  const revocations = (list: Certificate['revocations']) =>
    signatures(list.map(({ signature }) => signature));
  return concat(
    writePacket(TAG.publicKey, certificate.primary.body),
    ...revocations(certificate.revocations),
    ...signatures(certificate.direct),
    ...revocations(certificate.directRevocations),
    ...certificate.userIds.flatMap((userId) => [
      writePacket(TAG.userId, userId.body),
      ...revocations(userId.revocations),
      ...signatures(userId.certifications),
    ]),
    ...certificate.subkeys.flatMap((subkey) => [
      writePacket(TAG.publicSubkey, subkey.key.body),
      ...revocations(subkey.revocations),
      ...signatures(subkey.bindings),
    ]),
  );
}
