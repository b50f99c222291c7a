import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  openSecret,
  SecretDamaged,
  type SecretOwner,
  sealSecret,
} from '../../../../src/keys/own/secret-seal.js';

const KEY = randomBytes(32);
const GATEWAY: SecretOwner = { kind: 'x509', fingerprint: 'A'.repeat(64) };
const WARD: SecretOwner = { ...GATEWAY, address: 'ward3@clinic.example' };
const SECRET = Buffer.from('made-up secret key');

describe('a sealed secret', () => {
  it('opens for its owner, and is another one each time', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 4000 }), (bytes) => {
        const sealed = sealSecret(KEY, WARD, bytes);
        expect(Buffer.from(bytes).equals(openSecret(KEY, WARD, sealed))).toBe(true);
      }),
      { numRuns: 50 },
    );
    expect(sealSecret(KEY, WARD, SECRET).equals(sealSecret(KEY, WARD, SECRET))).toBe(false);
    expect(sealSecret(KEY, WARD, SECRET).includes(SECRET)).toBe(false);
  });

  it.each<[string, SecretOwner]>([
    ['another sender', { ...WARD, address: 'ward4@clinic.example' }],
    ['the gateway', GATEWAY],
    ['another kind', { ...WARD, kind: 'openpgp' }],
    ['another key', { ...WARD, fingerprint: 'B'.repeat(64) }],
  ])('does not open for %s', (_, other) => {
    expect(() => openSecret(KEY, other, sealSecret(KEY, WARD, SECRET))).toThrow(SecretDamaged);
  });

  it('does not open with another master key, cut off, or with any byte changed', () => {
    const sealed = sealSecret(KEY, WARD, SECRET);
    expect(() => openSecret(randomBytes(32), WARD, sealed)).toThrow(SecretDamaged);
    for (let at = 0; at < sealed.length; at += 1) {
      const changed = Buffer.from(sealed);
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(() => openSecret(KEY, WARD, changed)).toThrow(SecretDamaged);
      expect(() => openSecret(KEY, WARD, sealed.subarray(0, at))).toThrow(SecretDamaged);
    }
  });

  it('says nothing of itself in the error', () => {
    const sealed = sealSecret(KEY, WARD, SECRET);
    expect(() => openSecret(KEY, GATEWAY, sealed)).toThrow(/^the secret key of A{64} is damaged/);
  });
});
