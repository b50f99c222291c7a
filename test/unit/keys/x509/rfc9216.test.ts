import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { judgeCertificate, readCertificates } from '../../../../src/keys/x509/index.js';
import { readPem } from '../../../../src/keys/x509/pem.js';
import { LIMITS } from './judging.js';

/** The sample certificates of RFC 9216. */
const der = (name: string): Uint8Array => {
  const file = readFileSync(new URL(`../../../fixtures/rfc9216/${name}.pem`, import.meta.url));
  const [block] = readPem(file);
  if (block?.der === undefined) throw new Error(`${name} has no certificate`);
  return block.der;
};

function judged(name: string, anchor: string, chain: readonly string[], now = '2022-04-21T00:00:00Z') {
  const verdict = judgeCertificate(der(name), chain.map(der), `${name.split('-')[0]}@smime.example`, {
    anchors: [{ certificate: der(anchor), revocation: 'not-published' }],
    pinned: false,
    limits: LIMITS,
    now: Date.parse(now),
  });
  return verdict.usable ? `${verdict.algorithm}, path of ${verdict.path.length}` : verdict.reason;
}

describe('the sample certificates of RFC 9216', () => {
  it.each([
    ['bob-encrypt', 'rsa-ca', [], 'RSA 2048, path of 2'],
    ['alice-encrypt', 'rsa-ca', [], 'RSA 2048, path of 2'],
    ['bob-encrypt', 'ed25519-ca', ['rsa-ca-cross'], 'RSA 2048, path of 3'],
    ['bob-encrypt', 'ed25519-ca', ['rsa-ca', 'rsa-ca-cross', 'ed25519-ca-cross'], 'RSA 2048, path of 3'],
    ['bob-encrypt', 'ed25519-ca', [], 'issued by nobody that is trusted (keys.trust_anchors)'],
    ['bob-sign', 'rsa-ca', [], 'keyUsage does not allow key encipherment'],
    ['alice-sign', 'rsa-ca', [], 'keyUsage does not allow key encipherment'],
    ['carlos-sign', 'ed25519-ca', [], 'keyUsage does not allow key agreement'],
    ['carlos-encrypt', 'ed25519-ca', [], 'X25519 keys are not supported for S/MIME'],
    ['dana-encrypt', 'rsa-ca', ['ed25519-ca-cross'], 'X25519 keys are not supported for S/MIME'],
  ] as const)('%s below %s', (name, anchor, chain, expected) => {
    expect(judged(name, anchor, chain)).toBe(expected);
  });

  it('are usable from the first to the last second', () => {
    expect(judged('bob-encrypt', 'rsa-ca', [], '2019-11-20T06:54:18Z')).toMatch(/^RSA/);
    expect(judged('bob-encrypt', 'rsa-ca', [], '2052-09-27T06:54:18Z')).toMatch(/^RSA/);
    expect(judged('bob-encrypt', 'rsa-ca', [], '2019-11-20T06:54:17Z')).toBe(
      'not yet valid (from 2019-11-20)',
    );
    expect(judged('bob-encrypt', 'rsa-ca', [], '2052-09-27T06:54:19Z')).toBe('expired on 2052-09-27');
  });

  it('are read with their addresses', () => {
    const { certificates, refused } = readCertificates(der('dana-encrypt'));
    expect(refused).toEqual([]);
    expect(certificates).toMatchObject([{ addresses: ['dana@smime.example'], algorithm: 'X25519' }]);
  });
});
