import { afterEach, describe, expect, it, vi } from 'vitest';
import { StoreUnavailable } from '../../../src/store/ports.js';
import { type PeerBehaviour, startPeer } from '../../support/smtp-peer.js';
import { tableResolver, testCourier } from './harness.js';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function setUp(behaviour: PeerBehaviour = {}) {
  const peer = await startPeer({ behaviour });
  closers.push(() => peer.close());
  const courier = testCourier({
    port: peer.port,
    resolver: tableResolver({
      mx: { 'peer.test': [[10, 'mx.peer.test']], 'clinic.example': [[10, 'mx.peer.test']] },
      addresses: { 'mx.peer.test': ['127.0.0.1'] },
    }),
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
