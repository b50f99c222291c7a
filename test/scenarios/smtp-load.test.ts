import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { userInfo } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { openReadOnly } from '../../src/store/read-only.js';
import { received } from '../support/hostile-domains.js';
import { PATIENT } from '../support/patience.js';
import { freePort, type RelayHome, type RunningRelay, relayHome } from '../support/relay-process.js';
import { type SmtpPeer, startPeer } from '../support/smtp-peer.js';
import { storyOf } from '../support/story.js';
import { submit } from '../support/submit.js';
import { describeWithTools } from '../support/tools.js';
import { untilState } from '../support/until-state.js';

/*
 * Postfix's test programs: smtp-source submits many messages over many connections as an application without TLS does,
 * and all of them arrive, once; smtp-sink fails in its own ways, and what was put off arrives when it recovers.
 */

const MESSAGES = 200;
const SESSIONS = 10;

/** Domains whose server is an smtp-sink with these options. */
const SINKS = {
  'fine.example': [],
  'soft-end.example': ['-r', '.'],
  'soft-rcpt.example': ['-r', 'RCPT'],
  'hard-rcpt.example': ['-f', 'RCPT'],
  'hard-end.example': ['-f', '.'],
  'leaves-at-data.example': ['-q', 'DATA'],
  'leaves-at-end.example': ['-q', '.'],
  'closes-at-mail.example': ['-Q', 'MAIL'],
  'aborts.example': ['-A', '0'],
  'pix.example': ['-P'],
} as const satisfies Record<string, readonly string[]>;

let home: RelayHome;
let relay: RunningRelay;
let peer: SmtpPeer;
const ports = new Map<string, number>();
const children = new Set<ChildProcess>();

beforeAll(async () => {
  peer = await startPeer();
  for (const domain of Object.keys(SINKS)) ports.set(domain, await freePort());
  home = await relayHome({
    listeners: [
      { name: 'submission', address: '127.0.0.1:0', mode: 'submission', accounts: true },
      {
        name: 'applications',
        address: '127.0.0.1:0',
        mode: 'relay',
        identities: ['scanner'],
        tls: { mode: 'off', off_for: ['127.0.0.1/32'] },
      },
    ],
    identities: [{ name: 'scanner', networks: ['127.0.0.1/32'], senders: ['scanner@clinic.example'] }],
    delivery: {
      first_retry: '1s',
      max_retry: '1s',
      routes: [
        ...[...ports].map(([domain, port]) => ({
          name: domain.replaceAll('.', '-'),
          domains: [domain],
          host: '127.0.0.1',
          port,
          kind: 'recipient-server',
        })),
        { name: 'all', domains: ['*'], host: peer.host, port: peer.port, kind: 'recipient-server' },
      ],
    },
  });
  relay = await home.start();
});

afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await home?.remove();
  await peer?.close();
});

