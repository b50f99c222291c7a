import { afterEach, describe, expect, it, vi } from 'vitest';
import { ChangeRefused } from '../../../src/store/errors.js';
import { type QueueStore, StoreUnavailable } from '../../../src/store/ports.js';
import { type PeerBehaviour, startPeer } from '../../support/smtp-peer.js';
import { tableResolver, testCourier } from './harness.js';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function setUp(behaviour: PeerBehaviour = {}, queue?: (queue: QueueStore) => QueueStore) {
  const peer = await startPeer({ behaviour });
  closers.push(() => peer.close());
  const courier = testCourier({
    port: peer.port,
    resolver: tableResolver({
      mx: { 'peer.test': [[10, 'mx.peer.test']], 'clinic.example': [[10, 'mx.peer.test']] },
      addresses: { 'mx.peer.test': ['127.0.0.1'] },
    }),
    ...(queue === undefined ? {} : { queue }),
  });
  closers.push(() => courier.courier.stop(0));
  return { peer, courier };
}

function failToSeal(
  courier: Awaited<ReturnType<typeof setUp>>['courier'],
  error: Error = new TypeError('no mail of our own today'),
) {
  return vi.spyOn(courier.store.bodies, 'seal').mockImplementation(() => {
    throw error;
  });
}

describe('an error inside the relay after the recipient’s server took the message', () => {
  it('puts off only those whose DSN cannot be made', async () => {
    const { peer, courier } = await setUp({
      replies: { RCPT: (line) => (/gone@/.test(line) ? '550 5.1.1 who?' : '250 2.1.5 ok') },
    });
    const broken = failToSeal(courier);
    const id = await courier.send({ to: ['a@peer.test', 'gone@peer.test'], order: ['plain'] });
    expect(courier.store.recipient(id, 0).state).toBe('delivered');
    expect(courier.store.recipient(id, 1)).toMatchObject({ state: 'pending', attempts: 1 });
    expect(courier.store.events.map(({ type }) => type)).toContain('recipient.delivered');
    broken.mockRestore();
    await courier.later(courier.loaded().config.delivery.first_retry);
    expect(courier.store.recipient(id, 1).state).toBe('bounced');
    const sent = peer.messages.filter(({ rcpts }) => rcpts.some((rcpt) => rcpt.includes('a@peer.test')));
    expect(sent).toHaveLength(1);
  });

  it('ends the message without the report that cannot be made', async () => {
    const { peer, courier } = await setUp({ keywords: [] });
    failToSeal(courier);
    const id = await courier.send({
      to: ['a@peer.test'],
      order: ['plain'],
      notify: ['SUCCESS'],
    });
    expect(courier.store.recipient(id).state).toBe('delivered');
    await courier.later(courier.loaded().config.delivery.first_retry);
    expect(peer.messages).toHaveLength(1);
    expect(courier.failures).toEqual([]);
  });

  it('records what arrived, also when the disk has no room for the report of the others', async () => {
    const { courier } = await setUp({
      replies: { RCPT: (line) => (/gone@/.test(line) ? '550 5.1.1 who?' : '250 2.1.5 ok') },
    });
    failToSeal(courier, new StoreUnavailable('no space left'));
    const id = await courier.send({ to: ['a@peer.test', 'gone@peer.test'], order: ['plain'] });
    expect(courier.store.recipient(id, 0).state).toBe('delivered');
    expect(courier.store.recipient(id, 1).state).toBe('pending');
    expect(courier.failures).toMatchObject([{ name: 'StoreUnavailable' }]);
  });
});

/** As a store does at the end of a rotation of the master key, where mail of our own was sealed before it began. */
function refusingOwnMail(queue: QueueStore): QueueStore {
  let isFirst = true;
  return {
    ...queue,
    async apply(change, events) {
      if (isFirst && change.create?.some(({ message }) => message.origin !== 'pickup-notice') === true) {
        isFirst = false;
        throw new ChangeRefused('the key of the content was wrapped with a master key that is gone');
      }
      return queue.apply(change, events);
    },
  };
}

