import { constants, createCipheriv, createECDH, createHash, publicEncrypt, randomBytes } from 'node:crypto';
import {
  CMSVersion,
  KeyAgreeRecipientIdentifier,
  KeyAgreeRecipientInfo,
  KeyEncryptionAlgorithmIdentifier,
  KeyTransRecipientInfo,
  OriginatorIdentifierOrKey,
  OriginatorPublicKey,
  RecipientEncryptedKey,
  RecipientEncryptedKeys,
  RecipientIdentifier,
  RecipientInfo,
  RecipientInfos,
} from '@peculiar/asn1-cms';
import { RsaEsOaepParams } from '@peculiar/asn1-rsa';
import { AsnConvert, OctetString } from '@peculiar/asn1-schema';
import { AlgorithmIdentifier } from '@peculiar/asn1-x509';
import { SealFailed } from '../seal-failed.js';
import { issuerAndSerialNumber, nameOf } from './certificate-parts.js';
import type { KeyTransport } from './choose-algorithms.js';
import { DER, der, exactBuffer, write } from './der.js';
import { OID } from './oids.js';
import type { Curve, Recipient } from './recipient.js';

/** What a curve goes with (RFC 5753 7.1.4, 8): a key derivation of its strength. */
const AGREEMENT: Readonly<Record<Curve, { readonly scheme: string; readonly hash: string }>> = {
  prime256v1: { scheme: '1.3.132.1.11.1', hash: 'sha256' },
  secp384r1: { scheme: '1.3.132.1.11.2', hash: 'sha384' },
  secp521r1: { scheme: '1.3.132.1.11.3', hash: 'sha512' },
};

/** RFC 3394 2.2.3.1. */
const WRAP_IV = Buffer.from('A6A6A6A6A6A6A6A6', 'hex');

/**
 * RecipientInfos (RFC 5652 6.2) with one recipient: the content key, encrypted to a certificate. DER. None for the
 * originator (RFC 8551 3.3 asks for one): the gateway reads nothing, and another entry would show who else could.
 * @param contentKey 32 bytes
 * @throws SealFailed
 */
export function recipientInfos(recipient: Recipient, transport: KeyTransport, contentKey: Buffer): Buffer {
  let infos: Buffer;
  try {
    const info =
      recipient.kind === 'rsa'
        ? new RecipientInfo({ ktri: keyTransport(recipient, transport, contentKey) })
        : new RecipientInfo({ kari: keyAgreement(recipient, contentKey) });
    infos = write(new RecipientInfos([info]));
  } catch (cause) {
    throw new SealFailed('the content key could not be encrypted to the certificate', { cause });
  }
  // The recipient looks for the certificate by exactly these bytes.
  if (!infos.includes(nameOf(recipient.certificate)))
    throw new SealFailed('the issuer name of the certificate could not be written as it is');
  return infos;
}

/** KeyTransRecipientInfo (RFC 5652 6.2.1; RFC 3560 2.2): version 0, because it names issuer and serial number. */
function keyTransport(
  recipient: Extract<Recipient, { kind: 'rsa' }>,
  transport: KeyTransport,
  contentKey: Buffer,
): KeyTransRecipientInfo {
  const key = recipient.publicKey;
  const encrypted =
    transport === 'rsa-oaep'
      ? publicEncrypt({ key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' }, contentKey)
      : publicEncrypt({ key, padding: constants.RSA_PKCS1_PADDING }, contentKey);
  return new KeyTransRecipientInfo({
    version: CMSVersion.v0,
    rid: new RecipientIdentifier({ issuerAndSerialNumber: issuerAndSerialNumber(recipient.certificate) }),
    keyEncryptionAlgorithm: new KeyEncryptionAlgorithmIdentifier(
      transport === 'rsa-oaep'
        ? { algorithm: OID.rsaesOaep, parameters: OAEP_SHA256 }
        : { algorithm: OID.rsaEncryption, parameters: null },
    ),
    encryptedKey: new OctetString(encrypted),
  });
}

/** SHA-256 for the label and in MGF1, both with NULL parameters, and the empty label left out (RFC 3560 3, appendix A). */
const OAEP_SHA256 = (() => {
  const hashAlgorithm = new AlgorithmIdentifier({ algorithm: OID.sha256, parameters: null });
  return AsnConvert.serialize(
    new RsaEsOaepParams({
      hashAlgorithm,
      maskGenAlgorithm: new AlgorithmIdentifier({
        algorithm: OID.mgf1,
        parameters: AsnConvert.serialize(hashAlgorithm),
      }),
    }),
  );
})();

/** KeyAgreeRecipientInfo by ephemeral-static ECDH (RFC 5652 6.2.2; RFC 5753 3.1.1). */
function keyAgreement(
  recipient: Extract<Recipient, { kind: 'ec' }>,
  contentKey: Buffer,
): KeyAgreeRecipientInfo {
  const { scheme, hash } = AGREEMENT[recipient.curve];
  const ephemeral = createECDH(recipient.curve);
  const originator = ephemeral.generateKeys();
  // Throws where the point is not on the curve.
  const shared = ephemeral.computeSecret(recipient.point);
  const ukm = randomBytes(32);
  const wrapKey = deriveWrapKey(shared, hash, ukm);
  const wrap = createCipheriv('id-aes256-wrap', wrapKey, WRAP_IV);
  const encrypted = Buffer.concat([wrap.update(contentKey), wrap.final()]);
  shared.fill(0);
  wrapKey.fill(0);
  return new KeyAgreeRecipientInfo({
    version: CMSVersion.v3,
    originator: new OriginatorIdentifierOrKey({
      originatorKey: new OriginatorPublicKey({
        algorithm: new AlgorithmIdentifier({ algorithm: OID.ecPublicKey }),
        publicKey: exactBuffer(originator),
      }),
    }),
    ukm: new OctetString(ukm),
    keyEncryptionAlgorithm: new KeyEncryptionAlgorithmIdentifier({
      algorithm: scheme,
      parameters: exactBuffer(AES256_WRAP),
    }),
    recipientEncryptedKeys: new RecipientEncryptedKeys([
      new RecipientEncryptedKey({
        rid: new KeyAgreeRecipientIdentifier({
          issuerAndSerialNumber: issuerAndSerialNumber(recipient.certificate),
        }),
        encryptedKey: new OctetString(encrypted),
      }),
    ]),
  });
}

/** As strong as the content cipher (RFC 8551 2.3); AES wraps have no parameters (RFC 5753 7.2). */
const AES256_WRAP = write(new AlgorithmIdentifier({ algorithm: OID.aes256Wrap }));

/**
 * The key derivation of SEC 1 3.6.1 (ANSI X9.63) over ECC-CMS-SharedInfo (RFC 5753 7.2). 32 bytes are within one round of
 * each hash used here, so the counter stays 1.
 */
function deriveWrapKey(shared: Buffer, hash: string, ukm: Buffer): Buffer {
  const bits = Buffer.of(0, 0, 1, 0);
  const info = der(
    DER.sequence,
    AES256_WRAP,
    der(DER.constructed(0), der(DER.octetString, ukm)),
    der(DER.constructed(2), der(DER.octetString, bits)),
  );
  return createHash(hash)
    .update(shared)
    .update(Buffer.of(0, 0, 0, 1))
    .update(info)
    .digest()
    .subarray(0, 32);
}
