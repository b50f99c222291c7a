import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { issueCertificate } from '../../src/keys/certificates.js';
import { type Domains, startDomains } from '../support/hostile-domains.js';
import { type RelayHome, type RunningRelay, relayHome } from '../support/relay-process.js';
import { authPlain, beginData, openDialog, type SmtpDialog } from '../support/smtp-dialog.js';
import type { PeerBehaviour } from '../support/smtp-peer.js';
import { storyOf } from '../support/story.js';
import { LAB_RESULT, submit } from '../support/submit.js';
import { untilState } from '../support/until-state.js';

/*
 * STARTTLS (RFC 3207) on both sides. What stands in the clear behind STARTTLS, put there by whoever sits between, is never
 * run inside TLS, nor is a reply; what was said or offered before TLS is forgotten; and a server whose STARTTLS was
 * stripped gets nothing for which a rule asked for TLS. More about hostile servers: test/scenarios/tls-failures.
 */

let domains: Domains;
let home: RelayHome;
let relay: RunningRelay;
const open: SmtpDialog[] = [];

/** Servers that have TLS, and what is odd about them. */
const SERVERS = {
  'forgets.example': {
    keywords: ['PIPELINING'],
    clearKeywords: ['SIZE 10', 'DSN', 'SMTPUTF8', 'AUTH PLAIN'],
  },
  'learns.example': { keywords: ['PIPELINING', 'SIZE 50000000', 'DSN'] },
  'injects.example': { startTls: 'injection' },
  'stripped.example': { startTls: 'none' },
  'twice.example': {},
  'clinic.example': {},
} as const satisfies Readonly<Record<string, PeerBehaviour>>;

beforeAll(async () => {
  const DAY = 86_400_000;
  const valid = { notBefore: new Date(Date.now() - DAY), notAfter: new Date(Date.now() + 30 * DAY) };
  const ca = await issueCertificate({ commonName: 'Test CA', names: [], isCa: true, ...valid });
  const certificate = await issueCertificate({
    commonName: 'mx1.clinic.example',
    names: Object.keys(SERVERS).map((name) => `mx1.${name}`),
    issuer: ca,
    ...valid,
  });
  domains = await startDomains(
    Object.fromEntries(
      Object.entries(SERVERS).map(([name, behaviour]) => [name, [{ certificate, behaviour }]]),
    ),
  );
  home = await relayHome({
    identities: [{ name: 'ehr', networks: ['127.0.0.0/8'], senders: ['clinic.example'] }],
    listeners: [
      { name: 'submission', address: '127.0.0.1:0', mode: 'submission', accounts: true },
      { name: 'submissions', address: '127.0.0.1:0', mode: 'submissions', accounts: true },
      {
        name: 'inside',
        address: '127.0.0.1:0',
        mode: 'relay',
        identities: ['ehr'],
        tls: { mode: 'off', off_for: ['127.0.0.0/8'] },
      },
    ],
    dns: { servers: [domains.dns.address] },
    delivery: { port: domains.port, ca: 'ca.pem' },
  });
  writeFileSync(join(home.folder, 'ca.pem'), ca.certificatePem);
  relay = await home.start();
});

afterAll(async () => {
  await home?.remove();
  await domains?.close();
});

afterEach(() => {
  for (const one of open.splice(0)) one.end();
});

async function greeted(listener = 'submission'): Promise<SmtpDialog> {
  const dialog = await openDialog(relay.port(listener));
  open.push(dialog);
  await dialog.reply();
  expect(await dialog.say('EHLO client.example')).toContain(listener === 'submissions' ? 'SIZE' : 'STARTTLS');
  return dialog;
}

const ENVELOPE = 'MAIL FROM:<ward3@clinic.example>\r\nRCPT TO:<victim@twice.example>\r\n';
const logIn = () => authPlain(relay.account?.name ?? '', relay.account?.password ?? '');

