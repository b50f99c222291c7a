import { copyFileSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MANIFEST } from '../../src/backup/manifest.js';
import { openReadOnly } from '../../src/store/read-only.js';
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
 * A backup is made while mail flows, the disk is thrown away, and the relay comes back from the backup: no message that
 * was in it is lost, and none is sent twice. The servers of the recipients are the witnesses. All people are made up.
 */

const POLICIES = `version: 1
rules:
  - id: research
    when: { subject: { contains: [research] } }
    demand: { disposition: hold, hold_reason: research leaves the house }
`;
const LARGE = 'A line of made-up text that says nothing.\n'.repeat(5000);

let home: RelayHome;
let relay: RunningRelay;
let account: RunningRelay['account'];
let sink: Sink;
/** Of recipients whose server is away when the backup is made. */
let late: Sink;
let latePort: number;
let key: string;
let checkpoints: string;
/** Every server that ever ran. */
const witnesses: Sink[] = [];
const waiting = new Map<string, string>();

const backup = () => join(home.folder, 'backup');
const copiesOf = (recipient: string) =>
  witnesses.flatMap(({ messages }) => messages).filter((one) => one.recipients.includes(recipient)).length;

beforeAll(async () => {
  sink = await startSink({});
  witnesses.push(sink);
  latePort = await freePort();
  home = await relayHome(
    {
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
  key = join(home.folder, 'kept-elsewhere.key');
  copyFileSync(join(home.dataDir, 'master.key'), key);
});

afterAll(async () => {
  await home?.remove();
  await sink?.close();
  await late?.close();
});

describe('a backup', () => {
  it('is made while mail flows', async () => {
    for (const name of ['sent-1', 'sent-2', 'stays-1', 'stays-2']) {
      const to = `${name}@late.example`;
      const id = await submit(relay, { to: [to], subject: 'Appointments', text: LARGE }, account);
      waiting.set(to, id);
      await untilState(home, id, to, 'pending');
    }
    const held = await submit(relay, { to: ['held@open.example'], subject: 'research plan' }, account);
    await untilState(home, held, 'held@open.example', 'held');
    // The gateway's own notices of that are none of those that wait.
    await expect
      .poll(() => openReadOnly(home.dataDir, (store) => store.counts()))
      .toMatchObject({ pending: waiting.size, received: 0, held: 1 });
    let going = true;
    const during: string[] = [];
    const traffic = (async () => {
      for (let i = 0; going; i++) {
        const to = `during-${i}@open.example`;
        await submit(relay, { to: [to], text: LARGE }, account);
        during.push(to);
      }
    })();
    const made = await home.run(['backup', backup()]);
    going = false;
    await traffic;
    expect([made.status, made.stderr]).toEqual([0, '']);
    // Also what was under way in this moment.
    expect(made.stdout).toMatch(/recipients: .*\b\d+ pending/);
    await Promise.all(during.map((to) => sink.next((one) => one.recipients.includes(to))));
    expect(during.map(copiesOf)).toEqual(during.map(() => 1));
    // Nothing in the clear is left of it, and nothing unfinished.
    expect(readdirSync(home.dataDir).filter((name) => name.startsWith('.backup'))).toEqual([]);
    expect(readdirSync(home.folder).filter((name) => name.includes('.partial'))).toEqual([]);
    const again = await home.run(['backup', backup()]);
    expect([again.status, again.stderr]).toEqual([2, expect.stringContaining('name a new folder')]);
  });

  it('verifies, and says what is in it', async () => {
    const checked = await runCommand(['restore', backup(), '--verify-only', '--master-key', key]);
    expect([checked.status, checked.stderr]).toEqual([0, '']);
    expect(checked.stdout).toMatch(/recipients: .*\b\d+ pending, 1 held/);
    writeFileSync(join(home.folder, 'other.key'), `${Buffer.alloc(32, 7).toString('base64')}\n`, {
      mode: 0o600,
    });
    const other = await runCommand([
      ...['restore', backup(), '--verify-only', '--master-key', join(home.folder, 'other.key')],
    ]);
    expect([other.status, other.stderr]).toEqual([1, expect.stringContaining('another master key')]);
  });

  it('that is killed leaves nothing that could be taken for one', async () => {
    const asked = home.run(['backup', join(home.folder, 'killed')]);
    const drafts = () => readdirSync(home.folder).filter((name) => name.startsWith('killed.partial'));
    while (drafts().length === 0 && !existsSync(join(home.folder, 'killed'))) await delay(1);
    await relay.kill('SIGKILL');
    expect((await asked).status).not.toBeNull();
    for (const draft of drafts()) {
      const checked = await runCommand([
        ...['restore', join(home.folder, draft), '--verify-only', '--master-key', key],
      ]);
      // Its list of files is written last: killed behind that, it lacks nothing but its name.
      if (checked.status === 0) expect(existsSync(join(home.folder, draft, MANIFEST))).toBe(true);
      else
        expect(checked).toMatchObject({
          status: 1,
          stderr: expect.stringMatching(/no finished backup|not whole/),
        });
    }
    relay = await home.start();
    expect(readdirSync(home.dataDir).filter((name) => name.startsWith('.backup'))).toEqual([]);
  });
});

describe('the disk is thrown away', () => {
  it('after some of what waited was sent', async () => {
    late = await startSink({
      port: latePort,
      refuse: (recipient) => (recipient.startsWith('stays') ? 450 : undefined),
    });
    witnesses.push(late);
    for (const to of ['sent-1@late.example', 'sent-2@late.example'])
      await untilState(home, waiting.get(to) ?? '', to, 'delivered');
    await relay.kill('SIGTERM');
    checkpoints = readFileSync(join(home.dataDir, 'audit', 'checkpoints.log'), 'utf8');
    rmSync(home.dataDir, { recursive: true });
    await late.close();
  });

  it('and nothing is restored over a folder in use, nor of a damaged backup', async () => {
    const taken = await runCommand(['restore', backup(), '--to', home.folder, '--master-key', key]);
    expect([taken.status, taken.stderr]).toEqual([2, expect.stringContaining('is not empty')]);
  });

  it('and a key that is not there is asked for', async () => {
    const keyless = await home.run(['restore', backup(), '--to', home.dataDir]);
    expect([keyless.status, keyless.stderr]).toEqual([
      2,
      expect.stringMatching(
        /there is no master key .*: give the key of the time of the backup: --master-key FILE/,
      ),
    ]);
  });

  it('and the relay comes back with what waited held', async () => {
    const restored = await runCommand(['restore', backup(), '--to', home.dataDir, '--master-key', key]);
    expect([restored.status, restored.stderr]).toEqual([0, '']);
    const said = /(\d+) recipients that waited then are held/.exec(restored.stdout);
    expect(Number(said?.[1])).toBeGreaterThanOrEqual(waiting.size);
    copyFileSync(key, join(home.dataDir, 'master.key'));
    late = await startSink({ port: latePort });
    witnesses.push(late);
    relay = await home.start();
    const listed = await home.run(['held', 'list', '--json']);
    expect(listed.stdout).toContain('may have been sent since');
    const story = await home.run(['audit', 'search', '--type', 'store.restored', '--json']);
    expect(story.stdout).toContain('"resumed"');
  });

  it('and a person releases what the witnesses have not seen', async () => {
    const restored = openReadOnly(home.dataDir, (store) =>
      store
        .list({ states: ['held'], limit: 1000 })
        .map(({ recipient }) => recipient)
        .filter(({ lastReason }) => lastReason?.includes('restored') === true),
    );
    expect(restored.map((one) => one.address)).toEqual(expect.arrayContaining([...waiting.keys()]));
    for (const { address, messageId } of restored) {
      const undecided = (await home.run(['held', 'show', messageId, '--json'])).stdout.includes(
        'never decided',
      );
      const done =
        copiesOf(address) > 0
          ? await home.run([
              ...['queue', 'cancel', messageId, '--recipient', address],
              ...['--reason', 'it was sent after the backup'],
            ])
          : await home.run(['held', undecided ? 'redecide' : 'release', messageId, '--recipient', address]);
      expect([done.status, done.stderr]).toEqual([0, '']);
    }
    for (const { address, messageId } of restored)
      await untilState(home, messageId, address, 'delivered', 'ended');
    expect(restored.map(({ address }) => copiesOf(address))).toEqual(restored.map(() => 1));
    expect([...waiting.keys()].map(copiesOf)).toEqual([1, 1, 1, 1]);
    const [sent] = late.messages.filter((one) => one.recipients.includes('stays-1@late.example'));
    expect(sent?.text).toContain('A line of made-up text that says nothing.');
    // Notices of the gateway's own may still be on their way.
    await expect
      .poll(() => openReadOnly(home.dataDir, (store) => store.counts()))
      .toMatchObject({ pending: 0, received: 0, held: 1 });
  });

  it('and the log is whole, but a checkpoint kept elsewhere tells of the restore', async () => {
    const whole = await home.run(['audit', 'verify']);
    expect([whole.status, whole.stderr]).toEqual([0, '']);
    const kept = join(home.folder, 'syslog');
    writeFileSync(kept, checkpoints);
    const verified = await home.run(['audit', 'verify', '--checkpoint', kept]);
    expect(verified.status).toBe(1);
    expect(verified.stdout).toContain('[truncated]');
  });
});
