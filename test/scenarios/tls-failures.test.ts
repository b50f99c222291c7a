import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CertificateAndKey, issueCertificate } from '../../src/keys/certificates.js';
import { type DomainPeer, type Domains, startDomains } from '../support/hostile-domains.js';
import { type RelayHome, type RunningRelay, relayHome } from '../support/relay-process.js';
import type { SmtpPeer } from '../support/smtp-peer.js';
import { storyOf, wordsAbout } from '../support/story.js';
import { LAB_RESULT, submit } from '../support/submit.js';
import { untilState } from '../support/until-state.js';

/*
 * Recipients' servers whose TLS fails in every way that we know. Patient data goes into the portal each time and not
 * one byte of it reaches such a server, in the clear or over TLS that wasn't verified; business mail still arrives.
 */

const DAY = 86_400_000;
const now = Date.now();
const valid = { notBefore: new Date(now - DAY), notAfter: new Date(now + 30 * DAY) };

/** Names, numbers and the Subject of the protected message. */
const CANARIES = /Roe, Jane|00482913|212-55-0187|02\/11\/1961|Hemoglobin|E11\.65|Zinnober/;

interface Row {
  readonly name: string;
  readonly domain: string;
  readonly servers: readonly DomainPeer[];
  /** Why the method was left, in the audit log. */
  readonly reason: RegExp;
}

let rows: readonly Row[];
let domains: Domains;
let home: RelayHome;
let relay: RunningRelay;
let secret: string;
let business: string;

const NAMES = [
  'no STARTTLS',
  'STARTTLS refused with 454',
  'STARTTLS refused with 502',
  'STARTTLS refused with 554',
  'STARTTLS answered with 250',
  'the connection closed at STARTTLS',
  'self-signed',
  'for another name',
  'the name in the common name only',
  'a wildcard two labels up',
  'expired',
  'not valid yet',
  'of an unknown authority',
  'issued by a certificate that is no authority',
  'TLS 1.1',
  'suites that are too weak',
  'a client certificate demanded',
  'garbage instead of TLS',
  'closed in the handshake',
  'silence in the handshake',
  'replies injected behind the 220',
  'STARTTLS gone at the second connection',
  'STARTTLS gone at the second server',
] as const;

