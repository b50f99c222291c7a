import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { askRelay } from '../../src/ops/control-socket.js';
import { readMail } from '../support/portal-visitor.js';
import {
  type CommandResult,
  type RelayHome,
  type RunningRelay,
  relayHome,
} from '../support/relay-process.js';
import { type Sink, startSink } from '../support/sink.js';
import { CANARY, LAB_RESULT, submit } from '../support/submit.js';
import { untilState } from '../support/until-state.js';

/*
 * Messages that two mail programs could read differently wait for a person: who learns of it, what a person may and
 * may not do, and what happens when nobody does anything.
 */

const SENDER = 'ward3@clinic.example';
const REVIEWER = 'privacy@clinic.example';
const SUBJECT = 'Befund Jane Roe';
/** A name that stands by itself: three letters are in the marks and boundaries of mail by chance. */
const ROE = /(?<![A-Za-z0-9])Roe(?![A-Za-z0-9])/;

let home: RelayHome;
let relay: RunningRelay;
let account: RunningRelay['account'];
let sink: Sink;

beforeAll(async () => {
  sink = await startSink({});
  home = await relayHome({
    delivery: {
      routes: [
        { name: 'sink', domains: ['*'], host: '127.0.0.1', port: sink.port, kind: 'recipient-server' },
      ],
      first_retry: '1s',
      max_retry: '1s',
    },
  });
  relay = await home.start();
  account = relay.account;
});

afterAll(async () => {
  await home?.remove();
  await sink?.close();
});

describe('a message that is held', () => {
  const recipient = 'sam@lab.example';
  let id: string;

  it('is told to the sender and to the reviewers, without patient data', async () => {
    id = await hold(recipient);
    for (const reader of [SENDER, REVIEWER]) {
      const notice = await noticeTo(reader, id);
      const shown = [notice.text, (await readMail(notice)).text].join('\n');
      expect(shown).toContain(id);
      expect(shown).toContain(recipient);
      expect(shown).toContain('a part is damaged or can be read in more than one way');
      expect(shown).not.toMatch(/Befund|00482913|diabetes/);
      expect(shown).not.toMatch(ROE);
      expect(shown).not.toContain(CANARY);
      expect(notice.sender).toBe('');
    }
    const forReviewer = await noticeTo(REVIEWER, id);
    expect((await readMail(forReviewer)).text).toContain(`sallyport held release ${id}`);
  });

  it('is listed and explained, without content', async () => {
    const list = await home.run(['held', 'list', '--json']);
    expect(JSON.parse(list.stdout)).toMatchObject([
      {
        id,
        sender: SENDER,
        recipient,
        state: 'held',
        decision: { disposition: 'hold', order: [], holdReason: expect.stringContaining('damaged') },
      },
    ]);
    const show = await home.run(['held', 'show', id, '--json']);
    expect(JSON.parse(show.stdout)).toMatchObject({ id, recipients: [{ recipient, state: 'held' }] });
    const rules = JSON.parse(show.stdout).recipients[0].decision.rules.map(
      (one: { rule: string }) => one.rule,
    );
    expect(rules).toContain('unreadable-held');
    const words = [await home.run(['held', 'list']), await home.run(['held', 'show', id])];
    for (const { stdout, status, stderr } of [list, show, ...words]) {
      expect([status, stderr]).toEqual([0, '']);
      expect(stdout).not.toMatch(/Befund|00482913|diabetes/);
      expect(stdout).not.toContain(CANARY);
    }
    expect(words[1]?.stdout).toContain('rule unreadable-held at hipaa.yaml:');
  });

  it.each([
    [['held', 'release', 'ID', '--method', 'plain'], 1, /sam@lab\.example: plain is not allowed; allowed: /],
    [['held', 'release', 'ID', '--method', 'pgp'], 1, /pgp is not allowed/],
    [
      ['held', 'release', 'ID', '--method', 'pigeon'],
      2,
      /method: must be one of plain, tls, pgp, smime, portal/,
    ],
    [['held', 'release', 'ID', '--recipient', 'nobody@lab.example'], 1, /has no recipient/],
    [['held', 'release', 'no-such-id'], 1, /no message has the ID/],
    [['held', 'show', 'no-such-id'], 1, /no message with the ID no-such-id is held/],
    [['held', 'release'], 2, /missing required argument/],
    [['held', 'reject', 'ID'], 2, /--reason/],
    [['held', 'reject', 'ID', '--reason', ''], 2, /reason/],
    [['held', 'frob'], 2, /unknown command/],
  ])('stays held after %j (exit status %i)', async (args, status, complaint) => {
    const result = await home.run(args.map((one) => (one === 'ID' ? id : one)));
    expect(result.stderr).toMatch(complaint);
    expect(result.status).toBe(status);
    await untilState(home, id, recipient, 'held');
  });

  it('leaves by a method that the rules allow, when a person releases it', async () => {
    expect(await home.run(['held', 'release', id, '--method', 'portal'])).toMatchObject({
      status: 0,
      stdout: `released ${id}\n`,
    });
    await untilState(home, id, recipient, 'in-portal');
    expect(sink.messages.some((one) => one.text.includes(Buffer.from(LAB_RESULT).toString('base64')))).toBe(
      false,
    );
    const again = await home.run(['held', 'release', id]);
    expect(again.status).toBe(1);
    expect(again.stderr).toMatch(/the state is in-portal, .*`portal list --message \S+` shows the item/);
    expect(await eventsOf(id, 'recipient.released')).toMatchObject([
      { recipient, data: { method: 'portal', actor: 'local, unverified' } },
    ]);
  });

  it('travels as usual after a release, where no rule asked for more', async () => {
    const colleague = 'ward4@clinic.example';
    const another = await hold(colleague);
    expect((await home.run(['held', 'release', another])).status).toBe(0);
    await untilState(home, another, colleague, 'delivered');
    await sink.next((one) => one.recipients.includes(colleague) && one.text.includes(SUBJECT));
  });
});

