import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { issueCertificate } from '../../src/keys/certificates.js';
import { type DomainPeer, type Domains, received, startDomains } from '../support/hostile-domains.js';
import { PATIENT } from '../support/patience.js';
import { mailedCode, pickupLink, portalVisitor } from '../support/portal-visitor.js';
import { type RelayHome, type RunningRelay, relayHome } from '../support/relay-process.js';
import type { PeerBehaviour, PeerMessage } from '../support/smtp-peer.js';
import { storyOf } from '../support/story.js';
import { LAB_RESULT, submit } from '../support/submit.js';
import { untilState } from '../support/until-state.js';

/*
 * Whoever strips STARTTLS must get neither the content nor the portal's code for it: notices and codes don't travel
 * below the TLS level that a domain was seen with, until a person resets it. For domains never seen with TLS the
 * configuration says whether codes may travel in the clear.
 */

const DAY = 86_400_000;
const valid = { notBefore: new Date(Date.now() - DAY), notAfter: new Date(Date.now() + 30 * DAY) };
/** Ends idle connections, so that each message opens one of its own. */
const noReuse = { replies: { RSET: '421 4.3.2 bye' } } satisfies PeerBehaviour;

/** What happens to the first server of a domain after it was seen with verified TLS. */
const ATTACKS: readonly { readonly name: string; readonly domain: string; readonly turns: PeerBehaviour }[] =
  [
    { name: 'STARTTLS stripped', domain: 'seen-1.example', turns: { startTls: 'none' } },
    { name: 'STARTTLS refused with 454', domain: 'seen-2.example', turns: { startTls: '454' } },
    { name: 'STARTTLS refused with 502', domain: 'seen-3.example', turns: { startTls: '502' } },
    { name: 'a broken handshake', domain: 'seen-4.example', turns: { startTls: 'garbage' } },
    { name: 'another server, self-signed', domain: 'seen-5.example', turns: { closeAt: 'connect' } },
  ];

let domains: Domains;
let home: RelayHome;
let relay: RunningRelay;

beforeAll(async () => {
  const ca = await issueCertificate({ commonName: 'Test CA', names: [], isCa: true, ...valid });
  const good = async (domain: string, nth = 1): Promise<DomainPeer> => ({
    certificate: await issueCertificate({
      commonName: domain,
      names: [`mx${nth}.${domain}`],
      issuer: ca,
      ...valid,
    }),
    behaviour: noReuse,
  });
  const selfSigned = async (domain: string, nth: number): Promise<DomainPeer> => ({
    certificate: await issueCertificate({ commonName: domain, names: [`mx${nth}.${domain}`], ...valid }),
    behaviour: noReuse,
  });
  const table: Record<string, readonly DomainPeer[]> = {
    'clinic.example': [await good('clinic.example')],
    'grey.example': [await good('grey.example')],
    'never.example': [{ behaviour: noReuse }],
  };
  for (const { domain } of ATTACKS) table[domain] = [await good(domain)];
  table['seen-5.example'] = [await good('seen-5.example'), await selfSigned('seen-5.example', 2)];
  domains = await startDomains(table);
  home = await relayHome({
    dns: { servers: [domains.dns.address], allow_private_targets: true, timeout: '10s' },
    delivery: {
      port: domains.port,
      ca: 'ca.pem',
      first_retry: '1s',
      max_retry: '1s',
      tls_fallback_after: '1s',
    },
  });
  writeFileSync(join(home.folder, 'ca.pem'), ca.certificatePem);
  relay = await home.start();
});

afterAll(async () => {
  await home?.remove();
  await domains?.close();
});

function defined<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('it is not there yet');
  return value;
}

/** All that a domain's servers took, in order of servers. */
const taken = (domain: string): readonly PeerMessage[] =>
  domain === 'seen-5.example'
    ? [...domains.peer(domain).messages, ...domains.peer(domain, 2).messages]
    : domains.peer(domain).messages;

const commands = (domain: string): readonly string[] =>
  domain === 'seen-5.example'
    ? [...domains.peer(domain).commands, ...domains.peer(domain, 2).commands]
    : domains.peer(domain).commands;

/** The notice or code about a message to a recipient: its ID, once there is one. */
async function noticeId(message: string, recipient: string, kind: string, nth = 0): Promise<string> {
  const find = () =>
    storyOf(home, message).notices.filter((one) => one.recipient === recipient && one.kind === kind)[nth];
  return (await vi.waitFor(() => defined(find()), PATIENT)).noticeId;
}

/** Why a notice or code was put off, as soon as it was. */
async function deferral(message: string, id: string): Promise<string> {
  const find = () =>
    storyOf(home, message)
      .notices.find((one) => one.noticeId === id)
      ?.events.find((event) => event.type === 'recipient.deferred');
  return JSON.stringify(await vi.waitFor(() => defined(find()), PATIENT));
}

