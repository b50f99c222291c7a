import * as x509 from '@peculiar/asn1-x509';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  answer,
  type Behaviour,
  drip,
  endlessBody,
  redirect,
  silence,
} from '../../../support/hostile-http.js';
import {
  issuingDistributionPoint,
  makeCrl,
  makeOcspAnswer,
  makeOcspRefusal,
  REVOKED_ON,
  type TestCrlRequest,
  type TestOcspRequest,
} from '../../../support/revocation-authority.js';
import {
  authorityInfoAccess,
  crlDistributionPoints,
  extendedKeyUsage,
  extension,
  keyUsage,
  makeAuthority,
  TEST_NOW,
  type TestAuthority,
  type TestCertificate,
  type TestLeafRequest,
  testKeyPair,
} from '../../../support/x509-authority.js';
import { type MadeFor, makeChecker, type Publisher, startPublisher } from './checking.js';

const DAY = 86_400_000;
const OCSP_SIGNING = '1.3.6.1.5.5.7.3.9';
const NOCHECK = extension('1.3.6.1.5.5.7.48.1.5', Buffer.from([5, 0]));
const UNKNOWN_CRITICAL = extension('1.3.6.1.4.1.99999.1', Buffer.from([5, 0]), true);

const root = makeAuthority({ name: 'Root CA of tests' });
const other = makeAuthority({ name: 'Other CA of tests' });
/** The same name, another key. */
const impostor = makeAuthority({ name: 'Root CA of tests', keys: testKeyPair('p256', 'impostor') });
const rsa = makeAuthority({ name: 'RSA CA of tests', keyType: 'rsa-2048' });

let publisher: Publisher;
beforeAll(async () => {
  publisher = await startPublisher();
});
afterAll(() => publisher.close());

interface Row {
  readonly ocsp?: MadeFor;
  readonly crl?: MadeFor;
  readonly ca?: TestAuthority;
  readonly leaf?: TestLeafRequest;
  readonly timeout?: number;
  /** `good`, the reason of a revocation, or why it is undetermined. */
  readonly expect: 'good' | { readonly revoked: string } | { readonly undetermined: string };
}

const served =
  (bytes: Uint8Array): Behaviour =>
  (socket, seen) =>
    answer(bytes)(socket, seen);
/** A CRL that lists the certificate. */
const listing =
  (
    request: TestCrlRequest & { readonly reason?: number; readonly entry?: readonly x509.Extension[] } = {},
    ca = root,
  ): MadeFor =>
  ({ serial }) => {
    const { reason, entry } = request;
    const listed = {
      serial,
      ...(reason === undefined ? {} : { reason }),
      ...(entry === undefined ? {} : { extensions: entry }),
    };
    return served(
      makeCrl(ca, { ...request, revoked: [{ serial: '0102' }, listed, { serial: '0103', reason: 1 }] }),
    );
  };
/** A CRL that doesn't. */
const crl =
  (request: TestCrlRequest = {}, ca = root): MadeFor =>
  () =>
    served(makeCrl(ca, { revoked: [{ serial: '0102', reason: 4 }], ...request }));
const point =
  (value: Parameters<typeof issuingDistributionPoint>[0], atUrl = false): MadeFor =>
  (_leaf, url) =>
    served(makeCrl(root, { extensions: [issuingDistributionPoint(atUrl ? { ...value, url } : value)] }));
const ocsp =
  (request: TestOcspRequest = {}, ca = root): MadeFor =>
  (leaf) =>
    served(makeOcspAnswer(ca, leaf, request));
const raw =
  (behaviour: Behaviour): MadeFor =>
  () =>
    behaviour;

function responder(request: TestLeafRequest = {}, ca = root): TestCertificate {
  return ca.issue({
    name: 'Responder of tests',
    emails: [],
    ...request,
    extensions: request.extensions ?? [extendedKeyUsage([OCSP_SIGNING]), NOCHECK],
  });
}

const BY_CRL = { revoked: 'revoked on 2027-05-01 by its CA (CRL)' };
const BY_OCSP = { revoked: 'revoked on 2027-05-01 by its CA (OCSP)' };
const NOT_AUTHORISED = { undetermined: 'OCSP: the answer is not signed by a responder of the CA' };

