import * as openpgp from 'openpgp';
import { describe, expect, it } from 'vitest';
import { judgeOpenPgp } from '../../../../src/keys/openpgp/index.js';
import {
  type ForgedKey,
  forgeEcdh,
  forgeEcdsa,
  forgeKey,
  forgeRsa,
  forgeSignature,
  forgeX25519,
  hashedKey,
  join,
  keyExpires,
  keyFlags,
  mpi,
  octets,
  overSubkey,
  overUserId,
  packet,
  revocationReason,
  signatureExpires,
  subpacket,
} from '../../../support/openpgp-forge.js';
import { makeKey } from '../../../support/openpgp-keys.js';
import { watchProcessor } from '../../../support/processor-time.js';

const DAY = 24 * 60 * 60;
const MADE = Date.UTC(2026, 0, 1);
const NOW = Date.UTC(2026, 6, 1);
const LATER = Date.UTC(2026, 3, 1);
const ADDRESS = 'ada@clinic.test';
const USER_ID = 'Ada Example <ada@clinic.test>';
const LIMITS = {
  localPart: 'ignore-case',
  minRsaBits: 2048,
  curves: ['P-256', 'P-384', 'P-521', 'X25519', 'X448'],
} as const;

const primary = forgeEcdsa(MADE);
const stranger = forgeEcdsa(MADE);
const encryption = forgeEcdh(MADE);

interface Signed {
  readonly by?: ForgedKey;
  readonly type?: number;
  readonly created?: number;
  readonly hash?: 'md5' | 'sha1' | 'sha256' | 'sha224';
  readonly hashed?: readonly Uint8Array[];
  readonly unhashed?: readonly Uint8Array[];
  readonly issuer?: ForgedKey;
}

const signature = (over: Uint8Array, type: number, of: ForgedKey, wish: Signed): Uint8Array =>
  packet(
    2,
    forgeSignature({
      signer: wish.by ?? of,
      type: wish.type ?? type,
      over,
      created: wish.created ?? MADE,
      ...(wish.hash === undefined ? {} : { hash: wish.hash }),
      ...(wish.hashed === undefined ? {} : { hashed: wish.hashed }),
      ...(wish.unhashed === undefined ? {} : { unhashed: wish.unhashed }),
      ...(wish.issuer === undefined ? {} : { issuer: wish.issuer }),
    }),
  );
const keyPacket = (key: ForgedKey = primary) => packet(6, key.body);
const direct = (wish: Signed = {}, key = primary) => signature(hashedKey(key.body), 0x1f, key, wish);
const keyRevocation = (wish: Signed = {}) => signature(hashedKey(primary.body), 0x20, primary, wish);
const userId = (text: string | Uint8Array = USER_ID) => packet(13, Buffer.from(text));
const certification = (wish: Signed = {}, text: string | Uint8Array = USER_ID, key = primary) =>
  signature(overUserId(key, text), 0x13, key, { hashed: [keyFlags(0x03)], ...wish });
const userIdRevocation = (wish: Signed = {}) => signature(overUserId(primary, USER_ID), 0x30, primary, wish);
const subkey = (key: ForgedKey = encryption) => packet(14, key.body);
const binding = (wish: Signed = {}, key = encryption, of = primary) =>
  signature(overSubkey(of, key), 0x18, of, { hashed: [keyFlags(0x0c)], ...wish });
const subkeyRevocation = (wish: Signed = {}) =>
  signature(overSubkey(primary, encryption), 0x28, primary, wish);

const KEY = [keyPacket()];
const USER = [userId(), certification()];
const SUBKEY = [subkey(), binding()];
const good = join(...KEY, ...USER, ...SUBKEY);

const judge = (
  material: Uint8Array,
  address = ADDRESS,
  limits: Parameters<typeof judgeOpenPgp>[2] = LIMITS,
) => judgeOpenPgp(material, address, limits, NOW);

/** An X25519 point to which every secret agrees on zero. */
const SMALL_ORDER = Buffer.alloc(32);

