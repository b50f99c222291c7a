import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CertificateAndKey, issueCertificate } from '../../src/keys/certificates.js';
import { wkdUrls } from '../../src/keys/discovery/wkd-url.js';
import { errorCode } from '../../src/shared/errors.js';
import { type Domains, received, startDomains } from '../support/hostile-domains.js';
import {
  answer,
  type Behaviour,
  drip,
  endlessBody,
  type HostileHttp,
  redirect,
  silence,
  startHostileHttp,
} from '../support/hostile-http.js';
import {
  type LdapServer,
  ldapMessage,
  searchDone,
  searchEntry,
  startLdapServer,
} from '../support/ldap-server.js';
import { makeKey } from '../support/openpgp-keys.js';
import { type RelayHome, type RunningRelay, relayHome } from '../support/relay-process.js';
import { makeCrl } from '../support/revocation-authority.js';
import { wordsAbout } from '../support/story.js';
import { LAB_RESULT, submit } from '../support/submit.js';
import { untilState } from '../support/until-state.js';
import { crlDistributionPoints, makeAuthority, type TestAuthority } from '../support/x509-authority.js';

/*
 * CAs, directories and web servers that lie, stall or reach inside. None of them makes a key usable that isn't, and none
 * holds the relay up: every recipient gets the next method, with the reason on record.
 */

const DAY = 86_400_000;
const CANARIES = /Roe, Jane|00482913|212-55-0187|Hemoglobin/;
const now = Date.now();
const valid = { notBefore: new Date(now - DAY), notAfter: new Date(now + 30 * DAY) };
const fresh = { thisUpdate: new Date(now - 3_600_000), nextUpdate: new Date(now + DAY) };

let domains: Domains;
let home: RelayHome;
let relay: RunningRelay;
let people: TestAuthority;
let crls: HostileHttp;
let ldap: LdapServer;
let wkd: HostileHttp | undefined;
let tlsCa: CertificateAndKey;
let secret: string;

/** What each revocation server does; the recipient has a certificate that points to it. */
const CRLS: Readonly<Record<string, { readonly ends: 'smime' | 'tls' | 'portal'; readonly reason: RegExp }>> =
  {
    good: { ends: 'smime', reason: /RSA 2048|P-256/ },
    revoked: { ends: 'tls', reason: /revoked on \d{4}-\d\d-\d\d by its CA \(CRL\)/ },
    // An unknown status is no use where a rule asks for protection, and opens no way to less than a key would give.
    silent: { ends: 'portal', reason: /could not be found out/ },
    endless: { ends: 'portal', reason: /could not be found out/ },
    dripping: { ends: 'portal', reason: /could not be found out/ },
    redirected: { ends: 'portal', reason: /could not be found out/ },
    stale: { ends: 'portal', reason: /could not be found out/ },
    garbage: { ends: 'portal', reason: /could not be found out/ },
    foreign: { ends: 'portal', reason: /could not be found out/ },
    gone: { ends: 'portal', reason: /could not be found out/ },
  };
const crlNames = Object.keys(CRLS);

const LDAP: Readonly<Record<string, { readonly ends: 'pgp' | 'tls'; readonly reason: RegExp }>> = {
  'ldap-good': { ends: 'pgp', reason: /from ldap/ },
  'ldap-other-mail': { ends: 'tls', reason: /ldap: / },
  'ldap-other-user': { ends: 'tls', reason: /names this address/ },
  'ldap-silent': { ends: 'tls', reason: /ldap: .*time/ },
  'ldap-huge': { ends: 'tls', reason: /ldap: / },
  'ldap-garbage': { ends: 'tls', reason: /ldap: / },
};
const ldapNames = Object.keys(LDAP);
let ldapKey: { readonly publicBinary: Uint8Array };

const at = (name: string) => `${name}@keys.example`;