const CRL_ROWS: Readonly<Record<string, Row>> = {
  'is not listed': { crl: crl(), expect: 'good' },
  'is not listed in an empty one': { crl: crl({ revoked: [] }), expect: 'good' },
  'is listed': { crl: listing(), expect: BY_CRL },
  'is listed with a reason': { crl: listing({ reason: 1 }), expect: BY_CRL },
  'is on hold': {
    crl: listing({ reason: 6 }),
    expect: { revoked: 'suspended on 2027-05-01 by its CA (CRL)' },
  },
  'is listed as removed where only changes may say so': { crl: listing({ reason: 8 }), expect: BY_CRL },
  'is not listed, signed by RSA': { ca: rsa, crl: crl({}, rsa), expect: 'good' },
  'is listed, signed by RSASSA-PSS': { ca: rsa, crl: listing({ pss: true }, rsa), expect: BY_CRL },
  'is signed with SHA-1': {
    ca: rsa,
    crl: listing({ hash: 'sha1' }, rsa),
    expect: { undetermined: 'CRL: the CRL is not signed by the CA' },
  },
  'has expired': {
    crl: crl({ thisUpdate: new Date(TEST_NOW - 9 * DAY), nextUpdate: new Date(TEST_NOW - 2 * DAY) }),
    expect: { undetermined: 'CRL: it expired on 2027-06-13' },
  },
  'has expired and lists it': {
    crl: listing({ thisUpdate: new Date(TEST_NOW - 9 * DAY), nextUpdate: new Date(TEST_NOW - 2 * DAY) }),
    expect: BY_CRL,
  },
  'expired a minute ago, by our clock': {
    crl: crl({ nextUpdate: new Date(TEST_NOW - 60_000) }),
    expect: 'good',
  },
  'is of the future': {
    crl: crl({ thisUpdate: new Date(TEST_NOW + DAY) }),
    expect: { undetermined: 'CRL: it is of the future (2027-06-16)' },
  },
  'does not say how long it holds': {
    crl: crl({ nextUpdate: null, thisUpdate: new Date(TEST_NOW - DAY) }),
    expect: { undetermined: 'CRL: it expired on 2027-06-14' },
  },
  'is signed by another key of that name': {
    crl: listing({}, impostor),
    expect: { undetermined: 'CRL: the CRL is not signed by the CA' },
  },
  'is of another CA': { crl: listing({}, other), expect: { undetermined: 'CRL: the CRL is of another CA' } },
  'is signed by a CA that may not': {
    ca: makeAuthority({ name: 'No CRLs', extensions: [keyUsage(['keyCertSign'])] }),
    crl: (leaf) => listing({}, makeAuthority({ name: 'No CRLs' }))(leaf, ''),
    expect: { undetermined: 'CRL: the CA may not sign CRLs (key usage)' },
  },
  'is changed after signing': {
    crl: ({ serial }) => {
      const bytes = makeCrl(root, { revoked: [{ serial }] });
      const at = bytes.indexOf(Buffer.from(serial, 'hex'));
      bytes[at + 5] = (bytes[at + 5] ?? 0) ^ 1;
      return served(bytes);
    },
    expect: { undetermined: 'CRL: the CRL is not signed by the CA' },
  },
  'has an unknown critical extension': {
    crl: crl({ extensions: [UNKNOWN_CRITICAL] }),
    expect: { undetermined: 'CRL: it has a critical extension that is not known' },
  },
  'has an unknown critical extension and lists it': {
    crl: listing({ extensions: [UNKNOWN_CRITICAL] }),
    expect: BY_CRL,
  },
  'has an unknown critical extension in an entry': {
    crl: crl({ revoked: [{ serial: '0102', extensions: [UNKNOWN_CRITICAL] }] }),
    expect: { undetermined: 'CRL: it has a critical extension that is not known' },
  },
  'lists it with an unknown critical extension': {
    crl: listing({ entry: [UNKNOWN_CRITICAL] }),
    expect: BY_CRL,
  },
  'is a list of changes': {
    crl: crl({ extensions: [extension('2.5.29.27', Buffer.from([2, 1, 1]), true)] }),
    expect: { undetermined: 'CRL: it lists changes only (delta CRL)' },
  },
  'is for users': { crl: point({ onlyContainsUserCerts: true }), expect: 'good' },
  'is for CAs only': {
    crl: point({ onlyContainsCACerts: true }),
    expect: { undetermined: 'CRL: it is meant for other kinds of certificate' },
  },
  'is for attribute certificates only': {
    crl: point({ onlyContainsAttributeCerts: true }),
    expect: { undetermined: 'CRL: it is meant for other kinds of certificate' },
  },
  'is for this distribution point': { crl: point({}, true), expect: 'good' },
  'is for another distribution point': {
    crl: point({ url: 'http://crl.example/other' }),
    expect: { undetermined: 'CRL: it is meant for another distribution point' },
  },
  'covers some reasons only': {
    crl: point({ onlySomeReasons: new x509.Reason(x509.ReasonFlags.keyCompromise) }),
    expect: { undetermined: 'CRL: it covers only some reasons of revocation' },
  },
  'is an indirect one of its own CA': { crl: point({ indirectCRL: true }), expect: 'good' },
  'is an indirect one that lists the serial of another CA': {
    crl: ({ serial }) =>
      served(
        makeCrl(root, {
          extensions: [issuingDistributionPoint({ indirectCRL: true })],
          revoked: [{ serial: '0102', extensions: [entryIssuer(other)] }, { serial }],
        }),
      ),
    expect: 'good',
  },
  'is an indirect one that lists it after those of another CA': {
    crl: ({ serial }) =>
      served(
        makeCrl(root, {
          extensions: [issuingDistributionPoint({ indirectCRL: true })],
          revoked: [
            { serial: '0102', extensions: [entryIssuer(other)] },
            { serial, extensions: [entryIssuer(root)] },
          ],
        }),
      ),
    expect: BY_CRL,
  },
  'is garbage': {
    crl: raw(answer('<html>')),
    expect: { undetermined: 'CRL: what the server gave is not a CRL' },
  },
  'is empty': { crl: raw(answer('')), expect: { undetermined: 'CRL: what the server gave is not a CRL' } },
  'is cut off': {
    crl: () => served(makeCrl(root).subarray(0, 100)),
    expect: { undetermined: 'CRL: what the server gave is not a CRL' },
  },
  'has bytes behind it': {
    crl: () => served(Buffer.concat([makeCrl(root), Buffer.from([5, 0])])),
    expect: { undetermined: 'CRL: what the server gave is not a CRL' },
  },
  'is nested deeply': {
    crl: () => served(nested(20_000)),
    expect: { undetermined: 'CRL: what the server gave is not a CRL' },
  },
  'is gone': {
    crl: raw(answer('', { status: 404 })),
    expect: { undetermined: 'CRL: the server answered with status 404' },
  },
  'is endless': {
    crl: raw(endlessBody),
    expect: { undetermined: 'CRL: the answer is longer than 1000000 bytes' },
  },
  drips: {
    crl: raw(drip('body')),
    timeout: 150,
    expect: { undetermined: 'CRL: the server did not answer in time' },
  },
  loops: {
    crl: (_leaf, url) => redirect(url),
    expect: { undetermined: 'CRL: the server redirects more than 3 times' },
  },
  'is behind a redirect': { crl: () => redirect(publisher.serve(served(makeCrl(root)))), expect: 'good' },
};

