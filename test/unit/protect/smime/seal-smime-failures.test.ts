import { describe, expect, it } from 'vitest';
import type { Payload } from '../../../../src/protect/payload/types.js';
import { SealFailed } from '../../../../src/protect/seal-failed.js';
import { type SealSmimeOptions, sealSmime } from '../../../../src/protect/smime/seal-smime.js';
import { collect, payloadOf, sealingKeyOf, signingKeyOf } from '../../../support/smime-reader.js';
import { makeAuthority, TEST_NOW } from '../../../support/x509-authority.js';

const root = makeAuthority();
const bob = root.issue({ name: 'Bob', keyType: 'p256' });
const gate = root.issue({ name: 'Gate', keyType: 'p256' });
const CANARY = 'Canary Patient 000-00-0000';
const ENTITY = Buffer.from(`Content-Type: text/plain\r\n\r\n${CANARY}\r\n`);

function seal(options: Partial<SealSmimeOptions>): Promise<Buffer> {
  return collect(
    sealSmime({
      payload: payloadOf(ENTITY),
      key: sealingKeyOf(bob),
      cipher: 'aes-256-cbc',
      keyTransport: 'rsa-pkcs1',
      now: TEST_NOW,
      ...options,
    }),
  );
}

/** Everything that came out before the failure, and the failure. */
async function broken(options: Partial<SealSmimeOptions>) {
  const out: Uint8Array[] = [];
  const source = sealSmime({
    payload: payloadOf(ENTITY),
    key: sealingKeyOf(bob),
    cipher: 'aes-256-cbc',
    keyTransport: 'rsa-pkcs1',
    now: TEST_NOW,
    ...options,
  });
  try {
    for await (const chunk of source) out.push(chunk);
  } catch (error) {
    return { error, out: Buffer.concat(out) };
  }
  throw new Error('it did not fail');
}

function opening(open: Payload['open']): Payload {
  return { ...payloadOf(ENTITY), open };
}

describe('sealSmime ends', () => {
  const other = root.issue({ name: 'Other', keyType: 'p256' });
  const edwards = root.issue({ name: 'Edwards', keyType: 'ed25519' });
  it.each<[string, Partial<SealSmimeOptions>, string]>([
    [
      'for a certificate with an X25519 key',
      { key: sealingKeyOf(root.issue({ name: 'Montgomery', keyType: 'x25519' })) },
      'S/MIME can use RSA, P-256, P-384 and P-521 certificates only',
    ],
    [
      'for a certificate with an Ed25519 key',
      { key: sealingKeyOf(edwards) },
      'S/MIME can use RSA, P-256, P-384 and P-521 certificates only',
    ],
    [
      'for a curve that nobody asked for',
      { key: sealingKeyOf(root.issue({ name: 'Koblitz', keyType: 'secp256k1' })) },
      'S/MIME can use RSA, P-256, P-384 and P-521 certificates only',
    ],
    [
      'for another certificate than the one that was judged',
      { key: { ...sealingKeyOf(bob), certificate: other.certificate } },
      'the certificate is not the one that was judged',
    ],
    [
      'for bytes that are no certificate',
      { key: { ...sealingKeyOf(bob), certificate: Buffer.from('3003020100', 'hex') } },
      'a certificate could not be read',
    ],
    [
      'for a signing key that belongs to another certificate',
      { signer: { ...signingKeyOf(gate), certificate: other.certificate } },
      'the signing key does not belong to its certificate',
    ],
    [
      'for a signing key that is none',
      { signer: { ...signingKeyOf(gate), pkcs8: Buffer.from('no key') } },
      'the signing key could not be read',
    ],
    [
      'for a signing key of a kind that can not be used',
      { signer: signingKeyOf(edwards) },
      'S/MIME can sign with RSA, P-256, P-384 and P-521 keys only',
    ],
  ])('%s, before any byte', async (_, options, reason) => {
    // Known as it is: the cache must not stand in for what is given.
    await seal({});
    const { error, out } = await broken(options);
    expect(error).toBeInstanceOf(SealFailed);
    expect(error).toHaveProperty('message', reason);
    expect(out).toHaveLength(0);
  });

  it.each([
    ['longer', -1],
    ['shorter', 1],
  ])('for a payload that is %s than it says', async (which, difference) => {
    const payload = payloadOf(ENTITY, { size: ENTITY.length + difference, chunk: 7 });
    for (const signer of [undefined, signingKeyOf(gate)]) {
      const { error, out } = await broken({ payload, ...(signer !== undefined && { signer }) });
      expect(error).toBeInstanceOf(SealFailed);
      expect(error).toHaveProperty('message', `the message is ${which} than was said`);
      expect(out.includes(CANARY)).toBe(false);
    }
  });

  it('for a payload that changes between signing and encrypting', async () => {
    let turn = 0;
    const payload = opening(async function* () {
      turn += 1;
      yield turn === 1 ? ENTITY : Buffer.from(ENTITY.toString().replace('Canary', 'canary'));
    });
    const { error } = await broken({ payload, signer: signingKeyOf(gate) });
    expect(error).toBeInstanceOf(SealFailed);
    expect(turn).toBe(2);
  });

  it('with the error of the payload where that can not be read', async () => {
    const payload = opening(async function* () {
      yield ENTITY.subarray(0, 10);
      throw new Error('the disk is gone');
    });
    expect((await broken({ payload })).error).toHaveProperty('message', 'the disk is gone');
  });

  it('without keeping the payload open when the reader stops', async () => {
    let state = 'untouched';
    const piece = Buffer.alloc(1000, 'x');
    const open = async function* () {
      state = 'open';
      try {
        for (let turn = 0; turn < 1000; turn++) yield piece;
      } finally {
        state = 'closed';
      }
    };
    const source = sealSmime({
      payload: { ...opening(open), size: 1_000_000 },
      key: sealingKeyOf(bob),
      cipher: 'aes-256-gcm',
      keyTransport: 'rsa-pkcs1',
      now: TEST_NOW,
    });
    const seen: string[] = [];
    for await (const _ of source) {
      seen.push(state);
      if (seen.length === 3) break;
    }
    expect(seen).toEqual(['untouched', 'open', 'open']);
    expect(state).toBe('closed');
  });
});
