import { afterEach, describe, expect, it } from 'vitest';
import type { PromisedAttempt } from '../../../src/deliver/index.js';
import { type SmtpPeer, startPeer } from '../../support/smtp-peer.js';
import { type HarnessOptions, START, type TestCourier, tableResolver, testCourier } from './harness.js';

/*
 * Attempts that begin with the commit that makes their rows due. Here that is a change of rows that nobody looks for yet.
 */

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const resolver = tableResolver({
  mx: { 'peer.test': [[10, 'mx.peer.test']], 'other.test': [[10, 'mx.peer.test']] },
  addresses: { 'mx.peer.test': ['127.0.0.1'] },
});

interface World {
  readonly peer: SmtpPeer;
  readonly test: TestCourier;
  /** Attempts that were committed on their own. */
  readonly begun: string[];
}

async function world(options: Partial<HarnessOptions> = {}): Promise<World> {
  const peer = await startPeer({ behaviour: {} });
  closers.push(() => peer.close());
  const begun: string[] = [];
  const test = testCourier({
    port: peer.port,
    resolver,
    queue: (queue) => ({
      ...queue,
      async beginAttempt(keys, nextAttemptAt) {
        begun.push(...keys.map((key) => key.messageId));
        return queue.beginAttempt(keys, nextAttemptAt);
      },
    }),
    ...options,
  });
  closers.push(() => test.courier.stop(0));
  // So that nothing is found by looking, which it does when it starts.
  await test.courier.idle();
  return { peer, test, begun };
}

const rowsOf = ({ test }: World, id: string) => test.store.queue.recipients(id);
const messageOf = ({ test }: World, id: string) => {
  const message = test.store.messages.get(id);
  if (message === undefined) throw new Error('no such message');
  return message;
};

async function promised(world: World, ...to: string[]) {
  const id = await world.test.queue({ to, order: ['plain'] });
  const rows = await rowsOf(world, id);
  return { id, rows, attempt: world.test.courier.promise(messageOf(world, id), rows) };
}

/** What deciding does with a promise; gives the rows whose attempt has begun. */
async function commit(world: World, id: string, attempt: PromisedAttempt | undefined) {
  if (attempt === undefined) throw new Error('nothing was promised');
  const rows = await rowsOf(world, id);
  const changed = await world.test.store.queue.apply(
    {
      recipients: rows.map(({ index, address }) => ({
        key: { messageId: id, index },
        from: ['pending'],
        set: { attempts: 0 },
        begins: {
          address,
          now: world.test.now(),
          attempts: 1,
          nextAttemptAt: attempt.nextAttemptAt,
        },
      })),
    },
    [],
  );
  return rows.filter((row) => changed.some(({ index, begun }) => index === row.index && begun === true));
}

const rcpts = ({ peer }: World) => peer.messages.flatMap((one) => one.rcpts);

