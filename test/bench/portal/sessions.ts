import { randomBytes } from 'node:crypto';
import { createTransport } from 'nodemailer';
import { createGate } from '../../../src/web/gate.js';
import { type Agent, portalAgent } from '../../support/portal-agent.js';
import { isCodeFor, isNoticeFor, mailedCode, pickupLink } from '../../support/portal-visitor.js';
import { freePort, type RelayHome, type RunningRelay, relayHome } from '../../support/relay-process.js';
import { type Sink, type Sunk, startSink, testCa } from '../../support/sink.js';
import { submit } from '../../support/submit.js';

const HOST = 'pickup.clinic.example';
const POLICY = `version: 1
rules:
  - { id: pickup, when: { recipient: external }, demand: { require: [portal] } }
`;
/** Recipients of one message. */
const AT_ONCE = 250;

/** Somebody who is signed in, in a network of their own, and has a message to read. */
export interface Reader {
  readonly agent: Agent;
  /** `/inbox/<id>` */
  readonly path: string;
}

export interface Readers {
  readonly port: number;
  readonly host: string;
  readonly relay: RunningRelay;
  /** What everybody downloads. */
  readonly attachment: Buffer;
  readonly readers: readonly Reader[];
  close(): Promise<void>;
}

/** Starts a relay with a portal, and brings so many recipients to their messages, as they come there: by link and code. */
export async function signInReaders(count: number, attachmentBytes: number): Promise<Readers> {
  const ca = await testCa();
  const mails = mailbox();
  const sink = await startSink({
    certificate: await ca.issue('mx.patient.example'),
    beforeAnswer: async (mail) => mails.put(mail),
  });
  const port = await freePort();
  const home = await relayHome(
    {
      delivery: {
        routes: [
          { name: 'sink', domains: ['*'], host: '127.0.0.1', port: sink.port, kind: 'recipient-server' },
        ],
        connections_per_destination: 20,
      },
      portal: { address: `127.0.0.1:${port}`, url: `https://${HOST}` },
      inspect: { workers: 2 },
    },
    { policies: { 'portal.yaml': POLICY } },
  );
  const attachment = randomBytes(attachmentBytes);
  try {
    const relay = await home.start();
    const all = Array.from({ length: count }, (_, index) => `reader${index}@patient.example`);
    for (let at = 0; at < count; at += AT_ONCE)
      await submit(relay, { to: all.slice(at, at + AT_ONCE), raw: await messageWith(attachment) });
    const gate = createGate(20);
    const readers = await Promise.all(
      all.map((address) => gate(() => signIn(portalAgent(port, HOST), mails, address))),
    );
    return { port, host: HOST, relay, attachment, readers, close: () => closeAll(home, sink) };
  } catch (error) {
    await closeAll(home, sink);
    throw error;
  }
}

async function closeAll(home: RelayHome, sink: Sink): Promise<void> {
  await home.remove();
  await sink.close();
}

async function signIn(agent: Agent, mails: Mailbox, address: string): Promise<Reader> {
  const link = new URL(await pickupLink(await mails.take(address, isNoticeFor(address)))).pathname;
  await agent.fill(link, `${link}/code`);
  const code = await mailedCode(await mails.take(address, isCodeFor(address)));
  const { status, headers } = await agent.fill(`${link}/code`, `${link}/sign-in`, { code });
  if (status !== 303 || headers.location?.startsWith('/inbox/') !== true)
    throw new Error(`signing in was answered by ${status}`);
  return { agent, path: headers.location };
}

async function messageWith(attachment: Buffer): Promise<Buffer> {
  const composer = createTransport({ streamTransport: true, buffer: true, newline: 'windows' });
  const { message } = await composer.sendMail({
    from: 'ward3@clinic.example',
    to: 'readers@patient.example',
    subject: 'Your picture',
    text: 'Dear reader,\n\nyour picture is attached.\n',
    html: '<p>Dear reader,</p><p>your picture is attached.</p>',
    attachments: [{ filename: 'picture.bin', content: attachment }],
  });
  if (!Buffer.isBuffer(message)) throw new Error('the mail was not built');
  return message;
}

/** Mails by their recipient: among thousands nobody should have to look through all. */
interface Mailbox {
  put(mail: Sunk): void;
  take(address: string, fits: (mail: Sunk) => boolean): Promise<Sunk>;
}

function mailbox(): Mailbox {
  const waiting = new Map<string, Sunk[]>();
  const wakers = new Map<string, () => void>();
  return {
    put: (mail) => {
      for (const address of mail.recipients) {
        waiting.set(address, [...(waiting.get(address) ?? []), mail]);
        wakers.get(address)?.();
      }
    },
    take: (address, fits) =>
      new Promise((resolve) => {
        const look = () => {
          const found = waiting.get(address)?.find(fits);
          if (found === undefined) return;
          wakers.delete(address);
          resolve(found);
        };
        wakers.set(address, look);
        look();
      }),
  };
}
