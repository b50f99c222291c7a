import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RelayHome, type RunningRelay, relayHome } from '../support/relay-process.js';
import { type Sink, startSink } from '../support/sink.js';
import { CANARY, LAB_RESULT, submit } from '../support/submit.js';
import { untilState } from '../support/until-state.js';

/*
 * The first weeks: everything is decided and recorded, nothing is enforced, and nobody can overlook that.
 */

let home: RelayHome;
let relay: RunningRelay;
let sink: Sink;

beforeAll(async () => {
  sink = await startSink({});
  home = await relayHome({
    enforcement: 'shadow',
    delivery: {
      routes: [
        { name: 'sink', domains: ['*'], host: '127.0.0.1', port: sink.port, kind: 'recipient-server' },
      ],
    },
  });
  relay = await home.start();
});

afterAll(async () => {
  await home?.remove();
  await sink?.close();
});

const AMBIGUOUS = [
  'From: ward3@clinic.example',
  'Subject: Note',
  'MIME-Version: 1.0',
  'Content-Type: text/plain',
  'Content-Transfer-Encoding: 7bit',
  'Content-Transfer-Encoding: base64',
  '',
  Buffer.from('Nothing odd but the header.').toString('base64'),
  '',
].join('\r\n');
const CARDS = Array.from({ length: 12 }, (_, i) => cardNumber(i))
  .map((card) => `Visa ${card}`)
  .join('\n');

describe('what the policies would protect, hold or reject', () => {
  it.each([
    [
      'patient data',
      { to: ['phi@lab.example'], text: LAB_RESULT },
      { methods: ['tls', 'pgp', 'smime', 'portal'], disposition: 'send' },
      'hipaa-phi-outside',
    ],
    [
      'a message that asks for the portal',
      { to: ['ask@lab.example'], subject: '[portal] hello' },
      { methods: ['portal'], disposition: 'send' },
      'subject-portal',
    ],
    [
      'an ambiguous message',
      { to: ['odd@lab.example'], raw: AMBIGUOUS },
      { disposition: 'hold' },
      'unreadable-held',
    ],
    [
      'a list of cards',
      { to: ['cards@lab.example'], text: CARDS },
      { disposition: 'reject' },
      'pci-many-outside',
    ],
  ])('%s leaves as plain mail, and the decision is on record', async (_name, mail, demand, rule) => {
    const id = await submit(relay, mail);
    const [recipient = ''] = mail.to;
    await untilState(home, id, recipient, 'delivered');
    const arrived = await sink.next((one) => one.recipients.includes(recipient));
    expect(arrived.tls).toBeUndefined();

    const decided = await audited(['--id', id, '--type', 'recipient.decided']);
    expect(decided).toMatchObject([{ recipient, data: { decision: { enforcement: 'shadow', demand } } }]);
    const [{ data }] = decided;
    expect(data.decision.rules.map((one: { rule: string }) => one.rule)).toContain(rule);
    expect(await audited(['--id', id, '--type', 'recipient.delivered'])).toMatchObject([
      { method: 'plain', data: { tls: { level: 'none' } } },
    ]);
    const story = await home.run(['audit', 'show', id]);
    expect(story.stdout).toMatch(/shadow/i);
    expect(story.stdout).toMatch(/would/);
    expect(story.stdout).not.toContain(CANARY);
  });

  it('the content arrives as it was sent: shadow mode protects nothing', () => {
    expect(sink.messages.find((one) => one.recipients.includes('phi@lab.example'))?.text).toContain(CANARY);
    // Nobody was told that anything waits, and no notice went out.
    expect(sink.messages).toHaveLength(4);
  });
});

describe('nobody can overlook it', () => {
  it('at the start, in the log and in the health check', async () => {
    expect(relay.output()).toMatch(/^SHADOW MODE: nothing is enforced; all mail leaves as plain\.$/m);
    expect(relay.output()).toMatch(/"level":40.*SHADOW MODE: nothing is enforced/);
    const health = await fetch(`http://127.0.0.1:${relay.adminPort}/healthz`);
    expect(await health.json()).toMatchObject({ ok: true, enforcement: 'shadow' });
  });

  it('in the metrics', async () => {
    const metrics = await (await fetch(`http://127.0.0.1:${relay.adminPort}/metrics`)).text();
    expect(metrics).toMatch(/^sallyport_shadow_mode 1$/m);
  });

  it('in check', async () => {
    const words = await home.run(['check']);
    expect(words.status).toBe(0);
    expect(words.stdout).toMatch(/warning: .*config\.yaml: SHADOW MODE: nothing is enforced/);
    const json = JSON.parse((await home.run(['check', '--json'])).stdout);
    expect(json).toMatchObject({ ok: true, problems: [] });
    expect(json.warnings.join('\n')).toContain('SHADOW MODE');
  });

  it('in the audit log', async () => {
    expect(await audited(['--type', 'relay.started'])).toMatchObject([{ data: { enforcement: 'shadow' } }]);
    expect(await audited(['--type', 'policy.loaded'])).toMatchObject([{ data: { enforcement: 'shadow' } }]);
  });

  it('in explain', async () => {
    const result = await home.run(
      ['explain', '-', '--from', 'ward3@clinic.example', '--to', 'sam@lab.example'],
      `From: ward3@clinic.example\nSubject: Result\n\n${LAB_RESULT}`,
    );
    expect(result.status).toBe(0);
    expect(result.stdout).toMatch(/shadow/i);
  });

  it('and the next start that enforces protects again', async () => {
    const { account } = relay;
    await relay.kill('SIGTERM');
    home.configure({ enforcement: 'enforce' });
    relay = await home.start();
    expect(relay.output()).not.toContain('SHADOW');
    const id = await submit(relay, { to: ['again@lab.example'], text: LAB_RESULT }, account);
    await untilState(home, id, 'again@lab.example', 'in-portal');
    for (const one of sink.messages.filter(({ recipients }) => recipients.includes('again@lab.example')))
      expect(one.text).not.toContain(CANARY);
  });
});

async function audited(args: readonly string[]) {
  const found = await home.run(['audit', 'search', ...args, '--json']);
  expect(found).toMatchObject({ status: 0, stderr: '' });
  return JSON.parse(found.stdout);
}

/** Made-up numbers with a valid check digit (ISO/IEC 7812-1, Luhn). */
function cardNumber(n: number): string {
  const digits = `455673758${String(100_003 + n * 7919)}`;
  let sum = 0;
  for (const [i, digit] of [...digits].reverse().entries()) {
    const value = Number(digit) * (i % 2 === 0 ? 2 : 1);
    sum += value > 9 ? value - 9 : value;
  }
  return `${digits}${(10 - (sum % 10)) % 10}`;
}
