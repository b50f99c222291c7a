import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { startPeer } from '../../support/smtp-peer.js';
import { CANARY, tableResolver, testCourier } from './harness.js';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  vi.useRealTimers();
  for (const close of closers.splice(0).reverse()) await close();
});

const resolver = tableResolver({
  mx: { 'peer.test': [[10, 'mx.peer.test']] },
  addresses: { 'mx.peer.test': ['127.0.0.1'] },
});

/** Promise.withResolvers, which Node 20 lacks. */
function deferred<T>(): { readonly promise: Promise<T>; readonly resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

describe('stopping', () => {
  it('cuts what does not end in time, and the recipient waits for the next start', async () => {
    const arrived = deferred<Socket>();
    const silent = createServer((socket) => {
      socket.on('error', () => undefined);
      arrived.resolve(socket);
    });
    silent.listen(0, '127.0.0.1');
    await once(silent, 'listening');
    closers.push(async () => {
      silent.close();
    });
    const address = silent.address();
    const courier = testCourier({ port: typeof address === 'object' ? address!.port : 0, resolver });
    const id = await courier.queue({ to: ['a@peer.test'], order: ['plain'] });
    courier.courier.wake();
    await arrived.promise;
    await courier.courier.stop(10);
    expect(courier.store.recipient(id)).toMatchObject({ state: 'pending', attempts: 1 });
    expect(courier.failures).toEqual([]);
  });

  it('lets an attempt in progress end, and begins no other', async () => {
    const seen = deferred<void>();
    const peer = await startPeer({
      behaviour: {
        keywords: [],
        replies: {
          MAIL: () => {
            seen.resolve();
            return '250 2.1.0 fine';
          },
        },
      },
    });
    closers.push(() => peer.close());
    const courier = testCourier({ port: peer.port, resolver, delivery: ['connections_per_destination: 1'] });
    const first = await courier.queue({ to: ['a@peer.test'], order: ['plain'] });
    const second = await courier.queue({ to: ['b@peer.test'], order: ['plain'] });
    courier.courier.wake();
    await seen.promise;
    await courier.courier.stop(600_000);
    expect(courier.store.recipient(first).state).toBe('delivered');
    expect(courier.store.recipient(second)).toMatchObject({ state: 'pending', attempts: 0 });
  });

  it('without grace lets nobody be dialled any more, whatever the store still says', async () => {
    // No timer is waited for.
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const peer = await startPeer({ behaviour: {} });
    closers.push(() => peer.close());
    const [asked, goOn] = [deferred<void>(), deferred<void>()];
    const courier = testCourier({
      port: peer.port,
      resolver,
      queue: (queue) => ({
        ...queue,
        async beginAttempt(keys, nextAttemptAt) {
          asked.resolve();
          await goOn.promise;
          return queue.beginAttempt(keys, nextAttemptAt);
        },
      }),
    });
    const id = await courier.queue({ to: ['a@peer.test'], order: ['plain'] });
    courier.courier.wake();
    await asked.promise;
    const stopped = courier.courier.stop(0);
    goOn.resolve();
    await stopped;
    expect(peer.messages).toEqual([]);
    expect(courier.store.recipient(id)).toMatchObject({ state: 'pending', attempts: 1 });
  });
});

describe('a peer that stops reading in the middle of the content', () => {
  it('is given up, and never gets the end of it', async () => {
    const dialogue = ['250 fine', '250 fine', '250 fine', '354 go on'];
    let got = '';
    const stuck = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.write('220 peer.test\r\n');
      socket.on('data', (chunk) => {
        got += chunk.toString('latin1');
        const next = dialogue.shift();
        if (next !== undefined) socket.write(`${next}\r\n`);
        if (dialogue.length === 0) socket.pause();
      });
    });
    stuck.listen(0, '127.0.0.1');
    await once(stuck, 'listening');
    closers.push(async () => {
      stuck.close();
    });
    const address = stuck.address();
    const courier = testCourier({
      port: typeof address === 'object' ? address!.port : 0,
      resolver,
      delivery: ['command_timeout: 3s'],
    });
    closers.push(() => courier.courier.stop(0));
    const content = `Subject: long\r\n\r\n${`${CANARY} and more\r\n`.repeat(1_000_000)}`;
    const id = await courier.send({ to: ['a@peer.test'], order: ['plain'], content });
    expect(courier.store.recipient(id)).toMatchObject({
      state: 'pending',
      lastReason: expect.stringContaining('it stopped reading the content'),
    });
    expect(got).not.toContain('\r\n.\r\n');
  });
});
