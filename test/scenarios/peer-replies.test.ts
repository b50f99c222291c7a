import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ParsedMail, simpleParser } from 'mailparser';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { issueCertificate } from '../../src/keys/certificates.js';
import { type DomainPeer, type Domains, received, startDomains } from '../support/hostile-domains.js';
import { PATIENT } from '../support/patience.js';
import { type RelayHome, type RunningRelay, relayHome } from '../support/relay-process.js';
import type { PeerBehaviour } from '../support/smtp-peer.js';
import { storyOf } from '../support/story.js';
import { LAB_RESULT, submit } from '../support/submit.js';
import { untilState } from '../support/until-state.js';

/*
 * Recipients' servers that answer 4xx or 5xx, stall, reset or close at every stage: what may pass is tried again and
 * delivered once, what won't comes back to the sender as a DSN without content, and nobody else is affected.
 */

const DAY = 86_400_000;
const valid = { notBefore: new Date(Date.now() - DAY), notAfter: new Date(Date.now() + 30 * DAY) };
/** Free text of peers: it must never be passed on. */
const PEER_TEXT = 'Quacksalber';
const CANARIES = /Roe, Jane|00482913|212-55-0187|Hemoglobin|E11\.65|Zinnober/;

/** One of two recipients meets the trouble where it is at RCPT; both do elsewhere. */
const one = (reply: string) => (line: string) => (line.includes('<one@') ? reply : '250 2.1.5 fine');

/** Ends a connection after its transaction, so that the next one is to a server that may have recovered. */
const noReuse = { RSET: '421 4.3.2 bye' };

/** What may pass, and how the audit log tells of it. */
const PASSING: readonly { readonly name: string; readonly peer: PeerBehaviour; readonly told: RegExp }[] = [
  {
    name: '421 as greeting',
    peer: { replies: { connect: `421 4.3.2 ${PEER_TEXT}` } },
    told: /greeted with 421/,
  },
  {
    name: '554 as greeting',
    peer: { replies: { connect: `554 5.3.2 ${PEER_TEXT}` } },
    told: /greeted with 554/,
  },
  {
    name: 'a greeting that is no SMTP',
    peer: { replies: { connect: `HTTP/1.1 400 ${PEER_TEXT}` } },
    told: /does not speak SMTP/,
  },
  { name: 'closed before the greeting', peer: { closeAt: 'connect' }, told: /closed the connection|broke/ },
  { name: 'silence instead of a greeting', peer: { stallAt: 'connect' }, told: /did not answer in time/ },
  { name: '421 at EHLO', peer: { replies: { EHLO: `421 4.3.2 ${PEER_TEXT}` } }, told: /EHLO with 421/ },
  { name: '550 at EHLO', peer: { replies: { EHLO: `550 5.7.1 ${PEER_TEXT}` } }, told: /EHLO with 550/ },
  { name: 'silence at EHLO', peer: { stallAt: 'EHLO' }, told: /did not answer in time/ },
  { name: 'reset at EHLO', peer: { resetAt: 'EHLO' }, told: /ECONNRESET|closed the connection/ },
  {
    name: '451 at MAIL',
    peer: { replies: { MAIL: `451 4.7.1 ${PEER_TEXT}`, ...noReuse } },
    told: /put it off at MAIL with 451 4\.7\.1/,
  },
  { name: 'silence at MAIL', peer: { stallAt: 'MAIL' }, told: /did not answer in time/ },
  {
    name: 'one reply too many at MAIL',
    peer: { keywords: [], replies: { MAIL: '250 2.1.0 fine\r\n250 2.1.0 fine' } },
    told: /a reply that nobody asked for/,
  },
  { name: 'closed at RCPT', peer: { closeAt: 'RCPT' }, told: /closed the connection|broke/ },
  {
    name: '450 at RCPT for one of two',
    peer: { replies: { RCPT: one(`450 4.2.1 ${PEER_TEXT}`), ...noReuse } },
    told: /put it off at RCPT with 450 4\.2\.1/,
  },
  {
    name: '451 at DATA',
    peer: { replies: { DATA: `451 4.3.0 ${PEER_TEXT}`, ...noReuse } },
    told: /put it off at DATA with 451 4\.3\.0/,
  },
  { name: 'silence at DATA', peer: { stallAt: 'DATA' }, told: /did not answer in time/ },
  {
    name: '250 at DATA',
    peer: { replies: { DATA: `250 2.0.0 ${PEER_TEXT}`, ...noReuse } },
    told: /put it off at DATA with 250/,
  },
  {
    name: '451 half-way',
    peer: { replies: { content: `451 4.7.1 ${PEER_TEXT}` } },
    // Whether it is read before or after our last line is a matter of the moment.
    told: /put it off at (the end of )?the content with 451 4\.7\.1/,
  },
  { name: 'closed half-way', peer: { closeAt: 'content' }, told: /closed the connection|broke|sent whole/ },
  { name: 'reset half-way', peer: { resetAt: 'content' }, told: /closed the connection|broke|sent whole/ },
  {
    name: '452 after the final dot',
    peer: { replies: { end: `452 4.3.1 ${PEER_TEXT}`, ...noReuse } },
    told: /put it off at the end of the content with 452 4\.3\.1/,
  },
  {
    name: 'closed after the final dot',
    peer: { closeAt: 'end' },
    told: /closed the connection|broke/,
  },
  { name: 'silence after the final dot', peer: { stallAt: 'end' }, told: /did not answer in time/ },
  {
    name: 'a code that does not exist',
    peer: { replies: { end: `999 ${PEER_TEXT}` } },
    told: /does not speak SMTP/,
  },
];