const OCSP_ROWS: Readonly<Record<string, Row>> = {
  good: { ocsp: ocsp(), expect: 'good' },
  'good, responder by name': { ocsp: ocsp({ byName: true }), expect: 'good' },
  'good, identified by SHA-256': { ocsp: ocsp({ idHash: 'sha256' }), expect: 'good' },
  'good, signed by RSA': { ca: rsa, ocsp: ocsp({}, rsa), expect: 'good' },
  revoked: { ocsp: ocsp({ status: { revoked: REVOKED_ON } }), expect: BY_OCSP },
  'on hold': {
    ocsp: ocsp({ status: { revoked: REVOKED_ON, reason: 6 } }),
    expect: { revoked: 'suspended on 2027-05-01 by its CA (OCSP)' },
  },
  unknown: {
    ocsp: ocsp({ status: 'unknown' }),
    expect: { undetermined: 'OCSP: the responder does not know the certificate' },
  },
  'signed with SHA-1': { ca: rsa, ocsp: ocsp({ hash: 'sha1' }, rsa), expect: NOT_AUTHORISED },
  stale: {
    ocsp: ocsp({ thisUpdate: new Date(TEST_NOW - 9 * DAY), nextUpdate: new Date(TEST_NOW - 2 * DAY) }),
    expect: { undetermined: 'OCSP: it expired on 2027-06-13' },
  },
  'stale and revoked': {
    ocsp: ocsp({
      status: { revoked: REVOKED_ON },
      thisUpdate: new Date(TEST_NOW - 9 * DAY),
      nextUpdate: new Date(TEST_NOW - 2 * DAY),
    }),
    expect: BY_OCSP,
  },
  'of the future': {
    ocsp: ocsp({ thisUpdate: new Date(TEST_NOW + DAY) }),
    expect: { undetermined: 'OCSP: it is of the future (2027-06-16)' },
  },
  'without nextUpdate, made now': {
    ocsp: ocsp({ nextUpdate: null, thisUpdate: new Date(TEST_NOW) }),
    expect: 'good',
  },
  'without nextUpdate, made yesterday': {
    ocsp: ocsp({ nextUpdate: null, thisUpdate: new Date(TEST_NOW - DAY) }),
    expect: { undetermined: 'OCSP: it expired on 2027-06-14' },
  },
  'about another serial': {
    ocsp: ocsp({ serial: '0102' }),
    expect: { undetermined: 'OCSP: the answer is about another certificate' },
  },
  'about a certificate of another CA': {
    ocsp: ocsp({}, other),
    expect: { undetermined: 'OCSP: the answer is about another certificate' },
  },
  'signed by another CA': { ocsp: ocsp({ responder: other }), expect: NOT_AUTHORISED },
  'signed by another CA in the name of this one': {
    ocsp: ocsp({ responder: other, namedAs: root }),
    expect: NOT_AUTHORISED,
  },
  'signed by a key that has the name of the CA': {
    ocsp: ocsp({ responder: impostor, byName: true }),
    expect: NOT_AUTHORISED,
  },
  'signed by a delegate': { ocsp: ocsp({ responder: responder() }), expect: 'good' },
  'revoked, signed by a delegate': {
    ocsp: ocsp({ responder: responder(), status: { revoked: REVOKED_ON } }),
    expect: BY_OCSP,
  },
  'signed by a delegate whose certificate does not come along': {
    ocsp: ocsp({ responder: responder(), withCertificate: false }),
    expect: NOT_AUTHORISED,
  },
  'signed by an end entity of the CA': {
    ocsp: ocsp({ responder: root.issue({ name: 'Mallory' }) }),
    expect: NOT_AUTHORISED,
  },
  'signed by the certificate in question': {
    ocsp: (leaf) => served(makeOcspAnswer(root, leaf, { responder: leaf })),
    expect: NOT_AUTHORISED,
  },
  'signed by a delegate of another CA': {
    ocsp: ocsp({ responder: responder({}, other) }),
    expect: NOT_AUTHORISED,
  },
  'signed by a delegate of a key with the name of the CA': {
    ocsp: ocsp({ responder: responder({}, impostor) }),
    expect: NOT_AUTHORISED,
  },
  'signed by an expired delegate': {
    ocsp: ocsp({ responder: responder({ notAfter: new Date(TEST_NOW - DAY) }) }),
    expect: NOT_AUTHORISED,
  },
  'signed by a delegate that is not valid yet': {
    ocsp: ocsp({ responder: responder({ notBefore: new Date(TEST_NOW + DAY) }) }),
    expect: NOT_AUTHORISED,
  },
  'signed by a delegate for everything': {
    ocsp: ocsp({ responder: responder({ extensions: [extendedKeyUsage(['2.5.29.37.0']), NOCHECK] }) }),
    expect: NOT_AUTHORISED,
  },
  'signed by a delegate whose key may not sign': {
    ocsp: ocsp({
      responder: responder({
        extensions: [extendedKeyUsage([OCSP_SIGNING]), NOCHECK, keyUsage(['keyAgreement'])],
      }),
    }),
    expect: NOT_AUTHORISED,
  },
  'signed by a delegate with an unknown critical extension': {
    ocsp: ocsp({
      responder: responder({ extensions: [extendedKeyUsage([OCSP_SIGNING]), NOCHECK, UNKNOWN_CRITICAL] }),
    }),
    expect: NOT_AUTHORISED,
  },
  'signed by a delegate with a short key': {
    ocsp: ocsp({ responder: responder({ name: 'Short', keyType: 'rsa-1024' }) }),
    expect: NOT_AUTHORISED,
  },
  'signed by a delegate without nocheck and CRL': {
    ocsp: ocsp({ responder: responder({ extensions: [extendedKeyUsage([OCSP_SIGNING])] }) }),
    expect: {
      undetermined: 'OCSP: the responder itself may be revoked: it has neither nocheck nor a CRL',
    },
  },
  'with an unknown critical extension': {
    ocsp: ocsp({ singleExtensions: [UNKNOWN_CRITICAL] }),
    expect: { undetermined: 'OCSP: it has a critical extension that is not known' },
  },
  refused: {
    ocsp: raw(answer(makeOcspRefusal(3))),
    expect: { undetermined: 'OCSP: the responder refused with tryLater' },
  },
  'refused with a number that nobody knows': {
    ocsp: raw(answer(Buffer.from('30030a0163', 'hex'))),
    expect: { undetermined: 'OCSP: the responder refused with an unknown status' },
  },
  'successful without content': {
    ocsp: raw(answer(makeOcspRefusal(0))),
    expect: { undetermined: 'OCSP: what the server gave is not an OCSP answer' },
  },
  garbage: {
    ocsp: raw(answer('nonsense')),
    expect: { undetermined: 'OCSP: what the server gave is not an OCSP answer' },
  },
  'deeply nested garbage': {
    ocsp: () => served(nested(15_000)),
    expect: { undetermined: 'OCSP: what the server gave is not an OCSP answer' },
  },
  huge: { ocsp: raw(endlessBody), expect: { undetermined: 'OCSP: the answer is longer than 65536 bytes' } },
  late: {
    ocsp: raw(silence),
    timeout: 150,
    expect: { undetermined: 'OCSP: the server did not answer in time' },
  },
  'an error': {
    ocsp: raw(answer('', { status: 503 })),
    expect: { undetermined: 'OCSP: the server answered with status 503' },
  },
};

