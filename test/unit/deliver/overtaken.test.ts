import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type PeerBehaviour, type SmtpPeer, startPeer } from '../../support/smtp-peer.js';
import { type HarnessOptions, START, type TestCourier, tableResolver, testCourier } from './harness.js';

/*
 * What somebody asks for while an attempt is under way that had not to wait for its place: while its copy is made, while a
 * server is looked for and dialled. Whoever was told that a recipient has ended, or that an address is on the suppression
 * list, must not see the message go out.
 */

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const table = tableResolver({
  mx: { 'peer.test': [[10, 'mx.peer.test']] },
  addresses: { 'mx.peer.test': ['127.0.0.1'] },
});

interface World {
  readonly peer: SmtpPeer;
  readonly test: TestCourier;
  /** Reads of rows. */
  readonly reads: () => number;
}

/** @param meanwhile runs when the attempt is about to dial, and is waited for */
async function world(
  meanwhile: (test: TestCourier) => Promise<unknown>,
  options: Partial<HarnessOptions> = {},
  behaviour: PeerBehaviour = {},
): Promise<World> {
  const peer = await startPeer({ behaviour });
  closers.push(() => peer.close());
  let reads = 0;
  let first = true;
  const test: TestCourier = testCourier({
    port: peer.port,
    resolver: {
      ...table,
      async addresses(host) {
        if (first) {
          first = false;
          await meanwhile(test);
        }
        return table.addresses(host);
      },
    },
    queue: (queue) => ({
      ...queue,
      recipients(id) {
        reads += 1;
        return queue.recipients(id);
      },
    }),
    ...options,
  });
  closers.push(() => test.courier.stop(0));
  return { peer, test, reads: () => reads };
}

const rcpts = ({ peer }: World) => peer.messages.flatMap((one) => one.rcpts);
const TO = ['a@peer.test', 'b@peer.test'];
const RCPT_A = 'RCPT TO:<a@peer.test>';
const RCPT_B = 'RCPT TO:<b@peer.test>';

/** A message whose attempt is committed as if with its decision; `begin` says so to the courier. */
async function promised({ courier, queue, store }: TestCourier) {
  await courier.idle();
  const id = await queue({ to: TO, order: ['plain'] });
  const rows = await store.queue.recipients(id);
  const message = store.messages.get(id)!;
  const attempt = courier.promise(message, rows)!;
  await store.queue.apply(
    {
      recipients: rows.map(({ index, address }) => ({
        key: { messageId: id, index },
        from: ['pending'],
        set: {},
        begins: { address, now: START, attempts: 1, nextAttemptAt: attempt.nextAttemptAt },
      })),
    },
    [],
  );
  return { id, begin: () => attempt.begin(message, rows) };
}

const end = ({ store }: TestCourier, index: number, id = 'm1') =>
  store.queue.apply(
    {
      recipients: [
        {
          key: { messageId: id, index },
          from: ['pending'],
          set: { state: 'ended', nextAttemptAt: null, expiresAt: null },
        },
      ],
    },
    [],
  );
/** Asks for something that changes nothing for its attempt. */
const touch = ({ store }: TestCourier, index: number) =>
  store.queue.apply(
    {
      recipients: [{ key: { messageId: 'm1', index }, from: ['pending'], set: { nextAttemptAt: START } }],
    },
    [],
  );
/** Events about the second recipient. */
const aboutB = ({ store }: TestCourier) =>
  store.events.filter((event) => JSON.stringify(event).includes('b@peer.test'));
const suppress = ({ store }: TestCourier, address: string) =>
  store.suppressions.put({ address, addedAt: START, reason: 'the wrong person' }, []);

