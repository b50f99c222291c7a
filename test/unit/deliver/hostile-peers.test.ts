import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RecipientState } from '../../../src/model/message.js';
import type { Method, TlsLevel } from '../../../src/model/method.js';
import { createTestCa, type LeafOptions, type TestCa } from '../../support/certificates.js';
import { type PeerBehaviour, type SmtpPeer, startPeer } from '../../support/smtp-peer.js';
import { CANARY, type TestCourier, tableResolver, testCourier } from './harness.js';

let ca: TestCa;
beforeAll(async () => {
  ca = await createTestCa();
});

const open: { courier: TestCourier; peer: SmtpPeer }[] = [];
afterAll(async () => {
  for (const { courier, peer } of open) {
    await courier.courier.stop(0);
    await peer.close();
  }
});

/** Keys take long to make, so rows with the same certificate share it. */
const leaves = new Map<string, ReturnType<TestCa['leaf']>>();
function leafLike(options: LeafOptions): ReturnType<TestCa['leaf']> {
  const key = JSON.stringify(options);
  const made = leaves.get(key) ?? ca.leaf('mx.peer.test', options);
  leaves.set(key, made);
  return made;
}

const ONE_SERVER: Parameters<typeof tableResolver>[0] = {
  mx: { 'peer.test': [[10, 'mx.peer.test']] },
  addresses: { 'mx.peer.test': ['127.0.0.1'] },
};

async function setUp(
  behaviour: PeerBehaviour,
  leaf?: LeafOptions | 'none',
  commandTimeout = '60s',
  table = ONE_SERVER,
) {
  const certificate = leaf === 'none' ? undefined : await leafLike(leaf ?? {});
  const peer = await startPeer({ behaviour, ...(certificate === undefined ? {} : { certificate }) });
  const courier = testCourier({
    port: peer.port,
    ca: ca.pem,
    resolver: tableResolver(table),
    delivery: ['connect_timeout: 60s', `command_timeout: ${commandTimeout}`],
  });
  open.push({ courier, peer });
  return { courier, peer };
}

interface Row {
  readonly peer: string;
  readonly behaviour?: PeerBehaviour;
  readonly leaf?: LeafOptions | 'none';
  readonly commandTimeout?: string;
  /** Outcome of a protected message by `tls` at level `encrypted` and `verified`, and of an unprotected one. */
  readonly encrypted: RecipientState;
  readonly verified: RecipientState;
  readonly plain: RecipientState;
}