/** What won't pass: the recipients that bounce, and the status in their DSN. */
const FINAL: readonly {
  readonly name: string;
  readonly peer: PeerBehaviour;
  readonly status: string;
  readonly code: number;
  readonly onlyOne?: true;
}[] = [
  {
    name: '553 at MAIL',
    peer: { replies: { MAIL: `553 5.1.7 ${PEER_TEXT}` } },
    status: '5.1.7',
    code: 553,
  },
  {
    name: '550 at RCPT for one of two',
    peer: { replies: { RCPT: one(`550 5.1.1 ${PEER_TEXT}`) } },
    status: '5.1.1',
    code: 550,
    onlyOne: true,
  },
  {
    name: '550 at RCPT without an enhanced code',
    peer: { replies: { RCPT: one(`550 ${PEER_TEXT}`) } },
    status: '5.0.0',
    code: 550,
    onlyOne: true,
  },
  {
    name: '550 at RCPT with the enhanced code of another class',
    peer: { replies: { RCPT: one(`550 2.1.5 ${PEER_TEXT}`) } },
    status: '5.0.0',
    code: 550,
    onlyOne: true,
  },
  { name: '554 at DATA', peer: { replies: { DATA: `554 5.7.1 ${PEER_TEXT}` } }, status: '5.7.1', code: 554 },
  {
    name: '554 half-way',
    peer: { replies: { content: `554 5.6.0 ${PEER_TEXT}` } },
    status: '5.6.0',
    code: 554,
  },
  {
    name: '552 after the final dot',
    peer: { replies: { end: `552-5.3.4 ${PEER_TEXT}\r\n552 5.3.4 ${PEER_TEXT}` } },
    status: '5.3.4',
    code: 552,
  },
];

const passingDomain = (i: number) => `passing-${i + 1}.example`;
const finalDomain = (i: number) => `final-${i + 1}.example`;
const both = (domain: string) => [`one@${domain}`, `two@${domain}`];

let domains: Domains;
let home: RelayHome;
let relay: RunningRelay;
let ca: Awaited<ReturnType<typeof issueCertificate>>;

const certified = async (domain: string, behaviour: PeerBehaviour): Promise<DomainPeer> => ({
  certificate: await issueCertificate({
    commonName: domain,
    names: [`mx1.${domain}`],
    issuer: ca,
    ...valid,
  }),
  behaviour,
});

