import { spawn } from 'node:child_process';
import { copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openRelayDbReadOnly } from '../../src/store/relay-db.js';
import {
  freePort,
  type RelayHome,
  type RunningRelay,
  relayHome,
  runCommand,
} from '../support/relay-process.js';
import { type Sink, startSink } from '../support/sink.js';
import { submit } from '../support/submit.js';
import { untilState } from '../support/until-state.js';

/*
 * The master key is replaced while mail flows, and the relay is killed in the middle of it: mail that was sealed before
 * is sent and picked up afterwards, signing keys and rosters go on working, the log is still searched by Subject, and
 * the old key opens nothing any more. All people are made up.
 */

const POLICIES = `version: 1
rules:
  - id: portal
    when: { subject: { contains: [results] } }
    demand: { require: [portal] }
  - id: patients
    when: { findings: { detector: roster } }
    demand: { disposition: hold, hold_reason: a patient of ours }
`;
const LINE = 'A line of made-up text that says nothing.\n';
const LARGE = LINE.repeat(5000);

let home: RelayHome;
let relay: RunningRelay;
let account: RunningRelay['account'];
let sink: Sink;
let late: Sink;
let latePort: number;
const waiting = new Map<string, string>();

const keyFile = () => join(home.dataDir, 'master.key');

/** Whether the database says that both keys are in use. */
function rotating(): boolean {
  const db = openRelayDbReadOnly(join(home.dataDir, 'relay.db'));
  try {
    return db.get("SELECT 1 FROM meta WHERE key = 'master-key-rotation'") !== undefined;
  } finally {
    db.close();
  }
}

/** Numbers of the master keys with which content is sealed. */
function numbers(): readonly number[] {
  const db = openRelayDbReadOnly(join(home.dataDir, 'relay.db'));
  try {
    return ['bodies', 'portal_bodies'].flatMap((table) =>
      db
        .all<{ readonly key: Uint8Array }>(`SELECT substr(wrapped_key, 1, 5) AS key FROM ${table}`)
        .map(({ key }) => (key[0] === 1 ? 1 : Buffer.from(key).readUInt32BE(1))),
    );
  } finally {
    db.close();
  }
}

async function wait(to: string, text: string): Promise<void> {
  const id = await submit(relay, { to: [to], subject: 'Appointments', text }, account);
  waiting.set(to, id);
  await untilState(home, id, to, 'pending');
}

/** Submits until it is told to stop; gives the recipients whose mail was accepted. */
function traffic(name: string): () => Promise<readonly string[]> {
  let going = true;
  const accepted: string[] = [];
  const sending = (async () => {
    for (let i = 0; going; i++) {
      const to = `${name}-${i}@open.example`;
      await submit(relay, { to: [to], text: LARGE }, account);
      accepted.push(to);
    }
  })();
  return async () => {
    going = false;
    await sending;
    return accepted;
  };
}

const copiesOf = (recipient: string) =>
  [...sink.messages, ...(late?.messages ?? [])].filter((one) => one.recipients.includes(recipient));

async function importRoster(name: string) {
  const csv = join(home.folder, 'patients.csv');
  const rows = Array.from({ length: 50 }, (_, i) => `${50_000_000 + i};Sample${i};Sam;01.02.1950`);
  writeFileSync(csv, ['Chart;Last;First;Born', '40017733;Testerson;Anna;25.12.1961', ...rows].join('\r\n'));
  return home.run([
    ...['roster', 'import', csv, '--name', name, '--columns', 'mrn=Chart,family=Last,given=First,dob=Born'],
  ]);
}

beforeAll(async () => {
  sink = await startSink({});
  latePort = await freePort();
  home = await relayHome(
    {
      portal: { code_over_plain: 'allow' },
      delivery: {
        first_retry: '1s',
        max_retry: '1s',
        routes: [
          {
            name: 'late',
            domains: ['late.example'],
            host: '127.0.0.1',
            port: latePort,
            kind: 'recipient-server',
          },
          { name: 'sink', domains: ['*'], host: '127.0.0.1', port: sink.port, kind: 'recipient-server' },
        ],
      },
    },
    { policies: { 'rules.yaml': POLICIES } },
  );
  relay = await home.start();
  account = relay.account;
});

afterAll(async () => {
  await home?.remove();
  await sink?.close();
  await late?.close();
});

