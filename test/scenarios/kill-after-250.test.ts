import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort, type RelayHome, relayHome } from '../support/relay-process.js';
import { type Sink, startSink } from '../support/sink.js';
import { submit } from '../support/submit.js';

/*
 * 250 after DATA means that the message is on disk: a relay killed in the moment that it answers delivers after it is
 * started again.
 */

let home: RelayHome;
let sink: Sink | undefined;
let port: number;

beforeAll(async () => {
  port = await freePort();
  home = await relayHome({
    delivery: {
      routes: [{ name: 'sink', domains: ['*'], host: '127.0.0.1', port, kind: 'recipient-server' }],
      first_retry: '1s',
      max_retry: '1s',
    },
  });
});

afterAll(async () => {
  await home?.remove();
  await sink?.close();
});

describe('SIGKILL right after 250', () => {
  it('loses nothing: small and large messages arrive after the next start, and the log still verifies', async () => {
    const first = await home.start();
    const { account } = first;
    const small = await submit(first, { to: ['one@shop.example'], subject: 'small', text: 'A small one.' });
    const large = await submit(first, {
      to: ['two@shop.example'],
      subject: 'large',
      text: 'A large one, beyond what fits into a row.\n'.repeat(20_000),
    });
    await expect(first.kill('SIGKILL')).resolves.toBe('SIGKILL');

    // Nothing could be delivered before: only now is there a server.
    sink = await startSink({ port });
    const second = await home.start();
    expect(second.account).toBeUndefined();
    const [one, two] = await Promise.all([
      sink.next((got) => got.recipients.includes('one@shop.example')),
      sink.next((got) => got.recipients.includes('two@shop.example')),
    ]);
    expect(one.text).toContain(small);
    expect(two.text).toContain(large);
    expect(two.text.match(/A large one/g)).toHaveLength(20_000);

    const third = await submit(second, { to: ['three@shop.example'], text: 'After the restart.' }, account);
    await sink.next((got) => got.text.includes(third));
    expect((await home.run(['audit', 'verify'])).status).toBe(0);
  });
});
