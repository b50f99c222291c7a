import { afterAll, beforeAll, expect, it } from 'vitest';
import { type RelayHome, type RunningRelay, relayHome } from '../support/relay-process.js';
import { type Sink, startSink } from '../support/sink.js';
import { submit } from '../support/submit.js';

/*
 * A mail client logs in for each message, and its password is remembered. A command in another process changes the
 * password, or disables the account: from that moment on nothing is remembered.
 */

let home: RelayHome;
let relay: RunningRelay;
let sink: Sink;

beforeAll(async () => {
  sink = await startSink({});
  home = await relayHome({
    login: { remember: '15m' },
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

const account = (name: string, password: string) => ({ name, password });
const note = { to: ['orders@shop.example'] };
const FIRST = 'made-up password one';
const SECOND = 'made-up password two';

it('forgets a password that another process changed, and an account that it disabled', async () => {
  const senders = ['--senders', 'clinic.example', '--ask-password'];
  expect((await home.run(['users', 'add', 'lab', ...senders], `${FIRST}\n`)).status).toBe(0);
  for (let i = 0; i < 3; i++) await submit(relay, note, account('lab', FIRST));

  expect((await home.run(['users', 'password', 'lab', '--ask-password'], `${SECOND}\n`)).status).toBe(0);
  await expect(submit(relay, note, account('lab', FIRST))).rejects.toThrow(/535 5\.7\.8/);
  await submit(relay, note, account('lab', SECOND));
  await submit(relay, note, account('lab', SECOND));

  expect((await home.run(['users', 'disable', 'lab'])).status).toBe(0);
  await expect(submit(relay, note, account('lab', SECOND))).rejects.toThrow(/535 5\.7\.8/);
});