/** `in-portal`: left for the next method at once; `pending`: tried again later. */
const rows: readonly Row[] = [
  { peer: 'that does everything right', encrypted: 'delivered', verified: 'delivered', plain: 'delivered' },
  {
    peer: 'with STARTTLS stripped',
    behaviour: { startTls: 'none' },
    encrypted: 'in-portal',
    verified: 'in-portal',
    plain: 'delivered',
  },
  {
    peer: 'that answers STARTTLS with 454',
    behaviour: { startTls: '454' },
    encrypted: 'pending',
    verified: 'pending',
    plain: 'delivered',
  },
  {
    peer: 'that answers STARTTLS with 502',
    behaviour: { startTls: '502' },
    encrypted: 'in-portal',
    verified: 'in-portal',
    plain: 'delivered',
  },
  {
    peer: 'with a self-signed certificate',
    leaf: { selfSigned: true },
    encrypted: 'delivered',
    verified: 'in-portal',
    plain: 'delivered',
  },
  {
    peer: 'with a certificate for another name',
    leaf: { names: ['mx.other.test'] },
    encrypted: 'delivered',
    verified: 'in-portal',
    plain: 'delivered',
  },
  {
    peer: 'named in the common name only',
    leaf: { names: [] },
    encrypted: 'delivered',
    verified: 'in-portal',
    plain: 'delivered',
  },
  {
    peer: 'with a wildcard inside a label',
    leaf: { names: ['m*.peer.test'] },
    encrypted: 'delivered',
    verified: 'in-portal',
    plain: 'delivered',
  },
  {
    peer: 'with a wildcard for its label',
    leaf: { names: ['*.peer.test'] },
    encrypted: 'delivered',
    verified: 'delivered',
    plain: 'delivered',
  },
  {
    peer: 'with an expired certificate',
    leaf: { expired: true },
    encrypted: 'delivered',
    verified: 'in-portal',
    plain: 'delivered',
  },
  {
    peer: 'that speaks TLS 1.1 only',
    behaviour: { startTls: 'old' },
    encrypted: 'in-portal',
    verified: 'in-portal',
    plain: 'delivered',
  },
  {
    peer: 'that answers the handshake with garbage',
    behaviour: { startTls: 'garbage' },
    encrypted: 'pending',
    verified: 'pending',
    plain: 'delivered',
  },
  {
    peer: 'that cuts the handshake off',
    behaviour: { startTls: 'cut' },
    encrypted: 'pending',
    verified: 'pending',
    plain: 'delivered',
  },
  {
    peer: 'that is silent in the handshake',
    behaviour: { startTls: 'silence' },
    commandTimeout: '2s',
    encrypted: 'pending',
    verified: 'pending',
    plain: 'delivered',
  },
  {
    peer: 'that injects replies before TLS',
    behaviour: { startTls: 'injection' },
    encrypted: 'pending',
    verified: 'pending',
    plain: 'delivered',
  },
  {
    peer: 'without EHLO',
    behaviour: { helloOnly: true },
    encrypted: 'in-portal',
    verified: 'in-portal',
    plain: 'delivered',
  },
  {
    peer: 'that greets with 421',
    behaviour: { replies: { connect: '421 4.3.2 later' } },
    encrypted: 'pending',
    verified: 'pending',
    plain: 'pending',
  },
  {
    peer: 'that greets with 554',
    behaviour: { replies: { connect: '554 5.3.2 no' } },
    encrypted: 'pending',
    verified: 'pending',
    plain: 'pending',
  },
  {
    peer: 'that does not speak SMTP',
    behaviour: { replies: { connect: 'SSH-2.0-hello' } },
    encrypted: 'pending',
    verified: 'pending',
    plain: 'pending',
  },
  {
    peer: 'that says nothing',
    behaviour: { stallAt: 'connect' },
    commandTimeout: '2s',
    encrypted: 'pending',
    verified: 'pending',
    plain: 'pending',
  },
  {
    peer: 'that answers EHLO with 421',
    behaviour: { replies: { EHLO: '421 4.3.2 later' } },
    encrypted: 'pending',
    verified: 'pending',
    plain: 'pending',
  },
  ...(['MAIL', 'RCPT', 'DATA', 'end'] as const).flatMap((stage): Row[] => [
    {
      peer: `that answers ${stage} with 451`,
      behaviour: { replies: { [stage]: '451 4.3.0 later' } },
      encrypted: 'pending',
      verified: 'pending',
      plain: 'pending',
    },
    {
      peer: `that answers ${stage} with 554`,
      behaviour: { replies: { [stage]: '554 5.7.1 no' } },
      encrypted: 'bounced',
      verified: 'bounced',
      plain: 'bounced',
    },
    {
      peer: `that closes at ${stage}`,
      behaviour: { closeAt: stage },
      encrypted: 'pending',
      verified: 'pending',
      plain: 'pending',
    },
  ]),
  {
    peer: 'that stalls at MAIL',
    behaviour: { stallAt: 'MAIL' },
    commandTimeout: '2s',
    encrypted: 'pending',
    verified: 'pending',
    plain: 'pending',
  },
  {
    peer: 'that stalls after the final dot',
    behaviour: { stallAt: 'end' },
    commandTimeout: '2s',
    encrypted: 'pending',
    verified: 'pending',
    plain: 'pending',
  },
  {
    peer: 'that says more than it was asked',
    behaviour: { replies: { MAIL: '250 2.1.0 fine\r\n250 2.1.5 fine\r\n354 go on' }, keywords: [] },
    encrypted: 'pending',
    verified: 'pending',
    plain: 'pending',
  },
];

const ways: readonly { way: 'encrypted' | 'verified' | 'plain'; order: readonly Method[]; tls?: TlsLevel }[] =
  [
    { way: 'encrypted', order: ['tls', 'portal'], tls: 'encrypted' },
    { way: 'verified', order: ['tls', 'portal'], tls: 'verified' },
    { way: 'plain', order: ['plain'] },
  ];

describe('a peer', () => {
  for (const row of rows) {
    for (const { way, order, tls } of ways) {
      it(`${row.peer}, ${way}: ${row[way]}`, async () => {
        const { courier, peer } = await setUp(row.behaviour ?? {}, row.leaf, row.commandTimeout);
        const id = await courier.send({
          to: ['a@peer.test'],
          order,
          ...(tls === undefined ? {} : { tls }),
        });
        const recipient = courier.store.recipient(id);
        expect(recipient.state).toBe(row[way]);
        const got = peer.messages.filter((message) => message.content.includes(CANARY));
        expect(got).toHaveLength(row[way] === 'delivered' ? 1 : 0);
        if (way !== 'plain') {
          expect(peer.clear()).not.toContain(CANARY);
          // Not even the envelope; the pickup notice has the null sender.
          expect(peer.clear()).not.toContain('MAIL FROM:<ward3');
        }
        expect(courier.log()).not.toContain(CANARY);
        expect(JSON.stringify(courier.store.events)).not.toContain(CANARY);
        expect(courier.failures).toEqual([]);
      });
    }
  }
});