/** The message with this mail in it, as it arrived. */
function arrived(domain: string, id: string) {
  const found = taken(domain).find((one) => one.content.includes(`Message-ID: <${id}@`));
  if (found === undefined) throw new Error(`${id} did not arrive at ${domain}`);
  return received(found);
}

async function askForCode(link: string) {
  const visitor = portalVisitor(new URL(link).origin);
  const page = await visitor.open(link);
  const next = await visitor.submit(page, 'Send me a code');
  expect(next.status).toBe(200);
  return { visitor, page: next };
}

describe.each(ATTACKS)('a domain seen with TLS, then: $name', ({ domain, turns }) => {
  const recipient = `doe@${domain}`;
  let opened: string;
  let link: string;
  let later: string;
  let code: string;
  let entry: Awaited<ReturnType<typeof askForCode>>;
  let before: { readonly messages: number; readonly commands: number };

  beforeAll(async () => {
    opened = await submit(relay, { to: [recipient], subject: '[secure] Papers', text: 'The papers.' });
    const notice = await noticeId(opened, recipient, 'pickup-notice');
    await untilState(home, notice, recipient, 'delivered');
    link = await pickupLink(arrived(domain, notice));
    expect(arrived(domain, notice).tls).toMatch(/^TLSv1\.[23]$/);
    before = { messages: taken(domain).length, commands: commands(domain).length };
    domains.peer(domain).behave(turns);
  });

  it('remembers the level', async () => {
    const { stdout } = await home.run(['tls', 'list', '--json']);
    expect(JSON.parse(stdout)).toContainEqual(expect.objectContaining({ domain, level: 'verified' }));
  });

  it('a new protected message goes into the portal, but its notice waits', async () => {
    later = await submit(relay, { to: [recipient], subject: 'Zinnober', text: LAB_RESULT });
    await untilState(home, later, recipient, 'in-portal');
    const notice = await noticeId(later, recipient, 'pickup-notice');
    expect(await deferral(later, notice)).toMatch(/below the TLS level seen before \(verified\)/);
    await untilState(home, notice, recipient, 'pending');
  });

  it('a code for a known link is not sent', async () => {
    entry = await askForCode(link);
    code = await noticeId(opened, recipient, 'access-code');
    expect(await deferral(opened, code)).toMatch(/below the TLS level seen before \(verified\)/);
    await untilState(home, code, recipient, 'pending');
  });

  it('neither a notice nor a code was begun, let alone sent', () => {
    expect(taken(domain)).toHaveLength(before.messages);
    const since = commands(domain).slice(before.commands).join('\n');
    // The verified connection of before is tried once more, in one group, which the server refuses with the RSET.
    expect(since.replaceAll(/^RSET\nMAIL .*\nRCPT .*\nDATA$/gm, '')).not.toMatch(/^(MAIL|RCPT|DATA)/m);
    expect(domains.peer(domain).clear()).not.toMatch(/^(MAIL|RCPT|DATA)/m);
    expect(domains.peer(domain).clear()).not.toMatch(/https|Zinnober|212-55-0187|one-time/);
  });

  it('business mail still travels', async () => {
    const id = await submit(relay, { to: [recipient], subject: 'Lunch', text: 'At noon?' });
    await untilState(home, id, recipient, 'delivered');
  });

  it('after `tls reset` the notice travels, and the code obeys portal.code_over_plain', async () => {
    const reset = await home.run(['tls', 'reset', domain.toUpperCase()]);
    expect(reset.status, reset.stderr).toBe(0);

    const notice = await noticeId(later, recipient, 'pickup-notice');
    if (domain === 'seen-5.example') {
      // TLS that isn't verified is TLS: for a domain that nothing is remembered of it will do.
      await untilState(home, code, recipient, 'delivered');
    } else {
      await untilState(home, code, recipient, 'held');
      const listed = await home.run(['held', 'show', code]);
      expect(listed.stdout).toMatch(/never seen with TLS/);
      const released = await home.run(['held', 'release', code]);
      expect(released.status, released.stderr).toBe(0);
      await untilState(home, code, recipient, 'delivered');
    }
    await untilState(home, notice, recipient, 'delivered');
    expect(await pickupLink(arrived(domain, notice))).not.toBe(link);

    const digits = await mailedCode(arrived(domain, code));
    const read = await entry.visitor.submit(entry.page, 'Open the message', { code: digits });
    expect(read.text).toContain('The papers.');
  });
});