beforeAll(async () => {
  ca = await issueCertificate({ commonName: 'Test CA', names: [], isCa: true, ...valid });
  const table: Record<string, readonly DomainPeer[]> = {
    'clinic.example': [{}],
    'refuses-dsns.example': [{ behaviour: { replies: { RCPT: '550 5.1.1 no' } } }],
    'mixed.example': [{}],
    'limited.example': [{}],
    'stuck.example': [{ behaviour: { replies: { MAIL: `451 4.7.1 ${PEER_TEXT}` } } }],
  };
  for (const [i, row] of PASSING.entries()) table[passingDomain(i)] = [{ behaviour: row.peer }];
  for (const [i, row] of FINAL.entries()) table[finalDomain(i)] = [await certified(finalDomain(i), row.peer)];
  domains = await startDomains(table);
  home = await relayHome({
    dns: { servers: [domains.dns.address], allow_private_targets: true, timeout: '10s' },
    delivery: {
      port: domains.port,
      ca: 'ca.pem',
      first_retry: '1s',
      max_retry: '1s',
      // Those that say nothing are waited for so long, and nobody else is to be taken for one of them.
      command_timeout: '6s',
    },
    first_account: { name: 'clinic', senders: ['clinic.example', 'refuses-dsns.example'] },
  });
  writeFileSync(join(home.folder, 'ca.pem'), ca.certificatePem);
  relay = await home.start();
});

afterAll(async () => {
  await home?.remove();
  await domains?.close();
});

/** DSNs about a message that arrived at the sender's server. */
async function dsnsAbout(id: string, count: number): Promise<readonly ParsedMail[]> {
  const ids = () =>
    storyOf(home, id)
      .notices.filter((notice) => notice.kind === 'dsn')
      .map((notice) => notice.noticeId);
  await vi.waitFor(() => expect(ids().length).toBeGreaterThanOrEqual(count), PATIENT);
  for (const notice of ids()) await untilState(home, notice, 'ward3@clinic.example', 'delivered');
  const found = ids().map((notice) => {
    const message = domains
      .peer('clinic.example')
      .messages.find((sent) => sent.content.includes(`Message-ID: <${notice}@`));
    if (message === undefined) throw new Error(`DSN ${notice} did not arrive`);
    return received(message);
  });
  for (const one of found) expect([one.sender, one.recipients]).toEqual(['', ['ward3@clinic.example']]);
  return Promise.all(found.map((one) => simpleParser(one.text, { keepDeliveryStatus: true })));
}

/** The fields of a DSN's machine-readable part, by name; those of the recipients after those of the message. */
function statusFields(dsn: ParsedMail): string {
  const part = dsn.attachments.find((one) => one.contentType === 'message/delivery-status');
  if (part === undefined) throw new Error('no message/delivery-status part');
  return part.content.toString('utf8').replaceAll('\r\n', '\n');
}

const taken = (domain: string, recipient: string) =>
  domains.peer(domain).messages.filter((message) => message.rcpts.join().includes(`<${recipient}>`));

describe('what may pass', () => {
  let id: string;

  beforeAll(async () => {
    id = await submit(relay, {
      to: PASSING.flatMap((_row, i) => both(passingDomain(i))),
      subject: 'Opening hours',
      text: 'We are open until six on Fridays.\r\n'.repeat(2000),
    });
  });

  it.each(PASSING.map((row, i) => ({ ...row, domain: passingDomain(i) })))(
    '$name → tried again, and delivered once to each when the server recovers',
    async ({ domain, told }) => {
      const [first = '', second = ''] = both(domain);
      const deferrals = () =>
        storyOf(home, id)
          .recipients.find((one) => one.recipient === first)
          ?.events.filter((event) => event.type === 'recipient.deferred') ?? [];
      await vi.waitFor(() => expect(deferrals()).not.toEqual([]), PATIENT);
      expect(JSON.stringify(deferrals()[0]?.data)).toMatch(told);
      domains.peer(domain).behave({});
      await untilState(home, id, first, 'delivered');
      await untilState(home, id, second, 'delivered');
      expect(taken(domain, first)).toHaveLength(1);
      expect(taken(domain, second)).toHaveLength(1);
    },
  );

  it('the other recipient of a 450 at RCPT did not wait for it', () => {
    const domain = passingDomain(PASSING.findIndex((row) => row.name.startsWith('450')));
    const events = (recipient: string) =>
      storyOf(home, id)
        .recipients.find((one) => one.recipient === recipient)
        ?.events.map((event) => event.type);
    expect(events(`one@${domain}`)).toContain('recipient.deferred');
    expect(events(`two@${domain}`)).not.toContain('recipient.deferred');
    expect(taken(domain, `two@${domain}`)[0]?.rcpts).toHaveLength(1);
  });

  it('no DSN was sent, and no text of a peer is in the log', () => {
    const story = storyOf(home, id);
    expect(story.notices).toEqual([]);
    expect(JSON.stringify(story)).not.toContain(PEER_TEXT);
    expect(relay.output()).not.toContain(PEER_TEXT);
  });
});

