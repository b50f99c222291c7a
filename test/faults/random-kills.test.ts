import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { END_STATES } from '../../src/model/message.js';
import { openReadOnly } from '../../src/store/read-only.js';
import { type RelayHome, type RunningRelay, relayHome } from '../support/relay-process.js';
import { type Sink, startSink, testCa } from '../support/sink.js';
import { CANARY, LAB_RESULT, submit } from '../support/submit.js';
import { untilState } from '../support/until-state.js';

/*
 * A relay that is killed at random moments, three times, while thirty messages come in and go out. The oracle is
 * outside: what clients were answered, and what servers got.
 */

const SEED = 20_261_122;
const ROUNDS = 3;
const MESSAGES = 30;

let home: RelayHome;
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
    delivery: {
      routes: [route('secure', ['hospital.example'], secure), route('clear', ['*'], clear)],
      first_retry: '1s',
      max_retry: '1s',
    },
  });
  writeFileSync(join(home.folder, 'ca.pem'), ca.pem);
});

afterAll(async () => {
  await home?.remove();
  await Promise.all([secure?.close(), clear?.close()]);
});

/** A small generator with a seed (mulberry32), so that a failing run can be had again. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

interface Planned {
  readonly mark: string;
  readonly recipient: string;
  readonly text: string;
}

/** Thirds: business mail in the clear, patient data by TLS, patient data to a server without TLS (the portal). */
const PLAN: readonly Planned[] = Array.from({ length: MESSAGES }, (_, n) => {
  const mark = `mark-${n}-of-this-test`;
  const filler = 'A longer one, which has a file of its own.\n'.repeat(n % 5 === 0 ? 3000 : 1);
  if (n % 3 === 0) return { mark, recipient: `r${n}@shop.example`, text: `Hello, ${mark}.\n${filler}` };
  const text = `${mark}\n${LAB_RESULT}${filler}`;
  return { mark, recipient: `r${n}@${n % 3 === 1 ? 'hospital.example' : 'oldhost.example'}`, text };
});

/** Sends what is left, a few at a time, until the relay is gone; gives the IDs answered with 250. */
async function flow(
  relay: RunningRelay,
  account: RunningRelay['account'],
  left: Planned[],
): Promise<ReadonlyMap<string, Planned>> {
  const accepted = new Map<string, Planned>();
  const client = async () => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) {
      try {
        accepted.set(await submit(relay, { to: [next.recipient], text: next.text }, account), next);
      } catch {
        // No 250: as a mail client does, it is sent again later.
        left.push(next);
        return;
      }
    }
  };
  await Promise.all([client(), client(), client()]);
  return accepted;
}

it('loses nothing, leaks nothing, and its log verifies', async () => {
  const dice = random(SEED);
  const left = [...PLAN];
  const accepted = new Map<string, Planned>();
  let account: RunningRelay['account'];
  for (let round = 1; round <= ROUNDS; round++) {
    const relay = await home.start();
    account ??= relay.account;
    const share = left.splice(0, Math.ceil((MESSAGES * round) / ROUNDS) - accepted.size);
    const sending = flow(relay, account, share);
    await delay(150 + dice() * 1500);
    await expect(relay.kill('SIGKILL')).resolves.toBe('SIGKILL');
    for (const [id, one] of await sending) accepted.set(id, one);
    left.unshift(...share);
  }
  const last = await home.start();
  for (const [id, one] of await flow(last, account, left)) accepted.set(id, one);
  expect(new Set([...accepted.values()].map((one) => one.mark)).size).toBe(MESSAGES);

  const all = () => openReadOnly(home.dataDir, (store) => store.list({ limit: 1000 }));
  for (const [id, one] of accepted) {
    const inPortal = one.recipient.endsWith('@oldhost.example');
    await untilState(home, id, one.recipient, inPortal ? 'in-portal' : 'delivered', 'held');
    const row = all().find(({ message }) => message.id === id)?.recipient;
    if (row?.state === 'held') {
      // Killed twice during its inspection: it counts as unread, and a person looks.
      expect(row.lastReason).toContain('inspection crashed');
    } else if (inPortal) {
      const items = openReadOnly(home.dataDir, (store) => store.items({ messageId: id, limit: 10 }));
      expect(items.map((item) => item.state)).toEqual(['waiting']);
    } else {
      const sink = one.recipient.endsWith('@hospital.example') ? secure : clear;
      // The attempt in which the relay was killed may be repeated, with the same Message-ID.
      const copies = sink.messages.filter((got) => got.text.includes(one.mark) && got.text.includes(id));
      expect(copies.length).toBeGreaterThan(0);
      expect(new Set(copies.map((got) => /^Message-ID: .*$/im.exec(got.text)?.[0])).size).toBe(1);
    }
  }
  // A person ends what waits. What was stored but not answered may still be on its way there: looked for each time.
  for (;;) {
    for (const item of openReadOnly(home.dataDir, (store) => store.items({ limit: 1000 })))
      if (item.state === 'waiting')
        await home.run(['portal', 'revoke', item.id, '--reason', 'end of the test']);
    const rows = all();
    for (const { message, recipient } of rows)
      if (recipient.state === 'held')
        await home.run(['held', 'reject', message.id, '--reason', 'end of the test']);
    if (rows.every(({ recipient }) => END_STATES.some((end) => end === recipient.state))) break;
    await delay(50);
  }

  expect(clear.messages.filter((one) => one.text.includes(CANARY))).toEqual([]);
  expect(secure.messages.every((one) => one.tls !== undefined)).toBe(true);
  expect((await home.run(['audit', 'verify'])).status).toBe(0);
  expect(last.output()).not.toContain(CANARY);
});