const rsa = (bits: number, change: (n: Uint8Array, e: Uint8Array) => readonly [Uint8Array, Uint8Array]) => {
  const n = Buffer.alloc(bits / 8, 0xff);
  const [modulus, exponent] = change(n, Uint8Array.of(1, 0, 1));
  return forgeKey(1, MADE, join(mpi(modulus), mpi(exponent)));
};
const withSubkey = (key: ForgedKey, wish: Signed = {}) =>
  join(...KEY, ...USER, subkey(key), binding(wish, key));

describe('judgeOpenPgp', () => {
  it('takes a good key, and gives only what it relied on for sealing', async () => {
    const noise = join(
      good,
      userId('Ada <ada@elsewhere.test>'),
      certification({}, 'Ada <ada@elsewhere.test>'),
    );
    const verdict = await judge(noise);
    expect(verdict).toMatchObject({
      usable: true,
      algorithm: 'P-256',
      sealing: {
        kind: 'openpgp',
        fingerprint: primary.fingerprint,
        encryptionKey: encryption.fingerprint,
        seipd: 1,
      },
    });
    if (!verdict.usable) return;
    expect(Buffer.from(verdict.sealing.material).includes('elsewhere')).toBe(false);
    expect((await judge(verdict.sealing.material)).usable).toBe(true);
  });

  const refusals: readonly (readonly [string, () => Uint8Array, string])[] = [
    [
      'an expired key',
      () => join(...KEY, userId(), certification({ hashed: [keyFlags(3), keyExpires(59 * DAY)] }), ...SUBKEY),
      'expired on 2026-03-01',
    ],
    [
      'a key that ends now',
      () => join(...KEY, userId(), certification({ hashed: [keyExpires((NOW - MADE) / 1000)] }), ...SUBKEY),
      'expired on 2026-07-01',
    ],
    [
      'a key that its direct-key signature ends',
      () => join(...KEY, direct({ hashed: [keyExpires(59 * DAY)] }), ...USER, ...SUBKEY),
      'expired on 2026-03-01',
    ],
    [
      'a key that its primary user ID ends',
      () =>
        join(
          ...KEY,
          ...USER,
          userId('Ada <ada@home.test>'),
          certification({ hashed: [subpacket(25, [1]), keyExpires(59 * DAY)] }, 'Ada <ada@home.test>'),
          ...SUBKEY,
        ),
      'expired on 2026-03-01',
    ],
    [
      'a key whose newer self-signature ends it',
      () =>
        join(
          ...KEY,
          userId(),
          certification({ created: LATER, hashed: [keyExpires(DAY)] }),
          ...USER.slice(1),
          ...SUBKEY,
        ),
      'expired on 2026-01-02',
    ],
    [
      'a key that ends by one of two self-signatures of the same second',
      () => join(...KEY, userId(), certification(), certification({ hashed: [keyExpires(DAY)] }), ...SUBKEY),
      'expired on 2026-01-02',
    ],
    [
      'an expired subkey',
      () => join(...KEY, ...USER, subkey(), binding({ hashed: [keyFlags(0x0c), keyExpires(59 * DAY)] })),
      'its encryption subkey expired on 2026-03-01',
    ],
    [
      'a revoked key',
      () => join(...KEY, keyRevocation({ created: LATER }), ...USER, ...SUBKEY),
      'the key was revoked on 2026-04-01',
    ],
    [
      'a key that was revoked as superseded',
      () => join(...KEY, keyRevocation({ hashed: [revocationReason(1)] }), ...USER, ...SUBKEY),
      'the key was revoked on 2026-01-01',
    ],
    [
      'a revocation dated in the future',
      () => join(...KEY, keyRevocation({ created: Date.UTC(2030, 0, 1) }), ...USER, ...SUBKEY),
      'the key was revoked on 2030-01-01',
    ],
    [
      'a revocation that expired, with a weak hash',
      () =>
        join(...KEY, keyRevocation({ hash: 'sha1', hashed: [signatureExpires(DAY)] }), ...USER, ...SUBKEY),
      'the key was revoked on 2026-01-01',
    ],
    [
      'a revocation at the end of the key',
      () => join(...KEY, ...USER, ...SUBKEY, keyRevocation()),
      'the key was revoked on 2026-01-01',
    ],
    [
      'a revocation that cannot be checked, which anybody can have added',
      () => {
        const made = Buffer.from(keyRevocation());
        // Behind 6 octets of header, the version, type and algorithm stands the hash: one that nobody knows.
        made.writeUInt8(99, 9);
        return join(...KEY, made, ...USER, ...SUBKEY);
      },
      'the key carries a revocation that cannot be checked; remove it and import a clean copy',
    ],
    [
      'a revocation of a designated revoker',
      () =>
        join(
          ...KEY,
          direct({
            hashed: [subpacket(12, join(Uint8Array.of(0x80, 19), Buffer.from(stranger.fingerprint, 'hex')))],
          }),
          keyRevocation({ by: stranger }),
          ...USER,
          ...SUBKEY,
        ),
      'the key has a revocation of a designated revoker, which cannot be checked',
    ],
    [
      'a revoked subkey',
      () => join(...KEY, ...USER, ...SUBKEY, subkeyRevocation({ created: LATER })),
      'its encryption subkey was revoked on 2026-04-01',
    ],
    [
      'a revoked subkey that is bound again',
      () => join(...KEY, ...USER, subkey(), subkeyRevocation(), binding({ created: LATER })),
      'its encryption subkey was revoked on 2026-01-01',
    ],
    [
      'a revoked subkey, and a copy of it without the revocation',
      () => join(...KEY, ...USER, ...SUBKEY, subkeyRevocation(), ...SUBKEY),
      'its encryption subkey was revoked on 2026-01-01',
    ],
    [
      'a revoked user ID',
      () =>
        join(
          ...KEY,
          ...USER,
          userIdRevocation({ created: LATER, hashed: [revocationReason(32)] }),
          ...SUBKEY,
        ),
      'the user ID with this address was revoked on 2026-04-01',
    ],
    [
      'a user ID revoked without a reason, certified again',
      () => join(...KEY, userId(), userIdRevocation(), certification({ created: LATER }), ...SUBKEY),
      'the user ID with this address was revoked on 2026-01-01',
    ],
    [
      'a revoked user ID that will be certified again',
      () =>
        join(
          ...KEY,
          ...USER,
          userIdRevocation({ created: LATER, hashed: [revocationReason(32)] }),
          certification({ created: Date.UTC(2027, 0, 1) }),
          ...SUBKEY,
        ),
      'the user ID with this address was revoked on 2026-04-01',
    ],
    [
      'a revocation dated before the key',
      () => join(...KEY, keyRevocation({ created: Date.UTC(2025, 0, 1) }), ...USER, ...SUBKEY),
      'the key was revoked on 2025-01-01',
    ],
    [
      'an expired key whose direct-key signature was cancelled',
      () =>
        join(
          ...KEY,
          direct({ hashed: [keyExpires(59 * DAY)] }),
          signature(hashedKey(primary.body), 0x30, primary, { created: LATER }),
          ...USER,
          ...SUBKEY,
        ),
      'expired on 2026-03-01',
    ],
    [
      'another user ID',
      () =>
        join(...KEY, userId('Bob <bob@clinic.test>'), certification({}, 'Bob <bob@clinic.test>'), ...SUBKEY),
      'no user ID with a valid self-signature names this address',
    ],
    [
      'no user ID',
      () => join(...KEY, direct(), ...SUBKEY),
      'no user ID with a valid self-signature names this address',
    ],
    [
      'a user ID without a signature',
      () => join(...KEY, userId(), ...SUBKEY),
      'no user ID with a valid self-signature names this address',
    ],
    [
      'a user ID that another key certified',
      () => join(...KEY, userId(), certification({ by: stranger }), ...SUBKEY),
      'no user ID with a valid self-signature names this address',
    ],
    [
      'a user ID that another key certified in the name of this one',
      () => join(...KEY, userId(), certification({ by: stranger, issuer: primary }), ...SUBKEY),
      'no user ID with a valid self-signature names this address',
    ],
    [
      'a user ID and its signature taken from another key',
      () => join(...KEY, userId(), certification({}, USER_ID, stranger), ...SUBKEY),
      'no user ID with a valid self-signature names this address',
    ],
    [
      'a user ID under the signature of another',
      () => join(...KEY, userId(), certification({}, 'Bob <bob@clinic.test>'), ...SUBKEY),
      'no user ID with a valid self-signature names this address',
    ],
    [
      'a user ID that only has its own revocation as signature',
      () => join(...KEY, userId(), userIdRevocation(), ...SUBKEY),
      'the user ID with this address was revoked on 2026-01-01',
    ],
    [
      'a signature of the wrong type on a user ID',
      () => join(...KEY, userId(), certification({ type: 0x40 }), ...SUBKEY),
      'no user ID with a valid self-signature names this address',
    ],
    [
      'a self-signature in the future',
      () => join(...KEY, userId(), certification({ created: Date.UTC(2027, 0, 1) }), ...SUBKEY),
      'the user ID with this address: not valid before 2027-01-01',
    ],
    [
      'a self-signature from before the key',
      () => join(...KEY, userId(), certification({ created: Date.UTC(2025, 0, 1) }), ...SUBKEY),
      'no user ID with a valid self-signature names this address',
    ],
    [
      'a self-signature that expired',
      () => join(...KEY, userId(), certification({ hashed: [signatureExpires(DAY)] }), ...SUBKEY),
      'the user ID with this address: its self-signature expired on 2026-01-02',
    ],
    ...(['md5', 'sha1', 'sha224'] as const).map((hash, i): readonly [string, () => Uint8Array, string] => [
      `a self-signature with ${hash}`,
      () => join(...KEY, userId(), certification({ hash }), ...SUBKEY),
      `the user ID with this address: its self-signature uses ${['MD5', 'SHA-1', 'SHA-224'][i]}, which is weak`,
    ]),
    [
      'a weak self-signature newer than a strong one',
      () => join(...KEY, ...USER, certification({ hash: 'sha1', created: LATER }), ...SUBKEY),
      'the user ID with this address: its self-signature uses SHA-1, which is weak',
    ],
    [
      'a critical subpacket that is not known',
      () => join(...KEY, userId(), certification({ hashed: [subpacket(60, [1], true)] }), ...SUBKEY),
      'the user ID with this address: its self-signature has a critical part that is not understood',
    ],
    [
      'a critical notation',
      () =>
        join(
          ...KEY,
          userId(),
          certification({ hashed: [subpacket(20, new Uint8Array(8), true)] }),
          ...SUBKEY,
        ),
      'the user ID with this address: its self-signature has a critical part that is not understood',
    ],
    [
      'a self-signature that contradicts itself',
      () => join(...KEY, userId(), certification({ hashed: [keyExpires(0), keyExpires(DAY)] }), ...SUBKEY),
      'no user ID with a valid self-signature names this address',
    ],
    [
      'an expiry outside the signed part is not believed, nor flags',
      () => join(...KEY, ...USER, subkey(), binding({ hashed: [], unhashed: [keyFlags(0x0c)] })),
      'its subkey does not say that it may encrypt',
    ],
    ['a sign-only key', () => join(...KEY, ...USER), 'no part of it may encrypt (sign-only)'],
    [
      'a subkey that may only authenticate',
      () => join(...KEY, ...USER, subkey(), binding({ hashed: [keyFlags(0x20)] })),
      'no part of it may encrypt (sign-only)',
    ],
    [
      'a subkey that another key bound',
      () => join(...KEY, ...USER, subkey(), binding({}, encryption, stranger)),
      'its subkey has no valid binding signature',
    ],
    [
      'a subkey bound in the name of this key',
      () => join(...KEY, ...USER, subkey(), binding({ by: stranger, issuer: primary })),
      'its subkey has no valid binding signature',
    ],
    [
      'a subkey under the binding of another',
      () => join(...KEY, ...USER, subkey(forgeEcdh(MADE)), binding()),
      'its subkey has no valid binding signature',
    ],
    [
      'a binding with SHA-1',
      () => join(...KEY, ...USER, subkey(), binding({ hash: 'sha1' })),
      'its encryption subkey: its self-signature uses SHA-1, which is weak',
    ],
    [
      'a binding in the future',
      () => join(...KEY, ...USER, subkey(), binding({ created: Date.UTC(2027, 0, 1) })),
      'its encryption subkey: not valid before 2027-01-01',
    ],
    [
      'a subkey from the future',
      () => withSubkey(forgeEcdh(Date.UTC(2027, 0, 1)), {}),
      'its encryption subkey is not valid before 2027-01-01',
    ],
    [
      'a signing and encrypting subkey that does not confirm its primary key',
      () => withSubkey(forgeRsa(MADE, 2048), { hashed: [keyFlags(0x0e)] }),
      'its subkey may sign, but does not confirm its primary key',
    ],
    [
      'a key from the future',
      () => {
        const key = forgeEcdsa(Date.UTC(2027, 0, 1));
        return join(keyPacket(key), userId(), certification({ created: key.created }, USER_ID, key));
      },
      'not valid before 2027-01-01',
    ],
    [
      'RSA 1024',
      () => withSubkey(forgeRsa(MADE, 1024)),
      'RSA 1024 is shorter than 2048 bits (keys.min_rsa_bits)',
    ],
    [
      'a primary key of RSA 1024',
      () => {
        const key = forgeRsa(MADE, 1024);
        return join(
          keyPacket(key),
          userId(),
          certification({}, USER_ID, key),
          subkey(),
          binding({}, encryption, key),
        );
      },
      'RSA 1024 is shorter than 2048 bits (keys.min_rsa_bits)',
    ],
    ['sign-only RSA', () => withSubkey(forgeRsa(MADE, 2048, 3)), 'RSA sign-only keys cannot encrypt'],
    [
      'an even modulus',
      () => withSubkey(rsa(2048, (n, e) => [Buffer.concat([n.subarray(1), Uint8Array.of(0xfe)]), e])),
      'its RSA modulus is malformed',
    ],
    [
      'a modulus with a small factor',
      () => withSubkey(rsa(2048, (n, e) => [n, e])),
      'its RSA modulus is malformed',
    ],
    [
      'an exponent of 1',
      () => withSubkey(rsa(2048, (n) => [n, Uint8Array.of(1)])),
      'its RSA exponent is malformed',
    ],
    [
      'an even exponent',
      () => withSubkey(rsa(2048, (n) => [n, Uint8Array.of(4)])),
      'its RSA exponent is malformed',
    ],
    ['a huge exponent', () => withSubkey(rsa(2048, (n) => [n, n])), 'its RSA exponent is malformed'],
    [
      'a huge modulus',
      () => withSubkey(rsa(32_768, (n, e) => [n, e])),
      'RSA 32768 is longer than 16384 bits',
    ],
    [
      'a weak key derivation',
      () => withSubkey(forgeEcdh(MADE, [3, 1, 2, 7])),
      'its key derivation is not accepted',
    ],
    [
      'an X25519 point of small order',
      () => withSubkey(forgeX25519(MADE, SMALL_ORDER)),
      'malformed: a key in it is not valid for its algorithm',
    ],
    [
      'a point off its curve',
      () => {
        const body = Buffer.from(encryption.body);
        body[40] = (body[40] ?? 0) ^ 1;
        return withSubkey(forgeKey(18, MADE, body.subarray(6)));
      },
      'malformed: a key in it is not valid for its algorithm',
    ],
    [
      'an Elgamal subkey',
      () => withSubkey(forgeKey(16, MADE, join(...[0, 1, 2].map(() => mpi(Buffer.alloc(256, 0xfd)))))),
      'Elgamal is not accepted',
    ],
    [
      'a DSA key',
      () => keyPacket(forgeKey(17, MADE, join(...[0, 1, 2, 3].map(() => mpi(Buffer.alloc(256, 0xfd)))))),
      'DSA is not accepted',
    ],
    [
      'an unknown algorithm',
      () => keyPacket(forgeKey(99, MADE, Uint8Array.of(1, 2, 3))),
      'its algorithm is not supported',
    ],
    [
      'an unknown algorithm in the subkey',
      () => withSubkey(forgeKey(99, MADE, Uint8Array.of(1, 2, 3))),
      'its algorithm is not supported',
    ],
    [
      'version 3',
      () => packet(6, join(Uint8Array.of(3), primary.body.subarray(1))),
      'keys of version 3 are not accepted',
    ],
    [
      'version 5',
      () => packet(6, join(Uint8Array.of(5), primary.body.subarray(1))),
      'keys of version 5 are not accepted',
    ],
    [
      'a version 3 certification',
      () =>
        join(
          ...KEY,
          userId(),
          packet(2, join(Uint8Array.of(3, 5, 0x13), octets(MADE / 1000, 4), new Uint8Array(40))),
          ...SUBKEY,
        ),
      'no user ID with a valid self-signature names this address',
    ],
    ['nothing', () => new Uint8Array(0), 'malformed: there is no key in it'],
    ['noise', () => Buffer.from('hello'), 'malformed: something in it is not an OpenPGP packet'],
    ['two keys', () => join(good, packet(6, stranger.body)), 'malformed: there is more than one key in it'],
    ['a secret key', () => packet(5, primary.body), 'malformed: it is a secret key'],
    [
      'a length that lies',
      () => join(good, Uint8Array.of(0xc2, 255, 255, 255, 255, 255)),
      'malformed: a packet is longer than what is there',
    ],
    [
      'a partial length',
      () => join(good, Uint8Array.of(0xc2, 0xe1, 1, 2)),
      'malformed: a packet has no definite length',
    ],
    [
      'an indeterminate length',
      () => join(good, Uint8Array.of(0x8b, 1, 2)),
      'malformed: a packet has no definite length',
    ],
    [
      'a packet of a message',
      () => join(good, packet(11, new Uint8Array(10))),
      'malformed: a packet in it does not belong into a key',
    ],
    [
      'an unknown critical packet',
      () => join(good, packet(39, new Uint8Array(1))),
      'malformed: a packet in it does not belong into a key',
    ],
    [
      'octets after the numbers of a key',
      () => join(packet(6, join(primary.body, Uint8Array.of(0))), ...USER),
      'malformed: a key in it has a wrong length',
    ],
    [
      'a number with leading zeros',
      () =>
        packet(6, forgeKey(1, MADE, join(octets(2048, 2), new Uint8Array(256), mpi(Uint8Array.of(3)))).body),
      'malformed: a number in it has a wrong length',
    ],
    [
      'too many user IDs',
      () => join(good, ...Array.from({ length: 201 }, (_, i) => userId(`n${i}@clinic.test`))),
      'malformed: it has more than 200 user IDs',
    ],
    [
      'too many subkeys',
      () => join(good, ...Array.from({ length: 101 }, () => subkey())),
      'malformed: it has more than 100 subkeys',
    ],
    [
      'too much',
      () => join(good, ...Array.from({ length: 20 }, () => packet(2, new Uint8Array(60_000)))),
      'malformed: it is larger than 1048576 bytes',
    ],
  ];

  it.each(refusals)('refuses %s', async (_name, make, reason) => {
    expect(await judge(make())).toEqual({ usable: false, reason });
  });

  it('refuses a key that makes it verify without end', async () => {
    const forgeries = Array.from({ length: 500 }, (_, i) =>
      certification({ by: stranger, issuer: primary, created: MADE + i * 1000 }),
    );
    const work = watchProcessor();
    expect(await judge(join(...KEY, userId(), ...forgeries, ...SUBKEY))).toEqual({
      usable: false,
      reason: 'malformed: it has more than 400 signatures of its own',
    });
    work.expectBelow(5000);
  });

  const accepted: readonly (readonly [string, () => Uint8Array, string?])[] = [
    [
      'other people’s certifications, true or not',
      () => join(...KEY, ...USER, certification({ by: stranger }), ...SUBKEY),
    ],
    [
      'a designated revoker who did not revoke',
      () =>
        join(
          ...KEY,
          direct({
            hashed: [subpacket(12, join(Uint8Array.of(0x80, 19), Buffer.from(stranger.fingerprint, 'hex')))],
          }),
          ...USER,
          ...SUBKEY,
        ),
    ],
    ['a revocation by a stranger', () => join(...KEY, keyRevocation({ by: stranger }), ...USER, ...SUBKEY)],
    [
      'a revocation by a stranger in the name of this key',
      () => join(...KEY, keyRevocation({ by: stranger, issuer: primary }), ...USER, ...SUBKEY),
    ],
    [
      'a newer self-signature that lengthens its life',
      () =>
        join(
          ...KEY,
          userId(),
          certification({ hashed: [keyExpires(DAY)] }),
          certification({ created: LATER }),
          ...SUBKEY,
        ),
    ],
    [
      'a user ID that was no longer valid, and is again',
      () =>
        join(
          ...KEY,
          userId(),
          userIdRevocation({ hashed: [revocationReason(32)] }),
          certification({ created: LATER }),
          ...SUBKEY,
        ),
    ],
    [
      'a revoked user ID of the same address beside a valid one',
      () =>
        join(
          ...KEY,
          ...USER,
          userIdRevocation(),
          userId('ada@clinic.test'),
          certification({}, 'ada@clinic.test'),
          ...SUBKEY,
        ),
    ],
    [
      'a photograph, markers, trust and unknown packets that are not critical',
      () =>
        join(
          ...KEY,
          ...USER,
          packet(17, new Uint8Array(2000)),
          certification(),
          packet(10, Buffer.from('PGP')),
          packet(12, new Uint8Array(6)),
          packet(60, new Uint8Array(1)),
          ...SUBKEY,
        ),
    ],
    [
      'a malformed signature among good ones',
      () => join(...KEY, packet(2, Uint8Array.of(4, 0x20)), ...USER, ...SUBKEY),
    ],
    [
      'a subkey of an unknown algorithm beside a good one',
      () => join(withSubkey(forgeKey(99, MADE, new Uint8Array(3))), ...SUBKEY),
    ],
    ['an RSA subkey', () => withSubkey(forgeRsa(MADE, 2048)), 'RSA 2048'],
    [
      'an RSA key that encrypts itself',
      () => {
        const key = forgeRsa(MADE, 2048);
        return join(keyPacket(key), userId(), certification({ hashed: [keyFlags(0x0f)] }, USER_ID, key));
      },
      'RSA 2048',
    ],
  ];

  it.each(accepted.map(([name, make, algorithm]) => ({ name, make, algorithm: algorithm ?? 'P-256' })))(
    'takes a key with $name',
    async ({ make, algorithm }) => {
      expect(await judge(make())).toMatchObject({ usable: true, algorithm });
    },
  );

  it('takes the newest encryption subkey that is usable', async () => {
    const [older, newer, newest] = [
      encryption,
      forgeEcdh(MADE + DAY * 1000),
      forgeEcdh(MADE + 2 * DAY * 1000),
    ];
    const both = join(
      ...KEY,
      ...USER,
      subkey(newer),
      binding({ created: newer.created }, newer),
      subkey(older),
      binding(),
    );
    expect(await judge(both)).toMatchObject({ sealing: { encryptionKey: newer.fingerprint } });
    const expired = binding({ created: newest.created, hashed: [keyFlags(0x0c), keyExpires(DAY)] }, newest);
    expect(await judge(join(both, subkey(newest), expired))).toMatchObject({
      sealing: { encryptionKey: newer.fingerprint },
    });
  });

  it('takes a signing and encrypting subkey that confirms its primary key', async () => {
    const both = forgeRsa(MADE, 2048);
    const back = forgeSignature({ signer: both, type: 0x19, over: overSubkey(primary, both), created: MADE });
    const wish = { hashed: [keyFlags(0x0e), subpacket(32, back)] };
    expect((await judge(withSubkey(both, wish))).usable).toBe(true);
    const wrong = forgeSignature({
      signer: both,
      type: 0x18,
      over: overSubkey(primary, both),
      created: MADE,
    });
    expect((await judge(withSubkey(both, { hashed: [keyFlags(0x0e), subpacket(32, wrong)] }))).usable).toBe(
      false,
    );
  });

  it('offers version 2 packets only where the key’s own signature says so', async () => {
    const says = (...features: readonly number[]) =>
      judge(join(...KEY, userId(), certification({ hashed: [subpacket(30, features)] }), ...SUBKEY));
    expect(await says(0x09)).toMatchObject({ sealing: { seipd: 2 } });
    expect(await says(0x01)).toMatchObject({ sealing: { seipd: 1 } });
    expect(await says(0x01, 0x08)).toMatchObject({ sealing: { seipd: 1 } });
    const unsigned = certification({ unhashed: [subpacket(30, [0x08])] });
    expect(await judge(join(...KEY, userId(), unsigned, ...SUBKEY))).toMatchObject({ sealing: { seipd: 1 } });
  });

  it('compares addresses as the configuration says', async () => {
    const text = 'Ádá <Ada.É@Bücher.test>';
    const key = join(...KEY, userId(text), certification({}, text), ...SUBKEY);
    const cases: readonly (readonly [string, 'ignore-case' | 'exact', boolean])[] = [
      ['Ada.É@xn--bcher-kva.test', 'exact', true],
      ['Ada.É@bücher.test', 'exact', true],
      ['ada.É@bücher.test', 'exact', false],
      ['ada.É@BÜCHER.test', 'ignore-case', true],
      // Only ASCII letters are the same in both cases.
      ['ada.é@bücher.test', 'ignore-case', false],
      ['ada@bücher.test', 'ignore-case', false],
      ['Ada.É@bucher.test', 'ignore-case', false],
      ['not an address', 'ignore-case', false],
    ];
    for (const [address, localPart, usable] of cases)
      expect([address, (await judge(key, address, { ...LIMITS, localPart })).usable]).toEqual([
        address,
        usable,
      ]);
  });

  it('does not use a version 6 key without its direct-key signature', async () => {
    const { publicBinary } = await makeKey({ userIds: [USER_ID], type: 'x25519v6' });
    const key = (await openpgp.readKey({ binaryKey: publicBinary })).toPacketList();
    const at = key.findIndex((one) => one instanceof openpgp.SignaturePacket && one.signatureType === 0x1f);
    key.splice(at, 1);
    expect(await judge(key.write())).toEqual({
      usable: false,
      reason: 'its direct-key signature: it has no valid self-signature',
    });
  });

  it('uses only the curves of the configuration', async () => {
    expect(await judge(good, ADDRESS, { ...LIMITS, curves: ['X25519'] })).toEqual({
      usable: false,
      reason: 'P-256 is not among the curves of keys.curves',
    });
  });

  it.each([
    ['rsa3072', 'RSA 3072', 1],
    ['curve25519legacy', 'X25519', 1],
    ['x25519v4', 'X25519', 1],
    ['x25519v6', 'X25519', 2],
    ['x448v6', 'X448', 2],
    ['p256', 'P-256', 1],
    ['p384', 'P-384', 1],
    ['p521', 'P-521', 1],
  ] as const)('takes %s keys of openpgp.js until they expire', async (type, algorithm, seipd) => {
    const expires = Date.UTC(2028, 0, 1);
    const made = await makeKey({ userIds: [USER_ID, 'Ada <ada@home.test>'], type, expires });
    const at = (now: number, address = ADDRESS) => judgeOpenPgp(made.publicBinary, address, LIMITS, now);
    expect(await at(expires - 1)).toMatchObject({
      usable: true,
      algorithm,
      sealing: { fingerprint: made.fingerprint, seipd },
    });
    expect((await at(expires - 1, 'ada@home.test')).usable).toBe(true);
    expect(await at(expires)).toEqual({ usable: false, reason: 'expired on 2028-01-01' });
    expect((await at(expires - 1, 'ada@other.test')).usable).toBe(false);
    expect(await at(MADE - 1)).toEqual({ usable: false, reason: 'not valid before 2026-01-01' });
  });
});
