import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RelayHome, type RunningRelay, relayHome } from '../support/relay-process.js';
import { type SmtpPeer, startPeer } from '../support/smtp-peer.js';
import { submit } from '../support/submit.js';
import { untilState } from '../support/until-state.js';

/*
 * A recipient's server says that an address doesn't exist. The next message isn't tried, until a person takes the address
 * off the list; and throttles wait on, whatever becomes of the process.
 */

let home: RelayHome;
let relay: RunningRelay;
let peer: SmtpPeer;

beforeAll(async () => {
  peer = await startPeer({
    behaviour: {
      replies: { RCPT: (line) => (line.includes('<gone@') ? '550 5.1.1 who?' : '250 2.1.5 fine') },
    },
  });
  home = await relayHome({
    delivery: {
      routes: [{ name: 'all', domains: ['*'], host: peer.host, port: peer.port, kind: 'recipient-server' }],
      throttles: [{ by: 'destination', names: ['slow.example'], recipients_per_hour: 2 }],
    },
  });
  relay = await home.start();
});

afterAll(async () => {
  await home?.remove();
  await peer?.close();
});

const tried = () => peer.commands.filter((line) => line.startsWith('RCPT TO:<gone@')).length;

async function list() {
  const result = await home.run(['suppress', 'list', '--json']);
  expect(result.stderr).toBe('');
  return JSON.parse(result.stdout);
}

describe('an address that does not exist', () => {
  it('is tried once, and not again until a person says so', async () => {
    const first = await submit(relay, { to: ['gone@shop.example'] });
    await untilState(home, first, 'gone@shop.example', 'bounced');
    expect(await list()).toMatchObject([{ address: 'gone@shop.example', status: '5.1.1', messageId: first }]);
    const second = await submit(relay, { to: ['Gone@shop.example'] });
    await untilState(home, second, 'Gone@shop.example', 'bounced');
    expect(tried()).toBe(1);
    const removed = await home.run(['suppress', 'remove', 'gone@shop.example', '--reason', 'typed wrongly']);
    expect(removed.status, removed.stderr).toBe(0);
    expect(await list()).toEqual([]);
    const third = await submit(relay, { to: ['gone@shop.example'] });
    await untilState(home, third, 'gone@shop.example', 'bounced');
    expect(tried()).toBe(2);
  });

  it('can be named by a person, who is on record', async () => {
    const added = await home.run([
      'suppress',
      'add',
      'never@shop.example',
      '--reason',
      'wants no mail',
      '--for',
      '3d',
    ]);
    expect(added.status, added.stderr).toBe(0);
    expect((await list())[0]).toMatchObject({
      address: 'never@shop.example',
      reason: 'wants no mail',
      actor: 'local, unverified',
    });
    const id = await submit(relay, { to: ['never@shop.example'] });
    await untilState(home, id, 'never@shop.example', 'bounced');
    const events = await home.run(['audit', 'search', '--type', 'suppression.added', '--json']);
    expect(JSON.parse(events.stdout).length).toBeGreaterThan(1);
    expect((await home.run(['audit', 'verify'])).status).toBe(0);
  });

  it.each([
    [['suppress', 'add', 'not an address', '--reason', 'x'], 2],
    [['suppress', 'add', 'a@shop.example', '--reason', 'x', '--for', 'ever'], 2],
    [['suppress', 'add', 'a@shop.example'], 2],
    [['suppress', 'remove', 'nobody@shop.example'], 1],
  ])('%j ends with exit status %i', async (args, status) => {
    expect((await home.run(args)).status).toBe(status);
  });
});

describe('a throttle', () => {
  it('holds over a kill, and what waits is shown', async () => {
    const send = async (name: string) => submit(relay, { to: [`${name}@slow.example`] });
    for (const name of ['a', 'b'])
      await untilState(home, await send(name), `${name}@slow.example`, 'delivered');
    await relay.kill('SIGKILL');
    relay = { ...(await home.start()), ...(relay.account === undefined ? {} : { account: relay.account }) };
    const id = await send('c');
    await untilState(home, id, 'c@slow.example', 'pending');
    await expect
      .poll(async () => JSON.parse((await home.run(['queue', 'list', '--json'])).stdout))
      .toMatchObject([{ recipient: 'c@slow.example', attempts: 0, throttledBy: 'destination slow.example' }]);
    const arrived = peer.commands.filter(
      (line) => line.startsWith('RCPT') && line.includes('@slow.example>'),
    );
    expect(arrived).toHaveLength(2);
    const shown = await home.run(['queue', 'show', id]);
    expect(shown.stdout).toContain('for the throttle of destination slow.example');
    const metrics = await (await fetch(`http://127.0.0.1:${relay.adminPort}/metrics`)).text();
    expect(metrics).toMatch(/sallyport_stream_recipients\{stream="default",which="throttled"\} 1/);
    expect(metrics).toMatch(/sallyport_throttled_total\{by="destination"\} [1-9]/);
  });
});