describe('an attempt that had not to wait', () => {
  it('sends nothing to a recipient whom a person has ended by then', async () => {
    const one = await world((test) => end(test, 1));
    await one.test.send({ to: TO, order: ['plain'] });
    expect(rcpts(one)).toEqual([RCPT_A]);
    expect(one.test.store.recipient('m1', 0).state).toBe('delivered');
    expect(one.test.store.recipient('m1', 1)).toMatchObject({ state: 'ended', attempts: 1 });
  });

  it('says nothing to the server where a person has ended all', async () => {
    const one = await world((test) => Promise.all([end(test, 0), end(test, 1)]));
    await one.test.send({ to: TO, order: ['plain'] });
    expect(one.peer.messages).toEqual([]);
    expect(one.peer.clear()).not.toContain('MAIL FROM');
    expect(one.test.eventTypes()).not.toContain('recipient.deferred');
  });

  it('bounces whose address is on the suppression list by then, as one that was not tried', async () => {
    const one = await world((test) => suppress(test, 'b@peer.test'));
    await one.test.send({ to: TO.map((address) => address.replace('b', 'B')), order: ['plain'] });
    expect(rcpts(one)).toEqual([RCPT_A]);
    expect(one.test.store.recipient('m1', 1)).toMatchObject({
      state: 'bounced',
      attempts: 0,
      lastReason: expect.stringContaining('the wrong person'),
    });
  });

  it('waits for what was asked for and is not done yet', async () => {
    let asked = false;
    const one = await world(
      async (test) => {
        asked = true;
        void end(test, 1);
      },
      {
        // The store takes its time.
        async beforeApplying() {
          if (asked) await delay(200);
        },
      },
    );
    await one.test.send({ to: TO, order: ['plain'] });
    expect(rcpts(one)).toEqual([RCPT_A]);
  });

  it('goes on where what was asked for is nothing to it, and reads nothing where nobody has asked', async () => {
    const one = await world((test) => touch(test, 0));
    await one.test.send({ to: TO, order: ['plain'] });
    expect(rcpts(one)).toEqual([RCPT_A, RCPT_B]);
    expect(one.reads()).toBe(1);
    await one.test.send({ to: TO, order: ['plain'] });
    expect(one.reads()).toBe(1);
    const deliveries = one.test.eventTypes().filter((type) => type === 'recipient.delivered');
    expect(deliveries).toHaveLength(4);
  });

  it('gives its rows back where the configuration was read anew while it was committed, and begins again with it', async () => {
    let begun = 0;
    const one: World = await world(async () => undefined, {
      queue: (queue) => ({
        ...queue,
        async beginAttempt(keys, nextAttemptAt) {
          begun += 1;
          const rows = await queue.beginAttempt(keys, nextAttemptAt);
          if (begun === 1) one.test.reload();
          return rows;
        },
      }),
    });
    await one.test.send({ to: TO, order: ['plain'] });
    expect(begun).toBe(2);
    expect(rcpts(one)).toEqual([RCPT_A, RCPT_B]);
    expect(one.test.store.recipient('m1')).toMatchObject({ state: 'delivered', attempts: 1 });
  });

  it('is no other where its throttle counted it', async () => {
    const one = await world((test) => end(test, 1), {
      delivery: ['throttles: [{ by: destination, recipients_per_hour: 100 }]'],
    });
    await one.test.send({ to: TO, order: ['plain'] });
    expect(rcpts(one)).toEqual([RCPT_A]);
  });

  it('is no other where it began with the commit of its decision', async () => {
    const one = await world((test) => end(test, 1));
    const { begin } = await promised(one.test);
    begin();
    await one.test.courier.idle();
    expect(rcpts(one)).toEqual([RCPT_A]);
    // By nobody but whoever asked.
    expect(one.reads()).toBe(1);
  });

  it('is no other where somebody asked while the commit that began it was under way', async () => {
    const one = await world(async () => undefined);
    const { id, begin } = await promised(one.test);
    await end(one.test, 0, id);
    await suppress(one.test, 'b@peer.test');
    begin();
    await one.test.courier.idle();
    expect(rcpts(one)).toEqual([]);
    expect(one.test.store.recipient(id, 0).state).toBe('ended');
    expect(one.test.store.recipient(id, 1)).toMatchObject({ state: 'bounced', attempts: 0 });
  });
});

