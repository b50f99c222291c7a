import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RelayHome, type RunningRelay, relayHome } from '../support/relay-process.js';
import { type Sink, startSink } from '../support/sink.js';
import { CANARY, LAB_RESULT, submit } from '../support/submit.js';
import { untilState } from '../support/until-state.js';

/*
 * The first week: a clinic runs in shadow mode, finds in the report a rule that would have stopped its newsletter,
 * excepts that, and enforces: patient data is protected and the newsletter arrives.
 */

const rules = (unless = '') => `version: 1
rules:
  - id: phi-outside
    description: Patient data leaves protected.
    when: { recipient: external, findings: { classification: phi } }
    demand: { require: tls }
  - id: offers-held
    description: Offers wait for a person.
    when: { subject: Offer }
${unless}    demand: { disposition: hold, hold_reason: it makes an offer }
`;
const EXCEPTION = `    unless:
      - when: { sender: news@clinic.example }
        owner: J. Roe, privacy officer
        expires: ${new Date().getUTCFullYear() + 1}-12-31
        reason: the newsletter is read before it is sent
`;

let home: RelayHome;
let relay: RunningRelay;
let sink: Sink;
let account: RunningRelay['account'];

beforeAll(async () => {
  sink = await startSink({});
  home = await relayHome(
    {
      enforcement: 'shadow',
      delivery: {
        routes: [
          { name: 'sink', domains: ['*'], host: '127.0.0.1', port: sink.port, kind: 'recipient-server' },
        ],
      },
    },
    { policies: { 'site.yaml': rules() } },
  );
  relay = await home.start();
  account = relay.account;
  const result = await submit(relay, { to: ['lab@hospital.example'], subject: 'Result', text: LAB_RESULT });
  const note = await submit(relay, { to: ['sam@home.example'] });
  const news = ['ada@home.example', 'bob@home.example', 'eve@mail.example'];
  const letter = await submit(relay, {
    from: 'news@clinic.example',
    to: news,
    subject: 'Offer of the month',
  });
  await untilState(home, result, 'lab@hospital.example', 'delivered');
  await untilState(home, note, 'sam@home.example', 'delivered');
  for (const recipient of news) await untilState(home, letter, recipient, 'delivered');
});

afterAll(async () => {
  await home?.remove();
  await sink?.close();
});

describe('the report of the week', () => {
  it('tells what would have been, by rule, sender and domain', async () => {
    const report = JSON.parse(await output(['audit', 'report', '--shadow', '--from', '7d', '--json']));
    expect(report).toMatchObject({
      recipients: 5,
      protected: 1,
      held: 3,
      rejected: 0,
      enforced: 0,
      unreadable: 0,
    });
    expect(report.rules).toMatchObject([
      {
        rule: 'offers-held',
        at: expect.stringMatching(/^site\.yaml:\d+$/),
        held: 3,
        alone: 3,
        senders: { top: [{ key: 'news@clinic.example', count: 3 }] },
        recipientDomains: {
          top: [
            { key: 'home.example', count: 2 },
            { key: 'mail.example', count: 1 },
          ],
        },
      },
      { rule: 'phi-outside', protected: 1, alone: 1 },
    ]);
    // Its server knows no STARTTLS: enforced TLS would have been tried, and the portal taken.
    expect(report.tls).toMatchObject({
      recipients: 1,
      short: 1,
      instead: { top: [{ key: 'portal', count: 1 }] },
      domains: [{ key: 'hospital.example', recipients: 1, lowest: 'none' }],
    });
    // Whose mail would be stopped stands first.
    expect(report.senders[0]).toMatchObject({ key: 'news@clinic.example', held: 3 });
    const [example] = report.rules[0].examples;
    expect(await output(['audit', 'show', example])).toMatch(/would have/);
  });

  it('in words, on paper and for a spreadsheet', async () => {
    const words = await output(['audit', 'report', '--shadow']);
    expect(words).toContain('All of this mail left as ordinary mail.');
    expect(words).toMatch(/offers-held +site\.yaml:\d+ +3 +0 +3 +0 +3/);
    const file = join(home.folder, 'week.html');
    await output(['audit', 'report', '--shadow', '--html', '--output', file]);
    const html = readFileSync(file, 'utf8');
    expect(html).toContain('<th scope="row">news@clinic.example</th>');
    expect(html).not.toMatch(/<script|https?:/);
    const read = spawnSync('python3', ['-c', 'import csv,sys; print(len(list(csv.DictReader(sys.stdin))))'], {
      input: await output(['audit', 'report', '--shadow', '--csv']),
      encoding: 'utf8',
    });
    expect(Number(read.stdout)).toBeGreaterThan(20);
    for (const text of [words, html]) expect(text).not.toContain(CANARY);
  });
});

describe('then it is enforced', () => {
  beforeAll(async () => {
    writeFileSync(join(home.folder, 'policies', 'site.yaml'), rules(EXCEPTION));
    expect(await output(['check'])).toContain('SHADOW');
    await relay.kill('SIGTERM');
    home.configure({ enforcement: 'enforce' });
    relay = await home.start();
  });

  it('the newsletter arrives, an offer of others waits, and patient data is in the portal', async () => {
    const send = (mail: Parameters<typeof submit>[1]) => submit(relay, mail, account);
    const letter = await send({
      from: 'news@clinic.example',
      to: ['kim@home.example'],
      subject: 'Offer of the month',
    });
    const offer = await send({ to: ['max@home.example'], subject: 'Offer' });
    const result = await send({ to: ['next@hospital.example'], text: LAB_RESULT });
    await untilState(home, letter, 'kim@home.example', 'delivered');
    await untilState(home, offer, 'max@home.example', 'held');
    await untilState(home, result, 'next@hospital.example', 'in-portal');
    for (const one of sink.messages.filter(({ recipients }) => recipients.includes('next@hospital.example')))
      expect(one.text).not.toContain(CANARY);
  });

  it('and the next report has both times, told apart', async () => {
    const shadow = JSON.parse(await output(['audit', 'report', '--shadow', '--json']));
    expect(shadow).toMatchObject({ recipients: 5, enforced: 3 });
    const report = JSON.parse(await output(['audit', 'report', '--json']));
    expect(report).toMatchObject({
      mail: { accepted: 6, recipients: 8 },
      decisions: {
        recipients: 8,
        shadow: 5,
        exceptions: { top: [{ key: 'offers-held, by J. Roe, privacy officer' }] },
      },
      delivered: { recipients: 6 },
      holds: { held: 1 },
      portal: { items: 1 },
      access: { failed: 0 },
    });
    expect(report.changes.map((one: { type: string }) => one.type)).toContain('policy.loaded');
    expect(await output(['audit', 'report'])).toContain('Shadow mode: 5 of 8 decisions');
  });
});

async function output(args: readonly string[]): Promise<string> {
  const done = await home.run(args);
  expect(done).toMatchObject({ status: 0, stderr: '' });
  return done.stdout;
}