describe('what will not pass', () => {
  let id: string;
  let dsns: readonly ParsedMail[];

  beforeAll(async () => {
    id = await submit(relay, {
      to: FINAL.flatMap((_row, i) => both(finalDomain(i))),
      subject: 'Zinnober',
      text: LAB_RESULT,
    });
    dsns = await dsnsAbout(id, FINAL.length);
  });

  const dsnFor = (recipient: string) => {
    const found = dsns.filter((dsn) => statusFields(dsn).includes(`Final-Recipient: rfc822; ${recipient}\n`));
    expect(found).toHaveLength(1);
    return statusFields(found[0]!);
  };

  it.each(FINAL.map((row, i) => ({ ...row, domain: finalDomain(i) })))(
    '$name → bounced, with a DSN that says $status',
    async ({ domain, status, code, onlyOne }) => {
      const [first = '', second = ''] = both(domain);
      await untilState(home, id, first, 'bounced');
      const fields = dsnFor(first);
      expect(fields).toContain('Reporting-MTA: dns; relay.clinic.example\n');
      expect(fields).toMatch(/^Arrival-Date: \w{3}, \d+ \w{3} \d{4} /m);
      const about = fields.slice(fields.indexOf(`Final-Recipient: rfc822; ${first}`)).split('\n\n')[0] ?? '';
      expect(about).toContain('Action: failed\n');
      expect(about).toContain(`Status: ${status}\n`);
      expect(about).toContain(`Remote-MTA: dns; mx1.${domain}\n`);
      expect(about).toContain(`Diagnostic-Code: smtp; ${code} ${status}\n`);

      if (onlyOne === true) {
        await untilState(home, id, second, 'delivered');
        expect(fields).not.toContain(second);
        expect(taken(domain, second)).toHaveLength(1);
        expect(taken(domain, second)[0]?.tls).toMatch(/^TLSv1\.[23]$/);
      } else {
        await untilState(home, id, second, 'bounced');
        expect(fields).toContain(`Final-Recipient: rfc822; ${second}\n`);
        expect(domains.peer(domain).messages).toEqual([]);
      }
    },
  );

  it('DSNs hold neither content, nor the Subject of a message with findings, nor the text of a peer', () => {
    expect(dsns).toHaveLength(FINAL.length);
    for (const message of domains.peer('clinic.example').messages) {
      expect(message.content).not.toMatch(CANARIES);
      expect(message.content).not.toContain(PEER_TEXT);
    }
    for (const dsn of dsns) {
      expect(dsn.headers.get('content-type')).toMatchObject({
        value: 'multipart/report',
        params: { 'report-type': 'delivery-status' },
      });
      expect(dsn.headers.get('auto-submitted')).toMatch(/^auto-/);
      expect(dsn.text).toContain(id);
      const types = dsn.attachments.map((one) => one.contentType);
      expect(types).toEqual(['message/delivery-status', 'text/rfc822-headers']);
      expect(dsn.attachments[1]?.content.toString()).toMatch(/^Message-ID: <[^>]+>\r\nDate: .*\r\n$/);
    }
    expect(JSON.stringify(storyOf(home, id))).not.toContain(PEER_TEXT);
    expect(relay.output()).not.toContain(PEER_TEXT);
    expect(relay.output()).not.toMatch(CANARIES);
  });

  it('a message without findings may show its Subject', async () => {
    const plain = await submit(relay, {
      to: [`one@${finalDomain(1)}`],
      subject: 'Canteen menu',
      text: 'Soup.',
    });
    const [dsn] = await dsnsAbout(plain, 1);
    expect(dsn?.attachments[1]?.content.toString()).toContain('Subject: Canteen menu\r\n');
    expect(dsn?.text).not.toContain('Soup.');
  });

  it('a DSN that bounces is not bounced again', async () => {
    const sent = await submit(relay, {
      from: 'boss@refuses-dsns.example',
      to: [`one@${finalDomain(1)}`],
      subject: 'Canteen menu',
    });
    await untilState(home, sent, `one@${finalDomain(1)}`, 'bounced');
    const [notice] = storyOf(home, sent).notices;
    await untilState(home, notice?.noticeId ?? '', 'boss@refuses-dsns.example', 'bounced');
    expect(storyOf(home, sent).notices).toHaveLength(1);
    expect(storyOf(home, notice?.noticeId ?? '').notices).toEqual([]);
  });
});

