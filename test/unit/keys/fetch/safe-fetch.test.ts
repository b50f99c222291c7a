import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createFetchWithin, createSafeFetch } from '../../../../src/keys/fetch/index.js';
import { createResolveHost } from '../../../../src/keys/fetch/resolve.js';
import { type FetchRequest, SourceFailed } from '../../../../src/keys/types.js';
import { isPublicAddress } from '../../../../src/shared/address-guard.js';
import { createTestCa, type TestCa } from '../../../support/certificates.js';
import { type DnsServer, startDnsServer } from '../../../support/dns-server.js';
import {
  answer,
  type Behaviour,
  drip,
  endlessBody,
  endlessHeader,
  endlessInterim,
  gzipBomb,
  type HostileHttp,
  head,
  redirect,
  sendAndClose,
  sendAndHang,
  sendAndReset,
  silence,
  startHostileHttp,
} from '../../../support/hostile-http.js';

const LATE = 'the server did not answer in time';

/** As it is thrown: lateness has a code, because it is what costs. */
const failure = (reason: string) => new SourceFailed(reason, reason === LATE ? { code: 'late' } : {});
const CLOSED = 'the server closed the connection';
const PRIVATE = 'the host has an address that is not public';

/** What misbehaves, and what is said of it. Rows with `late` hang until the deadline, which is short for them. */
const HOSTILE: Readonly<
  Record<string, { readonly does: Behaviour; readonly reason: string; readonly late?: true }>
> = {
  '/to-loopback': { does: redirect('http://127.0.0.1:1/'), reason: PRIVATE },
  '/to-loopback-by-number': { does: redirect('http://2130706433/'), reason: PRIVATE },
  '/to-loopback-v6': { does: redirect('http://[::1]/'), reason: PRIVATE },
  '/to-mapped-loopback': { does: redirect('http://[::ffff:127.0.0.1]/'), reason: PRIVATE },
  '/to-link-local': { does: redirect('http://169.254.169.254/latest/meta-data/'), reason: PRIVATE },
  '/to-private': { does: redirect('http://10.0.0.1/'), reason: PRIVATE },
  '/to-name-inside': { does: redirect('http://inside.test/'), reason: PRIVATE },
  '/to-name-half-inside': { does: redirect('http://half.test/'), reason: PRIVATE },
  '/to-no-name': { does: redirect('http://nowhere.test/'), reason: 'the host has no address in DNS' },
  '/to-localhost': {
    does: redirect('http://localhost/'),
    reason: 'the URL names no valid host of two or more labels',
  },
  '/to-file': { does: redirect('file:///etc/passwd'), reason: 'the URL is neither https nor http' },
  '/to-credentials': { does: redirect('http://a:b@peer.test/'), reason: 'the URL holds credentials' },
  '/to-nonsense': { does: redirect('http://['), reason: 'the URL is not valid' },
  '/loop': { does: redirect('/loop'), reason: 'the server redirects more than 3 times' },
  '/endless-body': { does: endlessBody, reason: 'the answer is longer than 10000 bytes' },
  '/endless-header': { does: endlessHeader, reason: 'the header of the answer is too large' },
  '/endless-interim': { does: endlessInterim, reason: LATE, late: true },
  '/drip-body': { does: drip('body'), reason: LATE, late: true },
  '/drip-header': { does: drip('header'), reason: LATE, late: true },
  '/silence': { does: silence, reason: LATE, late: true },
  '/hangs-in-body': {
    does: sendAndHang(`${head(200, { 'Content-Length': '9' })}ab`),
    reason: LATE,
    late: true,
  },
  '/huge-length': {
    does: sendAndHang(head(200, { 'Content-Length': '99999999999' })),
    reason: 'the answer is longer than 10000 bytes',
  },
  '/length-too-long': { does: sendAndClose(`${head(200, { 'Content-Length': '9' })}ab`), reason: CLOSED },
  '/no-last-chunk': {
    does: sendAndClose(`${head(200, { 'Transfer-Encoding': 'chunked' })}2\r\nab\r\n`),
    reason: CLOSED,
  },
  '/bad-chunk': {
    does: sendAndClose(`${head(200, { 'Transfer-Encoding': 'chunked' })}zz\r\nab\r\n`),
    reason: 'the answer is not valid HTTP',
  },
  '/two-lengths': {
    does: sendAndClose(`HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nabc`),
    reason: 'the answer is not valid HTTP',
  },
  '/gzip-bomb': { does: gzipBomb(5_000_000), reason: 'the answer is compressed, which was not asked for' },
  '/gzip-transfer': {
    does: sendAndClose(`${head(200, { 'Transfer-Encoding': 'gzip, chunked' })}0\r\n\r\n`),
    reason: 'the answer is compressed, which was not asked for',
  },
  '/huge-header': {
    does: answer('a', { headers: { 'X-Huge': 'a'.repeat(100_000) } }),
    reason: 'the header of the answer is too large',
  },
  '/reset': { does: sendAndReset(`${head(200, { 'Content-Length': '9' })}ab`), reason: CLOSED },
  '/closes': { does: sendAndClose(''), reason: CLOSED },
  '/not-http': { does: sendAndClose('220 mail.test ESMTP\r\n'), reason: 'the answer is not valid HTTP' },
  '/switches': {
    does: sendAndClose('HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n'),
    reason: CLOSED,
  },
};