async function makeRows(ca: CertificateAndKey): Promise<readonly Row[]> {
  const good = (domain: string) =>
    issueCertificate({ commonName: `mx1.${domain}`, names: [`mx1.${domain}`], issuer: ca, ...valid });
  const otherCa = await issueCertificate({ commonName: 'Another CA', names: [], isCa: true, ...valid });
  const leafAsCa = await good('leaf.example');
  const made: Row[] = [];
  const add = async (
    name: (typeof NAMES)[number],
    reason: RegExp,
    server: (domain: string) => Promise<DomainPeer | readonly DomainPeer[]>,
  ) => {
    const domain = `case-${made.length + 1}.example`;
    const servers = await server(domain);
    made.push({ name, domain, reason, servers: isList(servers) ? servers : [servers] });
  };
  const behaving = (behaviour: NonNullable<DomainPeer['behaviour']>) => async (domain: string) => ({
    certificate: await good(domain),
    behaviour,
  });
  const certified =
    (change: Partial<Parameters<typeof issueCertificate>[0]>, issuer: CertificateAndKey | undefined = ca) =>
    async (domain: string) => ({
      certificate: await issueCertificate({
        commonName: `mx1.${domain}`,
        names: [`mx1.${domain}`],
        ...valid,
        ...(issuer === undefined ? {} : { issuer }),
        ...change,
      }),
    });

  await add('no STARTTLS', /does not offer STARTTLS/, behaving({ startTls: 'none' }));
  await add('STARTTLS refused with 454', /refused STARTTLS with 454/, behaving({ startTls: '454' }));
  await add('STARTTLS refused with 502', /refused STARTTLS with 502/, behaving({ startTls: '502' }));
  await add(
    'STARTTLS refused with 554',
    /refused STARTTLS with 554/,
    behaving({ replies: { STARTTLS: '554 5.7.1 no' } }),
  );
  await add(
    'STARTTLS answered with 250',
    /refused STARTTLS with 250/,
    behaving({ replies: { STARTTLS: '250 2.0.0 fine' } }),
  );
  await add(
    'the connection closed at STARTTLS',
    /TLS could not be started: /,
    behaving({ closeAt: 'STARTTLS' }),
  );
  await add('self-signed', /self-signed/, async (domain) => ({
    certificate: await issueCertificate({ commonName: `mx1.${domain}`, names: [`mx1.${domain}`], ...valid }),
  }));
  await add('for another name', /for another name/, certified({ names: ['mx.elsewhere.example'] }));
  await add('the name in the common name only', /for another name/, certified({ names: [] }));
  await add('a wildcard two labels up', /for another name/, certified({ names: ['*.example'] }));
  await add(
    'expired',
    /has expired/,
    certified({ notBefore: new Date(now - 30 * DAY), notAfter: new Date(now - DAY) }),
  );
  await add(
    'not valid yet',
    /not valid yet/,
    certified({ notBefore: new Date(now + DAY), notAfter: new Date(now + 30 * DAY) }),
  );
  await add('of an unknown authority', /not from a known authority/, certified({}, otherCa));
  await add('issued by a certificate that is no authority', /certificate is not/, async (domain) => {
    const { certificatePem, keyPem } = await issueCertificate({
      commonName: `mx1.${domain}`,
      names: [`mx1.${domain}`],
      issuer: leafAsCa,
      ...valid,
    });
    return { certificate: { certificatePem: certificatePem + leafAsCa.certificatePem, keyPem } };
  });
  await add('TLS 1.1', /TLS version is too old/, behaving({ startTls: 'old' }));
  await add(
    'suites that are too weak',
    /no TLS version or cipher suite that is acceptable/,
    behaving({ tls: { maxVersion: 'TLSv1.2', ciphers: 'AES128-SHA:AES256-SHA256' } }),
  );
  await add(
    'a client certificate demanded',
    /TLS could not be started: .*CERTIFICATE_REQUIRED/,
    behaving({ tls: { requestCert: true, rejectUnauthorized: true, ca: ca.certificatePem } }),
  );
  await add(
    'garbage instead of TLS',
    /handshake failed|TLS could not be started/,
    behaving({ startTls: 'garbage' }),
  );
  await add(
    'closed in the handshake',
    /handshake was cut off|handshake failed|TLS could not be started/,
    behaving({ startTls: 'cut' }),
  );
  await add('silence in the handshake', /handshake took too long/, behaving({ startTls: 'silence' }));
  await add(
    'replies injected behind the 220',
    /data in the clear after STARTTLS/,
    behaving({ startTls: 'injection' }),
  );
  await add(
    'STARTTLS gone at the second connection',
    /does not offer STARTTLS/,
    behaving((connection) => ({ startTls: connection === 1 ? 'garbage' : 'none' })),
  );
  await add('STARTTLS gone at the second server', /does not offer STARTTLS/, async (domain) => [
    { certificate: await good(domain), behaviour: { startTls: '502' } },
    { behaviour: { startTls: 'none' } },
  ]);
  return made;
}

beforeAll(async () => {
  const ca = await issueCertificate({ commonName: 'Test CA', names: [], isCa: true, ...valid });
  rows = await makeRows(ca);
  const certificate = await issueCertificate({
    commonName: 'mx1.good.example',
    names: ['mx1.good.example'],
    issuer: ca,
    ...valid,
  });
  domains = await startDomains({
    'good.example': [{ certificate }],
    ...Object.fromEntries(rows.map((row) => [row.domain, row.servers])),
  });
  home = await relayHome({
    dns: { servers: [domains.dns.address], allow_private_targets: true, timeout: '10s' },
    delivery: {
      port: domains.port,
      ca: 'ca.pem',
      first_retry: '1s',
      max_retry: '1s',
      tls_fallback_after: '2s',
      // Who is silent in the handshake is waited for so long, and nobody else is to be taken for silent.
      command_timeout: '6s',
    },
  });
  writeFileSync(join(home.folder, 'ca.pem'), ca.certificatePem);
  relay = await home.start();
  secret = await submit(relay, {
    to: ['doe@good.example', ...rows.map((row) => `doe@${row.domain}`)],
    subject: 'Zinnober',
    text: LAB_RESULT,
  });
});

