import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type SmtpPeer, startPeer } from '../../support/smtp-peer.js';
import { type HarnessOptions, START, type TestCourier, tableResolver, testCourier } from './harness.js';

/*
 * Attempts that are begun ahead of their place, and what becomes of them when they don't get it: as if they had never
 * begun. One place, and attempts that are quick until one is held up.
 */

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});
const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  vi.useRealTimers();
  for (const close of closers.splice(0).reverse()) await close();
});

const resolver = tableResolver({
  mx: { 'peer.test': [[10, 'mx.peer.test']] },
  addresses: { 'mx.peer.test': ['127.0.0.1'] },
});

/** Things happen on sockets, which no clock of a test moves. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise(setImmediate);
}

/** As many turns as whatever could have begun takes. */
async function settled(): Promise<void> {
  for (let n = 0; n < 20; n++) await new Promise(setImmediate);
}

interface World {
  readonly peer: SmtpPeer;
  readonly test: TestCourier;
  /** Messages whose attempts were committed, in order. */
  readonly begun: string[];
  /** Lets the attempt that is held up go on, and all others. */
  go(): void;
}

/** Three attempts of a message to each of six recipients have acted, or do; the third is held up, two are ahead. */
async function heldUp(options: Partial<HarnessOptions> = {}): Promise<World> {
  const peer = await startPeer({ behaviour: {} });
  closers.push(() => peer.close());
  const begun: string[] = [];
  let go = (): void => undefined;
  const held = new Promise<void>((resolve) => {
    go = resolve;
  });
  const acting: string[] = [];
  const test = testCourier({
    port: peer.port,
    resolver,
    beforeActing: async (id) => {
      acting.push(id);
      if (id === 'm3') await held;
    },
    queue: (queue) => ({
      ...queue,
      async beginAttempt(keys, nextAttemptAt) {
        begun.push(...keys.map((key) => key.messageId));
        return queue.beginAttempt(keys, nextAttemptAt);
      },
    }),
    ...options,
    delivery: ['connections_per_destination: 1', ...(options.delivery ?? [])],
  });
  closers.push(() => test.courier.stop(0));
  for (let n = 1; n <= 6; n++) await test.queue({ to: [`r${n}@peer.test`], order: ['plain'] });
  test.courier.wake();
  await until(() => acting.includes('m3') && begun.length >= (options.delivery === undefined ? 5 : 0));
  return { peer, test, begun, go };
}

const rcpts = (peer: SmtpPeer) => peer.messages.flatMap((one) => one.rcpts);
const row = ({ test }: World, id: string) => {
  const { state, attempts, nextAttemptAt } = test.store.recipient(id);
  return { state, attempts, nextAttemptAt };
};
const AS_QUEUED = { state: 'pending', attempts: 0, nextAttemptAt: START };

