import { once } from 'node:events';
import { createServer } from 'node:net';
import { createSecureContext } from 'node:tls';
import { expect, it } from 'vitest';
import { openSession } from '../../../src/deliver/smtp-session.js';

it('can be cut while it is still connecting, so that a server that never answers does not hold up a stop', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const seen: boolean[] = [];
  const opening = openSession({
    host: 'mx.peer.test',
    address: '127.0.0.1',
    port: typeof address === 'object' ? address!.port : 0,
    hostname: 'relay.clinic.example',
    implicitTls: false,
    startTls: 'yes',
    least: 'none',
    configuredTls: false,
    tls: {
      name: 'mx.peer.test',
      context: createSecureContext(),
      minVersion: 'TLSv1.2',
    },
    timeouts: { connect: 3_600_000, command: 3_600_000 },
    onSocket: (socket) => {
      seen.push(socket.connecting);
      socket.destroy();
    },
  });
  await expect(opening).rejects.toMatchObject({ name: 'SmtpFailure', kind: 'unreachable' });
  expect(seen).toEqual([true]);
  server.close();
});