describe('a domain whose server puts everything off over TLS at first (greylisting), then: STARTTLS stripped', () => {
  const recipient = 'poe@grey.example';
  const greylisting = { replies: { ...noReuse.replies, RCPT: '450 4.7.1 come back later' } };
  let opened: string;
  let later: string;
  let waiting: { readonly code: string; readonly notice: string };
  let entry: Awaited<ReturnType<typeof askForCode>>;
  let before: number;

  /** Waits until a notice or code was put off for a reason like this. */
  const putOff = (message: string, id: string, reason: RegExp) =>
    vi.waitFor(() => {
      const events = storyOf(home, message).notices.find((one) => one.noticeId === id)?.events ?? [];
      const deferred = events.filter((event) => event.type === 'recipient.deferred');
      expect(JSON.stringify(deferred)).toMatch(reason);
    }, PATIENT);

  beforeAll(async () => {
    const peer = domains.peer('grey.example');
    // Someone knows a link already, from a time without TLS.
    peer.behave({ ...noReuse, startTls: 'none' });
    opened = await submit(relay, { to: [recipient], subject: '[secure] Papers', text: 'The papers.' });
    const notice = await noticeId(opened, recipient, 'pickup-notice');
    await untilState(home, notice, recipient, 'delivered');
    peer.behave(greylisting);
    entry = await askForCode(await pickupLink(arrived('grey.example', notice)));
    later = await submit(relay, { to: [recipient], subject: '[secure] Zinnober', text: LAB_RESULT });
    waiting = {
      code: await noticeId(opened, recipient, 'access-code'),
      notice: await noticeId(later, recipient, 'pickup-notice'),
    };
    await putOff(opened, waiting.code, /put it off at RCPT with 450/);
    await putOff(later, waiting.notice, /put it off at RCPT with 450/);
    before = peer.clear().length;
    peer.behave({ ...noReuse, startTls: 'none' });
  });

  it('remembers the level, though nothing was delivered over it', async () => {
    const { stdout } = await home.run(['tls', 'list', '--json']);
    expect(JSON.parse(stdout)).toContainEqual(
      expect.objectContaining({ domain: 'grey.example', level: 'verified' }),
    );
  });

  it('neither the notice nor the code travels', async () => {
    await putOff(opened, waiting.code, /below the TLS level seen before \(verified\)/);
    await putOff(later, waiting.notice, /below the TLS level seen before \(verified\)/);
    const peer = domains.peer('grey.example');
    expect(peer.messages).toHaveLength(1);
    expect(peer.clear().slice(before)).not.toMatch(/MAIL FROM|RCPT TO|https|Zinnober|212-55-0187|one-time/);
  });

  it('they travel once TLS is back, and the code opens the message', async () => {
    domains.peer('grey.example').behave(noReuse);
    await untilState(home, waiting.notice, recipient, 'delivered');
    await untilState(home, waiting.code, recipient, 'delivered');
    const digits = await mailedCode(arrived('grey.example', waiting.code));
    const read = await entry.visitor.submit(entry.page, 'Open the message', { code: digits });
    expect(read.text).toContain('The papers.');
  });
});

describe('a domain never seen with TLS', () => {
  const recipient = 'roe@never.example';
  let id: string;
  let link: string;

  const pickup = async () => {
    id = await submit(relay, { to: [recipient], subject: 'Zinnober', text: LAB_RESULT });
    await untilState(home, id, recipient, 'in-portal');
    const notice = await noticeId(id, recipient, 'pickup-notice');
    await untilState(home, notice, recipient, 'delivered');
    link = await pickupLink(arrived('never.example', notice));
  };

  it('code_over_plain: hold: the notice arrives, the code waits for a person, and the reviewers hear', async () => {
    await pickup();
    await askForCode(link);
    const code = await noticeId(id, recipient, 'access-code');
    await untilState(home, code, recipient, 'held');
    expect(taken('never.example').filter((one) => /^Subject: Your one-time code/m.test(one.content))).toEqual(
      [],
    );

    const told = await noticeId(code, 'privacy@clinic.example', 'hold-notice');
    await untilState(home, told, 'privacy@clinic.example', 'delivered');
    expect(arrived('clinic.example', told).text).toContain(code);
  });

  it('code_over_plain: allow: the code travels and opens the message', async () => {
    const { account } = relay;
    await relay.kill('SIGTERM');
    const portal = /https:\/\/127\.0\.0\.1:(\d+)/.exec(link)?.[1];
    home.configure({ portal: { address: `127.0.0.1:${portal}`, code_over_plain: 'allow' } });
    const next = await home.start();
    relay = account === undefined ? next : { ...next, account };
    await pickup();
    const entry = await askForCode(link);
    const code = await noticeId(id, recipient, 'access-code');
    await untilState(home, code, recipient, 'delivered');
    const digits = await mailedCode(arrived('never.example', code));
    const read = await entry.visitor.submit(entry.page, 'Open the message', { code: digits });
    expect(read.text).toContain('Hemoglobin');
    await untilState(home, id, recipient, 'picked-up');
  });

  it('has nothing to reset', async () => {
    const { status, stderr } = await home.run(['tls', 'reset', 'never.example']);
    expect([status, stderr]).toEqual([1, expect.stringContaining('no TLS level is remembered')]);
  });

  it('keeps the content itself from the wire all the time', () => {
    expect(domains.peer('never.example').clear()).not.toMatch(/Zinnober|212-55-0187|Hemoglobin/);
  });
});