const BOTH_ROWS: Readonly<Record<string, Row>> = {
  'OCSP good, CRL not asked': { ocsp: ocsp(), crl: raw(answer('', { status: 500 })), expect: 'good' },
  'OCSP revoked, CRL good': { ocsp: ocsp({ status: { revoked: REVOKED_ON } }), crl: crl(), expect: BY_OCSP },
  'OCSP unknown, CRL revoked': { ocsp: ocsp({ status: 'unknown' }), crl: listing(), expect: BY_CRL },
  'OCSP late, CRL good': { ocsp: raw(silence), crl: crl(), timeout: 6000, expect: 'good' },
  'OCSP by a stranger, CRL good': { ocsp: ocsp({ responder: other }), crl: crl(), expect: 'good' },
  'OCSP stale, CRL revoked': {
    ocsp: ocsp({ nextUpdate: new Date(TEST_NOW - DAY) }),
    crl: listing(),
    expect: BY_CRL,
  },
  'both failed': {
    ocsp: raw(answer('', { status: 500 })),
    crl: raw(answer('', { status: 404 })),
    expect: {
      undetermined: 'OCSP: the server answered with status 500; CRL: the server answered with status 404',
    },
  },
};

describe('a CRL that', () => {
  it.each(Object.entries(CRL_ROWS))('%s', (_name, row) => check(row));
});

