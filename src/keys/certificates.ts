import { generateKeyPair } from 'node:crypto';
import { isIP } from 'node:net';
import { promisify } from 'node:util';
import forge from 'node-forge';

const generate = promisify(generateKeyPair);

/** A certificate with its private key, both PEM. */
export interface CertificateAndKey {
  readonly certificatePem: string;
  readonly keyPem: string;
}

export interface CertificateRequest {
  readonly commonName: string;
  /** Host names and IP addresses for the subject alternative name. */
  readonly names: readonly string[];
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** Makes a CA certificate instead of a server's. */
  readonly isCa?: boolean;
  /** Makes a person's certificate for S/MIME that names this mailbox, instead of a server's. */
  readonly mailbox?: string;
  /** Who signs; left out: self-signed. */
  readonly issuer?: CertificateAndKey;
}

/**
 * Makes an RSA-2048 certificate: the self-signed one of the first start, and those of the demo's peers and people.
 * The key comes from OpenSSL (node:crypto); node-forge only writes the certificate.
 */
export async function issueCertificate(request: CertificateRequest): Promise<CertificateAndKey> {
  const pair = await generate('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = forge.pki.publicKeyFromPem(pair.publicKey);
  // A positive 127-bit serial number (RFC 5280 4.1.2.2).
  certificate.serialNumber = `01${forge.util.bytesToHex(forge.random.getBytesSync(15))}`;
  certificate.validity.notBefore = request.notBefore;
  certificate.validity.notAfter = request.notAfter;
  const subject = [{ name: 'commonName', value: request.commonName }];
  certificate.setSubject(subject);
  const issuer =
    request.issuer === undefined ? undefined : forge.pki.certificateFromPem(request.issuer.certificatePem);
  certificate.setIssuer(issuer === undefined ? subject : issuer.subject.attributes);
  const ca = request.isCa === true;
  const names = [
    ...request.names.map(alternativeName),
    ...(request.mailbox === undefined ? [] : [{ type: RFC822_NAME, value: request.mailbox }]),
  ];
  certificate.setExtensions([
    { name: 'basicConstraints', cA: ca, critical: true },
    ca
      ? { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true }
      : { name: 'keyUsage', digitalSignature: true, keyEncipherment: true, critical: true },
    ...(ca ? [] : [extendedKeyUsage(request)]),
    ...(names.length === 0 ? [] : [{ name: 'subjectAltName', altNames: names }]),
    { name: 'subjectKeyIdentifier' },
  ]);
  const signingKey = request.issuer?.keyPem ?? pair.privateKey;
  certificate.sign(forge.pki.privateKeyFromPem(signingKey), forge.md.sha256.create());
  return { certificatePem: forge.pki.certificateToPem(certificate), keyPem: pair.privateKey };
}

/** GeneralName's tag of a mailbox (RFC 5280 4.2.1.6). */
const RFC822_NAME = 1;

function extendedKeyUsage({ mailbox }: CertificateRequest) {
  return mailbox === undefined
    ? { name: 'extKeyUsage', serverAuth: true, clientAuth: true }
    : { name: 'extKeyUsage', emailProtection: true };
}

function alternativeName(name: string): { type: number; value?: string; ip?: string } {
  return isIP(name) === 0 ? { type: 2, value: name } : { type: 7, ip: name };
}
