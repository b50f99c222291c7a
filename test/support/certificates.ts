import { type CertificateAndKey, issueCertificate } from '../../src/keys/certificates.js';

const DAY = 86_400_000;

/** What a test wants wrong with a certificate; nothing by default. */
export interface LeafOptions {
  readonly expired?: boolean;
  readonly selfSigned?: boolean;
  /** Subject alternative names; default: the name itself. None at all: only the common name says who it is. */
  readonly names?: readonly string[];
}

export interface TestCa {
  readonly pem: string;
  leaf(name: string, options?: LeafOptions): Promise<CertificateAndKey>;
}

/** A certificate authority for tests, made at test time. */
export async function createTestCa(): Promise<TestCa> {
  const now = Date.now();
  const valid = { notBefore: new Date(now - DAY), notAfter: new Date(now + 30 * DAY) };
  const past = { notBefore: new Date(now - 30 * DAY), notAfter: new Date(now - DAY) };
  const ca = await issueCertificate({ commonName: 'Peer Test CA', names: [], isCa: true, ...valid });
  return {
    pem: ca.certificatePem,
    leaf: (name, options = {}) =>
      issueCertificate({
        commonName: name,
        names: options.names ?? [name],
        ...(options.expired === true ? past : valid),
        ...(options.selfSigned === true ? {} : { issuer: ca }),
      }),
  };
}
