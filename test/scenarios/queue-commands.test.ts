import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { askRelay } from '../../src/ops/control-socket.js';
import { openReadOnly } from '../../src/store/read-only.js';
import { PATIENT } from '../support/patience.js';
import { freePort, type RelayHome, type RunningRelay, relayHome } from '../support/relay-process.js';
import { type Sink, startSink } from '../support/sink.js';
import { authPlain, secureDialog } from '../support/smtp-dialog.js';
import { submit } from '../support/submit.js';
import { untilState } from '../support/until-state.js';

/*
 * What an administrator sees of the queue and of the accounts, and does about them, while the relay runs.
 */

let home: RelayHome;
let relay: RunningRelay;
let sink: Sink | undefined;
let port: number;

beforeAll(async () => {
  port = await freePort();
  home = await relayHome({
    delivery: {
      routes: [{ name: 'later', domains: ['*'], host: '127.0.0.1', port, kind: 'recipient-server' }],
      // Nothing is tried again by itself within the test.
      first_retry: '1h',
      max_retry: '1h',
    },
  });
  relay = await home.start();
});

afterAll(async () => {
  await home?.remove();
  await sink?.close();
});

describe('the queue', () => {
  let id: string;
  let other: string;

  beforeAll(async () => {
    id = await submit(relay, { to: ['one@shop.example', 'two@shop.example'], subject: 'Order 4711' });
    other = await submit(relay, { to: ['three@shop.example'], subject: 'Order 4712' });
    for (const [message, recipient] of [
      [id, 'one@shop.example'],
      [id, 'two@shop.example'],
      [other, 'three@shop.example'],
    ] as const)
      await untilAttempted(message, recipient);
  });

  it('lists what has not reached its end', async () => {
    const rows = await json(['queue', 'list', '--json']);
    expect(rows).toHaveLength(3);
    expect(rows).toEqual(
      expect.arrayContaining([
        {
          id,
          origin: 'submitted',
          receivedAt: expect.any(Number),
          identity: 'clinic',
          sender: 'ward3@clinic.example',
          headerMessageId: expect.stringMatching(/^<.+@.+>$/),
          recipient: 'one@shop.example',
          state: 'pending',
          stream: 'default',
          method: 'plain',
          attempts: 1,
          nextAttemptAt: expect.any(Number),
          expiresAt: expect.any(Number),
          lastStatus: expect.stringMatching(/^4\.\d\.\d$/),
          lastReason: expect.any(String),
          decision: {
            disposition: 'send',
            methods: expect.arrayContaining(['plain']),
            order: ['plain'],
            protected: false,
            rules: [],
            considered: expect.any(Array),
            policyHash: expect.stringMatching(/^[0-9a-f]{64}$/),
          },
        },
      ]),
    );
    const words = await home.run(['queue', 'list']);
    expect(words).toMatchObject({ status: 0, stderr: '' });
    expect(words.stdout).toContain(id);
    expect(words.stdout).toContain('three@shop.example');
    expect(words.stdout).not.toContain('Order 471');
    expect(await json(['queue', 'list', '--state', 'held', '--json'])).toEqual([]);
    expect(await json(['queue', 'list', '--limit', '1', '--json'])).toHaveLength(1);
    expect((await home.run(['queue', 'list', '--state', 'held'])).stdout).toBe('the queue is empty\n');
  });

  it('shows one message with all its recipients', async () => {
    expect(await json(['queue', 'show', id, '--json'])).toMatchObject({
      id,
      state: 'decided',
      listener: 'submission',
      clientAddress: '127.0.0.1',
      size: expect.any(Number),
      recipients: [
        { recipient: 'one@shop.example', state: 'pending' },
        { recipient: 'two@shop.example', state: 'pending' },
      ],
    });
    const words = await home.run(['queue', 'show', id]);
    expect(words.stdout).toMatch(/two@shop\.example: pending/);
    expect(words.stdout).not.toContain('Order 4711');
  });

  it.each([
    [['queue', 'show', 'no-such-id'], 1, /no message has the ID no-such-id/],
    [['queue', 'retry', 'no-such-id'], 1, /no message has the ID no-such-id/],
    [['queue', 'cancel', 'no-such-id', '--reason', 'x'], 1, /no message has the ID/],
    [['queue', 'retry', 'ID', '--recipient', 'who@shop.example'], 1, /has no recipient who@shop\.example/],
    [['queue', 'show'], 2, /missing required argument/],
    [['queue', 'show', 'ID', 'ID'], 2, /too many arguments/],
    [['queue', 'cancel', 'ID'], 2, /required option '--reason <text>'/],
    [['queue', 'list', '--state', 'lost'], 2, /unknown state lost; one of received, pending/],
    [['queue', 'list', '--limit', 'none'], 2, /--limit must be a positive number/],
    [['queue', 'list', '--frob'], 2, /unknown option/],
    [['queue', 'frob'], 2, /unknown command/],
    [['frob'], 2, /unknown command/],
  ])('%j ends with exit status %i and says why', async (args, status, complaint) => {
    const result = await home.run(args.map((one) => (one === 'ID' ? id : one)));
    expect(result.stderr).toMatch(complaint);
    expect(result.stderr).not.toMatch(/\n +at /);
    expect([result.status, result.stdout]).toEqual([status, '']);
  });

  it('ends a recipient by a person’s word, without telling the sender', async () => {
    const cancelled = await home.run([
      ...['queue', 'cancel', id, '--recipient', 'two@shop.example'],
      ...['--reason', 'ordered twice'],
    ]);
    expect(cancelled).toMatchObject({ status: 0, stdout: `ended ${id}\n`, stderr: '' });
    await untilState(home, id, 'two@shop.example', 'ended');
    await untilState(home, id, 'one@shop.example', 'pending');
    const again = await home.run([
      ...['queue', 'cancel', id, '--recipient', 'two@shop.example'],
      ...['--reason', 'ordered twice'],
    ]);
    expect(again.status).toBe(1);
    expect(again.stderr).toMatch(/the state is ended/);
    const events = await json(['audit', 'search', '--id', id, '--type', 'recipient.ended', '--json']);
    expect(events).toMatchObject([
      { recipient: 'two@shop.example', data: { actor: 'local, unverified', reason: 'ordered twice' } },
    ]);
    const retry = await home.run(['queue', 'retry', id, '--recipient', 'two@shop.example']);
    expect([retry.status, retry.stdout]).toEqual([1, '']);
  });

  it('tries again at once when told to, and only then', async () => {
    sink = await startSink({ port });
    expect(await home.run(['queue', 'retry', id])).toMatchObject({
      status: 0,
      stdout: `trying ${id} again\n`,
      stderr: '',
    });
    await untilState(home, id, 'one@shop.example', 'delivered');
    await untilState(home, other, 'three@shop.example', 'pending');
    expect(sink.messages.flatMap((one) => one.recipients)).toEqual(['one@shop.example']);
    const late = await home.run(['queue', 'retry', id]);
    expect(late.status).toBe(1);
    expect(late.stderr).toMatch(/the state is delivered, ended|the state is ended, delivered/);
    expect((await json(['queue', 'list', '--json'])).map((row: { id: string }) => row.id)).toEqual([other]);
  });
});