/** Things happen on sockets. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise(setImmediate);
}

describe('a promised attempt', () => {
  it('acts without a commit of its own, and is counted as any other', async () => {
    const one = await world();
    const { id, attempt } = await promised(one, 'a@peer.test', 'b@peer.test');
    expect(attempt?.nextAttemptAt).toBeGreaterThan(START);
    const rows = await commit(one, id, attempt);
    expect(one.test.store.recipient(id)).toMatchObject({
      state: 'pending',
      attempts: 1,
      nextAttemptAt: attempt?.nextAttemptAt,
    });
    attempt?.begin(messageOf(one, id), rows);
    await one.test.courier.idle();
    expect(rcpts(one)).toEqual(['RCPT TO:<a@peer.test>', 'RCPT TO:<b@peer.test>']);
    expect(one.begun).toEqual([]);
    const delivered = one.test.store.events.filter((event) => event.type === 'recipient.delivered');
    expect(delivered.map((event) => event.data.attempt)).toEqual([1, 1]);
  });

  it('that was not committed gives its place back, and its rows to whoever looks for them', async () => {
    const one = await world({ delivery: ['connections_per_destination: 1'] });
    const { id, attempt } = await promised(one, 'a@peer.test');
    attempt?.giveUp();
    await one.test.courier.idle();
    expect(one.begun).toEqual([id]);
    expect(one.test.store.recipient(id)).toMatchObject({ state: 'delivered', attempts: 1 });
  });

  it('is none for whose address is on the suppression list when it is committed', async () => {
    const one = await world();
    const { id, attempt } = await promised(one, 'a@peer.test', 'Gone@peer.test');
    await one.test.store.suppressions.put(
      { address: 'gone@peer.test', addedAt: START, reason: 'the wrong person' },
      [],
    );
    const rows = await commit(one, id, attempt);
    expect(rows.map((row) => row.address)).toEqual(['a@peer.test']);
    attempt?.begin(messageOf(one, id), rows);
    await one.test.courier.idle();
    expect(rcpts(one)).toEqual(['RCPT TO:<a@peer.test>']);
    expect(one.test.store.recipient(id, 1)).toMatchObject({
      state: 'bounced',
      lastReason: expect.stringContaining('the wrong person'),
    });
  });

  it('gives its rows back when the configuration was read anew meanwhile, and begins again with it', async () => {
    const one = await world();
    const { id, attempt } = await promised(one, 'a@peer.test');
    const rows = await commit(one, id, attempt);
    one.test.reload();
    attempt?.begin(messageOf(one, id), rows);
    await one.test.courier.idle();
    expect(one.begun).toEqual([id]);
    expect(one.test.store.recipient(id)).toMatchObject({ state: 'delivered', attempts: 1 });
  });

  it('gives its rows back when the relay stops meanwhile, which waits for that', async () => {
    const one = await world();
    const { id, attempt } = await promised(one, 'a@peer.test');
    const rows = await commit(one, id, attempt);
    let ended = false;
    const stopped = one.test.courier.stop(10_000).then(() => {
      ended = true;
    });
    await new Promise(setImmediate);
    expect(ended).toBe(false);
    attempt?.begin(messageOf(one, id), rows);
    await stopped;
    expect(one.peer.messages).toEqual([]);
    expect(one.test.store.recipient(id)).toMatchObject({
      state: 'pending',
      attempts: 0,
      nextAttemptAt: START,
    });
  });

  it('is not given after the end', async () => {
    const one = await world();
    await one.test.courier.stop(0);
    expect((await promised(one, 'a@peer.test')).attempt).toBeUndefined();
  });

  it('is one for each destination, where each has a place', async () => {
    const one = await world({ delivery: ['max_connections: 3'] });
    const { id, attempt } = await promised(one, 'a@peer.test', 'b@other.test');
    // One place is left, which is not kept where two were needed.
    expect((await promised(one, 'c@peer.test', 'd@other.test')).attempt).toBeUndefined();
    const last = await promised(one, 'e@peer.test');
    last.attempt?.begin(messageOf(one, last.id), await commit(one, last.id, last.attempt));
    attempt?.begin(messageOf(one, id), await commit(one, id, attempt));
    await one.test.courier.idle();
    const all = ['a@peer.test', 'b@other.test', 'c@peer.test', 'd@other.test', 'e@peer.test'];
    expect(rcpts(one).toSorted()).toEqual(all.map((address) => `RCPT TO:<${address}>`));
    expect([...new Set(one.begun)]).toEqual(['m2']);
  });

  it('is not given where a throttle counts it', async () => {
    const one = await world({
      delivery: ['throttles: [{ by: destination, names: [other.test], recipients_per_hour: 100 }]'],
    });
    expect((await promised(one, 'a@peer.test', 'b@other.test')).attempt).toBeUndefined();
    await one.test.courier.idle();
    expect(rcpts(one).toSorted()).toEqual(['RCPT TO:<a@peer.test>', 'RCPT TO:<b@other.test>']);
  });

  it('is not given where it would have to wait for a place', async () => {
    let go = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      go = resolve;
    });
    let acting = false;
    const one = await world({
      delivery: ['connections_per_destination: 1'],
      beforeActing: async () => {
        acting = true;
        await held;
      },
    });
    const first = await promised(one, 'a@peer.test');
    first.attempt?.begin(messageOf(one, first.id), await commit(one, first.id, first.attempt));
    await until(() => acting);
    expect((await promised(one, 'b@peer.test')).attempt).toBeUndefined();
    go();
    await one.test.courier.idle();
    expect(rcpts(one)).toEqual(['RCPT TO:<a@peer.test>', 'RCPT TO:<b@peer.test>']);
    expect(one.peer.mostAtOnce()).toBe(1);
  });

  it('ahead of its place does not act for whom a person has ended meanwhile', async () => {
    let go = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      go = resolve;
    });
    const acting: string[] = [];
    const one = await world({
      delivery: ['connections_per_destination: 1'],
      beforeActing: async (id) => {
        acting.push(id);
        if (acting.length === 3) await held;
      },
    });
    // Two quick ones, so that others may be begun ahead of the third.
    const before = ['a@peer.test', 'b@peer.test', 'c@peer.test'];
    for (const address of before) await one.test.queue({ to: [address], order: ['plain'] });
    one.test.courier.wake();
    await until(() => acting.length === 3);
    const { id, attempt } = await promised(one, 'd@peer.test');
    attempt?.begin(messageOf(one, id), await commit(one, id, attempt));
    await one.test.store.queue.apply(
      {
        recipients: [
          {
            key: { messageId: id, index: 0 },
            from: ['pending'],
            set: { state: 'ended', nextAttemptAt: null, expiresAt: null },
          },
        ],
      },
      [],
    );
    go();
    await one.test.courier.idle();
    expect(rcpts(one)).toEqual(before.map((address) => `RCPT TO:<${address}>`));
    expect(one.test.store.recipient(id)).toMatchObject({ state: 'ended', attempts: 1 });
  });
});