describe('an OCSP answer that is', () => {
  it.each(Object.entries(OCSP_ROWS))('%s', (_name, row) => check(row));
});

describe('OCSP and CRL together:', () => {
  it.each(Object.entries(BOTH_ROWS))('%s', (_name, row) => check(row));
});

async function check(row: Row): Promise<void> {
  const ca = row.ca ?? root;
  const leaf = publisher.issue(ca, row);
  // Whatever is waited for to the last is waited for for an hour, unless a row says less.
  const got = await makeChecker({ timeout: row.timeout ?? 3_600_000 }).check(
    [leaf.certificate, ca.certificate],
    'check',
  );
  if (row.expect === 'good') expect(got).toEqual({ status: 'good' });
  else if ('revoked' in row.expect) expect(got).toEqual({ status: 'revoked', reason: row.expect.revoked });
  else expect(got).toEqual({ status: 'undetermined', detail: row.expect.undetermined });
}

describe('a responder without nocheck', () => {
  const delegate = (serial: string, points: readonly x509.Extension[] = []) =>
    responder({ serial, extensions: [extendedKeyUsage([OCSP_SIGNING]), ...points] });

  it('is believed when a CRL of the CA does not list it', async () => {
    const url = publisher.serve(served(makeCrl(root)));
    await check({
      ocsp: ocsp({ responder: delegate('55', [crlDistributionPoints([url])]) }),
      expect: 'good',
    });
  });

  it("is looked for in the certificate's own CRL when it names none", async () => {
    await check({ ocsp: ocsp({ responder: delegate('56') }), crl: crl(), expect: 'good' });
  });

  it('is not believed when it is revoked, whatever it says', async () => {
    const url = publisher.serve(served(makeCrl(root, { revoked: [{ serial: '57' }] })));
    const revoked = delegate('57', [crlDistributionPoints([url])]);
    const why = { undetermined: "OCSP: the responder's own certificate is revoked" };
    await check({ ocsp: ocsp({ responder: revoked }), expect: why });
    await check({ ocsp: ocsp({ responder: revoked, status: { revoked: REVOKED_ON } }), expect: why });
  });
});

