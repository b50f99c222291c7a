import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RelayHome, type RunningRelay, relayHome } from '../support/relay-process.js';
import { type Sink, startSink } from '../support/sink.js';
import { beginData, loggedInDialog, type SmtpDialog } from '../support/smtp-dialog.js';
import { untilState } from '../support/until-state.js';

/*
 * SIGHUP: policies and configuration change under a session that stays open, and a bad change is no change.
 */

const HOLD_ORDERS = `version: 1
rules:
  - id: hold-orders
    description: Orders wait for a person.
    when: { subject: Order }
    demand: { disposition: hold, hold_reason: it is an order }
`;
const NOTHING = `version: 1
rules: []
`;
const BAD = `version: 1
rules:
  - id: hold-orders
    when: { subjekt: Order }
    demand: { disposition: hold, hold_reason: it is an order }
`;

let home: RelayHome;
let relay: RunningRelay;
let sink: Sink;
let dialog: SmtpDialog;

beforeAll(async () => {
  sink = await startSink({});
  home = await relayHome(
    {
      delivery: {
        routes: [
          { name: 'sink', domains: ['*'], host: '127.0.0.1', port: sink.port, kind: 'recipient-server' },
        ],
      },
    },
    { policies: { 'site.yaml': NOTHING } },
  );
  relay = await home.start();
  // The same session throughout.
  dialog = await loggedInDialog(relay);
});

afterAll(async () => {
  dialog?.end();
  await home?.remove();
  await sink?.close();
});

describe('a changed policy', () => {
  it('counts for the next message, also for one whose DATA had begun before, and drops no session', async () => {
    const before = await send('before@shop.example');
    await untilState(home, before, 'before@shop.example', 'delivered');

    await beginData(dialog, ['during@shop.example']);
    const old = await policyHash();
    await reload(HOLD_ORDERS, /reloaded/);
    expect(await policyHash()).not.toBe(old);
    const during = idOf(await dialog.say(`${MESSAGE}\r\n.`));
    await untilState(home, during, 'during@shop.example', 'held');
    const after = await send('after@shop.example');
    await untilState(home, after, 'after@shop.example', 'held');

    const decided = await audited(['--id', after, '--type', 'recipient.decided']);
    expect(decided).toMatchObject([
      { data: { decision: { policyHash: await policyHash(), rules: [{ rule: 'hold-orders' }] } } },
    ]);
    expect(await audited(['--type', 'policy.loaded'])).toHaveLength(2);
  });
});

describe('many changes one after another', () => {
  it('end with the last one in force, however long the ones before took to read', async () => {
    await reload(HOLD_ORDERS.replace('hold-orders', 'another-name'), times(/policies reloaded/, 2));
    const before = count(/policies reloaded/g);
    const rules = Array.from(
      { length: 3000 },
      (_, i) => `  - id: many-${i}\n    when: { subject: 'word${i}' }\n    demand: { require: tls }\n`,
    );
    writePolicy(`version: 1\nrules:\n${rules.join('')}`);
    relay.kill('SIGHUP');
    await untilTaken();
    await delay(40);
    writePolicy(HOLD_ORDERS);
    relay.kill('SIGHUP');
    await relay.until(times(/policies reloaded/, before + 2));
    const hash = await policyHash();
    await reload(HOLD_ORDERS, times(/policies reloaded/, before + 3));
    expect(await policyHash()).toBe(hash);
  });
});

describe('a bad policy', () => {
  it('keeps the one in force, says where it is wrong, and is on record', async () => {
    const kept = await policyHash();
    await reload(BAD, /reload refused/);
    expect(await policyHash()).toBe(kept);
    const line = lastLogLine(/reload refused/);
    expect(line).toMatchObject({ level: 50 });
    expect(line.reason).toMatch(/site\.yaml:4:13: .*subjekt/);
    // The event follows the log line.
    const event = { data: { keptPolicyHash: kept, error: expect.stringMatching(/site\.yaml:4:13: /) } };
    await expect.poll(() => audited(['--type', 'policy.rejected'])).toMatchObject([event]);
    const id = await send('still@shop.example');
    await untilState(home, id, 'still@shop.example', 'held');
  });

  it('is refused also when there is no policy at all, or no YAML', async () => {
    const kept = await policyHash();
    await reload('{', times(/reload refused/, 2));
    expect(lastLogLine(/reload refused/).reason).toMatch(/site\.yaml:\d+:\d+: /);
    rmSync(join(home.folder, 'policies'), { recursive: true });
    relay.kill('SIGHUP');
    await relay.until(times(/reload refused/, 3));
    mkdirSync(join(home.folder, 'policies'));
    writePolicy(NOTHING);
    expect(await policyHash()).toBe(kept);
    expect(lastLogLine(/reload refused/).reason).toMatch(/policies/);
    const id = await send('safe@shop.example');
    await untilState(home, id, 'safe@shop.example', 'held');
  });
});