const GOOD: Readonly<Record<string, Behaviour>> = {
  '/good': answer('hello'),
  '/error': answer('secret trace', { status: 500 }),
  '/moved': redirect('/good', 301),
  '/kept': redirect('/echo', 307),
  '/other': redirect('/echo', 303),
  '/cookie': answer('', { status: 302, headers: { Location: '/echo', 'Set-Cookie': 'a=b' } }),
  '/echo': (socket, request) => {
    const cookie = request.headers.cookie ?? 'no cookie';
    answer(`${request.method} ${request.body.toString()} ${cookie}`)(socket, request);
  },
};

let ca: TestCa;
let dns: DnsServer;
let server: HostileHttp;
let secure: HostileHttp;
let otherName: HostileHttp;
let commonNameOnly: HostileHttp;
let expired: HostileHttp;
let unknown: HostileHttp;

beforeAll(async () => {
  ca = await createTestCa();
  const all = {
    ...GOOD,
    ...Object.fromEntries(Object.entries(HOSTILE).map(([path, { does }]) => [path, does])),
  };
  server = await startHostileHttp(all);
  secure = await startHostileHttp(
    { ...GOOD, '/down': redirect(`http://peer.test:${server.port}/good`) },
    await ca.leaf('peer.test'),
  );
  otherName = await startHostileHttp(GOOD, await ca.leaf('other.test'));
  commonNameOnly = await startHostileHttp(GOOD, await ca.leaf('peer.test', { names: [] }));
  expired = await startHostileHttp(GOOD, await ca.leaf('peer.test', { expired: true }));
  unknown = await startHostileHttp(GOOD, await ca.leaf('peer.test', { selfSigned: true }));
  dns = await startDnsServer({
    'peer.test': { a: ['127.0.0.1'] },
    'inside.test': { a: ['127.0.0.1'] },
    'half.test': { a: ['198.18.0.1', '127.0.0.1'] },
    'mute.test': { fails: 'silent' },
    'broken.test': { fails: 'SERVFAIL' },
  });
});

afterAll(async () => {
  await Promise.all(
    [server, secure, otherName, commonNameOnly, expired, unknown, dns].map((one) => one.close()),
  );
});

function dnsOptions() {
  const [host = '', port] = dns.address.split(':');
  return { servers: [{ host, port: Number(port) }], timeout: 5000 };
}

/** Only the servers of this file count as public; everything else is judged as in earnest. */
function fetchFromPeers(request: Partial<FetchRequest> & { readonly url: string }) {
  const ports = [server, secure, otherName, commonNameOnly, expired, unknown].map((one) => one.port);
  const fetch = createFetchWithin({
    resolve: createResolveHost(dnsOptions()),
    allows: (address, port) => isPublicAddress(address) || (address === '127.0.0.1' && ports.includes(port)),
    anyPort: true,
  });
  return fetch({
    method: 'GET',
    maxSize: 10_000,
    signal: AbortSignal.timeout(20_000),
    redirects: 3,
    allowHttp: true,
    ca: ca.pem,
    ...request,
  });
}

