import { mailboxesOf } from './addresses.js';
import { readCertificate } from './certificate.js';
import { basicConstraintsOf } from './extensions.js';

/** A certificate for people; all text in it is escaped for terminals and pages. */
export interface CertificateDescription {
  readonly subject: string;
  readonly issuer: string;
  /** Upper-case hex. */
  readonly serial: string;
  /** Epoch milliseconds. */
  readonly notBefore: number;
  readonly notAfter: number;
  readonly addresses: readonly string[];
  readonly algorithm: string;
  /** Upper-case hex SHA-256. */
  readonly fingerprint: string;
  readonly isCa: boolean;
}

/** @throws BadCertificate when it can't be read */
export function describeCertificate(der: Uint8Array): CertificateDescription {
  const certificate = readCertificate(der);
  return {
    subject: certificate.subject.text,
    issuer: certificate.issuer.text,
    serial: certificate.serial,
    notBefore: certificate.notBefore,
    notAfter: certificate.notAfter,
    addresses: [...new Set(mailboxesOf(certificate).map((mailbox) => mailbox.address))],
    algorithm: certificate.publicKey.label,
    fingerprint: certificate.fingerprint,
    isCa: basicConstraintsOf(certificate).ca,
  };
}
