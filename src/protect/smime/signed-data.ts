import { createHash, sign } from 'node:crypto';
import {
  Attribute,
  CMSVersion,
  DigestAlgorithmIdentifier,
  EncapsulatedContentInfo,
  SignatureAlgorithmIdentifier,
  SignerIdentifier,
  SignerInfo,
  SigningTime,
} from '@peculiar/asn1-cms';
import { OctetString } from '@peculiar/asn1-schema';
import { SealFailed } from '../seal-failed.js';
import { type CertificateParts, issuerAndSerialNumber, nameOf, verbatim } from './certificate-parts.js';
import { DER, der, derSetOrder, oid, write } from './der.js';
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

/** The frame is written here: a certificate that is decoded and written anew might lose its signature. */
function signedData(signer: Signer, digest: Uint8Array, now: number): Buffer {
  const certificates = [signer.certificate, ...signer.intermediates].map((parts) => parts.der);
  const content = der(
    DER.sequence,
    // Version 1: only X.509 certificates, id-data and version 1 signers (RFC 5652 5.1).
    der(DER.integer, Buffer.of(1)),
    der(DER.set, write(digestAlgorithm(signer))),
    // No content: it is detached.
    write(new EncapsulatedContentInfo({ eContentType: OID.data })),
    der(DER.constructed(0), ...derSetOrder(certificates)),
    der(DER.set, signerInfo(signer, digest, now)),
  );
  return der(DER.sequence, oid(OID.signedData), der(DER.constructed(0), content));
}

/** SignerInfo (RFC 5652 5.3): version 1, because it names issuer and serial number. */
function signerInfo(signer: Signer, digest: Uint8Array, now: number): Buffer {
  const { scheme, certificate } = signer;
  const attributes = signedAttributes(certificate, digest, now);
  // What is signed is the SET OF with its own tag, in DER order (RFC 5652 5.4); in the structure its tag is [0].
  const signature = sign(scheme.hash, der(DER.set, ...attributes), signer.privateKey);
  const info = write(
    new SignerInfo({
      version: CMSVersion.v1,
      sid: new SignerIdentifier({ issuerAndSerialNumber: issuerAndSerialNumber(certificate) }),
      digestAlgorithm: digestAlgorithm(signer),
      signedAttrs: attributes.map((bytes) => verbatim(new Attribute(), bytes)),
      signatureAlgorithm: new SignatureAlgorithmIdentifier(
        scheme.parameters === null
          ? { algorithm: scheme.signature, parameters: null }
          : { algorithm: scheme.signature },
      ),
      // ECDSA gives ECDSA-Sig-Value (RFC 5753 7.2).
      signature: new OctetString(signature),
    }),
  );
  // Otherwise the signature would not hold, or its certificate not be found.
  if (!info.includes(Buffer.concat(attributes)) || !info.includes(nameOf(certificate)))
    throw new Error('a part was not written as it is');
  return info;
}

function digestAlgorithm(signer: Signer): DigestAlgorithmIdentifier {
  return new DigestAlgorithmIdentifier({ algorithm: signer.scheme.digest });
}

/**
 * Content type, digest, time, and which certificate it is (RFC 5652 11; RFC 5035 3), each in DER, in the order of a SET OF.
 * No capabilities: nobody can send anything encrypted to the gateway.
 */
function signedAttributes(certificate: CertificateParts, digest: Uint8Array, now: number): readonly Buffer[] {
  return derSetOrder([
    attribute(OID.contentType, oid(OID.data)),
    attribute(OID.messageDigest, der(DER.octetString, digest)),
    // UTCTime through 2049, GeneralizedTime afterwards (RFC 8551 2.5.1).
    attribute(OID.signingTime, write(new SigningTime(now))),
    attribute(OID.signingCertificateV2, signingCertificateV2(certificate)),
  ]);
}

function attribute(type: string, value: Uint8Array): Buffer {
  return der(DER.sequence, oid(type), der(DER.set, value));
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
