import { describe, expect, it } from 'vitest';
import { writePacket } from '../../../../src/keys/openpgp/packets.js';
import type { OpenPgpSealingKey } from '../../../../src/keys/types.js';
import type { Payload } from '../../../../src/protect/payload/types.js';
import { sealPgp } from '../../../../src/protect/pgp/seal-pgp.js';
import { SealFailed } from '../../../../src/protect/seal-failed.js';
import { KEYS_MADE_AT, makeKey } from '../../../support/openpgp-keys.js';
import { NOW, OUTER_HEADER, payloadOf, sealed, sealingKeyOf, signerOf, someBytes } from './sealing.js';

const CANARY = 'Zinnober';
const ENTITY = Buffer.from(`Content-Type: text/plain\r\nSubject: ${CANARY}\r\n\r\n${CANARY}\r\n`);

async function adaKey(seipd: 1 | 2 = 1): Promise<OpenPgpSealingKey> {
  return sealingKeyOf(
    (await makeKey({ userIds: ['Ada <ada@keys.example>'], type: 'x25519v4' })).publicBinary,
    seipd,
  );
}

async function failure(iteration: AsyncIterable<Uint8Array>): Promise<{ error: unknown; bytes: number }> {
  let bytes = 0;
  try {
    for await (const chunk of iteration) bytes += chunk.length;
  } catch (error) {
    return { error, bytes };
  }
  throw new Error('it did not fail');
}

describe('a PGP/MIME message', () => {
  it.each([1, 2] as const)('has the two parts of RFC 3156 (encrypted data of version %s)', async (seipd) => {
    const message = (await sealed({ payload: payloadOf(ENTITY), keys: [await adaKey(seipd)] })).toString(
      'latin1',
    );
    expect(message.startsWith(OUTER_HEADER.toString())).toBe(true);
    const [, boundary] = /boundary="([^"]+)"/.exec(message) ?? [];
    const checksum = seipd === 1 ? '=[A-Za-z0-9+/]{4}\r\n' : '';
    expect(message.slice(OUTER_HEADER.length)).toMatch(
      new RegExp(
        [
          '^MIME-Version: 1.0',
          'Content-Type: multipart/encrypted; protocol="application/pgp-encrypted";',
          ` boundary="${boundary}"`,
          '',
          `--${boundary}`,
          'Content-Type: application/pgp-encrypted',
          'Content-Description: PGP/MIME version identification',
          '',
          'Version: 1',
          '',
          `--${boundary}`,
          'Content-Type: application/octet-stream; name="encrypted.asc"',
          'Content-Description: OpenPGP encrypted message',
          'Content-Disposition: inline; filename="encrypted.asc"',
          '',
          '-----BEGIN PGP MESSAGE-----',
          '',
          `([A-Za-z0-9+/=]{1,76}\r\n)+${checksum}-----END PGP MESSAGE-----`,
          '',
          `--${boundary}--`,
          '$',
        ].join('\r\n'),
      ),
    );
    expect(message).not.toContain(CANARY);
    for (const line of message.split('\r\n')) expect(line.length).toBeLessThanOrEqual(78);
  });

  it('never looks the same twice', async () => {
    const options = { payload: payloadOf(ENTITY), keys: [await adaKey()] };
    expect((await sealed(options)).equals(await sealed(options))).toBe(false);
  });

  it('is made as it is read, and stops when nobody reads on', async () => {
    const chunk = someBytes(65_536);
    let [given, closed] = [0, false];
    const payload: Payload = {
      ...payloadOf(new Uint8Array(0)),
      size: 800 * chunk.length,
      open: async function* () {
        try {
          for (; given < 800; given++) yield chunk;
        } finally {
          closed = true;
        }
      },
    };
    const reader = sealPgp({ payload, keys: [await adaKey()], hiddenKeyIds: false, now: NOW });
    await reader.next();
    expect(given).toBe(0);
    let bytes = 0;
    for (let i = 0; i < 40; i++) bytes += (await reader.next()).value?.length ?? 0;
    // 3 bytes become 4, and line ends; nothing but what was given and two blocks are ahead.
    expect(given * chunk.length - bytes / 1.37).toBeLessThan(4 * chunk.length);
    await reader.return(undefined);
    expect(closed).toBe(true);
    expect(given).toBeLessThan(60);
  });

  it.each([1, 2] as const)('takes little memory for 50 MB (encrypted data of version %s)', async (seipd) => {
    const chunk = someBytes(65_536);
    const payload: Payload = {
      ...payloadOf(new Uint8Array(0)),
      size: 800 * chunk.length,
      open: async function* () {
        for (let i = 0; i < 800; i++) yield chunk;
      },
    };
    const before = process.memoryUsage().rss;
    let [peak, bytes] = [0, 0];
    for await (const piece of sealPgp({
      payload,
      keys: [await adaKey(seipd)],
      hiddenKeyIds: false,
      now: NOW,
    })) {
      bytes += piece.length;
      peak = Math.max(peak, process.memoryUsage().rss);
    }
    expect(bytes).toBeGreaterThan((payload.size * 4) / 3);
    expect(peak - before).toBeLessThan(40 * 1024 * 1024);
  });
});

