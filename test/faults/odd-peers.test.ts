import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type RelayHome, type RunningRelay, relayHome } from '../support/relay-process.js';
import { testCa } from '../support/sink.js';
import { type PeerBehaviour, type SmtpPeer, startPeer } from '../support/smtp-peer.js';
import { storyOf } from '../support/story.js';
import { LAB_RESULT, submit } from '../support/submit.js';
import { untilState } from '../support/until-state.js';
import { findCanaries } from './oracle/canary.js';

/*
 * Servers that change their mind: what they do at the first attempt they don't do at the next, or the other way round. Most
 * oddities of servers are in other tests; docs/faults.md says in which.
 */

interface Row {
  readonly name: string;
  readonly domain: string;
  readonly behave: (n: number, other: { readonly cert: string; readonly key: string }) => PeerBehaviour;
  readonly end: 'delivered' | 'in-portal';
  /** What became of the first attempt; undefined: it was taken at once. */
  readonly first?: 'recipient.deferred';
  /** How often the server takes it. */
  readonly copies: number;
}

const bye = '421 4.3.2 not now';
const first = (behaviour: PeerBehaviour) => (n: number) => (n === 1 ? behaviour : {});
const refusals = (['connect', 'EHLO', 'STARTTLS', 'MAIL', 'RCPT', 'DATA', 'end'] as const).map(
  (stage): Row => ({
    name: `421 at ${stage}, and then all is well`,
    domain: `says-421-at-${stage.toLowerCase()}.example`,
    behave: first({ replies: { [stage]: bye } }),
    end: 'delivered',
    first: 'recipient.deferred',
    copies: 1,
  }),
);
const ROWS: readonly Row[] = [
  ...refusals,
  {
    name: '250 and a reset in the same moment',
    domain: 'takes-and-drops.example',
    behave: first({ resetAfterTaking: true }),
    end: 'delivered',
    copies: 1,
  },
  {
    name: 'replies byte by byte',
    domain: 'drips.example',
    behave: () => ({ dripMs: 2 }),
    end: 'delivered',
    copies: 1,
  },
  {
    name: 'another certificate at the next attempt',
    domain: 'other-certificate.example',
    behave: (n, other) => (n === 1 ? { replies: { end: bye } } : { tls: other }),
    end: 'in-portal',
    first: 'recipient.deferred',
    copies: 0,
  },
  {
    name: 'no STARTTLS at the next attempt',
    domain: 'strips-later.example',
    behave: (n) => (n === 1 ? { replies: { end: bye } } : { startTls: 'none' }),
    end: 'in-portal',
    first: 'recipient.deferred',
    copies: 0,
  },
  {
    name: 'an EHLO after TLS that has no more of what was offered before it',
    domain: 'poorer-inside.example',
    behave: () => ({ keywords: [], clearKeywords: ['PIPELINING', 'DSN', '8BITMIME', 'SMTPUTF8'] }),
    end: 'delivered',
    copies: 1,
  },
];

const CANARY = '212-55-0187';
const peers = new Map<string, SmtpPeer>();
let home: RelayHome;
let relay: RunningRelay;

beforeAll(async () => {
  const ca = await testCa();
  const stranger = await (await testCa()).issue('mx.elsewhere.example');
  const other = { cert: stranger.certificatePem, key: stranger.keyPem };
  for (const row of ROWS) {
    const peer = await startPeer({
      certificate: await ca.issue(`mx.${row.domain}`),
      behaviour: (n) => row.behave(n, other),
    });
    peers.set(row.domain, peer);
  }
  const clear = await startPeer({ behaviour: { startTls: 'none' } });
  peers.set('clear', clear);
  const route = (name: string, { port }: SmtpPeer) => ({
    name: name.replace('.example', ''),
    domains: [name === 'clear' ? '*' : name],
    host: '127.0.0.1',
    port,
    kind: 'recipient-server',
    ...(name === 'clear' ? {} : { tls_name: `mx.${name}`, ca: 'ca.pem' }),
  });
  home = await relayHome({
    delivery: {
      routes: [...peers].map(([name, peer]) => route(name, peer)),
      first_retry: '1s',
      max_retry: '1s',
      tls_fallback_after: '1s',
    },
  });
  writeFileSync(join(home.folder, 'ca.pem'), ca.pem);
  relay = await home.start();
});

afterAll(async () => {
  await home?.remove();
  await Promise.all([...peers.values()].map((peer) => peer.close()));
});

it.for(ROWS)('$name: $end', async ({ domain, end, first: wanted, copies }) => {
  const to = `roe@${domain}`;
  const id = await submit(relay, { to: [to], subject: 'Result', text: LAB_RESULT });
  await untilState(home, id, to, end, 'held', 'bounced');
  const story = storyOf(home, id).recipients[0];
  expect(story?.outcome).toBe(end);
  const types = story?.events.map((event) => event.type) ?? [];
  if (wanted === undefined) expect(types).not.toContain('recipient.deferred');
  else expect(types).toContain(wanted);
  const peer = peers.get(domain);
  const taken = peer?.messages.filter((one) => one.content.includes(id)) ?? [];
  expect(taken).toHaveLength(copies);
  expect(taken.every((one) => one.tls !== undefined)).toBe(true);
  const clear = { name: domain, bytes: Buffer.from(peer?.clear() ?? '', 'latin1') };
  expect(findCanaries([clear], [CANARY])).toEqual([]);
});

it('the log verifies, and holds nothing of the content', async () => {
  expect((await home.run(['audit', 'verify'])).status).toBe(0);
  expect(relay.output()).not.toContain(CANARY);
});
