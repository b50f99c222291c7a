import { once } from 'node:events';
import { connect, createServer, Socket } from 'node:net';
import { expect, it } from 'vitest';
import { createWire } from '../../../src/deliver/smtp-wire.js';

/** Long, but each by itself within what a server may say. */
const REPLY = `${`250-${'x'.repeat(4000)}\r\n`.repeat(120)}250 fine\r\n`;
/** Far less than a server can send while a connection waits for the next message. */
const ENOUGH = 100 * 1024 * 1024;

it('a server that says the shortest replies is cut off by their number: each takes far more memory than it has octets', () => {
  const socket = new Socket();
  const wire = createWire(socket);
  const most = 20_000;
  socket.emit('data', Buffer.from('250\n'.repeat(most)));
  expect(socket.destroyed).toBe(false);
  socket.emit('data', Buffer.from('250\n'));
  expect(socket.destroyed).toBe(true);
  expect(wire.usable()).toBe(false);
});

it('a server that talks without end, while nobody asks it anything, is cut off before it fills the memory', async () => {
  let said = 0;
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    const talk = () => {
      while (!socket.destroyed && said < ENOUGH) {
        said += REPLY.length;
        if (!socket.write(REPLY)) return;
      }
      socket.destroy();
    };
    socket.on('drain', talk);
    talk();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no TCP port');
  const socket = connect(address.port, address.address);
  await once(socket, 'connect');
  const wire = createWire(socket);
  await once(socket, 'close');
  expect(wire.usable()).toBe(false);
  expect(said).toBeLessThan(ENOUGH / 4);
  server.close();
});
