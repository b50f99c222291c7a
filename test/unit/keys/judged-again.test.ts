import { describe, expect, it } from 'vitest';
import { judgeOpenPgp } from '../../../src/keys/openpgp/index.js';
import { KEYS_MADE_AT, makeKey } from '../../support/openpgp-keys.js';
import { makeAuthority, TEST_NOW } from '../../support/x509-authority.js';
import { shortVerdict } from './x509/judging.js';

const ADDRESS = 'ada@clinic.test';
const USER_IDS = [`Ada Example <${ADDRESS}>`];
const LIMITS = { localPart: 'ignore-case', minRsaBits: 2048, curves: ['P-256', 'X25519'] } as const;
const SOON = KEYS_MADE_AT + 60_000;

/** With its last octet changed in the same memory: what is remembered must not rest on the caller's. */
function damage(bytes: Uint8Array): void {
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
}

describe('an OpenPGP key that was judged before', () => {
  it('is judged by the time of now', async () => {
    const expires = KEYS_MADE_AT + 3_600_000;
    const key = await makeKey({ userIds: USER_IDS, type: 'curve25519legacy', expires });
    const at = async (now: number) => (await judgeOpenPgp(key.publicBinary, ADDRESS, LIMITS, now)).usable;
    expect(await at(SOON)).toBe(true);
    expect(await at(expires - 1000)).toBe(true);
    expect(await at(expires)).toBe(false);
    expect(await at(KEYS_MADE_AT - 1000)).toBe(false);
  });

  it('is another one when one bit of it changes', async () => {
    const key = await makeKey({ userIds: USER_IDS, type: 'curve25519legacy' });
    const usable = async (material: Uint8Array) =>
      (await judgeOpenPgp(material, ADDRESS, LIMITS, SOON)).usable;
    const material = Uint8Array.from(key.publicBinary);
    expect(await usable(material)).toBe(true);
    damage(material);
    expect(await usable(material)).toBe(false);
    expect(await usable(key.publicBinary)).toBe(true);
  });

  it('is held to the limits of now, and to the address that is asked for', async () => {
    const key = await makeKey({ userIds: USER_IDS, type: 'curve25519legacy' });
    const usable = async (address: string, curves: readonly string[]) =>
      (await judgeOpenPgp(key.publicBinary, address, { ...LIMITS, curves }, SOON)).usable;
    expect(await usable(ADDRESS, ['X25519'])).toBe(true);
    expect(await usable(ADDRESS, ['P-256'])).toBe(false);
    expect(await usable('eve@clinic.test', ['X25519'])).toBe(false);
  });
});

describe('a certificate that was judged before', () => {
  const root = makeAuthority();
  const stranger = makeAuthority({ name: 'Another CA' });
  const { certificate } = root.issue({ notAfter: new Date(TEST_NOW + 3_600_000) });

  it.each([
    [{ anchors: [root] }, 'usable'],
    [{ anchors: [root], now: TEST_NOW + 3_600_000 }, 'usable'],
    [{ anchors: [root], now: TEST_NOW + 3_601_000 }, expect.stringContaining('expired')],
    [{ anchors: [stranger] }, expect.stringContaining('issued by nobody that is trusted')],
    [{ anchors: [] }, expect.stringContaining('issued by nobody that is trusted')],
    [{ anchors: [root], address: 'eve@clinic.example' }, expect.stringContaining('names this address')],
    [{ anchors: [root], limits: { curves: ['P-384'] } }, expect.stringContaining('keys.curves')],
    [{ anchors: [root] }, 'usable'],
  ])('is judged by what holds now: %#', (judging, verdict) => {
    expect(shortVerdict(certificate, judging)).toEqual(verdict);
  });

  it('is another one when one bit of it changes', () => {
    const changed = Uint8Array.from(certificate);
    expect(shortVerdict(changed, { anchors: [root] })).toBe('usable');
    damage(changed);
    expect(shortVerdict(changed, { anchors: [root] })).toContain('signature does not verify');
    expect(shortVerdict(certificate, { anchors: [root] })).toBe('usable');
  });
});
