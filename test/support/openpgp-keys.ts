import * as openpgp from 'openpgp';

export const OPENPGP_KEY_TYPES = [
  'rsa3072',
  'rsa1024',
  'curve25519legacy',
  'x25519v4',
  'x25519v6',
  'x448v6',
  'p256',
  'p384',
  'p521',
] as const;
export type OpenPgpKeyType = (typeof OPENPGP_KEY_TYPES)[number];

export interface OpenPgpKeyWish {
  /** As they stand in the key: `Ada Example <ada@clinic.test>`. */
  readonly userIds: readonly string[];
  readonly type: OpenPgpKeyType;
  /** Epoch milliseconds, whole seconds; of primary key and subkey. */
  readonly expires?: number;
  /** When it is made: epoch milliseconds, whole seconds. Unsaid: the first of January 2026. */
  readonly now?: number;
}

export interface MadeOpenPgpKey {
  readonly publicBinary: Uint8Array;
  /** Not protected by a passphrase. */
  readonly secretBinary: Uint8Array;
  readonly armouredSecret: string;
  /** Upper-case hex, of the primary key. */
  readonly fingerprint: string;
}

export const KEYS_MADE_AT = Date.UTC(2026, 0, 1);

/** What tests may use that the product refuses. */
export const TEST_CONFIG = { minRSABits: 1024, v6Keys: false } satisfies openpgp.PartialConfig;

const made = new Map<string, Promise<MadeOpenPgpKey>>();

/** Makes a key with one encryption subkey; the same wish gives the same key within a test file. RSA takes a second. */
export function makeKey(wish: OpenPgpKeyWish): Promise<MadeOpenPgpKey> {
  const name = JSON.stringify([wish.userIds, wish.type, wish.expires, wish.now]);
  const known = made.get(name);
  if (known !== undefined) return known;
  const fresh = generate(wish);
  made.set(name, fresh);
  return fresh;
}

/** A key as openpgp.js has it, for tests that take it apart; never cached. */
export async function generateKeyObject(wish: OpenPgpKeyWish): Promise<openpgp.PrivateKey> {
  const now = wish.now ?? KEYS_MADE_AT;
  const { privateKey } = await openpgp.generateKey({
    ...SHAPES[wish.type],
    // A name alone becomes the user ID as it stands.
    userIDs: wish.userIds.map((userId) => ({ name: userId })),
    date: new Date(now),
    ...(wish.expires === undefined ? {} : { keyExpirationTime: Math.round((wish.expires - now) / 1000) }),
    format: 'object',
    config: { ...TEST_CONFIG, ...(wish.type.endsWith('v6') ? { v6Keys: true, aeadProtect: true } : {}) },
  });
  return privateKey;
}

export function describeKeyObject(key: openpgp.PrivateKey): MadeOpenPgpKey {
  return {
    publicBinary: key.toPublic().write(),
    secretBinary: key.write(),
    armouredSecret: key.armor(),
    fingerprint: key.getFingerprint().toUpperCase(),
  };
}

async function generate(wish: OpenPgpKeyWish): Promise<MadeOpenPgpKey> {
  return describeKeyObject(await generateKeyObject(wish));
}

const SHAPES = {
  rsa3072: { type: 'rsa', rsaBits: 3072 },
  rsa1024: { type: 'rsa', rsaBits: 1024 },
  curve25519legacy: { type: 'ecc', curve: 'curve25519Legacy' },
  x25519v4: { type: 'curve25519' },
  x25519v6: { type: 'curve25519' },
  x448v6: { type: 'curve448' },
  p256: { type: 'ecc', curve: 'nistP256' },
  p384: { type: 'ecc', curve: 'nistP384' },
  p521: { type: 'ecc', curve: 'nistP521' },
} as const;
