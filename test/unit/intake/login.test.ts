import { afterEach, describe, expect, it } from 'vitest';
import { spent } from '../../support/processor-time.js';
import {
  type Client,
  dial,
  dialAs,
  EHR,
  HEADER,
  loadedOf,
  PASSWORD,
  plain,
  SUBMISSION,
  startWorld,
  submit,
  type World,
} from './harness.js';

let world: World;
const clients: Client[] = [];
afterEach(async () => {
  for (const one of clients.splice(0)) one.end();
  await world.close();
});

const LISTENER = { ...SUBMISSION, name: 'submissions', mode: 'submissions' };
const ACCOUNTS = [
  { name: 'ward3', senders: ['ward3@clinic.example'] },
  { name: 'gone', senders: ['clinic.example'], disabled: true },
  { name: 'ehr', senders: ['clinic.example'] },
];
const start = async (rest: object = {}, identities: readonly object[] = []) => {
  world = await startWorld(loadedOf({ listeners: [LISTENER], identities, rest }), {}, ACCOUNTS);
};
const secure = async () => {
  const client = await dial(world.port, { tls: {} });
  clients.push(client);
  await client.reply();
  await client.say('EHLO client.example');
  return client;
};

describe('log-in', () => {
  it('refuses wrong names, wrong passwords and disabled accounts alike, and records which it was', async () => {
    await start();
    const client = await secure();
    const replies = [
      await client.say(plain('nobody', PASSWORD)),
      await client.say(plain('ward3', 'wrong')),
      await client.say(plain('gone', PASSWORD)),
    ];
    expect(new Set(replies)).toEqual(new Set(['535 5.7.8 Wrong name or password']));
    expect(world.eventsOf('login.failed')).toEqual([
      { listener: 'submissions', clientAddress: '127.0.0.1', reason: 'no such account' },
      { listener: 'submissions', clientAddress: '127.0.0.1', account: 'ward3', reason: 'wrong password' },
      { listener: 'submissions', clientAddress: '127.0.0.1', account: 'gone', reason: 'account disabled' },
    ]);
    expect(await client.say('MAIL FROM:<ward3@clinic.example>')).toMatch(/^530 5\.7\.0 Authentication/);
    expect(JSON.stringify(world.events) + world.logged.join('')).not.toMatch(/nobody|wrong"|made-up/);
  });

  it('takes about as long for an unknown name as for a wrong password', async () => {
    await start({ login: { failures_per_client: 100, failures_per_account: 100 } });
    const client = await secure();
    // By the processor: who waits for a turn on a busy machine waits by chance.
    const work = async (name: string) => {
      const before = process.cpuUsage();
      await client.say(plain(name, 'wrong'));
      return spent(before);
    };
    await work('ward3');
    const unknown: number[] = [];
    const known: number[] = [];
    for (let i = 0; i < 7; i++) {
      unknown.push(await work('nobody'));
      known.push(await work('ward3'));
    }
    expect(Math.min(...unknown)).toBeGreaterThan(Math.min(...known) * 0.4);
  });

  it.each([
    ['a mechanism that is not offered', 'AUTH CRAM-MD5', /^504 5\.5\.4/],
    ['no mechanism', 'AUTH', /^504 5\.5\.4/],
    ['no base64', 'AUTH PLAIN !!!!', /^501 5\.5\.2/],
    ['base64 of something else', `AUTH PLAIN ${Buffer.from('abc').toString('base64')}`, /^501 5\.5\.4/],
    [
      'acting for somebody else',
      `AUTH PLAIN ${Buffer.from(`boss\0ward3\0${PASSWORD}`).toString('base64')}`,
      /^535 5\.7\.8/,
    ],
    ['an account with the name of an identity', plain('ehr', PASSWORD), /^535 5\.7\.8/],
  ])('refuses %s', async (_, line, expected) => {
    await start({}, [EHR]);
    const client = await secure();
    expect(await client.say(line)).toMatch(expected);
  });

  it('can be given up, and refuses an answer that is not base64', async () => {
    await start();
    const client = await secure();
    expect(await client.say('AUTH PLAIN')).toMatch(/^334/);
    expect(await client.say('*')).toMatch(/^501 5\.5\.4/);
    await client.say('AUTH LOGIN');
    expect(await client.say('not base64')).toMatch(/^501 5\.5\.2/);
    expect(await client.say('NOOP')).toMatch(/^250/);
  });

  it('happens once in a session', async () => {
    await start();
    const client = await secure();
    await client.say(plain('ward3', PASSWORD));
    expect(await client.say(plain('ward3', PASSWORD))).toMatch(/^503 5\.5\.1/);
  });

  it('is not offered and not taken without TLS', async () => {
    world = await startWorld(loadedOf({ listeners: [SUBMISSION] }), {}, ACCOUNTS);
    const client = await dial(world.port);
    clients.push(client);
    await client.reply();
    expect(await client.say('EHLO client.example')).not.toContain('AUTH');
    expect(await client.say(plain('ward3', PASSWORD))).toMatch(/^538 5\.7\.0/);
    expect(await client.say('MAIL FROM:<ward3@clinic.example>')).toMatch(
      /^530 5\.7\.0 Must issue a STARTTLS/,
    );
  });

  it('shuts out a client after too many failures, for a time', async () => {
    await start({ login: { failures_per_client: 3, window: '10m' } });
    const client = await secure();
    for (let i = 0; i < 3; i++) expect(await client.say(plain(`name${i}`, 'wrong'))).toMatch(/^535/);
    expect(await client.say(plain('ward3', PASSWORD))).toMatch(/^421 4\.7\.0/);
    await client.closed();
    expect(await (await secure()).say(plain('ward3', PASSWORD))).toMatch(/^421 4\.7\.0/);
    world.now += 601_000;
    expect(await (await secure()).say(plain('ward3', PASSWORD))).toMatch(/^235/);
    expect(world.eventsOf('session.refused')).toMatchObject([{ stage: 'limit', code: 421 }, {}]);
  });

  it('shuts out a name after too many failures, whether or not there is such an account', async () => {
    await start({ login: { failures_per_account: 3, failures_per_client: 100 } });
    const client = await secure();
    for (const name of ['ward3', 'nobody']) {
      for (let i = 0; i < 3; i++) expect(await client.say(plain(name, 'wrong'))).toMatch(/^535/);
      expect(await client.say(plain(name, PASSWORD))).toMatch(/^454 4\.7\.0/);
    }
  });

  it('does not happen when it can not be recorded', async () => {
    await start();
    world.faults.audit = true;
    const client = await secure();
    expect(await client.say(plain('ward3', PASSWORD))).toMatch(/^454 4\.7\.0/);
    expect(await client.say('MAIL FROM:<ward3@clinic.example>')).toMatch(/^530/);
  });

  it('remembers right credentials for a short time, until the password changes', async () => {
    await start();
    (await dialTwice()).forEach((reply) => {
      expect(reply).toMatch(/^235/);
    });
    const account = world.accounts.get('ward3')!;
    world.accounts.set('ward3', {
      ...account,
      passwordHash: account.passwordHash.replace(/.{10}$/, 'AAAAAAAAAA'),
    });
    const client = await secure();
    expect(await client.say(plain('ward3', PASSWORD))).toMatch(/^535/);
  });
  it('answers nobody at a name that is shut out, also while its password is remembered', async () => {
    await start({ login: { failures_per_account: 3, failures_per_client: 100 } });
    const client = await secure();
    expect(await client.say(plain('ward3', PASSWORD))).toMatch(/^235/);
    const other = await secure();
    for (let i = 0; i < 3; i++) expect(await other.say(plain('ward3', 'wrong'))).toMatch(/^535/);
    expect(await other.say(plain('ward3', PASSWORD))).toMatch(/^454 4\.7\.0/);
  });
  it('does not let a disabled account in again that is remembered', async () => {
    await start();
    expect(await (await secure()).say(plain('ward3', PASSWORD))).toMatch(/^235/);
    const account = world.accounts.get('ward3')!;
    world.accounts.set('ward3', { ...account, disabled: true });
    expect(await (await secure()).say(plain('ward3', PASSWORD))).toMatch(/^535/);
  });
  const dialTwice = async () => [
    await (await secure()).say(plain('ward3', PASSWORD)),
    await (await secure()).say(plain('ward3', PASSWORD)),
  ];

  it('ends with the account: disabled, or given another password, it sends no more in a running session', async () => {
    world = await startWorld(loadedOf({ listeners: [SUBMISSION] }), {}, ACCOUNTS);
    const client = await dialAs(world.port, 'ward3');
    clients.push(client);
    expect(await submit(client, `${HEADER}\r\nx`)).toMatch(/^250/);
    const account = world.accounts.get('ward3')!;
    world.accounts.set('ward3', { ...account, senders: ['other@clinic.example'] });
    expect(await client.say('MAIL FROM:<ward3@clinic.example>')).toMatch(/^550 5\.7\.1/);
    world.accounts.set('ward3', { ...account, disabled: true });
    expect(await client.say('MAIL FROM:<ward3@clinic.example>')).toMatch(/^530 5\.7\.0/);
  });

  it.each([
    ['its listener takes no accounts any more', { accounts: false, identities: ['lab'] }, 'lab'],
    ['an identity has its name', { identities: ['ehr'] }, 'ehr'],
  ])('ends with a reload after which %s', async (_, listener, name) => {
    world = await startWorld(loadedOf({ listeners: [SUBMISSION] }), {}, ACCOUNTS);
    const client = await dialAs(world.port, 'ehr');
    clients.push(client);
    expect(await submit(client, `${HEADER}\r\nx`)).toMatch(/^250/);
    const identities = [{ ...EHR, name, networks: ['192.0.2.1'] }];
    const next = loadedOf({ listeners: [{ ...SUBMISSION, ...listener }], identities });
    (await world.intake.prepare(next))();
    expect(await client.say('MAIL FROM:<ward3@clinic.example>')).toMatch(/^530 5\.7\.0/);
  });
});
