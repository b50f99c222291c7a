import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { openReadOnly } from '../../src/store/read-only.js';
import { openDialog } from '../support/smtp-dialog.js';
import { LOAD_TIMEOUT, many } from './harness/load.js';
import type { Mail } from './harness/mail.js';
import { makeWorld } from './harness/world.js';
import { judgeRun } from './oracle/judge.js';
import type { Accepted } from './oracle/run.js';

/*
 * One client sends as fast as it can, over more connections than it may have: it is put off, and nobody else waits for it.
 */

const PER_HOUR = many(300);
const OTHERS = many(70);
const CONNECTIONS = 80;

it('a sender that floods is put off with 4xx; the mail of others goes through', {
  timeout: LOAD_TIMEOUT,
}, async () => {
  const world = await makeWorld({
    name: 'others',
    config: {
      identities: [
        { name: 'scanner', networks: ['127.0.0.1'], senders: ['clinic.example'] },
        { name: 'flooder', networks: ['127.0.0.2'], senders: ['clinic.example'] },
      ],
    },
    listener: {
      identities: ['scanner', 'flooder'],
      tls: { mode: 'off', off_for: ['127.0.0.1', '127.0.0.2'] },
      messages_per_hour: PER_HOUR,
      max_connections_per_client: 20,
    },
  });
  try {
    const relay = await world.start();
    const port = relay.port('relay');
    const stop = new AbortController();
    const flooded: Accepted[] = [];
    const putOff: string[] = [];
    const flood = Promise.all(
      Array.from({ length: CONNECTIONS }, (_, i) => floodFrom(port, i, flooded, putOff, stop.signal)),
    );
    while (flooded.length < PER_HOUR / 4) await delay(5);
    world.write(OTHERS);
    await world.send(relay, 5);
    expect(world.accepted).toHaveLength(OTHERS);
    // All of it arrives while the flood goes on; it ends only then.
    const own = new Set(world.accepted.map((one) => one.id));
    const waiting = () =>
      openReadOnly(world.home.dataDir, (store) =>
        store.list({ limit: 100_000, states: ['received', 'pending'] }),
      ).filter(({ message }) => own.has(message.id));
    while (waiting().length > 0) await delay(50);
    while (flooded.length < PER_HOUR || !putOff.some((line) => line.startsWith('450'))) await delay(5);
    stop.abort();
    await flood;
    expect(flooded).toHaveLength(PER_HOUR);
    expect(putOff.some((line) => line.startsWith('421 4.7.0 Too many connections'))).toBe(true);
    expect(putOff.some((line) => line.startsWith('450 4.7.1 Too many messages'))).toBe(true);
    expect(putOff.filter((line) => !/^4(?:21 4\.7\.0|50 4\.7\.1) /.test(line))).toEqual([]);

    await world.settle();
    await expect(relay.kill('SIGTERM')).resolves.toBe(0);
    await world.ended('stopped');
    const run = world.run();
    expect(judgeRun({ ...run, accepted: [...run.accepted, ...flooded] })).toEqual([]);
  } finally {
    await world.close();
  }
});

/** Sends one message after another over one connection, and another when it is thrown out, until told to stop. */
async function floodFrom(
  port: number,
  lane: number,
  accepted: Accepted[],
  putOff: string[],
  signal: AbortSignal,
): Promise<void> {
  for (let n = 0; !signal.aborted; ) {
    const dialog = await openDialog(port, '127.0.0.2');
    const say = async (line: string) => {
      const said = line === '' ? await dialog.reply() : await dialog.say(line);
      if (said.startsWith('4')) putOff.push(said);
      return /^[23]/.test(said) ? said : undefined;
    };
    let usable = (await say('')) !== undefined && (await say('EHLO flood.example')) !== undefined;
    while (usable && !signal.aborted) {
      const mail = floodMail(lane, n++);
      let said: string | undefined;
      for (const line of [
        `MAIL FROM:<${mail.sender}>`,
        `RCPT TO:<${mail.recipients.join()}>`,
        'DATA',
        `${mail.content}.`,
      ]) {
        said = await say(line);
        if (said === undefined) break;
      }
      const id = /queued as (\S+)/.exec(said ?? '')?.[1];
      if (id !== undefined) accepted.push({ id, ...mail });
      else usable = false;
    }
    dialog.end();
    await delay(20);
  }
}

function floodMail(lane: number, n: number): Mail {
  const recipient = `f${lane}-${n}@shop.example`;
  const messageId = `<f${lane}-${n}@flood.example>`;
  const header = [
    'From: ward3@clinic.example',
    `To: ${recipient}`,
    'Subject: Offer',
    `Message-ID: ${messageId}`,
  ];
  return {
    sender: 'ward3@clinic.example',
    recipients: [recipient],
    messageId,
    content: `${header.join('\r\n')}\r\n\r\nOur new opening hours.\r\n`,
  };
}
