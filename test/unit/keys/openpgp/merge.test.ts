import { describe, expect, it, vi } from 'vitest';
import { certify as verifyAll } from '../../../../src/keys/openpgp/certificate.js';
import { judgeOpenPgp, MalformedKey, mergeOpenPgp } from '../../../../src/keys/openpgp/index.js';
import {
  forgeEcdh,
  forgeEcdsa,
  forgeSignature,
  hashedKey,
  join,
  keyExpires,
  keyFlags,
  overSubkey,
  overUserId,
  packet,
} from '../../../support/openpgp-forge.js';

vi.mock('../../../../src/keys/openpgp/certificate.js', { spy: true });

const MADE = Date.UTC(2026, 0, 1);
const LATER = Date.UTC(2026, 3, 1);
const NOW = Date.UTC(2026, 6, 1);
const LIMITS = { localPart: 'exact', minRsaBits: 2048, curves: ['P-256'] } as const;

const primary = forgeEcdsa(MADE);
const encryption = forgeEcdh(MADE);
const newer = forgeEcdh(LATER);
const stranger = forgeEcdsa(MADE);

const sign = (
  type: number,
  over: Uint8Array,
  created = MADE,
  hashed: readonly Uint8Array[] = [],
  signer = primary,
) => packet(2, forgeSignature({ signer, type, over, created, hashed, issuer: primary }));
const certify = (text: string, created = MADE, hashed: readonly Uint8Array[] = [keyFlags(3)]) =>
  sign(0x13, overUserId(primary, text), created, hashed);
const USER = join(packet(13, Buffer.from('ada@clinic.test')), certify('ada@clinic.test'));
const SUBKEY = join(
  packet(14, encryption.body),
  sign(0x18, overSubkey(primary, encryption), MADE, [keyFlags(12)]),
);
const KEY = packet(6, primary.body);
const older = join(KEY, USER, SUBKEY);

const judge = (material: Uint8Array, address = 'ada@clinic.test') =>
  judgeOpenPgp(material, address, LIMITS, NOW);

describe('mergeOpenPgp', () => {
  it('verifies the same copies once, since it is asked for each message, and gives nobody what others have', async () => {
    const revoked = join(KEY, sign(0x20, hashedKey(primary.body), LATER), USER, SUBKEY);
    const merged = await mergeOpenPgp(older, revoked);
    vi.mocked(verifyAll).mockClear();
    const again = await mergeOpenPgp(Uint8Array.from(older), Uint8Array.from(revoked));
    expect(again).toEqual(merged);
    expect(again.buffer).not.toBe(merged.buffer);
    expect(verifyAll).not.toHaveBeenCalled();
  });

  const changes: readonly (readonly [string, Uint8Array, object])[] = [
    [
      'a revocation of the key',
      join(KEY, sign(0x20, hashedKey(primary.body), LATER), USER, SUBKEY),
      { usable: false, reason: 'the key was revoked on 2026-04-01' },
    ],
    [
      'a revocation without anything else',
      join(KEY, sign(0x20, hashedKey(primary.body), LATER)),
      { usable: false, reason: 'the key was revoked on 2026-04-01' },
    ],
    [
      'a revocation of the subkey',
      join(KEY, USER, SUBKEY, sign(0x28, overSubkey(primary, encryption), LATER)),
      { usable: false, reason: 'its encryption subkey was revoked on 2026-04-01' },
    ],
    [
      'a revocation of the user ID, in a copy without its certification',
      join(
        KEY,
        packet(13, Buffer.from('ada@clinic.test')),
        sign(0x30, overUserId(primary, 'ada@clinic.test'), LATER),
      ),
      { usable: false, reason: 'the user ID with this address was revoked on 2026-04-01' },
    ],
    [
      'an expiry',
      join(
        KEY,
        packet(13, Buffer.from('ada@clinic.test')),
        certify('ada@clinic.test', LATER, [keyExpires(86_400 * 100)]),
        SUBKEY,
      ),
      { usable: false, reason: 'expired on 2026-04-11' },
    ],
    [
      'an expiry of the subkey',
      join(
        KEY,
        USER,
        packet(14, encryption.body),
        sign(0x18, overSubkey(primary, encryption), LATER, [keyFlags(12), keyExpires(86_400 * 100)]),
      ),
      { usable: false, reason: 'its encryption subkey expired on 2026-04-11' },
    ],
    [
      'a newer subkey',
      join(KEY, USER, packet(14, newer.body), sign(0x18, overSubkey(primary, newer), LATER, [keyFlags(12)])),
      { usable: true, sealing: { encryptionKey: newer.fingerprint } },
    ],
  ];

  it.each(changes)(
    'keeps %s, whichever copy has it, and no older copy undoes it',
    async (_name, changed, verdict) => {
      const updated = await mergeOpenPgp(older, changed);
      expect(await judge(updated)).toMatchObject(verdict);
      expect(await judge(await mergeOpenPgp(changed, older))).toMatchObject(verdict);
      expect(await mergeOpenPgp(updated, older)).toBe(updated);
      expect(await mergeOpenPgp(updated, changed)).toBe(updated);
    },
  );

  it('adds user IDs', async () => {
    const home = join(KEY, packet(13, Buffer.from('ada@home.test')), certify('ada@home.test'), SUBKEY);
    const merged = await mergeOpenPgp(older, home);
    expect((await judge(merged)).usable).toBe(true);
    expect((await judge(merged, 'ada@home.test')).usable).toBe(true);
  });

  it('takes nothing that the key did not sign', async () => {
    const forged = join(
      KEY,
      sign(0x20, hashedKey(primary.body), MADE, [], stranger),
      packet(13, Buffer.from('eve@clinic.test')),
      sign(0x13, overUserId(primary, 'eve@clinic.test'), MADE, [], stranger),
      packet(14, newer.body),
      sign(0x18, overSubkey(primary, newer), LATER, [keyFlags(12)], stranger),
    );
    expect(await mergeOpenPgp(older, forged)).toBe(older);
  });

  it('does not mix different keys, nor takes what it cannot read', async () => {
    const other = join(packet(6, stranger.body), SUBKEY);
    await expect(mergeOpenPgp(older, other)).rejects.toThrow(new MalformedKey('they are different keys'));
    await expect(mergeOpenPgp(older, Buffer.from('hello'))).rejects.toThrow(MalformedKey);
    await expect(mergeOpenPgp(new Uint8Array(0), older)).rejects.toThrow(MalformedKey);
  });
});