describe('failing TLS', () => {
  it('leads to the next method only after the time allowed for it', async () => {
    const { courier, peer } = await setUp({ startTls: '454' });
    const id = await courier.send({ to: ['a@peer.test'] });
    expect(courier.store.recipient(id)).toMatchObject({ state: 'pending', method: 'tls' });
    for (let minutes = 0; minutes < 28; minutes += 4) await courier.later(4 * 60_000);
    expect(courier.store.recipient(id)).toMatchObject({ state: 'pending', method: 'tls' });
    await courier.later(3 * 60_000);
    expect(courier.store.recipient(id).state).toBe('in-portal');
    expect(courier.eventTypes().filter((type) => type === 'recipient.method-changed')).toHaveLength(1);
    expect(peer.clear()).not.toContain(CANARY);
  });

  it('holds the message, and says so, when no method is left', async () => {
    const { courier, peer } = await setUp({ startTls: 'none' });
    const id = await courier.send({ to: ['a@peer.test'], order: ['tls'] });
    expect(courier.store.recipient(id).state).toBe('held');
    expect(courier.eventTypes()).toContain('recipient.held');
    const notices = [...courier.store.messages.values()].filter((one) => one.origin === 'hold-notice');
    expect(notices).toHaveLength(2);
    expect(peer.clear()).not.toContain(CANARY);
  });

  it('is forgotten by a peer that mends it', async () => {
    const { courier, peer } = await setUp({ startTls: '454' });
    const id = await courier.send({ to: ['a@peer.test'] });
    peer.behave({});
    await courier.later(5 * 60_000);
    expect(courier.store.recipient(id)).toMatchObject({ state: 'delivered' });
    expect(courier.store.recipient(id).tlsFailingSince).toBeUndefined();
    expect(peer.messages[0]?.tls).toMatch(/^TLSv1\.[23]$/);
  });

  it('is counted anew once TLS worked, though the mail was put off', async () => {
    const { courier, peer } = await setUp({ startTls: '454' });
    const id = await courier.send({ to: ['a@peer.test'] });
    peer.behave({ replies: { RCPT: '450 4.7.1 later', RSET: '421 4.3.2 bye' } });
    await courier.later(10 * 60_000);
    expect(courier.store.recipient(id)).toMatchObject({ lastStatus: '4.7.1', attempts: 2 });
    peer.behave({ startTls: '454' });
    await courier.later(25 * 60_000);
    expect(courier.store.recipient(id)).toMatchObject({ state: 'pending', method: 'tls', attempts: 3 });
    await courier.later(29 * 60_000);
    expect(courier.store.recipient(id).state).toBe('pending');
    await courier.later(60_000);
    expect(courier.store.recipient(id).state).toBe('in-portal');
  });

  it('is no reason to change the method at once when the address of another server could not be looked up', async () => {
    const mx = [
      [10, 'first.peer.test'],
      [20, 'mx.peer.test'],
    ] as const;
    const { courier, peer } = await setUp({ startTls: 'none' }, {}, undefined, {
      mx: { 'peer.test': mx },
      addresses: { 'first.peer.test': 'failed', 'mx.peer.test': ['127.0.0.1'] },
    });
    const id = await courier.send({ to: ['a@peer.test'] });
    expect(peer.connections()).toBe(1);
    expect(courier.store.recipient(id)).toMatchObject({
      state: 'pending',
      method: 'tls',
      lastStatus: '4.7.5',
    });
    await courier.later(31 * 60_000);
    await courier.later(31 * 60_000);
    expect(courier.store.recipient(id).state).toBe('in-portal');
  });

  it('is no reason to change the method when a host could not be reached', async () => {
    const { courier } = await setUp({ closeAt: 'connect' });
    const id = await courier.send({ to: ['a@peer.test'] });
    for (let hours = 0; hours < 10; hours += 2) await courier.later(2 * 3_600_000);
    expect(courier.store.recipient(id)).toMatchObject({ state: 'pending', method: 'tls' });
  });
});

describe('before and after STARTTLS', () => {
  it('what was offered in the clear is forgotten', async () => {
    const { courier, peer } = await setUp({ keywords: ['PIPELINING'], clearKeywords: ['8BITMIME', 'DSN'] });
    await courier.send({ to: ['a@peer.test'], notify: ['FAILURE'], message: { eightBitMime: true } });
    expect(peer.commands.filter((line) => line.startsWith('EHLO'))).toHaveLength(2);
    expect(peer.messages).toHaveLength(0);
    expect(courier.store.recipient('m1')).toMatchObject({ state: 'bounced', lastStatus: '5.6.3' });
  });

  it('the protected message is inside TLS only, dots doubled and undone', async () => {
    const { courier, peer } = await setUp({});
    await courier.send({ to: ['a@peer.test'] });
    expect(peer.secured()).toContain(CANARY);
    expect(peer.clear()).not.toMatch(/MAIL|RCPT|CANARY/);
    expect(peer.messages[0]?.content).toContain('\r\n..a line that begins with a dot\r\n.\r\n');
    expect(peer.messages[0]?.mail).toContain('RET=HDRS');
    const delivered = courier.store.events.find((event) => event.type === 'recipient.delivered');
    expect(delivered?.data).toMatchObject({
      tls: { level: 'verified', protocol: 'TLSv1.3', fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/) },
    });
  });
});
