import { readFile } from 'node:fs/promises';
import { errorCode, errorText, UserError } from '../../shared/errors.js';
import type { TrustAnchor } from '../types.js';
import { type Certificate, readCertificate } from './certificate.js';
import { BadCertificate } from './der.js';
import { basicConstraintsOf, keyUsageOf, unknownCritical } from './extensions.js';
import { readPem } from './pem.js';

/** One entry of `keys.trust_anchors`; the path is absolute or relative to the working directory. */
export interface TrustAnchorFile {
  readonly file: string;
  readonly revocation: TrustAnchor['revocation'];
}

/**
 * Reads the CAs whose certificates are accepted.
 * @throws UserError (exit status 2) for the first file that can't be read or holds something else than CA certificates
 */
export async function loadTrustAnchors(files: readonly TrustAnchorFile[]): Promise<readonly TrustAnchor[]> {
  const anchors = new Map<string, TrustAnchor>();
  for (const { file, revocation } of files) {
    for (const certificate of await readAuthorities(file)) {
      const known = anchors.get(certificate.fingerprint);
      if (known !== undefined && known.revocation !== revocation)
        throw wrong(
          file,
          'has a CA that another file of keys.trust_anchors has with another `revocation`',
          'list it once',
        );
      anchors.set(certificate.fingerprint, { certificate: certificate.der, revocation });
    }
  }
  return [...anchors.values()];
}

async function readAuthorities(file: string): Promise<readonly Certificate[]> {
  const blocks = readPem(await readBytes(file));
  const found = blocks.map((block) => {
    if (block.label.endsWith('PRIVATE KEY'))
      throw wrong(file, 'holds a private key', 'keep only the CA certificates in it');
    if (block.der === undefined || block.label !== 'CERTIFICATE')
      throw wrong(file, 'has a PEM block that is not a certificate', 'keep only the CA certificates in it');
    return readAuthority(file, block.der);
  });
  if (found.length === 0)
    throw wrong(
      file,
      'has no certificate in PEM form',
      'if it is DER, convert it: openssl x509 -inform DER -in CA.der -out CA.pem',
    );
  return found;
}

async function readBytes(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (cause) {
    throw new UserError(
      `${file} can't be read (${errorCode(cause) ?? errorText(cause)}): give the PEM file of the CA in keys.trust_anchors`,
      { exitStatus: 2, cause },
    );
  }
}

function readAuthority(file: string, der: Uint8Array): Certificate {
  try {
    const certificate = readCertificate(der);
    const who = `the certificate of ${certificate.subject.text}`;
    if (!basicConstraintsOf(certificate).ca)
      throw wrong(
        file,
        `${who} is not a CA's (basicConstraints CA is not set)`,
        'give the CA that issued it; for a single certificate use `sallyport keys import` and `keys trust`',
      );
    if (keyUsageOf(certificate)?.has('keyCertSign') === false)
      throw wrong(file, `${who} may not sign certificates (keyUsage)`, 'give the CA certificate');
    if (unknownCritical(certificate) !== undefined)
      throw wrong(file, `${who} has a critical extension that is not supported`, 'remove it');
    if (certificate.publicKey.flaw !== undefined)
      throw wrong(file, `the key of ${who} is unsound: ${certificate.publicKey.flaw}`, 'remove it');
    return certificate;
  } catch (thrown) {
    if (thrown instanceof BadCertificate)
      throw wrong(file, `has a certificate that ${thrown.message}`, 'ask the CA for a proper copy');
    throw thrown;
  }
}

function wrong(file: string, what: string, remedy: string): UserError {
  return new UserError(`keys.trust_anchors: ${file}: ${what}; ${remedy}`, { exitStatus: 2 });
}