describe('a path', () => {
  const good = () => publisher.serve(served(makeCrl(root)));

  it('is revoked where a CA in it is', async () => {
    const url = publisher.serve(served(makeCrl(root, { revoked: [{ serial: '71' }] })));
    const middle = makeAuthority({
      name: 'Middle CA of tests',
      parent: root,
      serial: '71',
      extensions: [crlDistributionPoints([url])],
    });
    const leaf = publisher.issue(middle, { ocsp: ocsp({}, middle) });
    const path = [leaf.certificate, middle.certificate, root.certificate];
    await expect(makeChecker().check(path, 'check')).resolves.toEqual({
      status: 'revoked',
      reason: 'a CA certificate above it was revoked on 2027-05-01 by its CA (CRL)',
    });
  });

  it('is good where all of it is, without the anchor', async () => {
    const middle = makeAuthority({
      name: 'Second CA of tests',
      parent: root,
      extensions: [crlDistributionPoints([good()])],
    });
    const leaf = publisher.issue(middle, { crl: crl({}, middle) });
    const path = [leaf.certificate, middle.certificate, root.certificate];
    await expect(makeChecker().check(path, 'check')).resolves.toEqual({ status: 'good' });
  });

  it('is undetermined where a CA in it says nothing', async () => {
    const middle = makeAuthority({ name: 'Third CA of tests', parent: root });
    const leaf = publisher.issue(middle, { crl: crl({}, middle) });
    const path = [leaf.certificate, middle.certificate, root.certificate];
    await expect(makeChecker().check(path, 'check')).resolves.toEqual({
      status: 'undetermined',
      detail: 'a CA certificate above it: it names neither a CRL nor an OCSP responder',
    });
    await expect(makeChecker().check(path, 'not-published')).resolves.toEqual({ status: 'vouched' });
  });

  it('without pointers is undetermined, or vouched for where the CA publishes nothing', async () => {
    const path = [root.issue().certificate, root.certificate];
    const checker = makeChecker();
    await expect(checker.check(path, 'check')).resolves.toMatchObject({ status: 'undetermined' });
    await expect(checker.check(path, 'not-published')).resolves.toEqual({ status: 'vouched' });
  });

  it('that has pointers is checked even where the CA is said to publish nothing', async () => {
    const leaf = publisher.issue(root, { crl: listing() });
    const path = [leaf.certificate, root.certificate];
    await expect(makeChecker().check(path, 'not-published')).resolves.toMatchObject({ status: 'revoked' });
  });

  it('with pointers to a directory only is undetermined', async () => {
    const leaf = root.issue({ extensions: [crlDistributionPoints(['ldap://ldap.example/cn=crl'])] });
    const path = [leaf.certificate, root.certificate];
    for (const mode of ['check', 'not-published'] as const)
      await expect(makeChecker().check(path, mode)).resolves.toEqual({
        status: 'undetermined',
        detail: 'CRL: it has no http or https address',
      });
  });

  it('whose CRL is signed by somebody else than the CA is undetermined', async () => {
    const url = publisher.serve(served(makeCrl(other)));
    const value = new x509.CRLDistributionPoints([
      new x509.DistributionPoint({
        distributionPoint: new x509.DistributionPointName({
          fullName: [new x509.GeneralName({ uniformResourceIdentifier: url })],
        }),
        cRLIssuer: [new x509.GeneralName({ directoryName: other.subject })],
      }),
    ]);
    const leaf = root.issue({ extensions: [extension('2.5.29.31', value)] });
    await expect(makeChecker().check([leaf.certificate, root.certificate], 'check')).resolves.toEqual({
      status: 'undetermined',
      detail: 'CRL: it is signed by somebody else than the CA, which is not supported',
    });
  });

  it.each([
    ['nothing', []],
    ['garbage', [Buffer.from('garbage'), Buffer.from('more')]],
    ['an anchor of another name', [root.issue().certificate, other.certificate]],
  ])('of %s is undetermined', async (_what, path) => {
    await expect(makeChecker().check(path, 'check')).resolves.toMatchObject({ status: 'undetermined' });
  });

  it('of an anchor alone needs no more than the trust that a person gave it', async () => {
    await expect(makeChecker().check([root.certificate], 'check')).resolves.toEqual({ status: 'vouched' });
  });

  it('with malformed pointers is undetermined', async () => {
    const leaf = root.issue({ extensions: [extension('2.5.29.31', Buffer.from([0x30, 0x80, 0, 0]))] });
    await expect(makeChecker().check([leaf.certificate, root.certificate], 'check')).resolves.toMatchObject({
      status: 'undetermined',
    });
  });

  it('is asked about at further places when the first one fails', async () => {
    const leaf = root.issue({
      serial: '7777',
      extensions: [
        authorityInfoAccess({
          ocsp: [publisher.serve(answer('', { status: 500 })), publisher.serve(silence)],
        }),
        crlDistributionPoints([publisher.serve(answer('no')), good()]),
      ],
    });
    await expect(
      makeChecker({ timeout: 1000 }).check([leaf.certificate, root.certificate], 'check'),
    ).resolves.toEqual({ status: 'good' });
  });
});

function entryIssuer(ca: TestAuthority): x509.Extension {
  return extension(
    '2.5.29.29',
    new x509.CertificateIssuer([new x509.GeneralName({ directoryName: ca.subject })]),
    true,
  );
}

/** SEQUENCEs inside each other. */
function nested(depth: number): Buffer {
  let bytes = Buffer.alloc(0);
  const heads: Buffer[] = [];
  for (let index = 0, length = 0; index < depth; index += 1) {
    const head =
      length < 0x80
        ? Buffer.from([0x30, length])
        : length < 0x100
          ? Buffer.from([0x30, 0x81, length])
          : length < 0x1_0000
            ? Buffer.from([0x30, 0x82, length >> 8, length & 0xff])
            : Buffer.from([0x30, 0x83, length >> 16, (length >> 8) & 0xff, length & 0xff]);
    heads.push(head);
    length += head.length;
  }
  bytes = Buffer.concat(heads.reverse());
  return bytes;
}