describe('a changed configuration', () => {
  it.each([
    [
      'a listener elsewhere',
      { listeners: [{ name: 'submission', address: '127.0.0.1:1', mode: 'submission', accounts: true }] },
      /config\.yaml: `?listeners`? changed; that needs a restart/,
    ],
    [
      'another hostname',
      { hostname: 'other.clinic.example' },
      /config\.yaml: `?hostname`? changed; that needs a restart/,
    ],
    [
      'another data directory',
      { data_dir: 'elsewhere' },
      /config\.yaml: `?data_dir`? changed; that needs a restart/,
    ],
    ['an unknown key', { frob: true }, /config\.yaml:\d+:\d+: unknown key `frob`/],
    [
      'a listener that admits anybody',
      { listeners: [{ name: 'submission', address: '127.0.0.1:0', mode: 'submission' }] },
      /config\.yaml:\d+:\d+: listeners\.0: admits nobody/,
    ],
  ])('is refused for %s', async (_name, change, complaint) => {
    home.configure(change);
    const refusals = count(/reload refused/g);
    relay.kill('SIGHUP');
    await relay.until(times(/reload refused/, refusals + 1));
    home.configure(Object.fromEntries(Object.keys(change).map((key) => [key, ORIGINAL[key]])));
    expect(lastLogLine(/reload refused/).reason).toMatch(complaint);
    // The event follows the log line.
    const event = { data: { error: expect.stringMatching(complaint) } };
    await expect.poll(async () => (await audited(['--type', 'config.rejected'])).at(-1)).toMatchObject(event);
    expect(await dialog.say('NOOP')).toMatch(/^250/);
  });

  it('that is refused late is never on record as loaded', async () => {
    const loaded = async () => (await audited(['--type', 'config.loaded'])).length;
    const before = await loaded();
    const refusals = count(/reload refused/g);
    // A good file, but for a key that nobody made.
    home.configure({ enforcement: 'shadow', dkim: [{ domain: 'clinic.example', selector: 'never-made' }] });
    relay.kill('SIGHUP');
    await relay.until(times(/reload refused/, refusals + 1));
    home.configure({ enforcement: 'enforce', dkim: [] });
    expect(lastLogLine(/reload refused/).reason).toMatch(/never-made/);
    expect(await loaded()).toBe(before);
    expect((await health()).enforcement).toBe('enforce');
  });

  it('takes limits and the rights of accounts without a restart', async () => {
    const reloads = count(/policies reloaded/g);
    home.configure({
      listeners: [
        { name: 'submission', address: '127.0.0.1:0', mode: 'submission', accounts: true, max_recipients: 1 },
        { name: 'submissions', address: '127.0.0.1:0', mode: 'submissions', accounts: true },
      ],
    });
    relay.kill('SIGHUP');
    await relay.until(times(/policies reloaded/, reloads + 1));
    expect(await dialog.say('MAIL FROM:<ward3@clinic.example>')).toMatch(/^250/);
    expect(await dialog.say('RCPT TO:<one@shop.example>')).toMatch(/^250/);
    expect(await dialog.say('RCPT TO:<two@shop.example>')).toMatch(/^452 4\.5\.3/);
    expect(await dialog.say('RSET')).toMatch(/^250/);
    const id = await send('free@shop.example');
    await untilState(home, id, 'free@shop.example', 'delivered');
  });

  it('to shadow mode is said aloud', async () => {
    const reloads = count(/policies reloaded/g);
    home.configure({ enforcement: 'shadow' });
    relay.kill('SIGHUP');
    await relay.until(/SHADOW MODE: nothing is enforced/);
    await relay.until(times(/policies reloaded/, reloads + 1));
    expect((await health()).enforcement).toBe('shadow');
    expect((await home.run(['audit', 'verify'])).status).toBe(0);
  });
});

const MESSAGE = 'From: ward3@clinic.example\r\nSubject: Order 4711\r\n\r\nTwelve boxes of paper, please.';
const ORIGINAL: Readonly<Record<string, unknown>> = {
  hostname: 'relay.clinic.example',
  data_dir: 'data',
  listeners: [
    { name: 'submission', address: '127.0.0.1:0', mode: 'submission', accounts: true },
    { name: 'submissions', address: '127.0.0.1:0', mode: 'submissions', accounts: true },
  ],
  frob: undefined,
};

async function send(to: string): Promise<string> {
  await beginData(dialog, [to]);
  return idOf(await dialog.say(`${MESSAGE}\r\n.`));
}

function idOf(reply: string): string {
  const id = /^250 2\.0\.0 .*queued as (\S+)/.exec(reply)?.[1];
  if (id === undefined) throw new Error(`not accepted: ${reply}`);
  return id;
}

function writePolicy(text: string): void {
  writeFileSync(join(home.folder, 'policies', 'site.yaml'), text);
}

async function reload(policy: string, said: RegExp): Promise<void> {
  writePolicy(policy);
  relay.kill('SIGHUP');
  await relay.until(said);
}

/** Resolves when the relay has taken its signals: of two alike that wait, it would hear one. */
async function untilTaken(): Promise<void> {
  const waiting = /^(?:SigPnd|ShdPnd):\s*[0-9a-f]*[13579bdf]$/m;
  while (waiting.test(readFileSync(`/proc/${relay.pid}/status`, 'utf8'))) await delay(1);
}

function count(pattern: RegExp): number {
  return relay.output().match(pattern)?.length ?? 0;
}

function times(pattern: RegExp, n: number): RegExp {
  return new RegExp(`(?:${pattern.source}[\\s\\S]*){${n}}`);
}

function lastLogLine(pattern: RegExp): { readonly level: number; readonly reason: string } {
  const line = relay
    .output()
    .split('\n')
    .findLast((one) => one.startsWith('{') && pattern.test(one));
  return JSON.parse(line ?? '{}');
}

async function health(): Promise<{ readonly policyHash: string; readonly enforcement: string }> {
  return JSON.parse(await (await fetch(`http://127.0.0.1:${relay.adminPort}/healthz`)).text());
}

async function policyHash(): Promise<string> {
  return (await health()).policyHash;
}

async function audited(args: readonly string[]): Promise<readonly unknown[]> {
  const found = await home.run(['audit', 'search', ...args, '--json']);
  expect(found).toMatchObject({ status: 0, stderr: '' });
  return JSON.parse(found.stdout);
}
