import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { judgeOpenPgp, mergeOpenPgp, readOpenPgp } from '../../../../src/keys/openpgp/index.js';
import { MalformedKey } from '../../../../src/keys/openpgp/malformed.js';
import { readSignature } from '../../../../src/keys/openpgp/signature.js';
import {
  forgeEcdh,
  forgeEcdsa,
  forgeSignature,
  hashedKey,
  join,
  keyFlags,
  octets,
  overSubkey,
  overUserId,
  packet,
  subpacket,
} from '../../../support/openpgp-forge.js';
import { watchProcessor } from '../../../support/processor-time.js';

const MADE = Date.UTC(2026, 0, 1);
const NOW = Date.UTC(2026, 6, 1);
const LIMITS = { localPart: 'exact', minRsaBits: 2048, curves: ['P-256'] } as const;
const MB = 1024 * 1024;

const primary = forgeEcdsa(MADE);
const stranger = forgeEcdsa(MADE);
const encryption = forgeEcdh(MADE);
const sign = (type: number, over: Uint8Array, hashed: readonly Uint8Array[] = []) =>
  packet(2, forgeSignature({ signer: primary, type, over, created: MADE, hashed }));
const KEY = packet(6, primary.body);
const USER = join(
  packet(13, Buffer.from('ada@clinic.test')),
  sign(0x13, overUserId(primary, 'ada@clinic.test'), [keyFlags(3)]),
);
const SUBKEY = join(packet(14, encryption.body), sign(0x18, overSubkey(primary, encryption), [keyFlags(12)]));

/** A subpacket with the shortest length. */
const short = (kind: number, body: Uint8Array) => join(Uint8Array.of(body.length + 1, kind), body);
const revoker = (fingerprint: Uint8Array) => short(12, join(Uint8Array.of(0x80, 19), fingerprint));
const revokers = (count: number) =>
  Array.from({ length: count }, (_, index) => revoker(createHash('sha1').update(String(index)).digest()));
const issuerIs = (keyId: Uint8Array) => short(16, keyId);
const STRANGER_ID = Buffer.from(stranger.fingerprint.slice(-16), 'hex');

/** A signature whose value means nothing: of what others are said to have signed. */
function loose(type: number, hashed: Uint8Array, unhashed: Uint8Array, id = 0): Uint8Array {
  const area = join(short(2, octets(MADE / 1000, 4)), short(100, octets(id, 4)), hashed);
  return join(
    Uint8Array.of(4, type, 19, 8),
    octets(area.length, 2),
    area,
    octets(unhashed.length, 2),
    unhashed,
    Uint8Array.of(0, 0, 0, 1, 1, 0, 1, 1),
  );
}
const many = (count: number, one: Uint8Array) => Buffer.alloc(count * one.length, one);
function filled(size: number, make: (id: number) => Uint8Array): Uint8Array {
  const first = make(0);
  return join(
    ...Array.from({ length: Math.min(9900, Math.floor(size / first.length)) }, (_, id) => make(id)),
  );
}

const direct = (count: number) => sign(0x1f, hashedKey(primary.body), revokers(count));
const FOREIGN = issuerIs(STRANGER_ID);
const EMPTY = short(16, new Uint8Array());
const body = (hashed: Uint8Array, unhashed: Uint8Array) => (id: number) => loose(0x20, hashed, unhashed, id);
const rest = MB - 90_000;

/** Keys of one megabyte, each made to cost as much as it can in one way. */
const WORST: Readonly<Record<string, () => Uint8Array>> = {
  'empty issuers, many revokers': () =>
    join(
      KEY,
      direct(2700),
      ...Array.from({ length: 14 }, (_, id) => packet(2, body(new Uint8Array(), many(32_000, EMPTY))(id))),
      USER,
      SUBKEY,
    ),
  'issuers, as many revokers as there may be': () =>
    join(
      KEY,
      direct(16),
      filled(rest, (id) => packet(2, body(new Uint8Array(), many(16, FOREIGN))(id))),
      USER,
      SUBKEY,
    ),
  'small revocations by others': () =>
    join(
      KEY,
      direct(16),
      filled(rest, (id) => packet(2, loose(0x20, FOREIGN, new Uint8Array(), id))),
      USER,
      SUBKEY,
    ),
  'small parts of signatures': () =>
    join(
      KEY,
      ...Array.from({ length: 15 }, (_, id) =>
        packet(
          2,
          loose(
            0x20,
            many(15_000, short(101, new Uint8Array())),
            join(FOREIGN, many(16_000, short(101, new Uint8Array()))),
            id,
          ),
        ),
      ),
      USER,
      SUBKEY,
    ),
  'one user ID many times': () =>
    join(
      KEY,
      SUBKEY,
      ...Array.from({ length: 199 }, (_, id) =>
        join(
          packet(13, Buffer.from('ada@clinic.test')),
          filled(2000, (other) => packet(2, loose(0x30, FOREIGN, new Uint8Array(), id * 1000 + other))),
        ),
      ),
    ),
  'the same signature many times': () =>
    join(
      KEY,
      filled(rest, () => packet(2, loose(0x20, FOREIGN, new Uint8Array()))),
      USER,
      SUBKEY,
    ),
  'as many own signatures as are verified': () =>
    join(
      KEY,
      ...Array.from({ length: 390 }, (_, id) =>
        packet(
          2,
          forgeSignature({
            signer: primary,
            type: 0x1f,
            over: hashedKey(primary.body),
            created: MADE,
            hashed: [subpacket(100, octets(id, 4)), subpacket(101, Buffer.alloc(2200))],
          }),
        ),
      ),
      USER,
      SUBKEY,
    ),
};