describe('commands in the clear behind STARTTLS', () => {
  const BEHIND: Readonly<Record<string, string | Buffer>> = {
    'a whole command': 'NOOP\r\n',
    'a greeting and an envelope': `EHLO evil.example\r\n${ENVELOPE}DATA\r\n`,
    'part of a command': 'MAIL FROM:<ward3@clinic.example> ',
    'an empty line': '\r\n',
    'one space': ' ',
    'one LF': '\n',
    'another STARTTLS': 'STARTTLS\r\n',
    'a log-in': 'AUTH PLAIN AG5vYm9keQB4\r\n',
    QUIT: 'QUIT\r\n',
    // Also a handshake that doesn't wait for the 220.
    'a TLS record': Buffer.from('1603010005010000010303', 'hex'),
  };

  it.each(Object.entries(BEHIND))(
    'in the same packet, %s: refused, and the session ends',
    async (_name, behind) => {
      for (const listener of ['submission', 'inside']) {
        const dialog = await greeted(listener);
        dialog.write(Buffer.concat([Buffer.from('STARTTLS\r\n'), Buffer.from(behind)]));
        expect(await dialog.reply()).toMatch(/^503 5\.5\.1 /);
        await dialog.closed();
        expect(await dialog.reply()).toBe('');
      }
    },
  );

  it.each(Object.entries(BEHIND))('in the next packet, %s: never run', async (_name, behind) => {
    const dialog = await greeted();
    await dialog.writeAlone('STARTTLS\r\n');
    await dialog.writeAlone(behind);
    await dialog.writeAlone(`\r\n${ENVELOPE}`);
    const replies: string[] = [];
    for (let reply = await dialog.reply(); reply !== ''; reply = await dialog.reply()) replies.push(reply);
    // Refused if it came before the 220, else a handshake that fails; TLS alerts are no replies.
    expect(replies.join('\n')).toMatch(/^(?:503 5\.5\.1 .*|220 2\.0\.0 .*)$/);
  });

  it('after the 220, in place of a handshake: never run', async () => {
    const dialog = await greeted();
    expect(await dialog.say('STARTTLS')).toMatch(/^220 2\.0\.0/);
    dialog.write(ENVELOPE);
    await dialog.closed();
    expect(await dialog.reply()).toBe('');
  });

  it('on the port of implicit TLS: never run', async () => {
    const dialog = await openDialog(relay.port('submissions'));
    open.push(dialog);
    dialog.write(`EHLO client.example\r\n${ENVELOPE}`);
    await dialog.closed();
    expect(await dialog.reply()).toBe('');
  });
});

describe('what was said before TLS', () => {
  it('is forgotten: greeting, sender and recipients', async () => {
    const dialog = await greeted('inside');
    expect(await dialog.say('MAIL FROM:<ward3@clinic.example>')).toMatch(/^250/);
    expect(await dialog.say('RCPT TO:<victim@twice.example>')).toMatch(/^250/);
    expect(await dialog.say('STARTTLS')).toMatch(/^220 2\.0\.0/);
    await dialog.handshake();
    expect(await dialog.say('DATA')).toMatch(/^503 5\.5\.1/);
    expect(await dialog.say('RCPT TO:<victim@twice.example>')).toMatch(/^503 5\.5\.1/);
    expect(await dialog.say('MAIL FROM:<ward3@clinic.example>')).toMatch(/^503 5\.5\.1 Say EHLO/);
    expect(await dialog.say(logIn())).toMatch(/^503 5\.5\.1/);
    const offered = await dialog.say('EHLO client.example');
    expect(offered).not.toContain('STARTTLS');
    expect(await dialog.say('STARTTLS')).toMatch(/^503 5\.5\.1/);
  });

  it('a refused STARTTLS forgets nothing', async () => {
    const dialog = await greeted('inside');
    await dialog.say('MAIL FROM:<ward3@clinic.example>');
    expect(await dialog.say('STARTTLS please')).toMatch(/^501 5\.5\.4/);
    expect(await dialog.say('RCPT TO:<a@twice.example>')).toMatch(/^250/);
  });

  it('EHLO within TLS keeps the log-in, and forgets the transaction (RFC 5321 4.1.4)', async () => {
    const dialog = await greeted();
    await dialog.say('STARTTLS');
    await dialog.handshake();
    expect(await dialog.say('EHLO client.example')).toMatch(/^250[ -]AUTH PLAIN LOGIN$/m);
    expect(await dialog.say(logIn())).toMatch(/^235/);
    await dialog.say('MAIL FROM:<ward3@clinic.example>');
    await dialog.say('RCPT TO:<a@twice.example>');
    expect(await dialog.say('EHLO client.example')).not.toMatch(/^250[ -]AUTH/m);
    expect(await dialog.say('DATA')).toMatch(/^503 5\.5\.1/);
    await beginData(dialog, ['a@twice.example']);
    expect(await dialog.say('From: ward3@clinic.example\r\nSubject: kept log-in\r\n\r\nx\r\n.')).toMatch(
      /^250/,
    );
  });

  it('mail that needs TLS or a log-in is not taken before', async () => {
    const dialog = await greeted();
    expect(await dialog.say('MAIL FROM:<ward3@clinic.example>')).toMatch(/^530 5\.7\.0/);
    expect(await dialog.say(logIn())).toMatch(/^538 5\.7\.0/);
    await dialog.say('STARTTLS');
    await dialog.handshake();
    await dialog.say('EHLO client.example');
    expect(await dialog.say('MAIL FROM:<ward3@clinic.example>')).toMatch(/^530 5\.7\.0/);
  });

  it('implicit TLS greets within TLS, and offers no STARTTLS', async () => {
    const socket = connectTls({
      port: relay.port('submissions'),
      host: '127.0.0.1',
      rejectUnauthorized: false,
    });
    try {
      const lines: string[] = [];
      socket.setEncoding('utf8').on('data', (text: string) => lines.push(text));
      await expect.poll(() => lines.join('')).toMatch(/^220 /);
      socket.write('EHLO client.example\r\n');
      await expect.poll(() => lines.join('')).toMatch(/^250 SIZE/m);
      expect(lines.join('')).not.toContain('STARTTLS');
    } finally {
      socket.destroy();
    }
  });
});

