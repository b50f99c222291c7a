import { createHash, createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode } from '../shared/errors.js';
import { type CertificateAndKey, issueCertificate } from './certificates.js';

const YEAR_MS = 365 * 86_400_000;

/**
 * The self-signed certificate under `<dataDir>/tls`, for listeners and portal without certificate files of their
 * own; made when it is missing or within 30 days of its end.
 * @param now epoch milliseconds
 */
export async function serverCertificate(
  dataDir: string,
  hostname: string,
  now: number,
): Promise<CertificateAndKey> {
  const { pair, isNew } = await serverCertificateToUse(dataDir, hostname, now);
  if (!isNew) return pair;
  const { folder, certificateFile, keyFile } = filesOf(dataDir);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await replaceFile(keyFile, pair.keyPem, 0o600);
  await replaceFile(certificateFile, pair.certificatePem, 0o644);
  return pair;
}

/** The certificate that a start at `now` would use, and whether it is made for it; writes nothing. */
export async function serverCertificateToUse(
  dataDir: string,
  hostname: string,
  now: number,
): Promise<{ readonly pair: CertificateAndKey; readonly isNew: boolean }> {
  const { certificateFile, keyFile } = filesOf(dataDir);
  const existing = await readPair(certificateFile, keyFile);
  if (existing !== undefined && stillGood(existing, hostname, now)) return { pair: existing, isNew: false };
  const made = await issueCertificate({
    commonName: hostname,
    names: [hostname, 'localhost', '127.0.0.1', '::1'],
    notBefore: new Date(now - 86_400_000),
    notAfter: new Date(now + 2 * YEAR_MS),
  });
  return { pair: made, isNew: true };
}

/** SHA-256 fingerprint of a PEM certificate, as colon-separated upper-case hex: what mail clients show. */
export function certificateFingerprint(certificatePem: string): string {
  const digest = createHash('sha256')
    .update(new X509Certificate(certificatePem).raw)
    .digest('hex')
    .toUpperCase();
  return digest.replace(/(..)(?!$)/g, '$1:');
}

function filesOf(dataDir: string) {
  const folder = join(dataDir, 'tls');
  return { folder, certificateFile: join(folder, 'certificate.pem'), keyFile: join(folder, 'key.pem') };
}

async function readPair(certificateFile: string, keyFile: string): Promise<CertificateAndKey | undefined> {
  try {
    const [certificatePem, keyPem] = await Promise.all([
      readFile(certificateFile, 'utf8'),
      readFile(keyFile, 'utf8'),
    ]);
    return { certificatePem, keyPem };
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function stillGood(pair: CertificateAndKey, hostname: string, now: number): boolean {
  const certificate = new X509Certificate(pair.certificatePem);
  // A crash between the two renames leaves halves of different pairs.
  if (!certificate.checkPrivateKey(createPrivateKey(pair.keyPem))) return false;
  return (
    certificate.checkHost(hostname) !== undefined && Date.parse(certificate.validTo) > now + 30 * 86_400_000
  );
}

/** Synced before it gets its name: a power cut must not leave an empty file that the next start can't read. */
async function replaceFile(file: string, text: string, mode: number): Promise<void> {
  const temporary = `${file}.new`;
  await rm(temporary, { force: true });
  const handle = await open(temporary, 'wx', mode);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(temporary, file);
}