describe('a store that refuses what is to be told of a message', () => {
  it('keeps what has arrived all the same, and the rest for the next attempt', async () => {
    const { peer, courier } = await setUp(
      { replies: { RCPT: (line) => (/gone@/.test(line) ? '550 5.1.1 who?' : '250 2.1.5 ok') } },
      refusingOwnMail,
    );
    const id = await courier.send({ to: ['a@peer.test', 'gone@peer.test'], order: ['plain'] });
    expect(courier.store.recipient(id, 0).state).toBe('delivered');
    expect(courier.store.recipient(id, 1)).toMatchObject({ state: 'pending', attempts: 1 });
    expect(courier.eventTypes()).toContain('recipient.delivered');
    expect(courier.eventTypes()).not.toContain('recipient.bounced');
    await courier.later(courier.loaded().config.delivery.first_retry);
    expect(courier.store.recipient(id, 1).state).toBe('bounced');
    const sent = peer.messages.filter(({ rcpts }) => rcpts.some((rcpt) => rcpt.includes('a@peer.test')));
    expect(sent).toHaveLength(1);
    expect(courier.failures).toEqual([]);
  });

  it('keeps nobody else’s outcome from the disk', async () => {
    const { peer, courier } = await setUp({}, refusingOwnMail);
    await courier.courier.idle();
    const id = await courier.queue({ to: ['a@peer.test', 'b@peer.test'], order: ['plain'] });
    const { decision } = courier.store.recipient(id, 0);
    if (decision === undefined) throw new Error('no decision');
    // A damaged row: it is held, which is to be told.
    const key = { messageId: id, index: 0 };
    await courier.store.queue.apply(
      {
        recipients: [
          { key, from: ['pending'], set: { decision: { ...decision, recipient: 'c@peer.test' } } },
        ],
      },
      [],
    );
    await courier.courier.idle();
    expect(courier.store.recipient(id, 0).state).toBe('pending');
    expect(courier.store.recipient(id, 1).state).toBe('delivered');
    await courier.later(courier.loaded().config.delivery.first_retry);
    expect(courier.store.recipient(id, 0).state).toBe('held');
    expect(peer.messages.filter(({ rcpts }) => rcpts.some((rcpt) => rcpt.includes('b@')))).toHaveLength(1);
  });

  it('is in the log with each change that it refused, and the message', async () => {
    const peer = await startPeer();
    closers.push(() => peer.close());
    const courier = testCourier({
      port: peer.port,
      resolver: tableResolver({ mx: {}, addresses: {} }),
      place: { hold: 'the portal keeps enough for the recipient' },
      queue: (queue) => ({
        ...queue,
        async apply(change, events) {
          if ((change.create ?? []).length > 0) throw new ChangeRefused('a constraint');
          return queue.apply(change, events);
        },
      }),
    });
    closers.push(() => courier.courier.stop(0));
    const id = await courier.send({ to: ['a@peer.test', 'b@peer.test'], order: ['portal'] });
    const refused = courier
      .log()
      .split('\n')
      .filter((line) => line.includes('a change of the queue could not be made'))
      .map((line) => JSON.parse(line));
    expect(refused).toMatchObject([
      { id, error: 'ChangeRefused' },
      { id, error: 'ChangeRefused' },
    ]);
    expect(courier.failures).toEqual([]);
  });

  it('has a pickup notice that came to nothing tried again, rather than an item of which nobody hears', async () => {
    const { courier } = await setUp(
      { replies: { RCPT: (line) => (/a@peer/.test(line) ? '550 5.1.1 who?' : '250 2.1.5 ok') } },
      refusingOwnMail,
    );
    const id = await courier.send({ to: ['a@peer.test'], order: ['portal'] });
    const notice = [...courier.store.messages.values()].find(({ origin }) => origin === 'pickup-notice');
    const states = () => [id, notice?.id ?? ''].map((one) => courier.store.recipient(one).state);
    expect(states()).toEqual(['in-portal', 'pending']);
    await courier.later(courier.loaded().config.delivery.first_retry);
    expect(states()).toEqual(['bounced', 'bounced']);
  });
});
