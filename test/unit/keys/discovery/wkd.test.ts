import { afterEach, describe, expect, it } from 'vitest';
import { createWkd } from '../../../../src/keys/discovery/wkd.js';
import { wkdHash, wkdUrls } from '../../../../src/keys/discovery/wkd-url.js';
import { type KeySourceClient, SourceFailed } from '../../../../src/keys/types.js';
import {
  answer,
  type Behaviour,
  drip,
  endlessBody,
  gzipBomb,
  redirect,
  sendAndClose,
  silence,
} from '../../../support/hostile-http.js';
import { makeKey } from '../../../support/openpgp-keys.js';
import { startWkdServer, type WkdServer } from '../../../support/wkd-server.js';

const HASH = 'iy9q119eutrkn8s1mk4r39qejnbu3n5q';
const ADVANCED = `/.well-known/openpgpkey/example.org/hu/${HASH}`;
const DIRECT = `/.well-known/openpgpkey/hu/${HASH}`;
const BOTH = ['openpgpkey.example.org', 'example.org'];
const ADDRESS = 'Joe.Doe@example.org';

let server: WkdServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

async function directory(
  hosts: readonly string[],
  behaviours: Readonly<Record<string, Behaviour>>,
  options: {
    readonly timeout?: number;
    readonly broken?: readonly string[];
    readonly deny?: readonly string[];
  } = {},
): Promise<KeySourceClient> {
  server = await startWkdServer(hosts, behaviours, options.broken);
  return createWkd({
    fetch: server.fetch,
    ca: server.ca,
    config: {
      timeout: options.timeout ?? 20_000,
      max_size: 20_000,
      cache: 1,
      deny_domains: [...(options.deny ?? [])],
    },
  });
}

const key = () => makeKey({ userIds: ['Joe <joe.doe@example.org>'], type: 'curve25519legacy' });
const published = async (): Promise<Behaviour> => answer((await key()).publicBinary);

describe('where a key is published', () => {
  it('is as the draft shows it', () => {
    expect(wkdUrls('Joe.Doe@Example.ORG')).toEqual({
      advanced: `https://openpgpkey.example.org${ADVANCED}?l=Joe.Doe`,
      direct: `https://example.org${DIRECT}?l=Joe.Doe`,
    });
  });

  it.each([
    ['joe.doe', HASH],
    ['JOE.DOE', HASH],
    // As gpg-wks-client --print-wkd-hash says.
    ['bernhard.reiter', 'it5sewh54rxz33fwmr8u6dy4bbz8itz4'],
    ['a+b', 'i6wwpbayndmjsnjzbzdj15jgc77g8a4f'],
  ])('%j has a hash of its own', (local, hash) => {
    expect(wkdHash(local)).toBe(hash);
  });

  it('lowers ASCII letters only, and escapes every character that is not unreserved', () => {
    expect(wkdHash('É')).not.toBe(wkdHash('é'));
    expect(wkdUrls("a+b&c=d?e#f/g'h%@clinic.test")?.direct).toMatch(/\?l=a%2Bb%26c%3Dd%3Fe%23f%2Fg%27h%25$/);
  });

  it('is at the direct place only, where the other host would have too long a name', () => {
    const domain = `${`${'a'.repeat(60)}.`.repeat(4)}test`;
    expect(wkdUrls(`a@${domain}`)).toMatchObject({ advanced: undefined });
    expect(wkdUrls('no address')).toBeUndefined();
  });
});

