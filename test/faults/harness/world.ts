import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { importPublicKeys, makePeople } from '../../../src/cli/demo/people.js';
import { askRelay } from '../../../src/ops/control-socket.js';
import { openReadOnly } from '../../../src/store/read-only.js';
import {
  type RelayHome,
  type RunningRelay,
  relayHome,
  type StartOptions,
} from '../../support/relay-process.js';
import { testCa } from '../../support/sink.js';
import { type PeerBehaviour, type SmtpPeer, startPeer } from '../../support/smtp-peer.js';
import { filesUnder, headOf, readEvents, readGeneration } from '../oracle/read-files.js';
import { type Accepted, type Copy, type Generation, type Place, type Run, rowKey } from '../oracle/run.js';
import { sendAll } from './client.js';
import { CANARIES, GONE, type Mail, mailOf } from './mail.js';

/** A relay that is started and killed many times, the clients before it and the servers behind it. */
export interface World {
  readonly home: RelayHome;
  readonly accepted: readonly Accepted[];
  /** With TLS for hospital.example, without for everybody else. */
  readonly secure: SmtpPeer;
  readonly clear: SmtpPeer;
  /** Starts the relay; rejects when it ends before it listens. */
  start(how?: StartOptions): Promise<RunningRelay>;
  /** Puts so many new messages into the clients' outbox. */
  write(count: number): void;
  put(mail: Mail): void;
  /** Messages that clients have not sent yet. */
  unsent(): number;
  /** These, and those that the relay had not brought to their end when it last ended. */
  underWay(): number;
  /** Starts the relay, gives it the keys of those who can open sealed mail, and stops it. */
  giveKeys(): Promise<void>;
  /** Sends the outbox, until it is empty or the relay is gone. */
  send(relay: RunningRelay, connections?: number): Promise<void>;
  /** To be called when the relay has ended: reads what it left, as the end of this start. */
  ended(end: Generation['end']): Promise<Generation>;
  /** Waits until nothing is under way, then ends by a person's hand what waits for one. */
  settle(): Promise<void>;
  /** All that is known now. */
  run(): Run;
  close(): Promise<void>;
}

