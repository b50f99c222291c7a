import { readOpenPgp } from '../openpgp/index.js';
import { type ReadKey, SourceFailed } from '../types.js';
import { readCertificates } from '../x509/index.js';

/**
 * The OpenPGP keys of one published value. One that can't be read is left out; a secret key, which somebody published by
 * mistake, is no key to use.
 * @throws SourceFailed when there is none
 */
export async function readPublishedOpenPgp(bytes: Uint8Array): Promise<readonly ReadKey[]> {
  const { publics } = await readOpenPgp(bytes);
  if (publics.length === 0) throw new SourceFailed('what is published is no OpenPGP key');
  return publics;
}

/**
 * The certificates of one published value (DER, or a SignedData with its CAs, RFC 2798 section 2.8).
 * @throws SourceFailed when there is none
 */
export async function readPublishedCertificates(bytes: Uint8Array): Promise<readonly ReadKey[]> {
  const { certificates } = readCertificates(bytes);
  if (certificates.length === 0) throw new SourceFailed('what is published is no certificate of a person');
  return certificates;
}