async function within(milliseconds: number, work: () => Promise<unknown>): Promise<void> {
  const processor = watchProcessor();
  await work();
  processor.expectBelow(milliseconds);
}

/** Far more than it takes, and far less than what grows with the square: tens of seconds. */
const ENOUGH = 4000;

describe('a key of a megabyte', () => {
  let made: Readonly<Record<string, Uint8Array>>;
  beforeAll(() => {
    made = Object.fromEntries(Object.entries(WORST).map(([name, make]) => [name, make()]));
  });

  it.each(Object.keys(WORST))('with %s is read, judged and merged in a moment', async (name) => {
    const key = made[name]!;
    expect(key.length).toBeLessThan(MB);
    await within(ENOUGH, () => readOpenPgp(key));
    await within(ENOUGH, () => judgeOpenPgp(key, 'ada@clinic.test', LIMITS, NOW));
    await within(ENOUGH, () => mergeOpenPgp(key, join(KEY, USER, SUBKEY)).catch(() => undefined));
  });
});

describe('a signature', () => {
  const read = (hashed: Uint8Array, unhashed: Uint8Array = new Uint8Array()) =>
    readSignature(loose(0x20, hashed, unhashed));

  it.each([0, 7, 9, 20])('does not name an issuer by %i octets', (size) => {
    expect(() => read(short(16, Buffer.alloc(size)))).toThrow(MalformedKey);
    expect(() => read(new Uint8Array(), short(16, Buffer.alloc(size)))).toThrow(MalformedKey);
  });

  it.each([0, 1, 9, 20, 22, 32, 34])('does not name an issuer by a fingerprint of %i octets', (size) => {
    expect(() => read(short(33, Buffer.alloc(size)))).toThrow(MalformedKey);
    expect(() => read(new Uint8Array(), short(33, Buffer.alloc(size)))).toThrow(MalformedKey);
  });

  it('names an issuer by key ID or fingerprint', () => {
    const of = (size: number) => short(33, Buffer.alloc(size, 0xab));
    expect(read(FOREIGN, join(of(21), of(33))).issuers).toEqual([
      stranger.fingerprint.slice(-16),
      'AB'.repeat(20),
      'AB'.repeat(32),
    ]);
  });

  it('names at most 16 issuers, and 16 revokers', () => {
    expect(read(many(8, FOREIGN), many(8, FOREIGN)).issuers).toHaveLength(16);
    expect(() => read(many(8, FOREIGN), many(9, FOREIGN))).toThrow(MalformedKey);
    expect(read(join(...revokers(16))).revokers).toHaveLength(16);
    expect(() => read(join(...revokers(17)))).toThrow(MalformedKey);
  });
});

describe('a designated revoker', () => {
  const revoked = (hashed: Uint8Array, unhashed: Uint8Array) =>
    judgeOpenPgp(
      join(
        KEY,
        sign(0x1f, hashedKey(primary.body), [revoker(Buffer.from(stranger.fingerprint, 'hex'))]),
        packet(2, loose(0x20, hashed, unhashed)),
        USER,
        SUBKEY,
      ),
      'ada@clinic.test',
      LIMITS,
      NOW,
    );
  const fingerprint = short(33, join(Uint8Array.of(4), Buffer.from(stranger.fingerprint, 'hex')));

  it.each([
    ['key ID', FOREIGN, new Uint8Array()],
    ['fingerprint', fingerprint, new Uint8Array()],
    ['what is not hashed', new Uint8Array(), FOREIGN],
    ['one of several', issuerIs(Buffer.alloc(8, 1)), FOREIGN],
  ])('counts by %s', async (_name, hashed, unhashed) => {
    expect(await revoked(hashed, unhashed)).toMatchObject({ usable: false });
  });

  it('is nobody else', async () => {
    expect(await revoked(issuerIs(Buffer.alloc(8, 1)), new Uint8Array())).toMatchObject({ usable: true });
  });
});