export async function makeWorld(
  options: {
    readonly config?: Readonly<Record<string, unknown>>;
    /** More of its one listener, `relay`. */
    readonly listener?: Readonly<Record<string, unknown>>;
    readonly secureBehaviour?: PeerBehaviour;
    readonly name?: string;
  } = {},
): Promise<World> {
  const ca = await testCa();
  const people = await makePeople(Date.now());
  const at: { dataDir?: string } = {};
  const noteAtData = () => {
    try {
      return at.dataDir === undefined ? -1 : headOf(at.dataDir);
    } catch {
      // A log that can't be read proves nothing.
      return -1;
    }
  };
  const secure = await startPeer({
    certificate: await ca.issue('mx.hospital.example'),
    behaviour: { ...options.secureBehaviour, noteAtData },
  });
  const clear = await startPeer({
    behaviour: {
      startTls: 'none',
      noteAtData,
      replies: {
        RCPT: (line) => (line.includes(`@${GONE}>`) ? '550 5.1.1 nobody here' : '250 2.1.5 fine'),
      },
    },
  });
  const route = (name: string, domains: readonly string[], { host, port }: SmtpPeer) => ({
    name,
    domains,
    host,
    port,
    kind: 'recipient-server',
    tls_name: 'mx.hospital.example',
    ca: 'ca.pem',
  });
  const home = await relayHome({
    identities: [{ name: 'scanner', networks: ['127.0.0.1'], senders: ['clinic.example'] }],
    listeners: [
      {
        name: 'relay',
        address: '127.0.0.1:0',
        mode: 'relay',
        identities: ['scanner'],
        tls: { mode: 'off', off_for: ['127.0.0.1'] },
        messages_per_hour: 1_000_000,
        ...options.listener,
      },
    ],
    first_account: undefined,
    keys: { trust_anchors: [{ file: 'people-ca.pem', revocation: 'not-published' }] },
    audit: { syslog: false, checkpoint_every_events: 100 },
    delivery: {
      routes: [route('secure', ['hospital.example'], secure), route('clear', ['*'], clear)],
      first_retry: '1s',
      max_retry: '1s',
      suppression: { enabled: false },
    },
    ...options.config,
  });
  at.dataDir = home.dataDir;
  writeFileSync(join(home.folder, 'ca.pem'), ca.pem);
  writeFileSync(join(home.folder, 'people-ca.pem'), people.caPem);
  const temporary = join(home.folder, 'tmp');
  mkdirSync(temporary);

  const accepted: Accepted[] = [];
  const outbox: Mail[] = [];
  const generations: Generation[] = [];
  const taken = new Map<SmtpPeer, number>([
    [secure, 0],
    [clear, 0],
  ]);
  const copies: Copy[] = [];
  const outputs: (() => string)[] = [];
  let written = 0;

  /** What came since the last time belongs to the start that just ended. */
  const collect = () => {
    for (const [peer, from] of taken) {
      for (const { mail, rcpts, content, tls, noted } of peer.messages.slice(from))
        copies.push({ generation: generations.length, mail, rcpts, content, tls, headAtData: noted ?? -1 });
      taken.set(peer, peer.messages.length);
    }
  };
  const states = () =>
    openReadOnly(home.dataDir, (store) => store.list({ limit: 100_000, states: ['received', 'pending'] }));

  const world: World = {
    home,
    accepted,
    secure,
    clear,
    async start(how = {}) {
      const relay = await home.start({
        ...how,
        // Core and temporary files, were there any, are to be found.
        under: [...(how.under ?? []), 'env', '-C', home.folder],
        env: { TMPDIR: temporary, ...how.env },
      });
      outputs.push(relay.output);
      return relay;
    },
    write(count) {
      for (let i = 0; i < count; i++) outbox.push(mailOf(options.name ?? 'run', written++));
    },
    async giveKeys() {
      const relay = await world.start();
      await importPublicKeys(home.dataDir, people);
      await relay.kill('SIGTERM');
      await world.ended('stopped');
    },
    put: (mail) => {
      outbox.push(mail);
    },
    unsent: () => outbox.length,
    underWay() {
      const rows = generations.at(-1)?.rows;
      const open = ({ id, recipients }: Accepted) =>
        recipients.some((one) => ['received', 'pending'].includes(rows?.get(rowKey(id, one)) ?? ''));
      return outbox.length + accepted.filter(open).length;
    },
    send: (relay, connections) => sendAll(relay.port('relay'), outbox, accepted, connections),
    async ended(end) {
      // What the dead relay had sent may still be on its way through the sockets.
      while (secure.openNow() + clear.openNow() > 0) await delay(5);
      collect();
      const generation = readGeneration(home.dataDir, end);
      generations.push(generation);
      return generation;
    },
    async settle() {
      while (outbox.length > 0) throw new Error('the clients still have mail to send');
      while (states().length > 0) await delay(50);
      for (;;) {
        const items = openReadOnly(home.dataDir, (store) =>
          store.items({ states: ['waiting'], limit: 1000 }),
        );
        if (items.length === 0) break;
        for (const { id } of items)
          await askRelay(home.dataDir, 'portal revoke', { target: id, reason: 'end of the test' });
      }
      const held = openReadOnly(home.dataDir, (store) => store.list({ states: ['held'], limit: 1000 }));
      for (const { message, recipient } of held)
        await askRelay(home.dataDir, 'held reject', {
          id: message.id,
          recipient: recipient.address,
          reason: 'end of the test',
        });
      while (states().length > 0) await delay(50);
    },
    run() {
      collect();
      const places: Place[] = outputs.map((output, i) => ({
        name: `output of start ${i}`,
        bytes: Buffer.from(output()),
      }));
      return {
        accepted,
        copies,
        generations,
        events: readEvents(home.dataDir),
        clear: [secure, clear].map((peer) => ({
          name: `port ${peer.port} in the clear`,
          bytes: Buffer.from(peer.clear(), 'latin1'),
        })),
        written: [...places, ...filesUnder(home.folder)],
        canaries: CANARIES,
      };
    },
    async close() {
      await home.remove();
      await Promise.all([secure.close(), clear.close()]);
    },
  };
  return world;
}