afterAll(async () => {
  await home?.remove();
  await domains?.close();
});

describe('patient data', () => {
  it('is delivered by verified TLS where TLS is as it should be', async () => {
    await untilState(home, secret, 'doe@good.example', 'delivered');
    const peer = domains.peer('good.example');
    expect(peer.secured()).toMatch(CANARIES);
    expect(peer.clear()).not.toMatch(CANARIES);
    expect(peer.messages[0]?.tls).toMatch(/^TLSv1\.[23]$/);
    // The next hop is asked to leave the content out of its DSNs.
    expect(peer.messages[0]?.mail).toContain('RET=HDRS');
  });

  it.each(NAMES)('goes into the portal: %s', async (name) => {
    const row = rowOf(name);
    const recipient = `doe@${row.domain}`;
    await untilState(home, secret, recipient, 'in-portal');
    const words = wordsAbout(home, secret, recipient);
    expect(words).toMatch(/Changed from mail over enforced TLS to the pickup portal\n\s+because: /);
    expect(words).toMatch(row.reason);
  });

  it.each(NAMES)('leaves no byte behind: %s', async (name) => {
    const row = rowOf(name);
    for (const peer of peersOf(row)) {
      expect(peer.clear()).not.toMatch(CANARIES);
      expect(peer.secured()).not.toMatch(CANARIES);
      for (const one of peer.commands) expect(one).not.toMatch(/^MAIL FROM:<ward3@/);
    }
  });

  it.each(NAMES)('is announced by a notice that says nothing of it: %s', async (name) => {
    const row = rowOf(name);
    const notice = storyOf(home, secret).notices.find((one) => one.recipient === `doe@${row.domain}`);
    expect(notice?.kind).toBe('pickup-notice');
    await untilState(home, notice?.noticeId ?? '', `doe@${row.domain}`, 'delivered');
    const got = peersOf(row).flatMap((peer) => peer.messages);
    expect(got).toHaveLength(1);
    expect(got[0]?.content).toMatch(/https:\/\/127\.0\.0\.1:\d+\/m\//);
    expect(got[0]?.mail).toMatch(/^MAIL FROM:<>/);
    expect(
      peersOf(row)
        .map((peer) => peer.clear() + peer.secured())
        .join(),
    ).not.toMatch(CANARIES);
  });
});

describe('business mail', () => {
  beforeAll(async () => {
    business = await submit(relay, {
      to: rows.map((row) => `sam@${row.domain}`),
      subject: 'Lunch on Thursday',
      text: 'Shall we meet at noon in the canteen?',
    });
  });

  it.each(NAMES)('is still delivered: %s', async (name) => {
    const row = rowOf(name);
    await untilState(home, business, `sam@${row.domain}`, 'delivered');
    const got = peersOf(row)
      .flatMap((peer) => peer.messages)
      .find((one) => one.rcpts.join().includes(`<sam@${row.domain}>`));
    expect(got?.content).toContain('Shall we meet at noon');
  });
});

it('keeps the log whole and free of the protected content', async () => {
  expect(relay.output()).not.toMatch(CANARIES);
  const verified = await home.run(['audit', 'verify']);
  expect(verified.status, verified.stderr).toBe(0);
});

function rowOf(name: string): Row {
  const row = rows.find((one) => one.name === name);
  if (row === undefined) throw new Error(`no row ${name}`);
  return row;
}

function peersOf(row: Row): readonly SmtpPeer[] {
  return row.servers.map((_server, i) => domains.peer(row.domain, i + 1));
}

function isList(value: DomainPeer | readonly DomainPeer[]): value is readonly DomainPeer[] {
  return Array.isArray(value);
}
