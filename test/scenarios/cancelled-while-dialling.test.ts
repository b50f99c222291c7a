import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { relayHome } from '../support/relay-process.js';
import { startPeer } from '../support/smtp-peer.js';
import { submit } from '../support/submit.js';
import { untilState } from '../support/until-state.js';

/*
 * A server that takes its time to greet. By then a person was told that one recipient has ended, and that another's address
 * is on the suppression list: the server hears of neither.
 */

const ENDED = 'ended@shop.example';
const LISTED = 'listed@shop.example';
const KEPT = 'kept@shop.example';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

it('sends nothing to whom a person has ended or suppressed before the server was told of them', async () => {
  const peer = await startPeer({ behaviour: {} });
  closers.push(() => peer.close());
  const dialled: Socket[] = [];
  const gate = createServer((socket) => {
    socket.on('error', () => undefined);
    dialled.push(socket);
  });
  gate.listen(0, '127.0.0.1');
  await once(gate, 'listening');
  closers.push(() => gate.close());
  const address = gate.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const { port } = address;
  const home = await relayHome({
    delivery: {
      routes: [{ name: 'all', domains: ['*'], host: '127.0.0.1', port, kind: 'recipient-server' }],
    },
  });
  closers.push(() => home.remove());
  const relay = await home.start();
  const id = await submit(relay, { to: [ENDED, LISTED, KEPT] });
  await expect.poll(() => dialled.length).toBe(1);
  for (const args of [
    ['queue', 'cancel', id, '--recipient', ENDED, '--reason', 'sent by mistake'],
    ['suppress', 'add', LISTED, '--reason', 'the wrong person'],
  ]) {
    const { status, stderr } = await home.run(args);
    expect(status, stderr).toBe(0);
  }
  for (const socket of dialled) socket.pipe(connect(peer.port, '127.0.0.1')).pipe(socket);
  await untilState(home, id, KEPT, 'delivered');
  await untilState(home, id, LISTED, 'bounced');
  await untilState(home, id, ENDED, 'ended');
  expect(peer.messages.filter((one) => one.mail.includes('<ward3@')).flatMap((one) => one.rcpts)).toEqual([
    `RCPT TO:<${KEPT}>`,
  ]);
  await expect(relay.kill('SIGTERM')).resolves.toBe(0);
});