describe('a message that a person rejects', () => {
  it('comes back to the sender with the reason, as a refusal for reasons of policy', async () => {
    const recipient = 'rejected@lab.example';
    const id = await hold(recipient);
    const reason = 'Please send this by the portal of the laboratory.';
    expect(await home.run(['held', 'reject', id, '--reason', reason])).toMatchObject({
      status: 0,
      stdout: `rejected ${id}\n`,
    });
    await untilState(home, id, recipient, 'bounced');
    const dsn = await sink.next((one) => isDsnAbout(one.text, recipient));
    expect(dsn.recipients).toEqual([SENDER]);
    expect(dsn.text).toMatch(/^Status: 5\.7\.1\r?$/m);
    expect((await readMail(dsn)).text).toContain(reason);
    expect(dsn.text).not.toMatch(/Befund|00482913|diabetes/);
    expect(await eventsOf(id, 'recipient.ended')).toMatchObject([{ data: { reason } }]);
  });
});

describe('a person each at two terminals', () => {
  it('one of two commands at once wins, and the other learns so', async () => {
    const recipient = 'contested@lab.example';
    const id = await hold(recipient);
    const results = await Promise.all([
      home.run(['held', 'release', id, '--method', 'portal']),
      home.run(['held', 'reject', id, '--reason', 'not this way']),
    ]);
    expect(results.map((one) => one.status).sort()).toEqual([0, 1]);
    const [released, rejected] = results;
    await untilState(home, id, recipient, released?.status === 0 ? 'in-portal' : 'bounced');
    const acts = [...(await eventsOf(id, 'recipient.released')), ...(await eventsOf(id, 'recipient.ended'))];
    expect(acts).toHaveLength(1);
    expect(`${released?.stderr}${rejected?.stderr}`).toMatch(/the state (is|changed)/);
  });

  it('of many commands in the same moment one acts, and only that one is on record', async () => {
    const recipient = 'crowded@lab.example';
    const id = await hold(recipient);
    const asked = await Promise.allSettled([
      askRelay(home.dataDir, 'held release', { id, method: 'portal' }),
      askRelay(home.dataDir, 'held reject', { id, reason: 'one' }),
      askRelay(home.dataDir, 'held release', { id }),
      askRelay(home.dataDir, 'held reject', { id, reason: 'two' }),
    ]);
    expect(asked.filter((one) => one.status === 'fulfilled')).toHaveLength(1);
    const acts = [...(await eventsOf(id, 'recipient.released')), ...(await eventsOf(id, 'recipient.ended'))];
    expect(acts).toHaveLength(1);
    expect((await eventsOf(id, 'recipient.bounced')).length).toBeLessThanOrEqual(1);
  });
});

