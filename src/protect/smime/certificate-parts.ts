import { X509Certificate } from 'node:crypto';
import { IssuerAndSerialNumber } from '@peculiar/asn1-cms';
import { AsnAnyConverter, AsnConvert, AsnProp } from '@peculiar/asn1-schema';
import { Certificate, Name, TBSCertificate } from '@peculiar/asn1-x509';
import { SealFailed } from '../seal-failed.js';
import { DER, der, exactBuffer } from './der.js';

/** A certificate with what CMS quotes of it, byte for byte. */
export interface CertificateParts {
  readonly der: Buffer;
  readonly x509: X509Certificate;
  /** DER of the Name. */
  readonly issuer: Buffer;
  readonly subject: Buffer;
  /** Contents of the INTEGER. */
  readonly serial: Buffer;
}

/** The to-be-signed part, with the names as they are written: recipients compare them by bytes. */
class NamedTbsCertificate extends TBSCertificate {
  issuerRaw?: ArrayBuffer;
  subjectRaw?: ArrayBuffer;
}
AsnProp({ type: Name, raw: true })(NamedTbsCertificate.prototype, 'issuer');
AsnProp({ type: Name, raw: true })(NamedTbsCertificate.prototype, 'subject');

/**
 * Reads a certificate.
 * @throws SealFailed when it can't be read
 */
export function readCertificateParts(bytes: Uint8Array): CertificateParts {
  const raw = Buffer.from(bytes);
  try {
    const { tbsCertificateRaw } = AsnConvert.parse(raw, Certificate);
    if (tbsCertificateRaw === undefined) throw new Error('nothing to be signed');
    const tbs = AsnConvert.parse(tbsCertificateRaw, NamedTbsCertificate);
    if (tbs.issuerRaw === undefined || tbs.subjectRaw === undefined) throw new Error('no names');
    return {
      der: raw,
      x509: new X509Certificate(raw),
      issuer: Buffer.from(tbs.issuerRaw),
      subject: Buffer.from(tbs.subjectRaw),
      serial: Buffer.from(tbs.serialNumber),
    };
  } catch (cause) {
    throw new SealFailed('a certificate could not be read', { cause });
  }
}

/**
 * How CMS names a certificate (RFC 5652 10.2.4). Distinguished names are not decoded and written anew: some come in string
 * types that would not survive it, and then nobody would find their key.
 */
export function issuerAndSerialNumber(parts: CertificateParts): IssuerAndSerialNumber {
  return new IssuerAndSerialNumber({
    issuer: verbatim(new Name(), parts.issuer),
    serialNumber: exactBuffer(parts.serial),
  });
}

/** The same as bytes, to check that it was written so. */
export function nameOf(parts: CertificateParts): Buffer {
  return der(DER.sequence, parts.issuer, der(DER.integer, parts.serial));
}

/** A structure that is written as these bytes. */
export function verbatim<T extends object>(shape: T, bytes: Uint8Array): T {
  const block = () => AsnAnyConverter.toASN(exactBuffer(bytes));
  return Object.assign(shape, { toASN: block, fromASN: () => shape });
}
