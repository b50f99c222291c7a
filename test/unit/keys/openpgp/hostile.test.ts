import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judgeOpenPgp, MalformedKey, mergeOpenPgp, readOpenPgp } from '../../../../src/keys/openpgp/index.js';
import { join } from '../../../support/openpgp-forge.js';
import { makeKey } from '../../../support/openpgp-keys.js';
import { watchProcessor } from '../../../support/processor-time.js';

const LIMITS = { localPart: 'ignore-case', minRsaBits: 2048, curves: ['P-256', 'X25519'] } as const;
const NOW = Date.UTC(2026, 6, 1);
const keys = [
  await makeKey({ userIds: ['Ada Example <ada@clinic.test>'], type: 'p256' }),
  await makeKey({ userIds: ['Ada Example <ada@clinic.test>'], type: 'curve25519legacy' }),
  await makeKey({ userIds: ['Ada Example <ada@clinic.test>'], type: 'x25519v6' }),
];
const eve = await makeKey({ userIds: ['Eve <eve@clinic.test>'], type: 'p256' });

const byKey = fc.constantFrom(...keys);

/** What no change of bytes may lead to: another address, another primary key, or a subkey that isn't its own. */
async function expectNothingNew(bytes: Uint8Array, original: (typeof keys)[number]): Promise<void> {
  const { publics } = await readOpenPgp(bytes);
  for (const { material, addresses, fingerprint } of publics) {
    const verdict = await judgeOpenPgp(material, 'ada@clinic.test', LIMITS, NOW);
    if (verdict.usable) expect(verdict.sealing.encryptionKey).toBe(await subkeyOf(original.publicBinary));
    if (fingerprint === original.fingerprint) expect(['ada@clinic.test', undefined]).toContain(addresses[0]);
    else expect(addresses).toEqual([]);
  }
  const verdict = await judgeOpenPgp(bytes, 'ada@clinic.test', LIMITS, NOW);
  if (verdict.usable) expect(verdict.sealing.encryptionKey).toBe(await subkeyOf(original.publicBinary));
  expect((await judgeOpenPgp(bytes, 'eve@clinic.test', LIMITS, NOW)).usable).toBe(false);
}

async function subkeyOf(material: Uint8Array): Promise<string> {
  const verdict = await judgeOpenPgp(material, 'ada@clinic.test', LIMITS, NOW);
  return verdict.usable ? verdict.sealing.encryptionKey : '';
}

describe('hostile OpenPGP keys', () => {
  it('survives a cut at any place', async () => {
    for (const key of keys) {
      const { publicBinary: bytes } = key;
      for (let end = 0; end < bytes.length; end += end < 60 ? 1 : 7) {
        const verdict = await judgeOpenPgp(bytes.subarray(0, end), 'ada@clinic.test', LIMITS, NOW);
        expect(verdict.usable).toBe(false);
        await readOpenPgp(bytes.subarray(0, end));
      }
    }
  });

  it('gains nothing by changed, inserted or removed bytes', async () => {
    await fc.assert(
      fc.asyncProperty(
        byKey,
        fc.array(fc.tuple(fc.nat(), fc.nat(2), fc.nat(255)), { minLength: 1, maxLength: 4 }),
        async (key, changes) => {
          const bytes = [...key.publicBinary];
          for (const [place, how, value] of changes) {
            const at = place % bytes.length;
            bytes.splice(at, how === 0 ? 1 : 0, ...(how === 2 ? [] : [value]));
            if (how === 2) bytes.splice(at, 1);
          }
          await expectNothingNew(Uint8Array.from(bytes), key);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('gains nothing by packets of another key, in any order', async () => {
    await fc.assert(
      fc.asyncProperty(byKey, fc.infiniteStream(fc.nat()), async (key, places) => {
        const [first, ...own] = packetsOf(key.publicBinary);
        const pool = [...own, ...packetsOf(eve.publicBinary).slice(1)];
        const shuffled: Uint8Array[] = [];
        while (pool.length > 0) {
          const [taken] = pool.splice(places.next().value % pool.length, 1);
          if (taken !== undefined) shuffled.push(taken);
        }
        await expectNothingNew(join(first!, ...shuffled), key);
      }),
      { numRuns: 100 },
    );
  });

  it('never throws but as it says, whatever the bytes', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 200 }),
        fc.constantFrom(0x99, 0x98, 0xc6, 0xc2, 0x00, 0x95),
        byKey,
        async (bytes, start, key) => {
          const material = join(Uint8Array.of(start), bytes);
          expect((await judgeOpenPgp(material, 'ada@clinic.test', LIMITS, NOW)).usable).toBe(false);
          expect((await readOpenPgp(material)).publics).toEqual([]);
          await expect(mergeOpenPgp(key.publicBinary, material)).rejects.toThrow(MalformedKey);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('reads long text without a key quickly', async () => {
    const work = watchProcessor();
    await readOpenPgp(Buffer.alloc(4_000_000, '-----BEGIN PGP PUBLIC KEY BLOCK-----\n'));
    await readOpenPgp(Buffer.alloc(4_000_000, 'A: '));
    await readOpenPgp(Buffer.alloc(4_000_000, '-----BEGIN PGP PUBLIC KEY BLOCK-----'));
    await readOpenPgp(Buffer.alloc(4_000_000, 0xc6));
    await readOpenPgp(
      Buffer.concat([Buffer.from([0xc6, 0]), Buffer.alloc(4_000_000, Buffer.from([0xc6, 0]))]),
    );
    work.expectBelow(5000);
  });
});

/** openpgp.js writes packets in the new format with one or two octets of length here. */
function packetsOf(bytes: Uint8Array): readonly Uint8Array[] {
  const packets: Uint8Array[] = [];
  let at = 0;
  while (at < bytes.length) {
    const size = bytes[at + 1]!;
    const [head, length] = size < 192 ? [2, size] : [3, ((size - 192) << 8) + bytes[at + 2]! + 192];
    packets.push(bytes.subarray(at, at + head + length));
    at += head + length;
  }
  return packets;
}