describe('partial acceptance', () => {
  it('in one transaction: one is taken, one waits, one bounces', async () => {
    let waits = true;
    domains.peer('mixed.example').behave({
      replies: {
        RCPT: (line) => {
          if (line.includes('<gone@')) return '550 5.1.1 no such mailbox';
          return line.includes('<full@') && waits ? '452 4.2.2 full' : '250 2.1.5 fine';
        },
      },
    });
    const id = await submit(relay, {
      to: ['here@mixed.example', 'full@mixed.example', 'gone@mixed.example'],
      text: 'Hello.',
    });
    await untilState(home, id, 'here@mixed.example', 'delivered');
    await untilState(home, id, 'gone@mixed.example', 'bounced');
    await untilState(home, id, 'full@mixed.example', 'pending');
    waits = false;
    await untilState(home, id, 'full@mixed.example', 'delivered');
    const rcpts = domains.peer('mixed.example').messages.map((message) => received(message).recipients);
    expect(rcpts).toEqual([['here@mixed.example'], ['full@mixed.example']]);
    const [dsn] = await dsnsAbout(id, 1);
    expect(statusFields(dsn!)).not.toMatch(/here@|full@/);
  });

  it('a server that takes two at a time gets the rest at once', async () => {
    let count = 0;
    domains.peer('limited.example').behave({
      replies: {
        MAIL: () => {
          count = 0;
          return '250 2.1.0 fine';
        },
        RCPT: () => {
          count += 1;
          return count > 2 ? '452 4.5.3 too many recipients' : '250 2.1.5 fine';
        },
      },
    });
    const to = ['a', 'b', 'c', 'd', 'e'].map((name) => `${name}@limited.example`);
    const id = await submit(relay, { to, text: 'Hello.' });
    for (const recipient of to) await untilState(home, id, recipient, 'delivered');
    const rcpts = domains.peer('limited.example').messages.map((message) => received(message).recipients);
    expect(rcpts.map((list) => list.length)).toEqual([2, 2, 1]);
    expect(rcpts.flat().sort()).toEqual(to);
    expect(domains.peer('limited.example').connections()).toBe(1);
  });
});

describe('a server that does not recover', () => {
  it('the sender is warned once, and at the end of the lifetime the message comes back', async () => {
    const { account } = relay;
    await relay.kill('SIGTERM');
    home.configure({ delivery: { lifetime: '12s', delay_warning: '1s' } });
    const next = await home.start();
    relay = account === undefined ? next : { ...next, account };
    const id = await submit(relay, { to: ['roe@stuck.example'], subject: 'Canteen menu', text: 'Soup.' });
    await untilState(home, id, 'roe@stuck.example', 'bounced');
    const dsns = await dsnsAbout(id, 2);
    expect(dsns).toHaveLength(2);
    const fields = dsns.map(statusFields);
    const delayed = fields.find((text) => text.includes('Action: delayed'));
    const failed = fields.find((text) => text.includes('Action: failed'));
    expect(delayed).toMatch(/^Status: 4\.7\.1$/m);
    expect(delayed).toMatch(/^Will-Retry-Until: /m);
    expect(failed).toMatch(/^Status: 4\.4\.7$/m);
    expect(failed).toContain('Remote-MTA: dns; mx1.stuck.example');
    expect(fields.join()).not.toContain(PEER_TEXT);
  });
});

it('the log verifies in the end', async () => {
  const verified = await home.run(['audit', 'verify']);
  expect(verified.status, verified.stderr).toBe(0);
});
