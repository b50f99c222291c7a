import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRevocationChecker } from '../../../../src/keys/revocation/index.js';
import { type FetchRequest, type SafeFetch, SourceFailed } from '../../../../src/keys/types.js';
import { answer } from '../../../support/hostile-http.js';
import { expectBelow, spent } from '../../../support/processor-time.js';
import { makeCrl, makeOcspAnswer, REVOKED_ON, serialAsked } from '../../../support/revocation-authority.js';
import {
  authorityInfoAccess,
  crlDistributionPoints,
  makeAuthority,
  TEST_NOW,
  type TestCertificate,
} from '../../../support/x509-authority.js';
import { makeChecker, type Publisher, startPublisher } from './checking.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const root = makeAuthority({ name: 'Keeping CA of tests' });

let publisher: Publisher;
beforeAll(async () => {
  publisher = await startPublisher();
});
afterAll(() => publisher.close());

/** A clock that is set by hand, and how often a place was asked since. */
function setup(serve: (now: number) => Buffer, options: { readonly maxAge?: number } = {}) {
  const state = { now: TEST_NOW, asked: 0 };
  const checker = makeChecker({ ...options, clock: { now: () => state.now } });
  const url = publisher.serve((socket, seen) => {
    state.asked += 1;
    answer(serve(state.now))(socket, seen);
  });
  return { state, checker, url };
}

const withCrl = (url: string) => root.issue({ extensions: [crlDistributionPoints([url])] });
const path = (leaf: TestCertificate) => [leaf.certificate, root.certificate];
const until = (time: number) => makeCrl(root, { nextUpdate: new Date(time) });

describe('an answer', () => {
  it('is kept until its nextUpdate', async () => {
    const { state, checker, url } = setup((now) => until(now + 2 * HOUR));
    const leaf = withCrl(url);
    for (const [after, asked] of [
      [0, 1],
      [HOUR, 1],
      [2 * HOUR - 1, 1],
      [2 * HOUR + 1, 2],
    ] as const) {
      state.now = TEST_NOW + after;
      await expect(checker.check(path(leaf), 'check')).resolves.toEqual({ status: 'good' });
      expect(state.asked).toBe(asked);
    }
  });

  it('is kept no longer than max_age', async () => {
    const { state, checker, url } = setup((now) => until(now + 999 * HOUR), { maxAge: HOUR });
    const leaf = withCrl(url);
    await checker.check(path(leaf), 'check');
    state.now += HOUR + 1;
    await checker.check(path(leaf), 'check');
    expect(state.asked).toBe(2);
  });

  it('out of a CRL that was fetched for another certificate is kept no longer than that CRL', async () => {
    const serial = '32';
    const { state, checker, url } = setup(
      (now) =>
        makeCrl(root, {
          nextUpdate: new Date(now + 999 * HOUR),
          revoked: now < TEST_NOW + MINUTE ? [] : [{ serial }],
        }),
      { maxAge: HOUR },
    );
    await checker.check(path(withCrl(url)), 'check');
    const leaf = root.issue({ serial, extensions: [crlDistributionPoints([url])] });
    state.now += HOUR - 1;
    await expect(checker.check(path(leaf), 'check')).resolves.toEqual({ status: 'good' });
    state.now += 2;
    await expect(checker.check(path(leaf), 'check')).resolves.toMatchObject({ status: 'revoked' });
    expect(state.asked).toBe(2);
  });

  it('that failed is kept for five minutes', async () => {
    const { state, checker, url } = setup(() => Buffer.from('garbage'));
    const leaf = withCrl(url);
    for (const [after, asked] of [
      [0, 1],
      [4 * MINUTE, 1],
      [5 * MINUTE + 1, 2],
    ] as const) {
      state.now = TEST_NOW + after;
      await expect(checker.check(path(leaf), 'check')).resolves.toMatchObject({ status: 'undetermined' });
      expect(state.asked).toBe(asked);
    }
  });

  it('is asked for once by all who want it at the same time', async () => {
    const { state, checker, url } = setup(() => until(TEST_NOW + HOUR));
    const leaves = [withCrl(url), withCrl(url), withCrl(url)];
    const answers = await Promise.all(
      [...leaves, ...leaves].map((leaf) => checker.check(path(leaf), 'check')),
    );
    expect(answers).toEqual(answers.map(() => ({ status: 'good' })));
    expect(state.asked).toBe(1);
  });

  it('of OCSP is kept too', async () => {
    const leaf: TestCertificate = root.issue({ extensions: [authorityInfoAccess({ ocsp: [place()] })] });
    let serial = '';
    let asked = 0;
    function place(): string {
      return publisher.serve((socket, seen) => {
        asked += 1;
        serial = serialAsked(seen.body);
        expect(seen.headers['content-type']).toBe('application/ocsp-request');
        answer(makeOcspAnswer(root, leaf))(socket, seen);
      });
    }
    const checker = makeChecker();
    for (let count = 0; count < 3; count += 1)
      await expect(checker.check(path(leaf), 'check')).resolves.toEqual({ status: 'good' });
    expect([asked, serial]).toEqual([1, leaf.serial]);
  });

  it('of OCSP that is good does not outweigh a CRL that is here and lists it', async () => {
    const url = publisher.serve((socket, seen) =>
      answer(makeCrl(root, { revoked: [{ serial: '31' }] }))(socket, seen),
    );
    const ocsp = publisher.serve((socket, seen) => answer(makeOcspAnswer(root, listed))(socket, seen));
    const listed = root.issue({
      serial: '31',
      extensions: [authorityInfoAccess({ ocsp: [ocsp] }), crlDistributionPoints([url])],
    });
    const checker = makeChecker();
    await expect(checker.check(path(withCrl(url)), 'check')).resolves.toEqual({ status: 'good' });
    await expect(checker.check(path(listed), 'check')).resolves.toEqual({
      status: 'revoked',
      reason: 'revoked on 2027-05-01 by its CA (CRL)',
    });
  });

  it('for one CA is none for another that has the same name', async () => {
    const { checker, url } = setup(() => until(TEST_NOW + HOUR));
    const twin = makeAuthority({ name: 'Keeping CA of tests', keyType: 'p384' });
    const leaf = twin.issue({ extensions: [crlDistributionPoints([url])] });
    await expect(checker.check(path(withCrl(url)), 'check')).resolves.toEqual({ status: 'good' });
    await expect(checker.check([leaf.certificate, twin.certificate], 'check')).resolves.toMatchObject({
      status: 'undetermined',
    });
  });
});