describe('a server that misbehaves', () => {
  it.each(Object.entries(HOSTILE))('%s', async (path, { reason, late }) => {
    // Whoever is not given up for what he does is waited for for an hour.
    const signal = AbortSignal.timeout(late === true ? 150 : 3_600_000);
    await expect(fetchFromPeers({ url: `http://peer.test:${server.port}${path}`, signal })).rejects.toThrow(
      failure(reason),
    );
    // No connection is left behind.
    await server.idle();
  });

  it('is given up at once when the deadline passed before', async () => {
    const before = server.connections;
    const request = { url: `http://peer.test:${server.port}/good`, signal: AbortSignal.abort() };
    await expect(fetchFromPeers(request)).rejects.toThrow(failure(LATE));
    expect(server.connections).toBe(before);
  });

  it('is refused on every method when redirects are not allowed', async () => {
    const request = { url: `http://peer.test:${server.port}/moved`, redirects: 0 };
    await expect(fetchFromPeers(request)).rejects.toThrow('the server redirects, which is not followed');
  });
});

describe('a server that behaves', () => {
  it.each([
    ['http', () => server],
    ['https', () => secure],
  ] as const)('answers over %s', async (scheme, which) => {
    const got = await fetchFromPeers({ url: `${scheme}://peer.test:${which().port}/good` });
    expect([got.status, got.body.toString()]).toEqual([200, 'hello']);
    await which().idle();
  });

  it('is sent the name and no compression, cookies or credentials', async () => {
    await fetchFromPeers({ url: `https://peer.test:${secure.port}/cookie` });
    const [first, second] = secure.requests.slice(-2);
    expect(first?.headers).toMatchObject({ host: `peer.test:${secure.port}`, 'accept-encoding': 'identity' });
    expect(second?.path).toBe('/echo');
    expect(second?.headers).not.toHaveProperty('cookie');
    expect(second?.headers).not.toHaveProperty('authorization');
  });

  it('may say that it failed, and nothing of that is in an error', async () => {
    const got = await fetchFromPeers({ url: `http://peer.test:${server.port}/error` });
    expect(got.status).toBe(500);
  });

  it.each([
    ['/moved', 'hello'],
    ['/kept', 'POST question no cookie'],
    ['/other', 'GET  no cookie'],
  ])('is followed from %s', async (path, expected) => {
    const got = await fetchFromPeers({
      url: `http://peer.test:${server.port}${path}`,
      method: 'POST',
      body: Buffer.from('question'),
      contentType: 'text/plain',
    });
    expect(got.body.toString()).toBe(expected);
  });

  it('is not asked through a proxy of the environment', async () => {
    process.env.http_proxy = 'http://127.0.0.1:1';
    process.env.NODE_USE_ENV_PROXY = '1';
    try {
      const got = await fetchFromPeers({ url: `http://peer.test:${server.port}/good` });
      expect(got.status).toBe(200);
    } finally {
      delete process.env.http_proxy;
      delete process.env.NODE_USE_ENV_PROXY;
    }
  });
});

describe('TLS', () => {
  const rows: readonly (readonly [string, () => string, string])[] = [
    ['another name', () => url(otherName), 'the TLS certificate of the server is for another name'],
    [
      'a common name alone',
      () => url(commonNameOnly),
      'the TLS certificate of the server is for another name',
    ],
    ['an expired certificate', () => url(expired), 'is not accepted (CERT_HAS_EXPIRED)'],
    ['a self-signed certificate', () => url(unknown), 'is not accepted (DEPTH_ZERO_SELF_SIGNED_CERT)'],
    ['an address instead of the name', () => `${secure.origin}/good`, 'is for another name'],
    [
      'no TLS at all',
      () => `https://peer.test:${server.port}/good`,
      'TLS with the server could not be set up',
    ],
    [
      'a redirect down to http',
      () => `https://peer.test:${secure.port}/down`,
      'redirects from https to http',
    ],
  ];
  it.each(rows)('%s is refused', async (_what, at, reason) => {
    await expect(fetchFromPeers({ url: at() })).rejects.toThrow(reason);
  });

  it('is checked even where the environment says that it need not be', async () => {
    process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
    try {
      await expect(fetchFromPeers({ url: url(unknown) })).rejects.toThrow('is not accepted');
    } finally {
      delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
    }
  });

  it('does not trust the test CA by itself', async () => {
    const fetch = createSafeFetch({ ...dnsOptions(), allow_private_targets: true });
    const request = {
      url: url(secure),
      method: 'GET',
      maxSize: 100,
      signal: AbortSignal.timeout(20_000),
      redirects: 0,
      allowHttp: false,
    } as const;
    await expect(fetch(request)).rejects.toThrow('is not accepted');
    await expect(fetch({ ...request, ca: 'not PEM' })).rejects.toThrow(SourceFailed);
    expect((await fetch({ ...request, ca: ca.pem })).status).toBe(200);
  });

  function url(which: HostileHttp): string {
    return `https://peer.test:${which.port}/good`;
  }
});