describe('what fails', () => {
  const content = (open: Payload['open'], size = ENTITY.length): Payload => ({
    ...payloadOf(ENTITY),
    open,
    size,
  });

  it.each<[string, Payload]>([
    [
      'content that can’t be read',
      // biome-ignore lint/correctness/useYield: it fails at once.
      content(async function* () {
        throw new Error(`broken near ${CANARY}`);
      }),
    ],
    [
      'content that can’t be read to its end',
      content(async function* () {
        yield ENTITY.subarray(0, 20);
        throw new Error(`broken near ${CANARY}`);
      }),
    ],
    ['content that is shorter than it says', content(payloadOf(ENTITY).open, ENTITY.length + 1)],
    ['content that is longer than it says', content(payloadOf(ENTITY).open, ENTITY.length - 1)],
  ])('%s', async (_, payload) => {
    const { error } = await failure(
      sealPgp({ payload, keys: [await adaKey()], hiddenKeyIds: false, now: NOW }),
    );
    expect(error).toBeInstanceOf(SealFailed);
    expect(String(error)).not.toContain(CANARY);
  });

  it('fails before the first byte when a key can’t be used', async () => {
    const good = await adaKey();
    const other = await makeKey({ userIds: ['Bob <bob@keys.example>'], type: 'curve25519legacy' });
    const bob = await sealingKeyOf(other.publicBinary);
    const cases: Readonly<Record<string, readonly OpenPgpSealingKey[]>> = {
      'no key': [],
      'another key than was judged': [{ ...good, material: bob.material }],
      'the other fingerprint': [{ ...good, fingerprint: bob.fingerprint }],
      'an encryption key that it has not': [
        good,
        { ...bob, encryptionKey: good.encryptionKey.replace(/./, 'X') },
      ],
      'a key that only signs': [{ ...bob, encryptionKey: bob.fingerprint }],
      'no packets': [{ ...good, material: new Uint8Array(0) }],
      'cut off': [{ ...good, material: good.material.subarray(0, 40) }],
    };
    for (const [name, keys] of Object.entries(cases)) {
      const { error, bytes } = await failure(
        sealPgp({ payload: payloadOf(ENTITY), keys, hiddenKeyIds: false, now: NOW }),
      );
      expect(error, name).toBeInstanceOf(SealFailed);
      expect(bytes, name).toBe(0);
    }
  });

  it.each([
    ['the point zero', Buffer.alloc(32)],
    [
      'a point of order 8',
      Buffer.from('e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800', 'hex'),
    ],
  ])('a key at %s', async (_, point) => {
    const { readPublicKey } = await import('../../../../src/keys/openpgp/public-key.js');
    const body = Buffer.concat([Buffer.from([4, 0x60, 0, 0, 0, 25]), point]);
    const key = readPublicKey(body, false);
    if ('unsupported' in key) throw new Error(key.unsupported);
    const { fingerprint } = key;
    const { error, bytes } = await failure(
      sealPgp({
        payload: payloadOf(ENTITY),
        keys: [
          {
            kind: 'openpgp',
            fingerprint,
            encryptionKey: fingerprint,
            material: writePacket(6, body),
            seipd: 1,
          },
        ],
        hiddenKeyIds: false,
        now: NOW,
      }),
    );
    expect(error).toBeInstanceOf(SealFailed);
    expect(bytes).toBe(0);
  });

  it('a signer that can’t sign is no reason to send unsigned', async () => {
    const gate = await makeKey({
      userIds: ['Gate <gate@clinic.test>'],
      type: 'curve25519legacy',
      expires: KEYS_MADE_AT + 3_600_000,
    });
    const good = signerOf(gate.fingerprint, gate.secretBinary);
    const cases = {
      expired: { signer: good, now: NOW },
      'not yet made': { signer: good, now: KEYS_MADE_AT - 86_400_000 },
      'another key': { signer: { ...good, fingerprint: 'A'.repeat(40) }, now: KEYS_MADE_AT },
      'public only': { signer: { ...good, secret: gate.publicBinary }, now: KEYS_MADE_AT },
      nonsense: { signer: { ...good, secret: Buffer.from('nonsense') }, now: KEYS_MADE_AT },
    };
    for (const [name, signing] of Object.entries(cases)) {
      const { error, bytes } = await failure(
        sealPgp({ payload: payloadOf(ENTITY), keys: [await adaKey()], hiddenKeyIds: false, ...signing }),
      );
      expect(error, name).toBeInstanceOf(SealFailed);
      expect(bytes, name).toBe(0);
    }
  });
});
