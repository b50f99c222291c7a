import { once } from 'node:events';
import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { controlSocketPath } from '../../src/ops/control-socket.js';
import { freePort, type RelayHome, relayHome } from '../support/relay-process.js';
import { type Sink, startSink } from '../support/sink.js';
import { beginData, loggedInDialog, openDialog } from '../support/smtp-dialog.js';
import { WAITS_FOR_AN_HOUR, withFaultPoints } from './points/names.js';

/*
 * SIGTERM in the middle of everything: a message that is on its way in is taken whole, idle sessions are told to come
 * back, nobody who merely holds a connection keeps the relay from stopping, and the next start goes on.
 */

let home: RelayHome;
let sink: Sink | undefined;
let port: number;

beforeAll(async () => {
  port = await freePort();
  home = await relayHome({
    delivery: {
      routes: [{ name: 'later', domains: ['*'], host: '127.0.0.1', port, kind: 'recipient-server' }],
      first_retry: '1s',
      max_retry: '1s',
    },
  });
});

afterAll(async () => {
  await home?.remove();
  await sink?.close();
});

it('finishes what was begun and stops', async () => {
  const first = await home.start(withFaultPoints(undefined, WAITS_FOR_AN_HOUR));
  const portalPort = Number(/Pickup portal +https:\/\/127\.0\.0\.1:(\d+)/.exec(first.output())?.[1]);
  const sending = await loggedInDialog(first);
  const idle = await loggedInDialog(first);
  await beginData(sending, ['one@shop.example']);
  sending.write('From: ward3@clinic.example\r\nSubject: Note\r\n\r\nThe first half.\r\n');
  const held = [
    connect({ path: controlSocketPath(home.dataDir), allowHalfOpen: true }),
    connect({ port: first.adminPort, host: '127.0.0.1', allowHalfOpen: true }),
    connectTls({ port: portalPort, host: '127.0.0.1', rejectUnauthorized: false }),
  ];
  for (const socket of held) socket.on('error', () => undefined);
  await Promise.all(held.map((socket, i) => once(socket, i === 2 ? 'secureConnect' : 'connect')));

  const ended = first.kill('SIGTERM');
  expect(await idle.reply()).toMatch(/^421 4\.3\.2 /);
  await expect(openDialog(first.port('submission')).then((dialog) => dialog.reply())).resolves.toBe('');
  sending.write('The second half.\r\n');
  const taken = await sending.say('.');
  expect(taken).toMatch(/^250 2\.0\.0 /);
  expect(await sending.reply()).toMatch(/^421 4\.3\.2 /);
  await expect(ended).resolves.toBe(0);
  for (const socket of held) socket.destroy();
  expect((await home.run(['audit', 'search', '--json'])).stdout).toContain('relay.stopped');

  sink = await startSink({ port });
  const second = await home.start();
  const got = await sink.next((one) => one.recipients.includes('one@shop.example'));
  expect(got.text).toMatch(/The first half\.\r?\nThe second half\./);
  await expect(second.kill('SIGTERM')).resolves.toBe(0);
});