beforeAll(async () => {
  tlsCa = await issueCertificate({ commonName: 'Test CA', names: [], isCa: true, ...valid });
  const certificate = await issueCertificate({
    commonName: 'mx1.keys.example',
    names: ['mx1.keys.example'],
    issuer: tlsCa,
    ...valid,
  });
  domains = await startDomains({ 'keys.example': [{ certificate }] });
  people = makeAuthority({ name: 'People CA', keyType: 'rsa-2048' });
  const stranger = makeAuthority({ name: 'People CA', keyType: 'p256' });
  const serials = new Map(crlNames.map((name, i) => [name, `01${String(i).padStart(30, '0')}`]));
  const crl = (name: string) =>
    makeCrl(people, { ...fresh, revoked: [{ serial: serials.get(name) ?? '', date: new Date(now - DAY) }] });
  const none = makeCrl(people, { ...fresh, revoked: [] });
  const behaviours: Record<string, Behaviour> = {
    '/good': answer(none),
    '/revoked': answer(crl('revoked')),
    '/silent': silence,
    '/endless': endlessBody,
    '/dripping': drip('body'),
    '/redirected': redirect('http://169.254.169.254/latest/meta-data'),
    '/stale': answer(
      makeCrl(people, { thisUpdate: new Date(now - 3 * DAY), nextUpdate: new Date(now - DAY), revoked: [] }),
    ),
    '/garbage': answer('<html>not a CRL</html>'),
    '/foreign': answer(makeCrl(stranger, { ...fresh, revoked: [] })),
  };
  crls = await startHostileHttp(behaviours);
  ldapKey = await makeKey({ userIds: ['Test <ldap-good@keys.example>'], type: 'curve25519legacy' });
  const otherUser = await makeKey({ userIds: ['Test <mallory@keys.example>'], type: 'curve25519legacy' });
  ldap = await startLdapServer({
    search: (socket, id, { bytes }) => {
      const asked = ldapNames.find((name) => bytes.includes(at(name)));
      const reply = (mail: string, key: Uint8Array) =>
        socket.write(
          Buffer.concat([
            ldapMessage(id, searchEntry('uid=x,dc=keys,dc=example', { mail: [mail], pgpKey: [key] })),
            ldapMessage(id, searchDone()),
          ]),
        );
      if (asked === 'ldap-good') reply(at(asked), ldapKey.publicBinary);
      else if (asked === 'ldap-other-mail') reply('mallory@keys.example', otherUser.publicBinary);
      else if (asked === 'ldap-other-user') reply(at(asked), otherUser.publicBinary);
      else if (asked === 'ldap-huge') flood(socket, id, at(asked));
      else if (asked === 'ldap-garbage') socket.write(Buffer.from('308080808080ffff', 'hex'));
      else if (asked === undefined) socket.write(ldapMessage(id, searchDone()));
    },
  });
  wkd = await startWkd();

  home = await relayHome(
    {
      dns: { servers: [domains.dns.address], allow_private_targets: true, timeout: '10s' },
      delivery: { port: domains.port, ca: 'ca.pem', first_retry: '1s', max_retry: '1s' },
      keys: {
        trust_anchors: [{ file: 'people.pem' }],
        revocation: { timeout: '12s', max_crl_size: '1MB' },
        ldap: [
          {
            name: 'directory',
            url: ldap.url,
            domains: ['keys.example'],
            base: 'dc=keys,dc=example',
            timeout: '12s',
            cache: '1s',
          },
        ],
        wkd: { timeout: '12s', ca: 'ca.pem' },
        failure_cache: '1s',
      },
    },
    { policies: policiesWith('key_sources: [imported, ldap, wkd]') },
  );
  writeFileSync(join(home.folder, 'ca.pem'), tlsCa.certificatePem);
  writeFileSync(join(home.folder, 'people.pem'), people.pem);
  relay = await home.start();
  const files = crlNames.map((name) => {
    const url = name === 'gone' ? 'http://127.0.0.1:1/crl' : `${crls.origin}/${name}`;
    const made = people.issue({
      name,
      emails: [at(name)],
      keyType: 'p256',
      serial: serials.get(name) ?? '',
      extensions: [crlDistributionPoints([url])],
    });
    const file = join(home.folder, `${name}.pem`);
    writeFileSync(file, made.pem);
    return file;
  });
  const imported = await home.run(['keys', 'import', ...files]);
  // Whether one was revoked is asked when it would be used.
  expect(imported.status, imported.stderr).toBe(0);
  secret = await submit(relay, { to: [...crlNames, ...ldapNames].map(at), text: LAB_RESULT });
});

afterAll(async () => {
  await home?.remove();
  await Promise.all([domains?.close(), crls?.close(), ldap?.close(), wkd?.close()]);
});

describe('a CA', () => {
  it.each(crlNames)('whose list is %s', async (name) => {
    const { ends, reason } = CRLS[name]!;
    await untilState(home, secret, at(name), ends === 'portal' ? 'in-portal' : 'delivered');
    const words = wordsAbout(home, secret, at(name));
    expect(words).toMatch(ends === 'smime' ? /Delivered by S\/MIME/ : reason);
    if (ends === 'tls') expect(words).toMatch(/Delivered by mail over enforced TLS/);
  });
});

