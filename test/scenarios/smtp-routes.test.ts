import { writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { issueCertificate } from '../../src/keys/certificates.js';
import { type DnsServer, startDnsServer } from '../support/dns-server.js';
import { received } from '../support/hostile-domains.js';
import { PATIENT } from '../support/patience.js';
import { freePort, type RelayHome, type RunningRelay, relayHome } from '../support/relay-process.js';
import { type SmtpPeer, startPeer } from '../support/smtp-peer.js';
import { storyOf, wordsAbout } from '../support/story.js';
import { LAB_RESULT, submit } from '../support/submit.js';
import { untilState } from '../support/until-state.js';

/*
 * Where mail goes: smarthosts with and without a promise, log-ins, MX preference and fallback, null MX, and addresses
 * that are never dialled.
 */

const DAY = 86_400_000;
const valid = { notBefore: new Date(Date.now() - DAY), notAfter: new Date(Date.now() + 30 * DAY) };
const CANARIES = /Roe, Jane|00482913|212-55-0187|Hemoglobin|Zinnober/;
const PASSWORD = 'pumpernickel';
const OWNER = 'Jo Bloggs, contract 17';

const peers: Record<string, SmtpPeer> = {};
const peer = (name: string): SmtpPeer => {
  const found = peers[name];
  if (found === undefined) throw new Error(`no peer ${name}`);
  return found;
};
let dns: DnsServer;
let home: RelayHome;
let relay: RunningRelay;
let guarded: Server;
let dialled = 0;

beforeAll(async () => {
  const ca = await issueCertificate({ commonName: 'Test CA', names: [], isCa: true, ...valid });
  const certified = (name: string) =>
    issueCertificate({ commonName: name, names: [name], issuer: ca, ...valid });
  const selfSigned = (name: string) => issueCertificate({ commonName: name, names: [name], ...valid });

  const smarthost = { keywords: ['PIPELINING', '8BITMIME', 'AUTH PLAIN LOGIN'] };
  // Free on 127.0.0.1, too, where something listens on it in the end.
  const port = await freePort();
  const server = async (name: string, host: string, options: Parameters<typeof startPeer>[0] = {}) => {
    peers[name] = await startPeer({ ...options, host, port });
  };
  await server('silent', '127.0.0.41', { certificate: await certified('mx1.pref.example') });
  await server('second', '127.0.0.42', { certificate: await certified('mx2.pref.example') });
  await server('third', '127.0.0.43', { certificate: await certified('mx3.pref.example') });
  await server('fallback', '127.0.0.44', { certificate: await certified('afallback.example') });
  await server('plainhost', '127.0.0.45', { certificate: await certified('smart.example') });
  await server('promise', '127.0.0.46', { certificate: await certified('promise.example') });
  await server('broken-promise', '127.0.0.47', { certificate: await selfSigned('broken.example') });
  await server('login', '127.0.0.48', {
    certificate: await certified('login.example'),
    behaviour: smarthost,
  });
  await server('login-self-signed', '127.0.0.49', {
    certificate: await selfSigned('login2.example'),
    behaviour: smarthost,
  });
  await server('login-clear', '127.0.0.50', { behaviour: smarthost });
  await server('implicit', '127.0.0.51', {
    certificate: await certified('implicit.example'),
    behaviour: { ...smarthost, implicitTls: true },
  });

  dns = await startDnsServer({
    'pref.example': {
      mx: [
        { preference: 30, exchange: 'mx3.pref.example' },
        { preference: 10, exchange: 'mx1.pref.example' },
        { preference: 20, exchange: 'mx2.pref.example' },
      ],
    },
    'mx1.pref.example': { a: ['127.0.0.41'] },
    'mx2.pref.example': { a: ['127.0.0.42'] },
    'mx3.pref.example': { a: ['127.0.0.43'] },
    'refusing.example': {
      mx: [
        { preference: 10, exchange: 'nobody.refusing.example' },
        { preference: 20, exchange: 'mx2.pref.example' },
      ],
    },
    // Nobody listens there.
    'nobody.refusing.example': { a: ['127.0.0.99'] },
    'twoaddresses.example': { mx: [{ preference: 10, exchange: 'mx.twoaddresses.example' }] },
    'mx.twoaddresses.example': { a: ['127.0.0.99', '127.0.0.42'] },
    'afallback.example': { a: ['127.0.0.44'] },
    'nullmx.example': { mx: [{ preference: 0, exchange: '.' }] },
    'nothing.example': {},
    'nohost.example': { mx: [{ preference: 10, exchange: 'gone.nohost.example' }] },
    'servfail.example': { fails: 'SERVFAIL' },
    'loop.example': { mx: [{ preference: 10, exchange: 'relay.clinic.example' }] },
    'ip-as-mx.example': { mx: [{ preference: 10, exchange: '127.0.0.41' }] },
    'clinic.example': { a: ['127.0.0.44'] },
  });
  home = await relayHome({
    dns: { servers: [dns.address], allow_private_targets: true, timeout: '10s' },
    delivery: {
      port,
      ca: 'ca.pem',
      first_retry: '1s',
      max_retry: '1s',
      tls_fallback_after: '1s',
      routes: [
        {
          name: 'plainhost',
          domains: ['by-smarthost.example'],
          host: '127.0.0.45',
          tls_name: 'smart.example',
        },
        {
          name: 'promise',
          domains: ['promised.example'],
          host: '127.0.0.46',
          tls_name: 'promise.example',
          onward_tls: 'guaranteed',
          onward_tls_owner: OWNER,
        },
        {
          name: 'broken-promise',
          domains: ['broken.example'],
          host: '127.0.0.47',
          tls_name: 'broken.example',
          onward_tls: 'guaranteed',
          onward_tls_owner: OWNER,
        },
        ...(
          [
            ['login', '127.0.0.48', 'login.example'],
            ['login-self-signed', '127.0.0.49', 'login2.example'],
            ['login-clear', '127.0.0.50', 'login3.example'],
          ] as const
        ).map(([name, host, tls_name]) => ({
          name,
          domains: [`${name}.example`],
          host,
          tls_name,
          auth: { user: 'clinic', password_file: 'smarthost.password' },
        })),
        {
          name: 'implicit',
          domains: ['implicit.example'],
          host: '127.0.0.51',
          tls_name: 'implicit.example',
          implicit_tls: true,
          auth: { user: 'clinic', password_file: 'smarthost.password' },
        },
      ].map((route) => ({ ...route, port })),
    },
  });
  writeFileSync(join(home.folder, 'ca.pem'), ca.certificatePem);
  writeFileSync(join(home.folder, 'smarthost.password'), `${PASSWORD}\n`, { mode: 0o600 });
  relay = await home.start();
});

afterAll(async () => {
  await home?.remove();
  await Promise.all([...Object.values(peers).map((one) => one.close()), dns?.close()]);
  await new Promise((done) => (guarded === undefined ? done(undefined) : guarded.close(done)));
});

const taken = (name: string, recipient: string) =>
  peer(name)
    .messages.map(received)
    .filter((one) => one.recipients.includes(recipient));

const deferredBecause = (id: string, recipient: string) =>
  vi.waitFor(() => {
    const found = storyOf(home, id)
      .recipients.find((one) => one.recipient === recipient)
      ?.events.find((event) => event.type === 'recipient.deferred');
    if (found === undefined) throw new Error('not deferred yet');
    return JSON.stringify(found.data);
  }, PATIENT);

describe('a smarthost', () => {
  it('without a promise: patient data goes into the portal, and the explanation says so', async () => {
    const recipient = 'doe@by-smarthost.example';
    const id = await submit(relay, { to: [recipient], subject: 'Zinnober', text: LAB_RESULT });
    await untilState(home, id, recipient, 'in-portal');
    expect(wordsAbout(home, id, recipient)).toMatch(
      /enforced TLS: not used: route plainhost is a smarthost without a promise of TLS onward/,
    );
    // Its TLS is as good as can be, and still only the notice went there.
    const [notice] = storyOf(home, id).notices;
    await untilState(home, notice?.noticeId ?? '', recipient, 'delivered');
    expect(peer('plainhost').clear() + peer('plainhost').secured()).not.toMatch(CANARIES);
    expect(taken('plainhost', recipient)[0]?.tls).toMatch(/^TLSv1/);
  });

  it('what is learnt of its TLS says nothing of the domain behind it', async () => {
    const { stdout } = await home.run(['tls', 'list', '--json']);
    expect(stdout).not.toContain('by-smarthost.example');
  });

  it('with `onward_tls: guaranteed`: delivered by verified TLS, and its owner is on record', async () => {
    const recipient = 'doe@promised.example';
    const id = await submit(relay, { to: [recipient], subject: 'Zinnober', text: LAB_RESULT });
    await untilState(home, id, recipient, 'delivered');
    const words = wordsAbout(home, id, recipient);
    expect(words).toContain(`TLS onward is guaranteed by ${OWNER}`);
    expect(words).toContain(`it is the promise of ${OWNER}`);
    expect(words).toContain('over verified TLS');
    expect(peer('promise').secured()).toMatch(CANARIES);
    expect(peer('promise').clear()).not.toMatch(CANARIES);

    const mail = join(home.folder, 'mail.eml');
    writeFileSync(mail, `From: ward3@clinic.example\nTo: ${recipient}\nSubject: Result\n\n${LAB_RESULT}`);
    const explained = await home.run(['explain', mail, '--from', 'ward3@clinic.example', '--to', recipient]);
    expect(explained.stdout).toContain(OWNER);
  });

  it('a promise does not replace verified TLS to the smarthost itself', async () => {
    const recipient = 'doe@broken.example';
    const id = await submit(relay, { to: [recipient], subject: 'Zinnober', text: LAB_RESULT });
    await untilState(home, id, recipient, 'in-portal');
    expect(wordsAbout(home, id, recipient)).toMatch(/self-signed/);
    expect(peer('broken-promise').clear() + peer('broken-promise').secured()).not.toMatch(CANARIES);
  });
});

describe('a log-in at a smarthost', () => {
  const login = Buffer.from(`\0clinic\0${PASSWORD}`).toString('base64');

  it.each([
    ['login', 'STARTTLS'],
    ['implicit', 'implicit TLS'],
  ])('%s: is sent over verified TLS (%s)', async (name) => {
    const recipient = `sam@${name}.example`;
    const id = await submit(relay, { to: [recipient], text: 'Lunch?' });
    await untilState(home, id, recipient, 'delivered');
    expect(peer(name).secured()).toContain(`AUTH PLAIN ${login}`);
    expect(peer(name).clear()).not.toContain('AUTH');
    expect(taken(name, recipient)).toHaveLength(1);
  });

  it.each([
    ['login-self-signed', /self-signed/],
    ['login-clear', /does not offer STARTTLS/],
  ])('%s: the password is not sent, nor the message; it waits', async (name, reason) => {
    const recipient = `sam@${name}.example`;
    const id = await submit(relay, { to: [recipient], text: 'Lunch?' });
    expect(await deferredBecause(id, recipient)).toMatch(reason);
    await untilState(home, id, recipient, 'pending');
    expect(peer(name).commands.filter((line) => /^(AUTH|MAIL)/.test(line))).toEqual([]);
    expect(peer(name).clear() + peer(name).secured()).not.toContain(login);
  });

  it('the password is nowhere in the log', () => {
    expect(relay.output()).not.toContain(PASSWORD);
  });
});

describe('by MX', () => {
  it('the lowest preference first', async () => {
    const id = await submit(relay, { to: ['sam@pref.example'], text: 'Lunch?' });
    await untilState(home, id, 'sam@pref.example', 'delivered');
    expect(taken('silent', 'sam@pref.example')).toHaveLength(1);
    expect(peer('second').messages).toEqual([]);
    expect(peer('third').messages).toEqual([]);
  });

  it.each([
    ['refuses connections', 'refusing.example', 'Lunch?'],
    ['refuses connections, for patient data', 'refusing.example', LAB_RESULT],
    ['refuses them at one of its addresses', 'twoaddresses.example', 'Lunch?'],
  ])('another server or address where the first %s', async (_name, domain, text) => {
    const recipient = `sam@${domain}`;
    const before = taken('second', recipient).length;
    const id = await submit(relay, { to: [recipient], text });
    await untilState(home, id, recipient, 'delivered');
    expect(taken('second', recipient)).toHaveLength(before + 1);
    expect(peer('second').clear()).not.toMatch(CANARIES);
  });

  it('the next server at once where the first greets with 421, each once', async () => {
    peer('silent').behave({ replies: { connect: '421 4.3.2 busy' } });
    // An idle connection to it would still serve.
    await vi.waitFor(() => expect(peer('silent').commands).toContain('QUIT'), PATIENT);
    const id = await submit(relay, { to: ['kim@pref.example'], text: LAB_RESULT });
    await untilState(home, id, 'kim@pref.example', 'delivered');
    expect(taken('second', 'kim@pref.example')).toHaveLength(1);
    expect(peer('third').messages).toEqual([]);
    expect(storyOf(home, id).recipients[0]?.events.map((event) => event.type)).not.toContain(
      'recipient.deferred',
    );
  });

  it("without MX: the domain's own address, and its certificate must carry the domain's name", async () => {
    const id = await submit(relay, { to: ['sam@afallback.example'], text: LAB_RESULT });
    await untilState(home, id, 'sam@afallback.example', 'delivered');
    expect(taken('fallback', 'sam@afallback.example')).toHaveLength(1);
    expect(peer('fallback').clear()).not.toMatch(CANARIES);
  });

  it.each([
    ['a null MX', 'nullmx.example', '5.1.10', /accepts no mail \(null MX\)/],
    ['a domain that does not exist', 'absent.example', '5.1.2', /does not exist/],
    ['neither MX nor address', 'nothing.example', '5.4.4', /neither mail servers nor an address/],
    ['an MX without an address', 'nohost.example', '5.4.4', /no mail server of the domain has an address/],
    ['an MX that is this relay', 'loop.example', '5.4.6', /this relay itself/],
    ['an IP address as MX', 'ip-as-mx.example', '5.4.4', /no mail server/],
  ])('%s bounces at once', async (_name, domain, status, reason) => {
    const recipient = `sam@${domain}`;
    const id = await submit(relay, { to: [recipient], text: 'Lunch?' });
    await untilState(home, id, recipient, 'bounced');
    const bounced = storyOf(home, id).recipients[0]?.events.find(
      (event) => event.type === 'recipient.bounced',
    );
    expect(bounced?.data).toMatchObject({ status, reason: expect.stringMatching(reason) });
  });

  it('a look-up that fails is repeated, not bounced', async () => {
    const id = await submit(relay, { to: ['sam@servfail.example'], text: 'Lunch?' });
    expect(await deferredBecause(id, 'sam@servfail.example')).toMatch(/could not be looked up/);
    await untilState(home, id, 'sam@servfail.example', 'pending');
  });
});

describe('private addresses found in DNS', () => {
  it('are never dialled, by whatever record they come; configured routes are', async () => {
    const { account } = relay;
    await relay.kill('SIGTERM');
    const { port } = peer('silent');
    guarded = createServer((socket) => {
      dialled += 1;
      socket.destroy();
    });
    await new Promise<void>((done) => guarded.listen(port, '127.0.0.1', done));
    dns.setZone({
      'inside-1.example': { mx: [{ preference: 10, exchange: 'mx.inside-1.example' }] },
      'mx.inside-1.example': { a: ['127.0.0.1'] },
      'inside-2.example': { a: ['127.0.0.1'] },
      'inside-3.example': { mx: [{ preference: 10, exchange: 'mx.inside-3.example' }] },
      'mx.inside-3.example': { a: ['10.0.0.1', '169.254.169.254', '0.0.0.0'] },
      'inside-4.example': { mx: [{ preference: 10, exchange: 'localhost' }] },
      'clinic.example': { a: ['127.0.0.1'] },
    });
    home.configure({ dns: { servers: [dns.address], allow_private_targets: false } });
    const next = await home.start();
    relay = account === undefined ? next : { ...next, account };

    const inside = [1, 2, 3, 4].map((n) => `sam@inside-${n}.example`);
    const id = await submit(relay, { to: [...inside, 'kim@login.example'], text: 'Lunch?' });
    for (const recipient of inside) await untilState(home, id, recipient, 'bounced');
    await untilState(home, id, 'kim@login.example', 'delivered');
    for (const one of storyOf(home, id).recipients.slice(0, 3)) {
      expect(JSON.stringify(one.events.find((event) => event.type === 'recipient.bounced')?.data)).toMatch(
        /5\.4\.4.*only private or reserved addresses|only private or reserved addresses.*5\.4\.4/,
      );
    }
    expect(dialled).toBe(0);
  });
});

it('the log verifies in the end', async () => {
  const verified = await home.run(['audit', 'verify']);
  expect(verified.status, verified.stderr).toBe(0);
});