describe('accounts', () => {
  const first = 'a made-up password 1';
  const second = 'a made-up password 2';

  it('are added, changed and disabled on the running relay at once', async () => {
    expect(
      await home.run(
        ['users', 'add', 'lab', '--senders', 'lab@clinic.example', '--ask-password'],
        `${first}\n`,
      ),
    ).toMatchObject({
      status: 0,
      stdout: 'added lab\n',
    });
    expect(await login('lab', first)).toMatch(/^235 2\.7\.0/);
    expect(await login('lab', second)).toMatch(/^535 5\.7\.8/);
    expect(await json(['users', 'list', '--json'])).toEqual([
      { name: 'clinic', senders: ['clinic.example'], disabled: false, changedAt: expect.any(Number) },
      { name: 'lab', senders: ['lab@clinic.example'], disabled: false, changedAt: expect.any(Number) },
    ]);

    expect((await home.run(['users', 'password', 'lab', '--ask-password'], `${second}\n`)).stdout).toBe(
      'changed the password of lab\n',
    );
    expect(await login('lab', first)).toMatch(/^535 5\.7\.8/);
    expect(await login('lab', second)).toMatch(/^235 2\.7\.0/);

    // A session that is logged in loses its right to send, too.
    const open = await secureDialog(relay);
    expect(await open.say(authPlain('lab', second))).toMatch(/^235/);
    expect(await home.run(['users', 'disable', 'lab'])).toMatchObject({
      status: 0,
      stdout: 'disabled lab\n',
    });
    expect(await open.say('MAIL FROM:<lab@clinic.example>')).toMatch(/^530 5\.7\.0/);
    open.end();
    expect(await login('lab', second)).toMatch(/^535 5\.7\.8/);
    expect((await home.run(['users', 'list'])).stdout).toMatch(/lab .*disabled/);
    const renewed = await home.run(['users', 'password', 'lab', '--ask-password'], `${second}\n`);
    expect(renewed.stdout).toContain('still disabled: `sallyport users enable lab`');
    expect(await login('lab', second)).toMatch(/^535 5\.7\.8/);
    expect(await home.run(['users', 'enable', 'lab'])).toMatchObject({ status: 0, stdout: 'enabled lab\n' });
    expect(await login('lab', second)).toMatch(/^235/);
  });

  it('of one name are made once, however many people make them in the same moment', async () => {
    const passwords = ['made-up password A', 'made-up password B', 'made-up password C'];
    const asked = await Promise.allSettled(
      passwords.map((password) =>
        askRelay(home.dataDir, 'users add', { name: 'twice', password, senders: ['clinic.example'] }),
      ),
    );
    expect(asked.filter((one) => one.status === 'fulfilled')).toHaveLength(1);
    // Who was told that it worked can log in, nobody else.
    for (const [i, password] of passwords.entries())
      expect(await login('twice', password)).toMatch(asked[i]?.status === 'fulfilled' ? /^235/ : /^535/);
  });

  it('get a password made for them, shown once', async () => {
    const added = await home.run(['users', 'add', 'billing', '--senders', 'clinic.example']);
    const password = /password \(shown once\): (\S+)/.exec(added.stdout)?.[1] ?? '';
    expect(password.length).toBeGreaterThanOrEqual(16);
    expect(await login('billing', password)).toMatch(/^235/);
    const changed = await home.run(['users', 'password', 'billing']);
    const next = /password \(shown once\): (\S+)/.exec(changed.stdout)?.[1] ?? '';
    expect(next).not.toBe(password);
    expect(await login('billing', next)).toMatch(/^235/);
    for (const secret of [password, next]) expect(await everythingWritten()).not.toContain(secret);
  });

  it.each([
    [['users', 'add', 'clinic', '--senders', 'clinic.example'], 1, /exists already/],
    [['users', 'password', 'nobody'], 1, /no account is named nobody/],
    [['users', 'disable', 'nobody'], 1, /no account is named nobody/],
    [['users', 'add', 'new'], 2, /--senders/],
    [
      ['users', 'add', 'new', '--senders', 'not an address'],
      2,
      /senders, value 1: must be an address or domain/,
    ],
    [['users', 'add', 'with space', '--senders', 'clinic.example'], 2, /visible ASCII/],
    [['users', 'add', ''], 2, /./],
  ])('%j ends with exit status %i and says why', async (args, status, complaint) => {
    const result = await home.run(args);
    expect(result.stderr).toMatch(complaint);
    expect(result.status).toBe(status);
    expect(result.stdout).not.toMatch(/password|added/);
  });

  it('refuses a short password, and does not repeat it', async () => {
    const short = await home.run(
      ['users', 'add', 'x', '--senders', 'clinic.example', '--ask-password'],
      'hunter2\n',
    );
    expect(short.status).toBe(2);
    expect(short.stderr).toMatch(/at least 12 characters/);
    expect(short.stderr).not.toContain('hunter2');
  });

  it('leaves every act on record, and no password in log, audit or listing', async () => {
    const types = await json(['audit', 'search', '--json', '--limit', '1000']);
    const seen = new Set(types.map((row: { type: string }) => row.type));
    for (const type of [
      'account.added',
      'account.password-changed',
      'account.disabled',
      'account.enabled',
      'login.succeeded',
      'login.failed',
      'queue.retried',
    ])
      expect([...seen]).toContain(type);
    const written = `${JSON.stringify(types)}${relay.output().replace(/ {2}password {2}\S+/, '')}${await everythingWritten()}`;
    for (const secret of [first, second, relay.account?.password ?? ''])
      for (const form of [secret, Buffer.from(`\0lab\0${secret}`).toString('base64')])
        expect(written).not.toContain(form);
  });
});