describe('a Web Key Directory', () => {
  it('is asked by the advanced method', async () => {
    const wkd = await directory(BOTH, { [ADVANCED]: await published(), [DIRECT]: answer('wrong') });
    const keys = await wkd.lookup(ADDRESS, ['openpgp', 'x509']);
    expect(keys).toMatchObject([
      { kind: 'openpgp', fingerprint: (await key()).fingerprint, addresses: ['joe.doe@example.org'] },
    ]);
    expect(server?.requests.map((one) => [one.method, one.path, one.headers.host])).toEqual([
      ['GET', `${ADVANCED}?l=Joe.Doe`, expect.stringMatching(/^openpgpkey\.example\.org/)],
    ]);
  });

  it('is asked by the direct method where the host of the advanced one has no address', async () => {
    const wkd = await directory(['example.org'], { [DIRECT]: await published() });
    expect((await wkd.lookup(ADDRESS, ['openpgp'])).length).toBe(1);
    expect(server?.requests.map((one) => one.path)).toEqual([`${DIRECT}?l=Joe.Doe`]);
  });

  it('has no key where it says 404, and where there is no host at all', async () => {
    expect(await (await directory(BOTH, {})).lookup(ADDRESS, ['openpgp'])).toEqual([]);
    expect(server?.requests.length).toBe(1);
    await server?.close();
    expect(await (await directory(['other.test'], {})).lookup(ADDRESS, ['openpgp'])).toEqual([]);
  });

  it('is not asked for certificates, nor for denied domains', async () => {
    const wkd = await directory(BOTH, {}, { deny: ['example.org'] });
    expect(await wkd.lookup(ADDRESS, ['openpgp'])).toEqual([]);
    expect(await wkd.lookup('a@other.test', ['x509'])).toEqual([]);
    expect(server?.requests).toEqual([]);
  });

  it('gives every key of the answer, other people’s too, for the judge to refuse', async () => {
    const other = await makeKey({ userIds: ['Eve <eve@evil.test>'], type: 'curve25519legacy' });
    const body = Buffer.concat([(await key()).publicBinary, other.publicBinary]);
    const wkd = await directory(BOTH, { [ADVANCED]: answer(body) });
    const keys = await wkd.lookup(ADDRESS, ['openpgp']);
    expect(keys.map((one) => one.addresses)).toEqual([['joe.doe@example.org'], ['eve@evil.test']]);
  });

  it('follows a redirect', async () => {
    const wkd = await directory(BOTH, { [ADVANCED]: redirect('/keys'), '/keys': await published() });
    expect((await wkd.lookup(ADDRESS, ['openpgp'])).length).toBe(1);
  });

  it.each<[string, Behaviour | 'secret', string]>([
    ['answers 500', answer('', { status: 500 }), 'the Web Key Directory answered with status 500'],
    ['answers 204', answer('', { status: 204 }), 'the Web Key Directory answered with status 204'],
    ['gives nothing', answer(''), 'what is published is no OpenPGP key'],
    ['gives a page', answer('<html>not found</html>'), 'what is published is no OpenPGP key'],
    ['gives noise', answer(Buffer.alloc(5000, 0x99)), 'what is published is no OpenPGP key'],
    ['gives a secret key', 'secret', 'what is published is no OpenPGP key'],
    ['gives a huge key', answer(Buffer.alloc(20_001)), 'the answer is longer than 20000 bytes'],
    ['never ends', endlessBody, 'the answer is longer than 20000 bytes'],
    ['compresses', gzipBomb(1_000_000), 'the answer is compressed, which was not asked for'],
    ['hangs up', sendAndClose(''), 'the server closed the connection'],
    ['redirects inside', redirect('https://127.0.0.1:1/'), 'the host has an address that is not public'],
    [
      'redirects to the cloud',
      redirect('https://169.254.169.254/'),
      'the host has an address that is not public',
    ],
    ['redirects to nowhere', redirect('https://nowhere.test/'), 'the host has no address in DNS'],
    ['redirects to http', redirect('http://example.org/'), 'the URL is not https'],
    ['redirects for ever', redirect(ADVANCED), 'the server redirects more than 3 times'],
  ])('that %s has failed, and the direct method is not used instead', async (_what, behaviour, reason) => {
    const does = behaviour === 'secret' ? answer((await key()).secretBinary) : behaviour;
    const wkd = await directory(BOTH, { [ADVANCED]: does, [DIRECT]: await published() });
    const failure = await wkd.lookup(ADDRESS, ['openpgp']).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(SourceFailed);
    expect(failure).toMatchObject({ message: reason });
    expect(server?.requests.some((one) => one.path.startsWith(DIRECT))).toBe(false);
  });

  it.each([
    ['says nothing', silence],
    ['drips its header', drip('header')],
    ['drips its body', drip('body')],
  ])('that %s is left at the deadline', async (_what, behaviour) => {
    const wkd = await directory(
      BOTH,
      { [ADVANCED]: behaviour, [DIRECT]: await published() },
      { timeout: 300 },
    );
    await expect(wkd.lookup(ADDRESS, ['openpgp'])).rejects.toThrow('the server did not answer in time');
    expect(server?.requests.some((one) => one.path.startsWith(DIRECT))).toBe(false);
  });

  it('whose advanced host cannot be looked up, or has a wrong certificate, is not asked directly', async () => {
    const found = { [ADVANCED]: await published(), [DIRECT]: await published() };
    const broken = await directory(['example.org'], found, { broken: ['openpgpkey.example.org'] });
    await expect(broken.lookup(ADDRESS, ['openpgp'])).rejects.toThrow('ESERVFAIL');
    expect(server?.requests).toEqual([]);
    await server?.close();
    server = await startWkdServer(BOTH, found);
    const distrusted = createWkd({
      fetch: server.fetch,
      config: { timeout: 20_000, max_size: 20_000, cache: 1, deny_domains: [] },
    });
    await expect(distrusted.lookup(ADDRESS, ['openpgp'])).rejects.toThrow('is not accepted');
    expect(server.requests).toEqual([]);
  });
});
