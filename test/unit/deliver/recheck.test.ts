import { beforeEach, expect, it, vi } from 'vitest';
import { createRecheck, type Recheck } from '../../../src/deliver/recheck.js';
import type { StoredRecipient } from '../../../src/model/message.js';
import type { MessageWatch } from '../../../src/store/watched-messages.js';
import { START, type TestCourier, tableResolver, testCourier } from './harness.js';

/* An attempt of three recipients who are told to servers one after the other. */

let test: TestCourier;
let watch: MessageWatch;
let rows: readonly StoredRecipient[];
let recheck: Recheck;

beforeEach(async () => {
  test = testCourier({ port: 1, resolver: tableResolver({}) });
  await test.courier.stop(0);
  const { queue } = test.store;
  const to = ['a', 'b', 'c'].map((name) => `${name}@peer.test`);
  const id = await test.queue({ to, order: ['plain'] });
  rows = await queue.recipients(id);
  watch = test.watch(id, rows);
  await queue.beginAttempt(rows, START + 1000);
  const message = test.store.messages.get(id)!;
  const { suppressions } = test.store;
  const clock = { now: test.now };
  const deps = { loaded: test.loaded, queue, suppressions, clock, random: () => 0, metrics: test.metrics };
  recheck = createRecheck(deps, message, rows, watch);
});

const end = (index: number) =>
  test.store.queue.apply(
    {
      recipients: [
        {
          key: { messageId: 'm1', index },
          from: ['pending'],
          set: { state: 'ended', nextAttemptAt: null, expiresAt: null },
        },
      ],
    },
    [],
  );
const suppress = (address: string) =>
  test.store.suppressions.put({ address, addedAt: START, reason: 'the wrong person' }, []);
const overtaken = async (index: number) =>
  (await recheck.overtaken(rows.slice(index, index + 1)))?.length ?? 0;

it('knows of what was asked about one recipient when the turn of another has been', async () => {
  expect(recheck.overtaken(rows)).toBeUndefined();
  await end(1);
  expect(await overtaken(0)).toBe(0);
  expect(watch.isTouched()).toBe(false);
  expect(await overtaken(1)).toBe(1);
  expect(await overtaken(2)).toBe(0);
  expect(recheck.gaveBack()).toBe(false);
});

it('gives back nobody of whom a server was told before the address came on the list', async () => {
  expect(await overtaken(0)).toBe(0);
  await Promise.all([suppress('a@peer.test'), suppress('b@peer.test')]);
  expect(await overtaken(2)).toBe(0);
  expect(recheck.gaveBack()).toBe(false);
  expect(await overtaken(1)).toBe(1);
  expect(await overtaken(1)).toBe(1);
  expect(recheck.gaveBack()).toBe(true);
  const attempts = await test.store.queue.recipients('m1');
  expect(attempts.map((one) => one.attempts)).toEqual([1, 0, 1]);
});

it('hears of what is asked for while it reads', async () => {
  await end(1);
  const asked = recheck.overtaken(rows);
  await end(2);
  expect((await asked)?.map((one) => one.index)).toEqual([1, 2]);
});

it('reads not for ever for whoever asks for something all the time', async () => {
  const { recipients } = test.store.queue;
  let reads = 0;
  const reading = vi.spyOn(test.store.queue, 'recipients').mockImplementation((id) => {
    reads += 1;
    void end(1);
    return recipients(id);
  });
  await end(1);
  for (const _ of [1, 2]) await expect(recheck.overtaken(rows)).rejects.toThrow('time and again');
  expect(reads).toBe(20);
  reading.mockRestore();
});

it('is at once where those whom somebody asked about are known, and not among them', async () => {
  await end(1);
  expect(await overtaken(1)).toBe(1);
  expect(recheck.overtaken(rows.slice(2))).toBeUndefined();
});