async function login(name: string, password: string): Promise<string> {
  const dialog = await secureDialog(relay);
  try {
    return await dialog.say(authPlain(name, password));
  } finally {
    dialog.end();
  }
}

/** All files of the data directory, and what commands list, as one text. */
async function everythingWritten(): Promise<string> {
  const files = readdirSync(home.dataDir, { recursive: true, encoding: 'utf8' }).filter((name) =>
    /\.(db|db-wal|log)$/.test(name),
  );
  return [
    ...files.map((name) => readFileSync(join(home.dataDir, name), 'latin1')),
    (await home.run(['users', 'list', '--json'])).stdout,
    (await home.run(['audit', 'tail', '-n', '1000', '--json'])).stdout,
  ].join('\n');
}

async function json(args: readonly string[]) {
  const result = await home.run(args);
  expect(result).toMatchObject({ status: 0, stderr: '' });
  return JSON.parse(result.stdout);
}

/** Waits until the first attempt has failed. */
async function untilAttempted(id: string, recipient: string): Promise<void> {
  await untilState(home, id, recipient, 'pending');
  await vi.waitFor(() => {
    const rows = openReadOnly(home.dataDir, (store) => store.recipients(id));
    expect(rows.find((one) => one.address === recipient)?.lastReason).toBeDefined();
  }, PATIENT);
}