describe('a new master key', () => {
  it('comes into force while mail flows', async () => {
    expect((await importRoster('patients')).stderr).toBe('');
    expect((await home.run(['keys', 'dkim', 'clinic.example', '--selector', 's1'])).status).toBe(0);
    home.configure({ dkim: [{ domain: 'clinic.example', selector: 's1' }] });
    await relay.kill('SIGTERM');
    relay = await home.start();
    await wait('small@late.example', LINE);
    await wait('large@late.example', LARGE);
    const item = await submit(
      relay,
      { to: ['picks@open.example'], subject: 'Your results', text: LARGE },
      account,
    );
    await untilState(home, item, 'picks@open.example', 'in-portal');
    copyFileSync(keyFile(), join(home.folder, 'old.key'));
    const before = join(home.folder, 'before');
    expect((await home.run(['backup', before])).status).toBe(0);

    const stop = traffic('during');
    const rotated = await home.run(['keys', 'rotate-master']);
    const accepted = await stop();
    expect([rotated.status, rotated.stderr]).toEqual([0, '']);
    expect(rotated.stdout).toContain('Master key 2 is in force; key 1 is destroyed');
    expect(rotated.stdout).toContain(`Put a copy of ${join(home.dataDir, 'master.key')} away`);
    await Promise.all(accepted.map((to) => sink.next((one) => one.recipients.includes(to))));
    expect(accepted.map((to) => copiesOf(to).length)).toEqual(accepted.map(() => 1));
    expect(new Set(numbers())).toEqual(new Set([2]));
    expect(readFileSync(keyFile(), 'utf8')).not.toBe(readFileSync(join(home.folder, 'old.key'), 'utf8'));
    expect(existsSync(`${keyFile()}.next`)).toBe(false);

    // A backup opens with the key of its time.
    const verify = (dir: string, key: string) =>
      runCommand(['restore', dir, '--verify-only', '--master-key', key]);
    expect((await verify(before, join(home.folder, 'old.key'))).status).toBe(0);
    expect((await verify(before, keyFile())).stderr).toContain('another master key');
    const after = join(home.folder, 'after');
    expect((await home.run(['backup', after])).status).toBe(0);
    expect((await verify(after, keyFile())).status).toBe(0);
  });

  it('signs, detects and searches as before', async () => {
    // Mail of our own is signed with a key that was sealed anew.
    const to = 'signed@open.example';
    await submit(relay, { to: [to], subject: 'Your results', text: LINE }, account);
    const { text } = await sink.next((one) => one.recipients.includes(to));
    expect(text).toContain('DKIM-Signature:');
    const patient = await submit(
      relay,
      { to: ['hold@open.example'], text: 'Chart 40017733, Anna Testerson, born 12/25/1961' },
      account,
    );
    await untilState(home, patient, 'hold@open.example', 'held');
    const found = await home.run(['audit', 'search', '--subject', 'Appointments', '--json']);
    expect(found.stdout).toContain(waiting.get('large@late.example'));
    expect((await importRoster('others')).status).toBe(0);
  });

  it('is finished after a kill', async () => {
    const child = spawn(process.execPath, [
      ...[resolve('dist/main.js'), 'keys', 'rotate-master', '--config', home.configFile],
    ]);
    const ended = new Promise((done) => child.on('close', done));
    // As soon as both keys are in use, or after the end on a quick machine.
    const first = readFileSync(keyFile(), 'utf8');
    while (!rotating() && readFileSync(keyFile(), 'utf8') === first) await delay(1);
    await relay.kill('SIGKILL');
    await ended;
    relay = await home.start();
    for (let i = 0; rotating() && i < 12_000; i++) await delay(10);
    for (const type of ['master-key.rotation-started', 'master-key.rotation-finished'])
      expect(JSON.parse((await home.run(['audit', 'search', '--type', type, '--json'])).stdout)).toHaveLength(
        2,
      );
    expect(readFileSync(keyFile(), 'utf8')).not.toBe(first);
    expect(existsSync(`${keyFile()}.next`)).toBe(false);
    expect(new Set(numbers())).toEqual(new Set([3]));
    expect((await home.run(['check'])).stderr).toBe('');
  });

  it('opens what was sealed before it, once each', async () => {
    late = await startSink({ port: latePort });
    for (const [to, id] of waiting) await untilState(home, id, to, 'delivered');
    for (const [to, text] of [
      ['small@late.example', LINE],
      ['large@late.example', LARGE],
    ] as const) {
      const [one, ...others] = copiesOf(to);
      expect(others).toEqual([]);
      expect(one?.text.replaceAll('=\r\n', '').replaceAll('\r\n', '\n')).toContain(text.trim());
    }
    await relay.kill('SIGTERM');
    copyFileSync(join(home.folder, 'old.key'), keyFile());
    const refused = await home.run(['start']);
    expect([refused.status, refused.stderr]).not.toEqual([0, '']);
    expect(refused.stderr).toContain('is not the one that');
  });
});