describe('what is fetched', () => {
  const limits = { timeout: 20_000, max_crl_size: 30 * 1024 * 1024, max_age: HOUR };
  const clock = { now: () => TEST_NOW };

  it('is three CRLs at a time at most', async () => {
    const bytes = makeCrl(root);
    const waiting: (() => void)[] = [];
    let most = 0;
    let open = 0;
    const fetch: SafeFetch = async () => {
      open += 1;
      most = Math.max(most, open);
      await new Promise<void>((resolve) => waiting.push(resolve));
      open -= 1;
      return { status: 200, body: bytes };
    };
    const checker = createRevocationChecker({ fetch, limits, clock });
    const checks = Array.from({ length: 9 }, (_, index) =>
      checker.check(path(withCrl(`http://crl.example/${index}`)), 'check'),
    );
    let done = false;
    const all = Promise.all(checks).finally(() => {
      done = true;
    });
    while (!done) {
      waiting.shift()?.();
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(await all).toEqual(checks.map(() => ({ status: 'good' })));
    expect(most).toBe(3);
  });

  it('follows the limits and is never asked for by anything but http and https', async () => {
    const asked: FetchRequest[] = [];
    const fetch: SafeFetch = async (request) => {
      asked.push(request);
      throw new SourceFailed('the server did not answer in time');
    };
    const checker = createRevocationChecker({ fetch, limits, clock });
    const leaf = root.issue({
      extensions: [
        authorityInfoAccess({
          ocsp: ['ftp://a.example/', 'http://ocsp.example/'],
          issuers: ['http://ca.example/'],
        }),
        crlDistributionPoints(['ldap://ldap.example/', 'file:///etc/passwd', 'HTTP://crl.example/a.crl']),
      ],
    });
    await expect(checker.check(path(leaf), 'check')).resolves.toMatchObject({ status: 'undetermined' });
    expect(asked.map(({ url, method, maxSize, redirects }) => ({ url, method, maxSize, redirects }))).toEqual(
      [
        { url: 'http://ocsp.example/', method: 'POST', maxSize: 65_536, redirects: 3 },
        { url: 'HTTP://crl.example/a.crl', method: 'GET', maxSize: limits.max_crl_size, redirects: 3 },
      ],
    );
  });

  it('never makes the checker reject', async () => {
    const fetch: SafeFetch = async () => {
      throw new Error('a mistake of ours');
    };
    const checker = createRevocationChecker({ fetch, limits, clock });
    const leaf = root.issue({
      extensions: [
        authorityInfoAccess({ ocsp: ['http://ocsp.example/'] }),
        crlDistributionPoints(['http://crl.example/']),
      ],
    });
    await expect(checker.check(path(leaf), 'check')).resolves.toMatchObject({ status: 'undetermined' });
  });
});

describe('a CRL of 250,000 entries', () => {
  it('is searched without holding up everything else', async () => {
    const bytes = makeLargeCrl();
    expect(bytes.length).toBeGreaterThan(9_000_000);
    const fetch: SafeFetch = async () => ({ status: 200, body: bytes });
    const checker = createRevocationChecker({
      fetch,
      limits: { timeout: 20_000, max_crl_size: 30 * 1024 * 1024, max_age: HOUR },
      clock: { now: () => TEST_NOW },
    });
    const leaves = ['3344', serialOf(249_999)].map((serial) =>
      root.issue({ serial, extensions: [crlDistributionPoints(['http://crl.example/'])] }),
    );
    let last = process.cpuUsage();
    let longest = 0;
    let running = true;
    const tick = () => {
      longest = Math.max(longest, spent(last));
      last = process.cpuUsage();
      if (running) setImmediate(tick);
    };
    setImmediate(tick);
    const answers = [];
    for (const leaf of leaves) answers.push(await checker.check(path(leaf), 'check'));
    running = false;
    expect(answers).toEqual([
      { status: 'good' },
      { status: 'revoked', reason: 'revoked on 2027-05-01 by its CA (CRL)' },
    ]);
    expectBelow(longest, 250);
  });
});

function serialOf(index: number): string {
  return `01${index.toString(16).padStart(30, '0')}`;
}

/** Most entries with a reason, as real ones have; put together by hand, because a library takes half a minute. */
function makeLargeCrl(): Buffer {
  const small = makeCrl(root, { revoked: [{ serial: serialOf(0), date: REVOKED_ON, reason: 1 }] });
  const serial = Buffer.from(serialOf(0), 'hex');
  const at = small.indexOf(serial);
  const one = small.subarray(at - 4, at - 2 + (small[at - 3] ?? 0));
  const entries = Buffer.concat(
    Array.from({ length: 250_000 }, (_, index) => {
      const entry = Buffer.from(one);
      Buffer.from(serialOf(index), 'hex').copy(entry, 4);
      return entry;
    }),
  );
  return makeCrl(root, { entries });
}