describe('what is asked for in the middle of an attempt', () => {
  const NO_PIPELINING = ['SIZE 50000000'];

  it('has nobody sent to twice where it can not be told in the end', async () => {
    const wantsB = () => one.peer.commands.filter((line) => line === RCPT_B).length;
    let fails = 1;
    const one: World = await world(
      async () => undefined,
      {
        queue: (queue) => ({
          ...queue,
          async recipients(id) {
            if (fails-- > 0) throw new TypeError('nothing is read today');
            return queue.recipients(id);
          },
        }),
      },
      {
        replies: {
          RCPT(line) {
            if (line !== RCPT_B || wantsB() > 1) return '250 2.1.5 ok';
            void touch(one.test, 1);
            return '452 4.5.3 too many';
          },
        },
      },
    );
    await one.test.send({ to: TO, order: ['plain'] });
    expect(one.test.store.recipient('m1', 0).state).toBe('delivered');
    expect(one.test.store.recipient('m1', 1)).toMatchObject({
      state: 'pending',
      attempts: 1,
      lastReason: expect.stringContaining('an error inside the gateway'),
    });
    expect(one.test.log()).toContain('an attempt failed inside the relay');
    await one.test.later(one.test.loaded().config.delivery.first_retry);
    expect(rcpts(one)).toEqual([RCPT_A, RCPT_B]);
    expect(one.test.store.recipient('m1', 1).state).toBe('delivered');
  });

  it('is seen when it was asked for while the message was read', async () => {
    let dials = false;
    const one = await world(async () => {
      dials = true;
    });
    const { bodies } = one.test.store;
    const { open } = bodies;
    vi.spyOn(bodies, 'open').mockImplementation((body, range) => {
      if (dials) void end(one.test, 1);
      return open(body, range);
    });
    await one.test.send({ to: TO, order: ['plain'] });
    expect(dials).toBe(true);
    expect(rcpts(one)).toEqual([RCPT_A]);
    expect(one.peer.clear()).not.toContain(RCPT_B);
  });

  it('is seen before each recipient of whom a server is told by itself', async () => {
    const one: World = await world(
      async () => undefined,
      {},
      {
        keywords: NO_PIPELINING,
        replies: {
          RCPT() {
            void end(one.test, 1);
            return '250 2.1.5 ok';
          },
        },
      },
    );
    await one.test.send({ to: TO, order: ['plain'] });
    expect(rcpts(one)).toEqual([RCPT_A]);
    expect(one.peer.clear()).not.toContain(RCPT_B);
    expect(one.test.store.recipient('m1', 0).state).toBe('delivered');
    expect(one.test.store.recipient('m1', 1).state).toBe('ended');
  });

  it('ends a transaction in which nobody is left', async () => {
    const one: World = await world(
      async () => undefined,
      {},
      {
        keywords: NO_PIPELINING,
        replies: {
          MAIL() {
            void end(one.test, 0);
            void suppress(one.test, 'b@peer.test');
            return '250 2.1.0 fine';
          },
        },
      },
    );
    await one.test.send({ to: TO, order: ['plain'] });
    expect(one.peer.commands.map((line) => line.split(/[ :]/)[0])).toEqual(
      expect.arrayContaining(['MAIL', 'RSET']),
    );
    expect(one.peer.clear()).not.toContain('RCPT');
    expect(one.test.store.recipient('m1', 0).state).toBe('ended');
    expect(one.test.store.recipient('m1', 1)).toMatchObject({ state: 'bounced', attempts: 0 });
  });

  it('comes before what the server can not carry', async () => {
    const one = await world((test) => end(test, 1), {}, { keywords: ['SIZE 10'] });
    await one.test.send({ to: TO, order: ['plain'] });
    expect(one.test.store.recipient('m1', 0).state).toBe('bounced');
    const bounced = one.test.store.events.filter((event) => event.type === 'recipient.bounced');
    expect(JSON.stringify(bounced)).not.toContain('b@peer.test');
  });

  it.each(['554 5.3.2 not today', '421 4.3.2 busy'])(
    'leaves nothing on record of who has ended where the server greets with %s',
    async (connect) => {
      const one = await world((test) => end(test, 1), {}, { replies: { connect } });
      await one.test.send({ to: TO, order: ['plain'] });
      expect(aboutB(one.test)).toEqual([]);
      expect(one.test.store.recipient('m1', 0)).toMatchObject({ state: 'pending', attempts: 1 });
      expect(one.test.eventTypes()).toContain('recipient.deferred');
    },
  );

  it('leaves nothing on record of who has ended where there is no such domain', async () => {
    const one: World = await world(async () => undefined, {
      resolver: {
        ...table,
        async mx(domain) {
          if (domain === 'peer.test') await end(one.test, 1);
          return { kind: 'no-domain' };
        },
      },
    });
    await one.test.send({ to: TO, order: ['plain'] });
    expect(one.test.store.recipient('m1', 0).state).toBe('bounced');
    expect(one.test.store.recipient('m1', 1)).toMatchObject({ state: 'ended' });
    expect(aboutB(one.test)).toEqual([]);
  });

  it('keeps nothing from the record of whom a server has taken the message for', async () => {
    const one: World = await world(
      async () => undefined,
      {},
      {
        replies: {
          DATA() {
            void end(one.test, 0);
            return '354 go on';
          },
          RCPT: (line) => (line === RCPT_A ? '250 2.1.5 ok' : '550 5.1.1 who?'),
        },
      },
    );
    await one.test.send({ to: TO, order: ['plain'] });
    expect(one.test.eventTypes()).toContain('recipient.delivered');
    expect(one.test.store.recipient('m1', 1).state).toBe('bounced');
  });
});
