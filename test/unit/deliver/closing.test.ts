import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type HarnessOptions, tableResolver, testCourier } from './harness.js';

/*
 * What a server has taken is on disk as soon as may be, because a crash before that sends it again; its place is the next
 * one's only when the connection is closed, because servers count connections.
 */

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});
const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  vi.useRealTimers();
  for (const close of closers.splice(0).reverse()) await close();
});

/** Things happen on sockets, which no clock of a test moves. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise(setImmediate);
}
async function settled(): Promise<void> {
  for (let n = 0; n < 20; n++) await new Promise(setImmediate);
}

/** A server that takes all mail, and says nothing to the first QUIT. */
async function silentAtQuit(refused: string, onTaken: () => void) {
  const open = new Set<Socket>();
  const log: string[] = [];
  const server = createServer((socket) => {
    open.add(socket);
    const isFirst = !log.includes('connected');
    log.push('connected');
    socket.once('close', () => {
      open.delete(socket);
      log.push('closed');
    });
    socket.on('error', () => undefined);
    socket.write('220 peer.test\r\n');
    let inContent = false;
    let rest = '';
    const answer = (line: string): string | undefined => {
      if (inContent) {
        if (line !== '.') return undefined;
        inContent = false;
        log.push('taken');
        onTaken();
        return '250 taken';
      }
      if (line === 'QUIT') {
        log.push('QUIT');
        return isFirst ? undefined : '221 bye';
      }
      if (line === 'DATA') inContent = true;
      return inContent ? '354 go on' : line.includes(refused) ? '550 5.1.1 who?' : '250 fine';
    };
    socket.on('data', (bytes) => {
      const lines = (rest + bytes.toString('latin1')).split('\r\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        const reply = answer(line);
        if (reply !== undefined) socket.write(`${reply}\r\n`);
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(async () => {
    for (const socket of open) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { port: address.port, log };
}

/** The configuration is read anew while the first message is sent, so that its connection is closed after it. */
async function world(options: Partial<HarnessOptions> = {}) {
  let reload = (): void => undefined;
  const peer = await silentAtQuit('nobody@', () => reload());
  const test = testCourier({
    port: peer.port,
    resolver: tableResolver({
      mx: { 'peer.test': [[10, 'mx.peer.test']] },
      addresses: { 'mx.peer.test': ['127.0.0.1'] },
    }),
    delivery: ['connections_per_destination: 1'],
    ...options,
  });
  reload = () => {
    reload = () => undefined;
    test.reload();
  };
  closers.push(() => test.courier.stop(0));
  return { peer, test, state: (id: string, index = 0) => test.store.recipient(id, index).state };
}

describe('a connection that is closed after use, by a server that answers no QUIT', () => {
  it('keeps nothing that was taken from the disk, but its place from the next one', async () => {
    const { peer, test, state } = await world();
    await test.queue({ to: ['a@peer.test', 'nobody@peer.test'], order: ['plain'] });
    await test.queue({ to: ['b@peer.test'], order: ['plain'] });
    test.courier.wake();
    await until(() => state('m1') === 'delivered');
    await until(() => state('m1', 1) === 'bounced');
    await until(() => peer.log.includes('QUIT'));
    await settled();
    expect(peer.log).toEqual(['connected', 'taken', 'QUIT']);
    expect(state('m2')).toBe('pending');
    await vi.advanceTimersByTimeAsync(1900);
    await settled();
    expect(peer.log).toEqual(['connected', 'taken', 'QUIT']);
    await vi.advanceTimersByTimeAsync(100);
    await until(() => state('m2') === 'delivered');
    expect(peer.log).toContain('closed');
  });

  it('is waited for when the relay stops', async () => {
    const { peer, test, state } = await world();
    await test.queue({ to: ['a@peer.test'], order: ['plain'] });
    test.courier.wake();
    await until(() => state('m1') === 'delivered' && peer.log.includes('QUIT'));
    let isStopped = false;
    const stopped = test.courier.stop(10_000).then(() => {
      isStopped = true;
    });
    await settled();
    expect(isStopped).toBe(false);
    expect(peer.log).not.toContain('closed');
    await vi.advanceTimersByTimeAsync(2000);
    await stopped;
    await until(() => peer.log.includes('closed'));
    expect(test.failures).toEqual([]);
  });

  it('does not delay the end of the relay when the disk fails', async () => {
    const { peer, test } = await world({
      queue: (queue) => ({
        ...queue,
        async apply(change, events) {
          test.store.fail();
          return queue.apply(change, events);
        },
      }),
    });
    await test.queue({ to: ['a@peer.test'], order: ['plain'] });
    test.courier.wake();
    await until(() => test.failures.length > 0);
    expect(peer.log.filter((one) => one === 'connected')).toHaveLength(1);
    // Cut, not waited for.
    await until(() => peer.log.includes('closed'));
    await test.courier.stop(0);
  });

  it('keeps the place after an error that the relay survives, too', async () => {
    let isFirst = true;
    const { peer, test, state } = await world({
      queue: (queue) => ({
        ...queue,
        async apply(change, events) {
          if (!isFirst) return queue.apply(change, events);
          isFirst = false;
          throw new TypeError('a change that makes no sense');
        },
      }),
    });
    await test.queue({ to: ['a@peer.test'], order: ['plain'] });
    await test.queue({ to: ['b@peer.test'], order: ['plain'] });
    test.courier.wake();
    await until(() => !isFirst && peer.log.includes('QUIT'));
    await settled();
    expect(peer.log).toEqual(['connected', 'taken', 'QUIT']);
    await vi.advanceTimersByTimeAsync(2000);
    await until(() => state('m2') === 'delivered');
    expect(test.failures).toEqual([]);
  });
});
