import fc from 'fast-check';
import { enums, readMessage } from 'openpgp';
import { describe, expect, it } from 'vitest';
import { makeKey, type OpenPgpKeyType } from '../../../support/openpgp-keys.js';
import {
  openWithLibrary,
  packetsOf,
  payloadOf,
  sealed,
  sealingKeyOf,
  signerOf,
  someBytes,
} from './sealing.js';

const userIds = ['Ada Example <ada@keys.example>'];
const ENTITY = Buffer.from('Content-Type: text/plain; charset=utf-8\r\n\r\nGrüße\r\n');
const ALL = [
  'rsa3072',
  'curve25519legacy',
  'x25519v4',
  'x25519v6',
  'x448v6',
  'p256',
  'p384',
  'p521',
] as const;

describe('PGP/MIME messages, opened by openpgp.js', () => {
  it.each(
    ALL.flatMap((type) =>
      [1, 2].flatMap((seipd) => [false, true].map((hidden) => [type, seipd, hidden] as const)),
    ),
  )('%s, encrypted data of version %s, hidden key IDs: %s', async (type, seipd, hiddenKeyIds) => {
    const ada = await makeKey({ userIds, type });
    const message = await sealed({
      payload: payloadOf(ENTITY),
      keys: [await sealingKeyOf(ada.publicBinary, seipd === 2 ? 2 : 1)],
      hiddenKeyIds,
      signer: signerOf(ada.fingerprint, ada.secretBinary),
    });
    const opened = await openWithLibrary(message, ada.secretBinary, ada.publicBinary);
    expect(opened.content.equals(ENTITY)).toBe(true);
    expect(opened.signed).toBe(true);
  });

  it('says what kind of packets it has', async () => {
    const [v4, v6] = await Promise.all(
      (['x25519v4', 'x25519v6'] as const).map(
        async (type) => (await makeKey({ userIds, type })).publicBinary,
      ),
    );
    const kinds = async (...keys: readonly (readonly [Uint8Array, 1 | 2])[]) => {
      const message = await sealed({
        payload: payloadOf(ENTITY),
        keys: await Promise.all(keys.map(([material, seipd]) => sealingKeyOf(material, seipd))),
      });
      const read = await readMessage({ binaryMessage: packetsOf(message) });
      return read.packets.map(
        (packet) => `${Reflect.get(packet.constructor, 'tag')}v${Reflect.get(packet, 'version')}`,
      );
    };
    const [pkesk, seipd] = [
      enums.packet.publicKeyEncryptedSessionKey,
      enums.packet.symEncryptedIntegrityProtectedData,
    ];
    expect(await kinds([v4!, 1], [v6!, 1])).toEqual([`${pkesk}v3`, `${pkesk}v3`, `${seipd}v1`]);
    // One who can't read version 2 is enough.
    expect(await kinds([v4!, 1], [v6!, 2])).toEqual([`${pkesk}v3`, `${pkesk}v3`, `${seipd}v1`]);
    expect(await kinds([v4!, 2], [v6!, 2])).toEqual([`${pkesk}v6`, `${pkesk}v6`, `${seipd}v2`]);
    // The same key for two addresses.
    expect(await kinds([v6!, 2], [v6!, 2])).toEqual([`${pkesk}v6`, `${seipd}v2`]);
  });

  it.each([1, 2] as const)('gives back entities of any size in any chunks (version %s)', async (seipd) => {
    const ada = await makeKey({ userIds, type: 'x25519v6' });
    const keys = [await sealingKeyOf(ada.publicBinary, seipd)];
    const bytes = someBytes(200_000);
    const check = async (size: number, chunk: number) => {
      const entity = bytes.subarray(0, size);
      const message = await sealed({ payload: payloadOf(entity, { chunk }), keys });
      expect((await openWithLibrary(message, ada.secretBinary)).content.equals(entity)).toBe(true);
    };
    // Around packet lengths of one, two and five octets, the first partial body, chunks of encrypted data, lines and slices.
    for (const border of [0, 16, 57, 150, 192, 512, 8192, 8384, 65_536, 131_072])
      for (let size = Math.max(0, border - 48); size <= border + 2; size += border > 9000 ? 1 : 3)
        await check(size, 40_000);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 200_000 }), fc.integer({ min: 100, max: 100_000 }), check),
      { numRuns: 30 },
    );
  });

  it.each([
    ['curve25519legacy', 1],
    ['x25519v6', 2],
  ] as const)('is refused with any byte of its content changed (%s, version %s)', async (type, seipd) => {
    const ada = await makeKey({ userIds, type });
    const message = await sealed({
      payload: payloadOf(ENTITY),
      keys: [await sealingKeyOf(ada.publicBinary, seipd)],
    });
    const packets = packetsOf(message);
    const start = 2 + packets[1]! + 2;
    expect(packets[start]).toBe(seipd);
    for (let at = start; at <= packets.length; at++) {
      const changed = Buffer.from(packets.subarray(0, at === packets.length ? at - 1 : undefined));
      if (at < changed.length) changed[at]! ^= 0x01;
      const armoured = Buffer.from(
        `-----BEGIN PGP MESSAGE-----\r\n\r\n${changed.toString('base64')}\r\n-----END PGP MESSAGE-----\r\n`,
      );
      await expect(openWithLibrary(armoured, ada.secretBinary), `byte ${at}`).rejects.toThrow();
    }
  });

  it('is opened by each of its recipients, and by nobody else', async () => {
    const types: readonly OpenPgpKeyType[] = ['rsa3072', 'curve25519legacy', 'x25519v6', 'p384'];
    const people = await Promise.all(types.map((type) => makeKey({ userIds, type })));
    const keys = await Promise.all(people.map(({ publicBinary }) => sealingKeyOf(publicBinary)));
    const message = await sealed({ payload: payloadOf(ENTITY), keys });
    for (const { secretBinary } of people)
      expect((await openWithLibrary(message, secretBinary)).content.equals(ENTITY)).toBe(true);
    const mallory = await makeKey({ userIds: ['Mallory <mallory@keys.example>'], type: 'x25519v6' });
    await expect(openWithLibrary(message, mallory.secretBinary)).rejects.toThrow();
  });
});
