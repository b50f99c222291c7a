import { afterEach, describe, expect, it } from 'vitest';
import { UserError } from '../../../src/shared/errors.js';
import {
  type Client,
  dial,
  dialPlain,
  EHR,
  HEADER,
  loadedOf,
  OPEN_LISTENER,
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
const start = async (listener: object) => {
  world = await startWorld(loadedOf({ listeners: [{ ...OPEN_LISTENER, ...listener }], identities: [EHR] }));
};
const client = async () => {
  const one = await dialPlain(world.port);
  clients.push(one);
  return one;
};
const MAIL = 'MAIL FROM:<ward3@clinic.example>';

describe('limits', () => {
  it('counts connections of one client', async () => {
    await start({ max_connections_per_client: 2 });
    const first = await client();
    await client();
    const third = await dial(world.port);
    expect(await third.reply()).toMatch(/^421 4\.7\.0/);
    await third.closed();
    first.end();
    await expect.poll(async () => (await dial(world.port)).reply()).toMatch(/^220/);
  });

  it('counts connections of a listener', async () => {
    await start({ max_connections: 1 });
    await client();
    expect(await (await dial(world.port)).reply()).toMatch(/^421 4\.7\.0/);
    expect(world.eventsOf('session.refused')).toMatchObject([{ stage: 'connect', code: 421 }]);
  });

  it('counts recipients, once each', async () => {
    await start({ max_recipients: 2 });
    const one = await client();
    await one.say(MAIL);
    for (const [path, code] of [
      ['<a@lab.example>', '250'],
      ['<b@lab.example>', '250'],
      ['<a@LAB.example>', '250'],
      ['<c@lab.example>', '452 4.5.3'],
    ] as const)
      expect(await one.say(`RCPT TO:${path}`)).toMatch(new RegExp(`^${code}`));
    await one.say('DATA');
    one.write(`${HEADER}\r\nx\r\n.\r\n`);
    expect(await one.reply()).toMatch(/^250/);
    expect(world.messages[0]?.recipients.map((to) => to.address)).toEqual(['a@lab.example', 'b@lab.example']);
  });

  it('counts messages of an identity in an hour', async () => {
    await start({ messages_per_hour: 2 });
    const one = await client();
    for (let i = 0; i < 2; i++) expect(await submit(one, `${HEADER}\r\nx`)).toMatch(/^250/);
    expect(await one.say(MAIL)).toMatch(/^450 4\.7\.1/);
    world.now += 61 * 60_000;
    expect(await submit(one, `${HEADER}\r\nx`)).toMatch(/^250/);
  });

  it('ends an idle session', async () => {
    await start({ idle_timeout: '2s' });
    const one = await client();
    expect(await one.reply()).toMatch(/^421 4\.4\.2/);
    await one.closed();
  });

  it('ends a message that takes too long, and keeps nothing of it', async () => {
    await start({ data_timeout: '1s' });
    const one = await client();
    await one.say(MAIL);
    await one.say('RCPT TO:<a@lab.example>');
    await one.say('DATA');
    one.write(`${HEADER}\r\nslow`);
    expect(await one.reply()).toMatch(/^421 4\.4\.2/);
    await one.closed();
    await expect.poll(() => world.openBodies()).toBe(0);
    expect(world.messages).toHaveLength(0);
  });

  it('ends a long session between two transactions only', async () => {
    await start({ session_timeout: '3s' });
    const one = await client();
    await one.say(MAIL);
    await one.say('RCPT TO:<a@lab.example>');
    // A session that began later ends while the first is still within its transaction.
    const idle = await client();
    expect(await idle.reply()).toMatch(/^421 4\.4\.2/);
    expect(await one.say('DATA')).toMatch(/^354/);
    one.write(`${HEADER}\r\nx\r\n.\r\n`);
    expect(await one.reply()).toMatch(/^250/);
    expect(await one.reply()).toMatch(/^421 4\.4\.2/);
    await one.closed();
  });
});

describe('draining', () => {
  it('ends idle sessions, lets a running transaction finish, and takes nothing new', async () => {
    await start({});
    const idle = await client();
    const busy = await client();
    await busy.say(MAIL);
    await busy.say('RCPT TO:<a@lab.example>');
    await busy.say('DATA');
    world.intake.drain();
    expect(await idle.reply()).toMatch(/^421 4\.3\.2/);
    busy.write(`${HEADER}\r\nx\r\n.\r\n`);
    expect(await busy.reply()).toMatch(/^250 2\.0\.0/);
    expect(await busy.reply()).toMatch(/^421 4\.3\.2/);
    const late = await dial(world.port);
    expect(await late.reply()).toBe('');
    await world.intake.close(1000);
    expect(world.messages).toHaveLength(1);
  });

  it('cuts what is left after the grace', async () => {
    await start({});
    const busy = await client();
    await busy.say(MAIL);
    await world.intake.close(20);
    expect(await busy.reply()).toMatch(/^421 4\.3\.2/);
    await busy.closed();
  });
});

describe('reload', () => {
  const loaded = (listener: object, identities: readonly object[] = [EHR]) =>
    loadedOf({ listeners: [{ ...OPEN_LISTENER, ...listener }], identities });

  it('takes new identities and limits, in running sessions too', async () => {
    await start({});
    const one = await client();
    expect(await submit(one, `${HEADER}\r\nx`)).toMatch(/^250/);
    (await world.intake.prepare(loaded({}, [{ ...EHR, senders: ['other.example'] }])))();
    expect(await one.say(MAIL)).toMatch(/^550 5\.7\.1/);
    (await world.intake.prepare(loaded({}, [{ ...EHR, networks: ['192.0.2.0/24'] }])))();
    expect(await one.say(MAIL)).toMatch(/^530 5\.7\.0/);
    (await world.intake.prepare(loaded({ max_message_size: '1KB' })))();
    expect(await one.say('EHLO again.example')).toContain('SIZE 1024');
  });

  it('refuses what only a restart can do, and changes nothing then', async () => {
    await start({});
    await expect(world.intake.prepare(loaded({ mode: 'submission' }))).rejects.toThrow(/restart/);
    await expect(world.intake.prepare(loaded({ address: '127.0.0.1:1' }))).rejects.toThrow(UserError);
    const certificates = [{ ca: '/nonexistent.pem', subject: 'ehr.clinic.example' }];
    await expect(world.intake.prepare(loaded({}, [{ ...EHR, certificates }]))).rejects.toThrow(/can't read/);
    expect(await submit(await client(), `${HEADER}\r\nx`)).toMatch(/^250/);
  });

  it('warns of clear text at each start and reload', async () => {
    await start({});
    const warnings = () => world.logged.filter((line) => line.includes('TLS is off')).length;
    expect(warnings()).toBe(1);
    (await world.intake.prepare(loaded({})))();
    expect(warnings()).toBe(2);
  });
});