describe('attempts begun ahead of their place', () => {
  it('act when it becomes free, in order, once each', async () => {
    const world = await heldUp();
    expect(world.begun).toEqual(['m1', 'm2', 'm3', 'm4', 'm5']);
    expect(row(world, 'm4').attempts).toBe(1);
    world.go();
    await world.test.courier.idle();
    expect(rcpts(world.peer)).toEqual([1, 2, 3, 4, 5, 6].map((n) => `RCPT TO:<r${n}@peer.test>`));
    expect(world.begun).toEqual(['m1', 'm2', 'm3', 'm4', 'm5', 'm6']);
    expect(world.peer.mostAtOnce()).toBe(1);
  });

  it('give their rows back as they were, when it does not become free in a second', async () => {
    const world = await heldUp();
    await vi.advanceTimersByTimeAsync(1000);
    await until(() => ['m4', 'm5'].every((id) => row(world, id).attempts === 0));
    for (const id of ['m4', 'm5', 'm6']) expect(row(world, id)).toEqual(AS_QUEUED);
    // Nobody else is begun behind a server that is stuck.
    await new Promise(setImmediate);
    expect(world.begun).toHaveLength(5);
    world.go();
    await world.test.courier.idle();
    expect(rcpts(world.peer).toSorted()).toEqual([1, 2, 3, 4, 5, 6].map((n) => `RCPT TO:<r${n}@peer.test>`));
    const delivered = world.test.store.events.filter((event) => event.type === 'recipient.delivered');
    expect(delivered.map((event) => event.data.attempt)).toEqual([1, 1, 1, 1, 1, 1]);
  });

  it('give their rows back when the relay stops, and only what acts goes on', async () => {
    const world = await heldUp();
    const stopped = world.test.courier.stop(10_000);
    await until(() => ['m4', 'm5'].every((id) => row(world, id).attempts === 0));
    for (const id of ['m4', 'm5', 'm6']) expect(row(world, id)).toEqual(AS_QUEUED);
    world.go();
    await stopped;
    expect(world.test.store.recipient('m3').state).toBe('delivered');
    expect(world.peer.messages).toHaveLength(3);
    expect(world.test.failures).toEqual([]);
  });

  // However short the wait: the person was told that it has ended.
  it.each([1, 90, 900])(
    'do not act for a recipient whom a person has ended while they waited %d ms',
    async (ms) => {
      const world = await heldUp();
      await world.test.store.queue.apply(
        {
          recipients: [
            {
              key: { messageId: 'm4', index: 0 },
              from: ['pending'],
              set: { state: 'ended', nextAttemptAt: null, expiresAt: null },
            },
          ],
        },
        [],
      );
      await vi.advanceTimersByTimeAsync(ms);
      world.go();
      await world.test.courier.idle();
      expect(rcpts(world.peer)).not.toContain('RCPT TO:<r4@peer.test>');
      expect(rcpts(world.peer)).toContain('RCPT TO:<r5@peer.test>');
      expect(world.test.store.recipient('m4').state).toBe('ended');
    },
  );

  it.each([
    { what: 'begun ahead', delivery: [] },
    {
      what: 'counted by a throttle',
      delivery: ['throttles: [{ by: destination, recipients_per_hour: 100 }]'],
    },
  ])('bounce what came on the suppression list while they waited, $what', async ({ delivery }) => {
    const world = await heldUp(delivery.length === 0 ? {} : { delivery });
    await settled();
    await world.test.store.suppressions.put(
      { address: 'r4@peer.test', addedAt: START, reason: 'the wrong person' },
      [],
    );
    await vi.advanceTimersByTimeAsync(1);
    world.go();
    await world.test.courier.idle();
    expect(rcpts(world.peer)).toEqual([1, 2, 3, 5, 6].map((n) => `RCPT TO:<r${n}@peer.test>`));
    expect(world.test.store.recipient('m4')).toMatchObject({
      state: 'bounced',
      attempts: 0,
      lastReason: expect.stringContaining('the wrong person'),
    });
    for (const id of ['m3', 'm5', 'm6']) expect(world.test.store.recipient(id).state).toBe('delivered');
  });

  it('read nothing again where they had not to wait', async () => {
    let reads = 0;
    const peer = await startPeer({ behaviour: {} });
    closers.push(() => peer.close());
    const test = testCourier({
      port: peer.port,
      resolver,
      queue: (queue) => ({
        ...queue,
        recipients(id) {
          reads += 1;
          return queue.recipients(id);
        },
      }),
    });
    closers.push(() => test.courier.stop(0));
    await test.send({ to: ['r1@peer.test'], order: ['plain'] });
    expect(peer.messages).toHaveLength(1);
    expect(reads).toBe(0);
  });

  it('give their rows back when the configuration was read anew while they waited, and begin again with it', async () => {
    const world = await heldUp();
    world.test.reload();
    world.go();
    await world.test.courier.idle();
    expect(world.begun.filter((id) => id === 'm4')).toHaveLength(2);
    expect(world.peer.messages).toHaveLength(6);
    expect(world.test.store.recipient('m4')).toMatchObject({ state: 'delivered', attempts: 1 });
  });

  it('are none that a throttle counts', async () => {
    const world = await heldUp({
      delivery: ['throttles: [{ by: destination, recipients_per_hour: 100 }]'],
    });
    await settled();
    for (const id of ['m4', 'm5', 'm6']) expect(row(world, id)).toEqual(AS_QUEUED);
    await vi.advanceTimersByTimeAsync(1000);
    for (const id of ['m4', 'm5', 'm6']) expect(row(world, id)).toEqual(AS_QUEUED);
    world.go();
    await world.test.courier.idle();
    expect(world.peer.messages).toHaveLength(6);
  });

  it('do not act once the store has failed', async () => {
    const world = await heldUp();
    world.test.store.fail();
    world.go();
    await until(() => world.test.failures.length > 0);
    await world.test.courier.stop(0);
    expect(world.peer.messages.length).toBeLessThanOrEqual(3);
  });
});

describe('a place', () => {
  it('is the next one\u2019s before what came of an attempt is on disk', async () => {
    const peer = await startPeer({ behaviour: {} });
    closers.push(() => peer.close());
    const test = testCourier({
      port: peer.port,
      resolver,
      delivery: ['connections_per_destination: 1'],
      queue: (queue) => ({
        ...queue,
        async apply(change, events) {
          // As slow as it takes for three of them to have been there.
          await until(() => peer.messages.length === 3);
          return queue.apply(change, events);
        },
      }),
    });
    closers.push(() => test.courier.stop(0));
    for (let n = 1; n <= 3; n++) await test.queue({ to: [`r${n}@peer.test`], order: ['plain'] });
    await test.courier.idle();
    expect(peer.connections()).toBe(1);
    for (const id of ['m1', 'm2', 'm3']) expect(test.store.recipient(id).state).toBe('delivered');
  });
});
