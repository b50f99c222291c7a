/** Public-key algorithms that are understood (RFC 9580 9.1). */
export const ALGORITHM = {
  rsa: 1,
  rsaEncrypt: 2,
  rsaSign: 3,
  elgamal: 16,
  dsa: 17,
  ecdh: 18,
  ecdsa: 19,
  eddsaLegacy: 22,
  x25519: 25,
  x448: 26,
  ed25519: 27,
  ed448: 28,
} as const;

/** Hash and cipher of ECDH, by their numbers (RFC 9580 11.5). */
export interface KeyDerivation {
  readonly hash: number;
  readonly cipher: number;
}

export interface Curve {
  /** As the configuration and people call it. */
  readonly name: string;
  /** In OpenPGP keys (RFC 9580 9.2), DER without tag and length, hex. */
  readonly oid: string;
  /** In SubjectPublicKeyInfo, where that is another one (RFC 8410). */
  readonly spkiOid?: string;
  /** Bytes of a coordinate or of a native point. */
  readonly size: number;
  /** What ECDH keys of version 6 on it have (11.5.1). */
  readonly kdf?: KeyDerivation;
}

/** Curves of ECDSA and ECDH, points uncompressed with 0x04 (RFC 9580 11.2.1). */
export const WEIERSTRASS: readonly Curve[] = [
  { name: 'P-256', oid: '2a8648ce3d030107', size: 32, kdf: { hash: 8, cipher: 7 } },
  { name: 'P-384', oid: '2b81040022', size: 48, kdf: { hash: 9, cipher: 8 } },
  { name: 'P-521', oid: '2b81040023', size: 66, kdf: { hash: 10, cipher: 9 } },
  { name: 'brainpoolP256r1', oid: '2b2403030208010107', size: 32, kdf: { hash: 8, cipher: 7 } },
  { name: 'brainpoolP384r1', oid: '2b240303020801010b', size: 48, kdf: { hash: 9, cipher: 8 } },
  { name: 'brainpoolP512r1', oid: '2b240303020801010d', size: 64, kdf: { hash: 10, cipher: 9 } },
];

/** The native curves; with their OIDs of version 4 keys, points prefixed with 0x40 (RFC 9580 11.2.2). */
export const ED25519: Curve = { name: 'Ed25519', oid: '2b06010401da470f01', spkiOid: '2b6570', size: 32 };
export const X25519: Curve = { name: 'X25519', oid: '2b060104019755010501', spkiOid: '2b656e', size: 32 };
export const ED448: Curve = { name: 'Ed448', oid: '', spkiOid: '2b6571', size: 57 };
export const X448: Curve = { name: 'X448', oid: '', spkiOid: '2b656f', size: 56 };

export interface HashAlgorithm {
  readonly name: string;
  /** For node:crypto. */
  readonly node: string;
  /** Octets of salt in version 6 signatures (RFC 9580 9.5). */
  readonly salt?: number;
  /**
   * Whether a self-signature may rest on it. RFC 9580 9.5 forbids MD5, SHA-1 and RIPEMD-160; SHA-224 is below the
   * strength of every curve here.
   */
  readonly strong: boolean;
}

export const HASHES: ReadonlyMap<number, HashAlgorithm> = new Map([
  [1, { name: 'MD5', node: 'md5', strong: false }],
  [2, { name: 'SHA-1', node: 'sha1', strong: false }],
  [3, { name: 'RIPEMD-160', node: 'ripemd160', strong: false }],
  [8, { name: 'SHA-256', node: 'sha256', salt: 16, strong: true }],
  [9, { name: 'SHA-384', node: 'sha384', salt: 24, strong: true }],
  [10, { name: 'SHA-512', node: 'sha512', salt: 32, strong: true }],
  [11, { name: 'SHA-224', node: 'sha224', salt: 16, strong: false }],
  [12, { name: 'SHA3-256', node: 'sha3-256', salt: 16, strong: true }],
  [14, { name: 'SHA3-512', node: 'sha3-512', salt: 32, strong: true }],
]);
