import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openReadOnly } from '../../src/store/read-only.js';
import { type RelayHome, type RunningRelay, relayHome } from '../support/relay-process.js';
import { type Sink, startSink, testCa } from '../support/sink.js';
import { storyOf } from '../support/story.js';
import { submit } from '../support/submit.js';
import { untilState } from '../support/until-state.js';

/*
 * An inspection that doesn't end in time is killed with its thread. The message then counts as unread, never as clean:
 * however harmless it is, nothing of it goes outside in the clear, and the next messages fare no worse for it.
 */

const MARK = 'a harmless sentence that nobody could read in time';

let home: RelayHome;
let relay: RunningRelay;
let secure: Sink;
let clear: Sink;

beforeAll(async () => {
  const ca = await testCa();
  secure = await startSink({ certificate: await ca.issue('mx.hospital.example') });
  clear = await startSink({});
  const route = (name: string, domains: readonly string[], { host, port }: Sink) => ({
    name,
    domains,
    host,
    port,
    kind: 'recipient-server',
    tls_name: 'mx.hospital.example',
    ca: 'ca.pem',
  });
  home = await relayHome({
    inspect: { workers: 1, deadline: '5ms' },
    delivery: {
      routes: [route('secure', ['hospital.example'], secure), route('clear', ['*'], clear)],
      first_retry: '1s',
      max_retry: '1s',
    },
  });
  writeFileSync(join(home.folder, 'ca.pem'), ca.pem);
  relay = await home.start();
});

afterAll(async () => {
  await home?.remove();
  await Promise.all([secure?.close(), clear?.close()]);
});

it('treats each message that is not read in time as unread', async () => {
  const recipients = ['doe@hospital.example', 'roe@oldhost.example'];
  for (let n = 0; n < 3; n++) {
    const text = `${MARK}\n`.repeat(40_000);
    const id = await submit(relay, { to: recipients, subject: MARK, text });
    await untilState(home, id, 'roe@oldhost.example', 'in-portal', 'held');
    await untilState(home, id, 'doe@hospital.example', 'delivered', 'held');
    expect(storyOf(home, id).inspected?.data.failure).toBe('timed-out');
    const rows = openReadOnly(home.dataDir, (store) => store.recipients(id));
    for (const row of rows) {
      expect(row.decision?.protected).toBe(true);
      expect(row.method).not.toBe('plain');
    }
  }
  expect(clear.messages.filter((one) => one.text.includes(MARK))).toEqual([]);
  expect(secure.messages.filter((one) => one.text.includes(MARK)).every((one) => one.tls !== undefined)).toBe(
    true,
  );
  expect(relay.output()).toContain('"failure":"timed-out"');
  expect(relay.output()).not.toContain(MARK);
  expect((await fetch(`http://127.0.0.1:${relay.adminPort}/healthz`)).status).toBe(200);
  await expect(relay.kill('SIGTERM')).resolves.toBe(0);
});