describe('a directory', () => {
  it.each(ldapNames)('that is %s', async (name) => {
    const { ends, reason } = LDAP[name]!;
    await untilState(home, secret, at(name), 'delivered');
    const words = wordsAbout(home, secret, at(name));
    expect(words).toMatch(reason);
    expect(words).toMatch(ends === 'pgp' ? /Delivered by PGP/ : /Delivered by mail over enforced TLS/);
  });

  it('that gives another key later makes nobody use it, until a person decides', async () => {
    ldapKey = await makeKey({ userIds: ['Test <ldap-good@keys.example>'], type: 'p256' });
    // Past the second for which the first answer holds.
    const sent = await eventually(async () => {
      const id = await submit(relay, { to: [at('ldap-good')], text: LAB_RESULT });
      await untilState(home, id, at('ldap-good'), 'delivered');
      return /a different key was found/.test(wordsAbout(home, id, at('ldap-good'))) ? id : undefined;
    });
    expect(wordsAbout(home, sent, at('ldap-good'))).toMatch(/Delivered by mail over enforced TLS/);
    const pending = await home.run(['keys', 'list', '--pending', '--json']);
    expect(pending.stdout).toContain(at('ldap-good'));
  });
});

describe('a Web Key Directory', () => {
  it('is asked over verified TLS, and its key is used', async ({ skip }) => {
    if (wkd === undefined) skip('port 443 of loopback is not ours to listen on');
    const sent = await submit(relay, { to: ['wanda@wkd.example'], text: LAB_RESULT });
    await untilState(home, sent, 'wanda@wkd.example', 'delivered');
    const words = wordsAbout(home, sent, 'wanda@wkd.example');
    expect(words).toMatch(/from wkd/);
    expect(words).toMatch(/Delivered by PGP/);
  });

  it('that never ends its answer, or sends us inside, gives no key', async ({ skip }) => {
    if (wkd === undefined) skip('port 443 of loopback is not ours to listen on');
    const to = ['endless@wkd.example', 'inside@wkd.example', 'silent@wkd.example'];
    const sent = await submit(relay, { to, text: LAB_RESULT });
    for (const one of to) {
      await untilState(home, sent, one, 'delivered');
      expect(wordsAbout(home, sent, one)).toMatch(/wkd: [^;)]+/);
      expect(wordsAbout(home, sent, one)).toMatch(/Delivered by mail over enforced TLS/);
    }
  });
});

it('leaks nothing to any of them', () => {
  const peer = domains.peer('keys.example');
  expect(peer.clear()).not.toMatch(CANARIES);
  for (const one of peer.messages.map(received))
    if (/pkcs7-mime|multipart\/encrypted/.test(one.text)) expect(one.text).not.toMatch(CANARIES);
  expect(relay.output()).not.toMatch(CANARIES);
});

/** The shipped policies with another line for `key_sources`. */
function policiesWith(line: string): Readonly<Record<string, string>> {
  const folder = resolve('policies');
  return Object.fromEntries(
    readdirSync(folder)
      .filter((name) => /\.ya?ml$/.test(name) && !name.includes('.test.'))
      .map((name) => [
        name,
        readFileSync(join(folder, name), 'utf8').replace('key_sources: [imported]', line),
      ]),
  );
}

/** More entries than anybody wants, until the client hangs up. */
function flood(socket: Socket, id: number, mail: string): void {
  const entry = ldapMessage(
    id,
    searchEntry('uid=x,dc=keys,dc=example', { mail: [mail], pgpKey: [Buffer.alloc(60_000, 0x41)] }),
  );
  const more = () => {
    while (!socket.destroyed && socket.write(entry));
    if (!socket.destroyed) socket.once('drain', more);
  };
  more();
}

/** `wkd.example` and its directory; undefined where only the superuser may listen on port 443. */
async function startWkd(): Promise<HostileHttp | undefined> {
  const leaf = await issueCertificate({
    commonName: 'openpgpkey.wkd.example',
    names: ['openpgpkey.wkd.example', 'mx1.keys.example'],
    issuer: tlsCa,
    ...valid,
  });
  const path = (address: string) => new URL(wkdUrls(address)?.advanced ?? '').pathname;
  const wanda = await makeKey({ userIds: ['Wanda <wanda@wkd.example>'], type: 'curve25519legacy' });
  try {
    const server = await startHostileHttp(
      {
        [path('wanda@wkd.example')]: answer(wanda.publicBinary),
        [path('endless@wkd.example')]: endlessBody,
        [path('inside@wkd.example')]: redirect('https://169.254.169.254/'),
        [path('silent@wkd.example')]: silence,
      },
      leaf,
      { host: '127.0.0.90', port: 443 },
    );
    const mx = domains.dns.zone();
    domains.dns.setZone({
      ...mx,
      'wkd.example': { mx: [{ preference: 10, exchange: 'mx1.keys.example' }] },
      'openpgpkey.wkd.example': { a: ['127.0.0.90'] },
    });
    return server;
  } catch (error) {
    if (errorCode(error) === 'EACCES' || errorCode(error) === 'EADDRINUSE') return undefined;
    throw error;
  }
}

async function eventually<T>(look: () => Promise<T | undefined>): Promise<T> {
  const deadline = Date.now() + 120_000;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > deadline) throw new Error('it never happened');
  }
}