describeWithTools(['smtp-source'], 'smtp-source', (paths) => {
  it(`submits ${MESSAGES} messages over ${SESSIONS} connections: none is lost, none doubled, all are on record`, async () => {
    const source = spawn(
      paths['smtp-source'] ?? '',
      [
        ...['-s', String(SESSIONS), '-m', String(MESSAGES), '-l', '4000', '-d', '-N'],
        ...['-S', 'Supplies', '-M', 'scanner.clinic.example'],
        ...['-f', 'scanner@clinic.example', '-t', 'order@shop.example'],
        `127.0.0.1:${relay.port('applications')}`,
      ],
      { stdio: ['ignore', 'inherit', 'pipe'] },
    );
    children.add(source);
    let complaints = '';
    source.stderr.setEncoding('utf8').on('data', (text) => {
      complaints += text;
    });
    const [status] = await once(source, 'close');
    expect(complaints).toBe('');
    expect(status).toBe(0);

    await vi.waitFor(() => {
      const counts = openReadOnly(home.dataDir, (store) => store.counts());
      expect(counts).toMatchObject({ delivered: MESSAGES, pending: 0, received: 0, held: 0, bounced: 0 });
    }, PATIENT);
    const mails = peer.messages.map(received);
    expect(mails).toHaveLength(MESSAGES);
    expect(new Set(mails.flatMap((one) => one.recipients)).size).toBe(MESSAGES);
    const ids = mails.map((one) => /\bid (\S+?);?\s/.exec(one.text)?.[1]);
    expect(new Set(ids).size).toBe(MESSAGES);
    for (const one of mails) {
      expect(one.sender).toBe('scanner@clinic.example');
      expect(one.text.length).toBeGreaterThan(4000);
    }
    // Connections are used again and their number has a bound.
    expect(peer.mostAtOnce()).toBeLessThanOrEqual(20);
    expect(peer.connections()).toBeLessThan(MESSAGES / 2);

    const verified = await home.run(['audit', 'verify']);
    expect(verified.status, verified.stderr).toBe(0);
    const events = await home.run(['audit', 'search', '--outcome', 'delivered', '--json', '--limit', '1000']);
    expect(JSON.parse(events.stdout)).toHaveLength(MESSAGES);
  });

  it('warns at the start that TLS is off for these clients', () => {
    expect(relay.output()).toMatch(/TLS.*off.*applications|applications.*TLS.*off/i);
  });
});

describeWithTools(['smtp-sink'], 'smtp-sink', (paths) => {
  const startSink = async (domain: keyof typeof SINKS, options: readonly string[]) => {
    const port = ports.get(domain) ?? 0;
    const child = spawn(
      paths['smtp-sink'] ?? '',
      [...(userInfo().uid === 0 ? ['-u', 'nobody'] : []), ...options, `127.0.0.1:${port}`, '20'],
      { stdio: ['ignore', 'ignore', 'inherit'] },
    );
    children.add(child);
    await listening(port);
    return child;
  };

  const expected = {
    'fine.example': 'delivered',
    'soft-end.example': 'pending',
    'soft-rcpt.example': 'pending',
    'hard-rcpt.example': 'bounced',
    'hard-end.example': 'bounced',
    'leaves-at-data.example': 'pending',
    'leaves-at-end.example': 'pending',
    'closes-at-mail.example': 'pending',
    'aborts.example': 'bounced',
    'pix.example': 'delivered',
  } as const satisfies Record<keyof typeof SINKS, string>;
  const domains = Object.keys(SINKS) as (keyof typeof SINKS)[];
  const sinks = new Map<string, ChildProcess>();
  let id: string;

  beforeAll(async () => {
    for (const domain of domains) sinks.set(domain, await startSink(domain, SINKS[domain]));
    id = await submit(relay, {
      to: domains.map((domain) => `doe@${domain}`),
      subject: 'Opening hours',
      text: 'We are open until six on Fridays.\n'.repeat(100),
    });
  });

  it.each(domains)('%s', async (domain) => {
    const recipient = `doe@${domain}`;
    const tried = () =>
      storyOf(home, id)
        .recipients.find((one) => one.recipient === recipient)
        ?.events.some((event) => /^recipient\.(deferred|bounced|delivered)$/.test(event.type));
    await vi.waitFor(() => expect(tried()).toBe(true), PATIENT);
    await untilState(home, id, recipient, expected[domain]);
    if (expected[domain] !== 'pending') return;
    const old = sinks.get(domain);
    old?.kill('SIGTERM');
    if (old !== undefined) await once(old, 'close');
    await startSink(domain, []);
    await untilState(home, id, recipient, 'delivered');
  });
});

async function listening(port: number): Promise<void> {
  for (let tries = 0; tries < 4000; tries++) {
    const socket = connect(port, '127.0.0.1');
    try {
      await once(socket, 'connect');
      return;
    } catch {
      // Not yet: the program is still starting.
      await delay(25);
    } finally {
      socket.destroy();
    }
  }
  throw new Error(`nothing listens on port ${port}`);
}

describe('afterwards', () => {
  it('the log verifies', async () => {
    const verified = await home.run(['audit', 'verify']);
    expect(verified.status, verified.stderr).toBe(0);
  });
});
