import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { X448, X25519 } from '../../../../src/keys/openpgp/algorithms.js';
import { agree } from '../../../../src/protect/pgp/agreement.js';

describe('agreeing on a secret', () => {
  it.each([
    ['x25519', X25519],
    ['x448', X448],
  ] as const)('with a key of %s is a matter of both sides', async (type, curve) => {
    const { diffieHellman } = await import('node:crypto');
    const bob = type === 'x25519' ? generateKeyPairSync('x25519') : generateKeyPairSync('x448');
    const { ephemeral, secret } = agree(curve, new Uint8Array(curve.size), bob.publicKey);
    const theirs = createPublicKey({
      format: 'jwk',
      key: { kty: 'OKP', crv: curve.name, x: Buffer.from(ephemeral).toString('base64url') },
    });
    expect(diffieHellman({ privateKey: bob.privateKey, publicKey: theirs }).equals(secret)).toBe(true);
    expect(
      Buffer.from(agree(curve, new Uint8Array(curve.size), bob.publicKey).ephemeral).equals(ephemeral),
    ).toBe(false);
  });

  it('doesn’t hang however often the garbage is collected', () => {
    const { publicKey }: { publicKey: KeyObject } = generateKeyPairSync('x25519');
    let bytes = 0;
    for (let i = 0; i < 5000; i++) bytes += agree(X25519, new Uint8Array(32), publicKey).secret.length;
    expect(bytes).toBe(160_000);
  });
});
