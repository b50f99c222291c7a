import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judgeCertificate, readCertificates } from '../../../../src/keys/x509/index.js';
import {
  crlDistributionPoints,
  makeAuthority,
  nameConstraints,
  smtpUtf8Mailbox,
  subjectAltName,
  TEST_NOW,
} from '../../../support/x509-authority.js';
import { LIMITS } from './judging.js';

const root = makeAuthority();
const sub = makeAuthority({
  name: 'Sub CA',
  parent: root,
  extensions: [nameConstraints({ permitted: [{ rfc822Name: 'clinic.example' }] })],
});
const leaf = sub.issue({
  extensions: [
    subjectAltName([{ rfc822Name: 'alice@clinic.example' }, smtpUtf8Mailbox('zoë@clinic.example')]),
    crlDistributionPoints(['http://crl.clinic.example/sub.crl']),
  ],
});
const anchors = [{ certificate: root.certificate, revocation: 'check' }] as const;

/** Some bytes changed, cut out or put in. */
const damage = fc.array(
  fc.record({
    at: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
    drop: fc.integer({ min: 0, max: 4 }),
    put: fc.uint8Array({ maxLength: 4 }),
  }),
  { minLength: 1, maxLength: 3 },
);
type Damage = typeof damage extends fc.Arbitrary<infer T> ? T : never;

function damaged(bytes: Uint8Array, changes: Damage): Uint8Array {
  let result = Buffer.from(bytes);
  for (const { at, drop, put } of changes) {
    const index = Math.floor(at * result.length);
    result = Buffer.concat([result.subarray(0, index), put, result.subarray(index + drop)]);
  }
  return new Uint8Array(result);
}

function judge(
  certificate: Uint8Array,
  chain: readonly Uint8Array[],
  pinned = false,
  address = 'alice@clinic.example',
) {
  return judgeCertificate(certificate, chain, address, { anchors, pinned, limits: LIMITS, now: TEST_NOW });
}

describe('a damaged certificate', () => {
  it('is never usable below an anchor, and never throws', () => {
    fc.assert(
      fc.property(damage, (changes) => {
        const bytes = damaged(leaf.certificate, changes);
        if (Buffer.compare(bytes, leaf.certificate) === 0) return;
        expect(judge(bytes, [sub.certificate]).usable).toBe(false);
      }),
      { numRuns: 200 },
    );
  });

  it('is not usable with one bit changed, anywhere', () => {
    for (let index = 0; index < leaf.certificate.length; index += 3) {
      const bytes = new Uint8Array(leaf.certificate);
      bytes[index]! ^= 1 << (index % 8);
      expect(judge(bytes, [sub.certificate]).usable, `byte ${index}`).toBe(false);
    }
  });

  it('is never usable for an address that it does not name, pinned or not', () => {
    fc.assert(
      fc.property(damage, fc.boolean(), (changes, pinned) => {
        const bytes = damaged(leaf.certificate, changes);
        expect(judge(bytes, [sub.certificate], pinned, 'bob@clinic.example').usable).toBe(false);
      }),
      { numRuns: 200 },
    );
  });

  it('spoils the path where it is a CA', () => {
    fc.assert(
      fc.property(damage, (changes) => {
        const bytes = damaged(sub.certificate, changes);
        if (Buffer.compare(bytes, sub.certificate) === 0) return;
        expect(judge(leaf.certificate, [bytes]).usable).toBe(false);
        expect(judge(leaf.certificate, [bytes, sub.certificate]).usable).toBe(true);
      }),
      { numRuns: 100 },
    );
  });

  it('is read or refused, and never throws', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          damage.map((changes) => damaged(leaf.certificate, changes)),
          fc.uint8Array(),
        ),
        (bytes) => {
          const { certificates, refused } = readCertificates(bytes);
          expect(certificates.length + refused.length).toBeGreaterThan(0);
        },
      ),
      { numRuns: 200 },
    );
  });
});