describe('without a running relay', () => {
  it('a release opens the store itself, and the next start delivers', async () => {
    const recipient = 'later@lab.example';
    const id = await hold(recipient);
    await relay.kill('SIGTERM');
    const before = sink.messages.length;
    expect(await home.run(['held', 'release', id, '--method', 'portal'])).toMatchObject({ status: 0 });
    await untilState(home, id, recipient, 'pending');
    expect(sink.messages).toHaveLength(before);

    // Two more at once: one may find the store in use, but never both get through, and nothing is lost.
    const results: readonly CommandResult[] = await Promise.all([
      home.run(['queue', 'cancel', id, '--reason', 'first']),
      home.run(['queue', 'cancel', id, '--reason', 'second']),
    ]);
    expect(results.filter((one) => one.status === 0)).toHaveLength(1);
    expect(results.find((one) => one.status !== 0)?.stderr).toMatch(
      /in use by another sallyport process|the state is ended/,
    );
    await untilState(home, id, recipient, 'ended');

    const second = 'later2@lab.example';
    relay = await home.start();
    const other = await hold(second);
    await relay.kill('SIGTERM');
    expect((await home.run(['held', 'release', other, '--method', 'portal'])).status).toBe(0);
    relay = await home.start();
    await untilState(home, other, second, 'in-portal');
    await sink.next((one) => one.recipients.includes(second));
    expect(sink.messages.some((one) => one.recipients.includes(recipient))).toBe(false);
    expect((await home.run(['audit', 'verify'])).status).toBe(0);
  });
});

describe('a hold that nobody decides', () => {
  it('goes back to the sender when its time is over', async () => {
    await relay.kill('SIGTERM');
    home.configure({
      delivery: {
        routes: [
          { name: 'sink', domains: ['*'], host: '127.0.0.1', port: sink.port, kind: 'recipient-server' },
        ],
        hold_lifetime: '2s',
      },
    });
    relay = await home.start();
    const recipient = 'forgotten@lab.example';
    const id = await hold(recipient);
    await untilState(home, id, recipient, 'bounced');
    const dsn = await sink.next((one) => isDsnAbout(one.text, recipient));
    expect(dsn.text).toMatch(/^Status: 5\.7\.1\r?$/m);
    expect((await readMail(dsn)).text).toContain('nobody released it in time');
    const late = await home.run(['held', 'release', id]);
    expect(late.status).toBe(1);
    expect(sink.messages.some((one) => one.recipients.includes(recipient))).toBe(false);
  });
});

it('nothing of the messages is in the log or readable in the data directory', () => {
  expect(relay.output()).not.toMatch(/Befund|00482913|sam@lab/);
  for (const name of readdirSync(home.dataDir, { recursive: true, encoding: 'utf8' })) {
    if (!/\.(db|db-wal|log|body)$/.test(name)) continue;
    const bytes = readFileSync(join(home.dataDir, name));
    for (const text of [CANARY, 'Befund', Buffer.from(LAB_RESULT).toString('base64').slice(0, 40)])
      expect([name, bytes.includes(text)]).toEqual([name, false]);
  }
});

/** Two readers could disagree: one takes the first encoding, another the last. */
async function hold(to: string): Promise<string> {
  const raw = [
    `From: ${SENDER}`,
    `To: ${to}`,
    `Subject: ${SUBJECT}`,
    'MIME-Version: 1.0',
    'Content-Type: text/plain',
    'Content-Transfer-Encoding: 7bit',
    'Content-Transfer-Encoding: base64',
    '',
    Buffer.from(LAB_RESULT).toString('base64'),
    '',
  ].join('\r\n');
  const id = await submit(relay, { to: [to], raw }, account);
  await untilState(home, id, to, 'held', 'bounced');
  return id;
}

function noticeTo(reader: string, id: string) {
  return sink.next(
    (one) => one.recipients.includes(reader) && one.text.includes(id) && /held/.test(one.text),
  );
}

function isDsnAbout(text: string, recipient: string): boolean {
  return text.includes('report-type=delivery-status') && text.includes(recipient);
}

async function eventsOf(id: string, type: string): Promise<readonly { recipient: string; data: unknown }[]> {
  return JSON.parse((await home.run(['audit', 'search', '--id', id, '--type', type, '--json'])).stdout);
}
