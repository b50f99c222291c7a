import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readCrl } from '../../../../src/keys/revocation/crl.js';
import { searchCrl } from '../../../../src/keys/revocation/crl-entries.js';
import { createRevocationChecker } from '../../../../src/keys/revocation/index.js';
import { readOcspResponse } from '../../../../src/keys/revocation/ocsp-response.js';
import { BadCertificate } from '../../../../src/keys/x509/der.js';
import { makeCrl, makeOcspAnswer } from '../../../support/revocation-authority.js';
import {
  authorityInfoAccess,
  crlDistributionPoints,
  extendedKeyUsage,
  extension,
  makeAuthority,
  TEST_NOW,
} from '../../../support/x509-authority.js';

const ca = makeAuthority({ name: 'Changing CA of tests' });
const byCrl = ca.issue({ extensions: [crlDistributionPoints(['http://crl.example/'])] });
const byOcsp = ca.issue({ extensions: [authorityInfoAccess({ ocsp: ['http://ocsp.example/'] })] });
const delegate = ca.issue({
  name: 'Changing responder of tests',
  emails: [],
  extensions: [
    extendedKeyUsage(['1.3.6.1.5.5.7.3.9']),
    extension('1.3.6.1.5.5.7.48.1.5', Buffer.from([5, 0])),
  ],
});

const SUBJECTS = [
  {
    what: 'a CRL',
    leaf: byCrl,
    bytes: makeCrl(ca, { revoked: [{ serial: '0102', reason: 1 }, { serial: '03' }] }),
  },
  { what: 'an OCSP answer', leaf: byOcsp, bytes: makeOcspAnswer(ca, byOcsp) },
  {
    what: "an OCSP answer with its responder's certificate",
    leaf: byOcsp,
    bytes: makeOcspAnswer(ca, byOcsp, { responder: delegate }),
  },
];

describe.each(SUBJECTS)('$what', ({ leaf, bytes }) => {
  const ask = (body: Buffer) =>
    createRevocationChecker({
      fetch: async () => ({ status: 200, body }),
      limits: { timeout: 20_000, max_crl_size: 1_000_000, max_age: 3_600_000 },
      clock: { now: () => TEST_NOW },
    }).check([leaf.certificate, ca.certificate], 'check');

  it('is good as it is', async () => {
    expect(await ask(bytes)).toEqual({ status: 'good' });
  });

  it('is never good with one bit changed', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length * 8 - 1), async (bit) => {
        const changed = Buffer.from(bytes);
        changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        expect((await ask(changed)).status).not.toBe('good');
      }),
      { numRuns: 150 },
    );
  });

  it('is never good when cut off, or with a piece taken out or put in', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(bytes.length - 1),
        fc.nat(20),
        fc.uint8Array({ maxLength: 20 }),
        async (at, removed, added) => {
          const changed = Buffer.concat([bytes.subarray(0, at), added, bytes.subarray(at + removed)]);
          fc.pre(!changed.equals(bytes));
          expect((await ask(changed)).status).not.toBe('good');
        },
      ),
      { numRuns: 100 },
    );
  });
});

describe('bytes that mean nothing', () => {
  it('fail in one way only', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.uint8Array({ maxLength: 200 }), withSomeDer()), async (bytes) => {
        for (const read of [
          async () => searchCrl(readCrl(bytes), Buffer.from([1]), ''),
          async () => readOcspResponse(bytes),
        ]) {
          try {
            await read();
          } catch (error) {
            expect(error).toBeInstanceOf(BadCertificate);
          }
        }
      }),
      { numRuns: 200 },
    );
  });
});

/** Real ones with some bytes changed get further into the readers than noise does. */
function withSomeDer(): fc.Arbitrary<Uint8Array> {
  return fc
    .tuple(
      fc.constantFrom(...SUBJECTS.map((one) => one.bytes)),
      fc.array(fc.tuple(fc.nat(2000), fc.nat(255)), { minLength: 1, maxLength: 4 }),
    )
    .map(([bytes, changes]) => {
      const changed = Buffer.from(bytes);
      for (const [at, value] of changes) changed[at % changed.length] = value;
      return changed;
    });
}