describe('towards a server', () => {
  it('what it offered before TLS is forgotten, what it offers inside is used', async () => {
    const text = 'We are open until six.';
    const id = await submit(relay, { to: ['a@forgets.example', 'a@learns.example'], text });
    await untilState(home, id, 'a@forgets.example', 'delivered');
    await untilState(home, id, 'a@learns.example', 'delivered');
    const forgets = domains.peer('forgets.example');
    expect(forgets.commands.filter((line) => line.startsWith('EHLO'))).toHaveLength(2);
    expect(forgets.messages[0]?.mail).toBe('MAIL FROM:<ward3@clinic.example>');
    expect(domains.peer('learns.example').messages[0]?.mail).toMatch(/ SIZE=\d+$/);
    for (const name of ['forgets.example', 'learns.example'])
      expect(domains.peer(name).clear().split('\r\n')).toEqual([
        'EHLO relay.clinic.example',
        'STARTTLS',
        expect.anything(),
      ]);
  });

  it.each([
    ['injects.example', /sent data in the clear after STARTTLS/],
    ['stripped.example', /does not offer STARTTLS/],
  ])('%s: what a rule protects is not sent, and goes into the portal', async (domain, reason) => {
    const id = await submit(relay, { to: [`a@${domain}`], subject: 'Zinnober', text: LAB_RESULT });
    await untilState(home, id, `a@${domain}`, 'in-portal');
    const peer = domains.peer(domain);
    expect(peer.clear() + peer.secured()).not.toMatch(/Zinnober|212-55-0187|MAIL FROM:<ward3/);
    expect(JSON.stringify(storyOf(home, id))).toMatch(reason);
  });

  it('a server that was stripped once gets what is protected when it offers TLS again', async () => {
    const peer = domains.peer('twice.example');
    peer.behave({ startTls: '454' });
    const id = await submit(relay, { to: ['lab@twice.example'], subject: 'Zinnober', text: LAB_RESULT });
    await expect.poll(() => peer.commands.includes('STARTTLS')).toBe(true);
    peer.behave({});
    await untilState(home, id, 'lab@twice.example', 'delivered', 'in-portal');
    expect(peer.clear()).not.toMatch(/212-55-0187/);
    for (const message of peer.messages)
      if (message.content.includes('212-55-0187')) expect(message.tls).toMatch(/^TLSv1\.[23]$/);
  });
});

it('nothing of all that reached the victim', () => {
  expect(domains.peer('twice.example').commands.join()).not.toContain('victim');
});
