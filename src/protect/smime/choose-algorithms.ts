import { OID } from './oids.js';

export type ContentCipher = 'aes-256-cbc' | 'aes-256-gcm';
export type KeyTransport = 'rsa-pkcs1' | 'rsa-oaep';

/** Capabilities that show that the recipient reads EnvelopedData, and name a cipher of it. */
const CBC_CIPHERS: ReadonlySet<string> = new Set([
  OID.aes256Cbc,
  OID.aes192Cbc,
  OID.aes128Cbc,
  OID.tripleDesCbc,
  OID.rc2Cbc,
]);

/**
 * The cipher for a recipient whose certificate names these capabilities (RFC 4262; RFC 8551 2.5.2). GCM wherever it is named,
 * even behind CBC, because it alone notices a changed ciphertext; a certificate that names other ciphers only is taken at
 * its word, and one that names none gets the default. Nothing below AES-256 is ever chosen (RFC 8551 2.7.1).
 */
export function chooseCipher(
  capabilities: readonly string[] | undefined,
  fallback: ContentCipher,
): ContentCipher {
  const named = capabilities ?? [];
  if (named.includes(OID.aes256Gcm) || named.includes(OID.authEnvelopedData)) return 'aes-256-gcm';
  return named.some((oid) => CBC_CIPHERS.has(oid)) ? 'aes-256-cbc' : fallback;
}

/** How the content key travels to an RSA certificate: OAEP where its capabilities name it (RFC 3560 5), else the default. */
export function chooseKeyTransport(
  capabilities: readonly string[] | undefined,
  fallback: KeyTransport,
): KeyTransport {
  return capabilities?.includes(OID.rsaesOaep) === true ? 'rsa-oaep' : fallback;
}
