/**
 * `modern`: may count as `verified`; `old`: it does encrypt, with a server that proved its key; `none`: it does not, or
 * with what has been broken, so that it is no better than clear text.
 */
export type SuiteStrength = 'modern' | 'old' | 'none';

/**
 * The suites of NIST SP 800-52r2 3.3.1 with ephemeral keys (so that a key stolen later opens nothing), and AES in GCM,
 * CCM or CBC with SHA-2; without those of CBC with SHA-1 and of 8-byte tags, with ChaCha20-Poly1305 (RFC 7905) beside.
 */
const MODERN = [
  /^TLS_(?:AES_(?:128|256)_GCM_SHA(?:256|384)|AES_128_CCM_SHA256|CHACHA20_POLY1305_SHA256)$/,
  /^TLS_(?:ECDHE_ECDSA|ECDHE_RSA|DHE_RSA)_WITH_AES_(?:128|256)_(?:GCM_SHA(?:256|384)|CCM|CBC_SHA(?:256|384))$/,
  /^TLS_(?:ECDHE_ECDSA|ECDHE_RSA|DHE_RSA)_WITH_CHACHA20_POLY1305_SHA256$/,
];

/** Lists what is good, not what is bad: NULL, anonymous, EXPORT, RC4, DES, 3DES, MD5 and whatever comes is left out. */
const ENCRYPTING = [
  /^TLS_AES_128_CCM_8_SHA256$/,
  /^TLS_(?:RSA|(?:EC)?DHE?_(?:RSA|DSS|ECDSA))_WITH_(?:AES|ARIA|CAMELLIA)_(?:128|256)_(?:(?:GCM|CBC)_SHA(?:256|384)?|CCM|CCM_8)$/,
];

/** @param name as IANA writes it; undefined when it isn't known, which counts as the worst */
export function suiteStrength(name: string | undefined): SuiteStrength {
  if (name === undefined) return 'none';
  if (MODERN.some((one) => one.test(name))) return 'modern';
  return ENCRYPTING.some((one) => one.test(name)) ? 'old' : 'none';
}