describe('with the settings of the configuration', () => {
  const request = { method: 'GET', maxSize: 100, redirects: 0, allowHttp: true } as const;

  it.each([
    ['http://inside.test/', PRIVATE],
    ['http://half.test/', PRIVATE],
    ['http://127.0.0.1/', PRIVATE],
    ['http://169.254.169.254/', PRIVATE],
    ['http://[::1]/', PRIVATE],
    ['http://broken.test/', 'the address of the host could not be looked up (ESERVFAIL)'],
  ])('%s: %s', async (url, reason) => {
    const fetch = createSafeFetch({ ...dnsOptions(), allow_private_targets: false });
    await expect(fetch({ ...request, url, signal: AbortSignal.timeout(20_000) })).rejects.toThrow(
      failure(reason),
    );
  });

  it('reaches inside only the networks that the configuration names', async () => {
    const fetch = createSafeFetch({
      ...dnsOptions(),
      allow_private_targets: false,
      private_networks: ['127.0.0.0/8'],
    });
    const outcome = (url: string) =>
      fetch({ ...request, url, signal: AbortSignal.timeout(20_000) }).then(
        () => 'answered',
        (error: unknown) => (error instanceof SourceFailed ? error.message : 'another error'),
      );
    expect(await outcome('http://127.0.0.1/')).not.toBe(PRIVATE);
    expect(await outcome('http://169.254.169.254/')).toBe(PRIVATE);
    expect(await outcome('http://[::1]/')).toBe(PRIVATE);
  });

  it('tells a host that has no address from a resolver that failed, and from a redirect to such a host', async () => {
    const fetch = createSafeFetch({ ...dnsOptions(), allow_private_targets: true });
    const codeOf = (url: string) =>
      fetch({ ...request, url, redirects: 1, signal: AbortSignal.timeout(20_000) }).then(
        () => 'answered',
        (error: unknown) => (error instanceof SourceFailed ? error.code : 'another error'),
      );
    expect(await codeOf('http://nowhere.test/')).toBe('no-such-host');
    expect(await codeOf('http://broken.test/')).toBeUndefined();
    expect(await codeOf(`http://peer.test:${server.port}/to-no-name`)).toBeUndefined();
  });

  it('waits for a silent name server no longer than the deadline', async () => {
    const fetch = createSafeFetch({ ...dnsOptions(), timeout: 3_600_000, allow_private_targets: false });
    await expect(
      fetch({ ...request, url: 'http://mute.test/', signal: AbortSignal.timeout(100) }),
    ).rejects.toThrow(failure(LATE));
  });

  it('waits for a silent name server no longer than dns.timeout twice', async () => {
    const fetch = createSafeFetch({ ...dnsOptions(), timeout: 50, allow_private_targets: false });
    await expect(
      fetch({ ...request, url: 'http://mute.test/', signal: AbortSignal.timeout(20_000) }),
    ).rejects.toThrow(/could not be looked up/);
  });

  it('asks for each name once in a request, so that the second answer cannot differ', async () => {
    const before = dns.asked.length;
    await fetchFromPeers({ url: `http://peer.test:${server.port}/good` });
    expect(dns.asked.slice(before).sort()).toEqual(['A peer.test', 'AAAA peer.test']);
  });
});
