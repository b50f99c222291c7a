import { createHash, sign } from 'node:crypto';
import {
  Attribute,
  CertificateChoices,
  CertificateSet,
  CMSVersion,
  ContentInfo,
  DigestAlgorithmIdentifier,
  DigestAlgorithmIdentifiers,
  EncapsulatedContentInfo,
  SignatureAlgorithmIdentifier,
  SignedData,
  SignerIdentifier,
  SignerInfo,
  SignerInfos,
  SigningTime,
} from '@peculiar/asn1-cms';
import { AsnConvert, OctetString } from '@peculiar/asn1-schema';
import { AlgorithmIdentifier, Certificate } from '@peculiar/asn1-x509';
import { SealFailed } from '../seal-failed.js';
import { type CertificateParts, issuerAndSerialNumber, verbatim } from './certificate-parts.js';
import { DER, der, derSetOrder, exactBuffer } from './der.js';
import { OID } from './oids.js';
import type { Signer } from './signer.js';

/**
 * A detached signature (RFC 8551 3.5.3.1): a ContentInfo with SignedData (RFC 5652 5.1) without content.
 * @param digest of the entity, by the hash of the signer's scheme
 * @param now epoch milliseconds, for the signing time
 * @throws SealFailed
 */
export function detachedSignature(signer: Signer, digest: Uint8Array, now: number): Buffer {
  try {
    return signedData(signer, digest, now);
  } catch (cause) {
    throw new SealFailed('the message could not be signed', { cause });
  }
}

function signedData(signer: Signer, digest: Uint8Array, now: number): Buffer {
  const { scheme, certificate } = signer;
  const attributes = signedAttributes(certificate, digest, now);
  // What is signed is the SET OF with its own tag, in DER order (RFC 5652 5.4).
  const signedBytes = der(DER.set, ...attributes);
  const digestAlgorithm = new DigestAlgorithmIdentifier({ algorithm: scheme.digest });
  const info = new SignerInfo({
    version: CMSVersion.v1,
    sid: new SignerIdentifier({ issuerAndSerialNumber: issuerAndSerialNumber(certificate) }),
    digestAlgorithm,
    signedAttrs: attributes.map((attribute) => verbatim(new Attribute(), attribute)),
    signatureAlgorithm: new SignatureAlgorithmIdentifier(
      scheme.parameters === null
        ? { algorithm: scheme.signature, parameters: null }
        : { algorithm: scheme.signature },
    ),
    // ECDSA gives ECDSA-Sig-Value (RFC 5753 7.2).
    signature: new OctetString(sign(scheme.hash, signedBytes, signer.privateKey)),
  });
  const certificates = derSetOrder([certificate, ...signer.intermediates].map((parts) => parts.der));
  const content = new SignedData({
    // Only X.509 certificates, id-data and version 1 signers (RFC 5652 5.1).
    version: CMSVersion.v1,
    digestAlgorithms: new DigestAlgorithmIdentifiers([digestAlgorithm]),
    encapContentInfo: new EncapsulatedContentInfo({ eContentType: OID.data }),
    certificates: new CertificateSet(
      // A certificate that is decoded and written anew might lose its signature.
      certificates.map(
        (bytes) => new CertificateChoices({ certificate: verbatim(new Certificate(), bytes) }),
      ),
    ),
    signerInfos: new SignerInfos([info]),
  });
  const written = Buffer.from(
    AsnConvert.serialize(
      new ContentInfo({ contentType: OID.signedData, content: AsnConvert.serialize(content) }),
    ),
  );
  for (const part of [...certificates, ...attributes]) {
    if (!written.includes(part)) throw new Error('a part was not written as it is');
  }
  return written;
}

/**
 * Content type, digest, time, and which certificate it is (RFC 5652 11; RFC 5035 3), each in DER, in the order of a SET OF.
 * No capabilities: nobody can send anything encrypted to the gateway.
 */
function signedAttributes(certificate: CertificateParts, digest: Uint8Array, now: number): readonly Buffer[] {
  const contentType = Buffer.from(
    AsnConvert.serialize(new AlgorithmIdentifier({ algorithm: OID.data })),
  ).subarray(2);
  return derSetOrder([
    attribute(OID.contentType, contentType),
    attribute(OID.messageDigest, der(DER.octetString, digest)),
    // UTCTime through 2049, GeneralizedTime afterwards (RFC 8551 2.5.1).
    attribute(OID.signingTime, Buffer.from(AsnConvert.serialize(new SigningTime(now)))),
    attribute(OID.signingCertificateV2, signingCertificateV2(certificate)),
  ]);
}

function attribute(type: string, value: Uint8Array): Buffer {
  const written = new Attribute({ attrType: type, attrValues: [exactBuffer(value)] });
  return Buffer.from(AsnConvert.serialize(written));
}

/**
 * SigningCertificateV2 with one ESSCertIDv2 (RFC 5035 3, 4): the SHA-256 of the certificate, which is the default and is left
 * out as an algorithm, its issuer as the only GeneralName (directoryName [4]), and its serial number.
 */
function signingCertificateV2(certificate: CertificateParts): Buffer {
  const issuerSerial = der(
    DER.sequence,
    der(DER.sequence, der(DER.constructed(4), certificate.issuer)),
    der(DER.integer, certificate.serial),
  );
  const hash = createHash('sha256').update(certificate.der).digest();
  const id = der(DER.sequence, der(DER.octetString, hash), issuerSerial);
  return der(DER.sequence, der(DER.sequence, id));
}
