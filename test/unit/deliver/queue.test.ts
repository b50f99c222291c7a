import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ChangeRefused } from '../../../src/store/errors.js';
import { createTestCa, type TestCa } from '../../support/certificates.js';
import { type PeerBehaviour, type SmtpPeer, startPeer } from '../../support/smtp-peer.js';
import {
  CANARY,
  CONTENT,
  type HarnessOptions,
  ownMailText,
  START,
  type TestCourier,
  tableResolver,
  testCourier,
} from './harness.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

let ca: TestCa;
let certificate: Awaited<ReturnType<TestCa['leaf']>>;
beforeAll(async () => {
  ca = await createTestCa();
  certificate = await ca.leaf('mx.peer.test');
});

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function peerLike(behaviour: PeerBehaviour = {}, tls = true): Promise<SmtpPeer> {
  const peer = await startPeer({ behaviour, ...(tls ? { certificate } : {}) });
  closers.push(() => peer.close());
  return peer;
}

function courierTo(peer: SmtpPeer, options: Partial<HarnessOptions> = {}): TestCourier {
  const courier = testCourier({
    port: peer.port,
    ca: ca.pem,
    resolver: tableResolver({
      mx: { 'peer.test': [[10, 'mx.peer.test']] },
      addresses: { 'mx.peer.test': ['127.0.0.1'] },
    }),
    ...options,
  });
  closers.push(() => courier.courier.stop(0));
  return courier;
}

const verbs = (peer: SmtpPeer) => peer.commands.map((line) => line.split(/[ :]/)[0]);

describe('recipients of one domain', () => {
  it('share a transaction, each with its own DSN parameters', async () => {
    const peer = await peerLike();
    const courier = courierTo(peer);
    await courier.send({ to: ['a@peer.test', 'b@peer.test', 'c@peer.test'], notify: ['FAILURE', 'DELAY'] });
    expect(peer.messages).toHaveLength(1);
    expect(peer.messages[0]?.rcpts).toEqual([
      'RCPT TO:<a@peer.test> NOTIFY=FAILURE,DELAY',
      'RCPT TO:<b@peer.test> NOTIFY=FAILURE,DELAY',
      'RCPT TO:<c@peer.test> NOTIFY=FAILURE,DELAY',
    ]);
  });

  it('fare each on their own', async () => {
    const peer = await peerLike({
      replies: {
        RCPT: (line) =>
          line.includes('<a@') ? '250 2.1.5 fine' : line.includes('<b@') ? '550 5.1.1 no' : '450 4.2.1 later',
      },
    });
    const courier = courierTo(peer);
    const id = await courier.send({ to: ['a@peer.test', 'b@peer.test', 'c@peer.test'] });
    expect([0, 1, 2].map((index) => courier.store.recipient(id, index).state)).toEqual([
      'delivered',
      'bounced',
      'pending',
    ]);
    expect(peer.messages[0]?.rcpts).toEqual(['RCPT TO:<a@peer.test>']);
    const [dsn] = ownMailText(courier.store, 'dsn');
    expect(dsn).toContain('Final-Recipient: rfc822; b@peer.test');
    expect(dsn).not.toContain('c@peer.test');
  });

  it('that are too many for the server go in further transactions at once', async () => {
    let seen = 0;
    const peer = await peerLike({
      keywords: [],
      replies: {
        MAIL: () => {
          seen = 0;
          return '250 2.1.0 fine';
        },
        RCPT: () => {
          seen += 1;
          return seen > 2 ? '452 4.5.3 too many' : '250 2.1.5 fine';
        },
      },
    });
    const courier = courierTo(peer);
    const to = ['a', 'b', 'c', 'd', 'e'].map((one) => `${one}@peer.test`);
    const id = await courier.send({ to });
    expect(to.map((_, index) => courier.store.recipient(id, index).state)).toEqual(to.map(() => 'delivered'));
    expect(peer.messages.map((message) => message.rcpts.length)).toEqual([2, 2, 1]);
    expect(peer.connections()).toBe(1);
  });

  it('are split by recipients_per_transaction', async () => {
    const peer = await peerLike();
    const courier = courierTo(peer, { delivery: ['recipients_per_transaction: 2'] });
    await courier.send({ to: ['a', 'b', 'c', 'd', 'e'].map((one) => `${one}@peer.test`) });
    expect(peer.messages.map((message) => message.rcpts.length).sort()).toEqual([1, 2, 2]);
  });
});

describe('connections', () => {
  it('are used again, after RSET', async () => {
    const peer = await peerLike();
    const courier = courierTo(peer, { delivery: ['connections_per_destination: 1'] });
    for (let i = 0; i < 4; i++) await courier.queue({ to: [`r${i}@peer.test`] });
    courier.courier.wake();
    await courier.courier.idle();
    expect(peer.messages).toHaveLength(4);
    expect(peer.connections()).toBe(1);
    expect(verbs(peer).filter((verb) => verb === 'RSET')).toHaveLength(3);
  });

  it('are used again without PIPELINING, too, once they have answered RSET', async () => {
    const peer = await peerLike({ keywords: [] });
    const courier = courierTo(peer, { delivery: ['connections_per_destination: 1'] });
    for (let i = 0; i < 3; i++) await courier.queue({ to: [`r${i}@peer.test`] });
    courier.courier.wake();
    await courier.courier.idle();
    expect(peer.messages).toHaveLength(3);
    expect(peer.connections()).toBe(1);
    expect(verbs(peer).filter((verb) => verb === 'RSET')).toHaveLength(2);
  });

  it.each([
    { end: 'says goodbye', behaviour: { replies: { RSET: '421 4.3.2 bye' } } },
    { end: 'refuses RSET', behaviour: { replies: { RSET: '502 5.5.1 no' } } },
    { end: 'is gone', behaviour: { closeAt: 'RSET' } },
    { end: 'says goodbye after RSET', behaviour: { replies: { RSET: '250 fine\r\n421 4.3.2 bye' } } },
  ] as const)('whose server $end are given up for new ones', async ({ behaviour }) => {
    const peer = await peerLike(behaviour);
    const courier = courierTo(peer, { delivery: ['connections_per_destination: 1'] });
    const ids = [await courier.send({ to: ['a@peer.test'] }), await courier.send({ to: ['b@peer.test'] })];
    for (const id of ids) expect(courier.store.recipient(id).state).toBe('delivered');
    expect(peer.messages.map((message) => message.rcpts)).toEqual([
      ['RCPT TO:<a@peer.test>'],
      ['RCPT TO:<b@peer.test>'],
    ]);
    expect(peer.connections()).toBe(2);
  });

  it('take a group of commands in one go, and content and final dot in another', async () => {
    const peer = await peerLike({ startTls: 'none' });
    const courier = courierTo(peer);
    await courier.send({ to: ['a@peer.test', 'b@peer.test'], order: ['plain'] });
    expect(peer.writes().map((text) => text.split(/[ \r]/)[0])).toEqual([
      'EHLO',
      'MAIL',
      'X-Sallyport-Loop:',
    ]);
    expect(peer.writes()[1]).toMatch(
      /^MAIL FROM:\S+[^\r]*\r\nRCPT TO:<a@[^\r]*\r\nRCPT TO:<b@[^\r]*\r\nDATA\r\n$/,
    );
    expect(peer.writes()[2]).toMatch(/\r\n\.\r\n$/);
  });

  it.each([
    ['550 5.7.1 not from you', 'bounced'],
    ['450 4.7.1 not now', 'pending'],
  ])('heed a refusal that comes before the content was sent: %s', async (reply, state) => {
    const peer = await peerLike({ replies: { DATA: `354 go on\r\n${reply}` } });
    const courier = courierTo(peer);
    const id = await courier.send({ to: ['a@peer.test'], order: ['plain'] });
    expect(courier.store.recipient(id).state).toBe(state);
    expect(peer.messages).toEqual([]);
  });

  it('are cut where a server wants content for nobody', async () => {
    const peer = await peerLike({ replies: { RCPT: '550 5.1.1 no', DATA: '354 go on' } });
    const courier = courierTo(peer);
    const id = await courier.send({ to: ['a@peer.test'], sender: '' });
    expect(courier.store.recipient(id)).toMatchObject({ state: 'bounced', lastStatus: '5.1.1' });
    expect(peer.messages).toEqual([]);
    expect(peer.commands.at(-1)).toBe('DATA');
  });

  it('that reached too little are not used for more', async () => {
    const peer = await peerLike({ startTls: 'none' });
    const courier = courierTo(peer);
    await courier.send({ to: ['a@peer.test'], order: ['plain'] });
    peer.behave({});
    await courier.send({ to: ['b@peer.test'], order: ['tls'] });
    expect(peer.messages.map((message) => message.tls !== undefined)).toEqual([false, true]);
  });

  it('are never more than connections_per_destination', async () => {
    const peer = await peerLike();
    const courier = courierTo(peer, { delivery: ['connections_per_destination: 2'] });
    for (let i = 0; i < 12; i++) await courier.queue({ to: [`r${i}@peer.test`] });
    await courier.courier.idle();
    expect(peer.messages).toHaveLength(12);
    expect(peer.mostAtOnce()).toBe(2);
  });

  it('reach many messages for one destination without holding all of them in memory', async () => {
    const peer = await peerLike();
    const courier = courierTo(peer);
    for (let i = 0; i < 600; i++) await courier.queue({ to: [`r${i}@peer.test`] });
    await courier.courier.idle();
    expect(peer.messages).toHaveLength(600);
    expect(new Set(peer.messages.map((message) => message.rcpts[0])).size).toBe(600);
    // The store was asked now and then, not for each message.
    expect(courier.store.dueCalls()).toBeLessThan(20);
  });
});

describe('a recipient that is not reached', () => {
  it('is retried at growing intervals, warned of once, and bounced at the end of its lifetime', async () => {
    const peer = await peerLike({ replies: { MAIL: '451 4.3.0 busy' } });
    const courier = courierTo(peer);
    const id = await courier.send({ to: ['a@peer.test'] });
    const waits: number[] = [];
    while (courier.store.recipient(id).state === 'pending') {
      const wait = courier.store.recipient(id).nextAttemptAt! - courier.now();
      waits.push(wait / 60_000);
      await courier.later(wait);
    }
    expect(waits.slice(0, 8)).toEqual([2, 4, 8, 16, 32, 64, 120, 120]);
    expect(courier.now()).toBe(Date.UTC(2026, 10, 6, 12));
    expect(courier.store.recipient(id)).toMatchObject({ state: 'bounced', lastStatus: '4.4.7' });
    const dsns = courier.store.events.filter(
      (event) => event.type === 'notice.queued' && event.data.kind === 'dsn',
    );
    expect(dsns).toHaveLength(2);
  });

  it('warns and bounces to the `notify` of its identity', async () => {
    const peer = await peerLike({ replies: { MAIL: '451 4.3.0 busy' } });
    const courier = courierTo(peer, {
      top: [
        'identities: [{ name: scanner, networks: [192.0.2.7], senders: [clinic.example], notify: it@clinic.example }]',
      ],
    });
    const id = await courier.send({ to: ['a@peer.test'], message: { identity: 'scanner' } });
    while (courier.store.recipient(id).state === 'pending')
      await courier.later(courier.store.recipient(id).nextAttemptAt! - courier.now());
    const told = courier.store.events.filter((event) => event.type === 'notice.queued');
    expect(told.map((event) => event.data)).toMatchObject([
      { kind: 'dsn', recipient: 'it@clinic.example' },
      { kind: 'dsn', recipient: 'it@clinic.example' },
    ]);
  });

  it('tells nobody when the sender is null', async () => {
    const peer = await peerLike({ replies: { MAIL: '550 5.7.1 no' } });
    const courier = courierTo(peer);
    const id = await courier.send({ to: ['a@peer.test'], sender: '' });
    expect(courier.store.recipient(id).state).toBe('bounced');
    expect(ownMailText(courier.store, 'dsn')).toEqual([]);
  });

  it.each([
    { notify: ['NEVER'] as const, dsns: 0 },
    { notify: ['SUCCESS'] as const, dsns: 0 },
    { notify: ['FAILURE'] as const, dsns: 1 },
    { notify: undefined, dsns: 1 },
  ])('obeys NOTIFY $notify', async ({ notify, dsns }) => {
    const peer = await peerLike({ replies: { RCPT: '550 5.1.1 no' } });
    const courier = courierTo(peer);
    await courier.send({ to: ['a@peer.test'], ...(notify === undefined ? {} : { notify }) });
    expect(ownMailText(courier.store, 'dsn')).toHaveLength(dsns);
  });

  it('resumes in a new process from its row alone', async () => {
    const peer = await peerLike({ closeAt: 'end' });
    const first = courierTo(peer);
    const id = await first.send({ to: ['a@peer.test'] });
    await first.courier.stop(0);
    peer.behave({});
    expect(first.store.recipient(id)).toMatchObject({ state: 'pending', attempts: 1 });
    const row = first.store.recipient(id);
    const second = courierTo(peer);
    await second.store.queue.insert(
      {
        message: { ...first.store.messages.get(id)!, body: first.store.messages.get(id)!.body! },
        recipients: [
          {
            address: row.address,
            domain: row.domain,
            queued: {
              decision: row.decision!,
              method: row.method!,
              nextAttemptAt: row.nextAttemptAt!,
              expiresAt: row.expiresAt!,
            },
          },
        ],
      },
      [],
    );
    await second.later(5 * 60_000);
    expect(second.store.recipient(id).state).toBe('delivered');
  });
});

describe('what a server cannot carry', () => {
  it.each([
    { what: '8-bit content', keywords: ['SIZE'], message: { eightBitMime: true }, status: '5.6.3' },
    { what: 'internationalised mail', keywords: ['8BITMIME'], message: { smtpUtf8: true }, status: '5.6.7' },
    { what: 'so large a message', keywords: ['SIZE 100'], message: {}, status: '5.3.4' },
  ])('$what bounces with $status', async ({ keywords, message, status }) => {
    const peer = await peerLike({ keywords });
    const courier = courierTo(peer);
    const id = await courier.send({ to: ['a@peer.test'], message });
    expect(courier.store.recipient(id)).toMatchObject({ state: 'bounced', lastStatus: status });
    expect(verbs(peer)).not.toContain('DATA');
  });

  it('an internationalised recipient bounces alone', async () => {
    const peer = await peerLike({ keywords: ['8BITMIME'] });
    const courier = courierTo(peer);
    const id = await courier.send({ to: ['jürgen@peer.test', 'a@peer.test'] });
    expect(courier.store.recipient(id, 0)).toMatchObject({ state: 'bounced', lastStatus: '5.6.7' });
    expect(courier.store.recipient(id, 1).state).toBe('delivered');
  });

  it('content with a bare line feed is cut before its end and never sent', async () => {
    const peer = await peerLike();
    const courier = courierTo(peer);
    const id = await courier.send({
      to: ['a@peer.test'],
      content: `${CONTENT}\n.\nMAIL FROM:<x@evil.test>\r\n`,
    });
    expect(courier.store.recipient(id)).toMatchObject({ state: 'bounced', lastStatus: '5.6.0' });
    expect(peer.messages).toEqual([]);
  });
});

describe('several mail servers', () => {
  async function twoPeers(first: PeerBehaviour, second: PeerBehaviour) {
    const one = await startPeer({ behaviour: first, certificate: await ca.leaf('mx1.peer.test') });
    const two = await startPeer({
      behaviour: second,
      certificate: await ca.leaf('mx2.peer.test'),
      host: '127.0.0.2',
      port: one.port,
    });
    closers.push(() => one.close());
    closers.push(() => two.close());
    const courier = courierTo(one, {
      resolver: tableResolver({
        mx: {
          'peer.test': [
            [20, 'mx2.peer.test'],
            [10, 'mx1.peer.test'],
          ],
        },
        addresses: { 'mx1.peer.test': ['127.0.0.1'], 'mx2.peer.test': ['127.0.0.2'] },
      }),
    });
    return { one, two, courier };
  }

  it('are tried by preference', async () => {
    const { one, two, courier } = await twoPeers({}, {});
    await courier.send({ to: ['a@peer.test'] });
    expect([one.messages.length, two.messages.length]).toEqual([1, 0]);
  });

  it.each([
    { first: { startTls: 'none' }, second: {}, state: 'delivered' },
    { first: { startTls: '454' }, second: {}, state: 'delivered' },
    { first: { closeAt: 'connect' }, second: {}, state: 'delivered' },
    { first: { closeAt: 'DATA' }, second: {}, state: 'delivered' },
    { first: { startTls: 'none' }, second: { startTls: 'none' }, state: 'in-portal' },
    // The second might offer TLS: it must be reached before the method is left.
    { first: { startTls: 'none' }, second: { closeAt: 'connect' }, state: 'pending' },
    { first: { startTls: 'none' }, second: { startTls: '454' }, state: 'pending' },
  ] as const)('$first, then $second: $state', async ({ first, second, state }) => {
    const { one, two, courier } = await twoPeers(first, second);
    const id = await courier.send({ to: ['a@peer.test'] });
    expect(courier.store.recipient(id).state).toBe(state);
    expect(one.clear() + two.clear()).not.toContain(CANARY);
  });
});

describe('rows that were damaged', () => {
  it.each([
    {
      what: 'a method that the decision does not allow',
      send: { order: ['tls', 'portal'], method: 'plain' },
    },
    {
      what: 'plain for protected content',
      send: { order: ['plain'], decision: { protected: true } },
    },
    { what: 'a decision for somebody else', send: { decision: { recipient: 'b@peer.test' } } },
    {
      what: 'a decision to hold',
      send: {
        decision: { demand: { methods: ['tls'], tls: 'verified', portal: 'code', disposition: 'hold' } },
      },
    },
  ] as const)('$what: held, nothing is dialled', async ({ send }) => {
    const peer = await peerLike();
    const courier = courierTo(peer);
    const id = await courier.send({ to: ['a@peer.test'], ...send });
    expect(courier.store.recipient(id).state).toBe('held');
    expect(peer.clear() + peer.secured()).not.toContain(CANARY);
  });

  it('shadow mode sends as plain and nothing else', async () => {
    const peer = await peerLike();
    const courier = courierTo(peer);
    const shadow = { enforcement: 'shadow', protected: true } as const;
    const plain = await courier.send({ to: ['a@peer.test'], method: 'plain', decision: shadow });
    const other = await courier.send({ to: ['a@peer.test'], method: 'tls', decision: shadow });
    expect(courier.store.recipient(plain).state).toBe('delivered');
    expect(courier.store.recipient(other).state).toBe('held');
  });
});

describe('a smarthost', () => {
  const smarthost = (peer: SmtpPeer, more: string) => [
    `routes: [{ name: out, domains: ["*"], host: 127.0.0.1, port: ${peer.port}, tls_name: mx.peer.test, ca: ca.pem${more} }]`,
  ];
  const resolver = tableResolver({});

  it('without a promise of TLS onward is never used for tls', async () => {
    const peer = await peerLike();
    const courier = courierTo(peer, { resolver, delivery: smarthost(peer, '') });
    const id = await courier.send({ to: ['a@far.test'] });
    expect(courier.store.recipient(id).state).toBe('in-portal');
    expect(peer.secured()).not.toContain(CANARY);
  });

  it('with one is, and its owner is on record', async () => {
    const peer = await peerLike();
    const more = ', onward_tls: guaranteed, onward_tls_owner: "Contract 7"';
    const courier = courierTo(peer, { resolver, delivery: smarthost(peer, more) });
    const id = await courier.send({ to: ['a@far.test', 'b@other.test'] });
    expect(courier.store.recipient(id).state).toBe('delivered');
    expect(peer.messages.map((message) => message.rcpts.length)).toEqual([2]);
    const delivered = courier.store.events.find((event) => event.type === 'recipient.delivered');
    expect(delivered?.data).toMatchObject({ route: 'out', onwardTlsOwner: 'Contract 7' });
    // What a smarthost offers says nothing about the recipient's domain.
    expect(await courier.store.tlsMemory.highest('far.test')).toBeUndefined();
  });

  it('gets the password over verified TLS only', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'deliver-')), 'password');
    writeFileSync(file, 'correct horse\n');
    const auth = `, auth: { user: relay, password_file: ${file} }`;
    const login = Buffer.from('\0relay\0correct horse').toString('base64');

    const good = await peerLike({ keywords: ['AUTH PLAIN LOGIN'] });
    const first = courierTo(good, { resolver, delivery: smarthost(good, auth) });
    const sent = await first.send({ to: ['a@far.test'], order: ['plain'] });
    expect(first.store.recipient(sent).state).toBe('delivered');
    expect(good.secured()).toContain(login);

    for (const behaviour of [{ startTls: 'none' }, { startTls: '502' }, { startTls: 'garbage' }] as const) {
      const bad = await peerLike({ keywords: ['AUTH PLAIN LOGIN'], ...behaviour });
      const courier = courierTo(bad, { resolver, delivery: smarthost(bad, auth) });
      const id = await courier.send({ to: ['a@far.test'], order: ['plain'] });
      expect(courier.store.recipient(id).state).toBe('pending');
      expect(bad.clear()).not.toContain('AUTH');
    }
    const stranger = await startPeer({
      behaviour: { keywords: ['AUTH PLAIN LOGIN'] },
      certificate: await ca.leaf('mx.peer.test', { selfSigned: true }),
    });
    closers.push(() => stranger.close());
    const courier = courierTo(stranger, { resolver, delivery: smarthost(stranger, auth) });
    await courier.send({ to: ['a@far.test'], order: ['plain'] });
    expect(stranger.secured()).not.toContain('AUTH');
  });
});

describe('notices and codes', () => {
  it.each(['pickup-notice', 'access-code'] as const)(
    'a %s does not travel below the level seen before',
    async (origin) => {
      const peer = await peerLike({ startTls: 'none' });
      const courier = courierTo(peer, { portal: 'allow' });
      courier.store.remember('peer.test', 'verified');
      const id = await courier.send({ to: ['a@peer.test'], order: ['plain'], sender: '', origin });
      expect(courier.store.recipient(id)).toMatchObject({
        state: 'pending',
        lastReason: expect.stringContaining('below the TLS level seen before'),
      });
      expect(courier.eventTypes()).toContain('recipient.deferred');
      expect(peer.clear()).not.toContain(CANARY);
      peer.behave({});
      await courier.later(HOUR);
      expect(courier.store.recipient(id).state).toBe('delivered');
    },
  );

  it.each([
    { setting: 'allow', tls: false, state: 'delivered' },
    { setting: 'hold', tls: false, state: 'held' },
    { setting: 'hold', tls: true, state: 'delivered' },
  ] as const)('a code to a domain never seen with TLS: $setting, TLS $tls: $state', async (row) => {
    const peer = await peerLike(row.tls ? {} : { startTls: 'none' });
    const courier = courierTo(peer, { portal: row.setting });
    const id = await courier.send({
      to: ['a@peer.test'],
      order: ['plain'],
      sender: '',
      origin: 'access-code',
    });
    expect(courier.store.recipient(id).state).toBe(row.state);
    expect(peer.clear().includes(CANARY)).toBe(row.state === 'delivered' && !row.tls);
  });

  it('a held code that a person released is sent', async () => {
    const peer = await peerLike({ startTls: 'none' });
    const courier = courierTo(peer);
    const id = await courier.send({
      to: ['a@peer.test'],
      order: ['plain'],
      sender: '',
      origin: 'access-code',
    });
    const row = courier.store.recipient(id);
    await courier.store.queue.apply(
      {
        recipients: [
          {
            key: row,
            from: ['held'],
            set: { state: 'pending', method: 'plain', nextAttemptAt: courier.now() },
          },
        ],
      },
      [],
    );
    await courier.courier.idle();
    expect(courier.store.recipient(id).state).toBe('delivered');
  });

  it('what a delivery reached is remembered, whatever was asked', async () => {
    const peer = await peerLike();
    const courier = courierTo(peer);
    await courier.send({ to: ['a@peer.test'], order: ['plain'] });
    expect(await courier.store.tlsMemory.highest('peer.test')).toBe('verified');
  });

  it('a pickup notice that is refused closes its item and bounces the original', async () => {
    const peer = await peerLike({
      startTls: 'none',
      replies: { RCPT: (line) => (line.includes('<a@') ? '550 5.1.1 no such user' : '250 2.1.5 fine') },
    });
    const courier = courierTo(peer);
    const id = await courier.send({ to: ['a@peer.test'] });
    expect(courier.store.recipient(id).state).toBe('bounced');
    expect([...courier.store.items.values()].map((item) => item.state)).toEqual(['undeliverable']);
    expect(courier.eventTypes()).toContain('portal.notice-undeliverable');
    expect(ownMailText(courier.store, 'dsn')).toHaveLength(1);
    expect(courier.store.messages.get(id)?.body).toBeUndefined();
  });

  describe('where the recipient was reminded of an item', () => {
    /** The notice fails for a while, and the recipient is reminded by mail that the server takes or not. */
    async function reminded(byReminder: string) {
      const peer = await peerLike({
        startTls: 'none',
        replies: { MAIL: (from) => (from.includes('pickup') ? byReminder : '451 4.2.1 later') },
      });
      const courier = courierTo(peer);
      const id = await courier.send({ to: ['a@peer.test'] });
      const { items, messages } = courier.store;
      const item = [...items.values()][0]!;
      items.set(item.id, { ...item, reminders: 1 });
      const reminder = await courier.send({
        to: ['a@peer.test'],
        order: ['plain'],
        origin: 'pickup-reminder',
        sender: 'pickup@clinic.example',
        message: { aboutMessage: id, aboutPortalItem: item.id },
      });
      const notice = [...messages.values()].find((one) => one.origin === 'pickup-notice')!;
      expect(courier.store.recipient(notice.id).state).toBe('pending');
      await courier.later(HOUR);
      expect(courier.store.recipient(notice.id).state).toBe('bounced');
      return { courier, id, reminder, state: () => items.get(item.id)?.state };
    }

    it('the end of its notice closes nothing', async () => {
      const { courier, id, reminder, state } = await reminded('250 2.1.0 fine');
      expect(courier.store.recipient(reminder).state).toBe('delivered');
      expect(state()).toBe('waiting');
      expect(courier.store.recipient(id).state).toBe('in-portal');
      expect(courier.eventTypes()).not.toContain('portal.notice-undeliverable');
    });

    it('the end of both closes it, and bounces the original', async () => {
      const { courier, id, reminder, state } = await reminded('451 4.2.1 later');
      expect(state()).toBe('waiting');
      await courier.later(9 * DAY);
      expect(courier.store.recipient(reminder).state).toBe('bounced');
      expect(state()).toBe('undeliverable');
      expect(courier.store.recipient(id).state).toBe('bounced');
      expect(ownMailText(courier.store, 'dsn').filter((text) => text.includes('notice'))).toHaveLength(1);
    });
  });

  it('a pickup notice that is refused after another was sent says nothing of its item', async () => {
    const peer = await peerLike({ startTls: 'none', replies: { RCPT: () => '451 4.2.1 later' } });
    const courier = courierTo(peer);
    const id = await courier.send({ to: ['a@peer.test'] });
    const { items, messages } = courier.store;
    const [item] = [...items.values()];
    const notice = [...messages.values()].find((one) => one.origin === 'pickup-notice')!;
    expect(item!.noticeId).toBe(notice.id);
    items.set(item!.id, { ...item!, noticeId: 'sent-again' });
    peer.behave({ startTls: 'none', replies: { RCPT: () => '550 5.1.1 no such user' } });
    await courier.later(HOUR);
    expect(courier.store.recipient(notice.id).state).toBe('bounced');
    expect(courier.store.recipient(id).state).toBe('in-portal');
    expect(items.get(item!.id)?.state).toBe('waiting');
    expect(courier.eventTypes()).not.toContain('portal.notice-undeliverable');
    expect(ownMailText(courier.store, 'dsn')).toEqual([]);
  });

  it('a pickup notice that is refused while another is sent closes nothing', async () => {
    const peer = await peerLike({ startTls: 'none', replies: { RCPT: () => '550 5.1.1 no such user' } });
    const courier = courierTo(peer);
    const { items, queue } = courier.store;
    const apply = queue.apply;
    Object.assign(queue, {
      apply: async (...[change, events]: Parameters<typeof apply>) => {
        for (const { id, state } of change.changePortalItems ?? [])
          if (state === 'undeliverable') items.set(id, { ...items.get(id)!, noticeId: 'sent-again' });
        return apply(change, events);
      },
    });
    const id = await courier.send({ to: ['a@peer.test'] });
    expect(courier.store.recipient(id).state).toBe('in-portal');
    expect([...items.values()].map((one) => one.state)).toEqual(['waiting']);
    expect(courier.eventTypes()).not.toContain('portal.notice-undeliverable');
  });
});

describe('placing in the portal', () => {
  it('holds the recipient for a person where the portal says so, and nobody else', async () => {
    const peer = await peerLike({ startTls: 'none' });
    const courier = courierTo(peer, { place: { hold: 'the portal keeps enough for the recipient' } });
    const id = await courier.send({ to: ['a@peer.test'] });
    expect(courier.store.recipient(id)).toMatchObject({
      state: 'held',
      lastReason: 'the portal keeps enough for the recipient',
    });
    expect(courier.store.items.size).toBe(0);
    expect(courier.eventTypes()).toContain('recipient.held');
    expect(courier.eventTypes()).not.toContain('portal.item-created');
    expect(courier.store.messages.get(id)?.body).toBeDefined();
  });

  it('leaves no copy, and no event, where a person ended the recipient meanwhile', async () => {
    const peer = await peerLike({ startTls: 'none' });
    const courier = courierTo(peer, { place: { ownFile: 'own.body' } });
    const { queue } = courier.store;
    const apply = queue.apply;
    Object.assign(queue, {
      apply: async (...[change, events]: Parameters<typeof apply>) => {
        const [item] = change.createPortalItems ?? [];
        if (item !== undefined)
          await apply(
            {
              recipients: [
                {
                  key: { messageId: item.messageId, index: item.recipientIndex },
                  from: ['pending'],
                  set: { state: 'ended', nextAttemptAt: null },
                },
              ],
            },
            [],
          );
        return apply(change, events);
      },
    });
    const id = await courier.send({ to: ['a@peer.test'] });
    expect(courier.store.recipient(id).state).toBe('ended');
    expect(courier.store.items.size).toBe(0);
    expect(courier.store.removed).toEqual(['own.body']);
    expect(courier.eventTypes()).not.toContain('portal.item-created');
    expect(ownMailText(courier.store, 'pickup-notice')).toEqual([]);
  });
});

describe('sweeps', () => {
  it('a hold that nobody decided becomes a bounce with a DSN', async () => {
    const peer = await peerLike({ startTls: 'none' });
    const courier = courierTo(peer);
    const id = await courier.send({ to: ['a@peer.test'], order: ['tls'] });
    expect(courier.store.recipient(id).state).toBe('held');
    await courier.later(3 * DAY + 1);
    expect(courier.store.recipient(id)).toMatchObject({ state: 'bounced', lastStatus: '5.7.1' });
    expect(courier.eventTypes()).toContain('recipient.bounced');
  });

  it('an item that nobody picked up expires, the sender is told, and only then is the content destroyed', async () => {
    const peer = await peerLike({ startTls: 'none' });
    const courier = courierTo(peer);
    const id = await courier.send({ to: ['a@peer.test'] });
    expect(courier.store.recipient(id).state).toBe('in-portal');
    await courier.later(DAY);
    expect(courier.store.messages.get(id)?.body).toBeDefined();
    await courier.later(14 * DAY);
    expect(courier.store.recipient(id).state).toBe('expired');
    expect([...courier.store.items.values()].map((item) => item.state)).toEqual(['expired']);
    expect(courier.eventTypes()).toEqual(expect.arrayContaining(['portal.expired', 'recipient.expired']));
    const dsns = courier.store.events.filter(
      (event) => event.type === 'notice.queued' && event.data.kind === 'dsn',
    );
    expect(dsns).toHaveLength(1);
    expect(courier.store.messages.get(id)?.body).toBeUndefined();
    expect(courier.eventTypes()).toContain('content.destroyed');
  });

  it('an item that somebody gives more time in this very moment stays, waiting or picked up', async () => {
    const peer = await peerLike({ startTls: 'none' });
    const courier = courierTo(peer, { place: { ownFile: 'own.body' } });
    const waiting = await courier.send({ to: ['a@peer.test'] });
    const read = await courier.send({ to: ['b@peer.test'] });
    const { portalItems, queue, items } = courier.store;
    const readItem = [...items.values()].find((one) => one.messageId === read)!;
    await queue.apply(
      {
        recipients: [
          { key: { messageId: read, index: 0 }, from: ['in-portal'], set: { state: 'picked-up' } },
        ],
        changePortalItems: [{ id: readItem.id, state: 'picked-up' }],
      },
      [],
    );
    const { expiredItems } = portalItems;
    Object.assign(portalItems, {
      expiredItems: async (...asked: Parameters<typeof expiredItems>) => {
        const page = await expiredItems(...asked);
        if (items instanceof Map)
          for (const one of page) items.set(one.id, { ...one, expiresAt: courier.now() + DAY });
        return page;
      },
    });
    await courier.later(14 * DAY + 1);
    expect([...items.values()].map((one) => one.state).sort()).toEqual(['picked-up', 'waiting']);
    expect(courier.store.recipient(waiting).state).toBe('in-portal');
    expect(courier.eventTypes()).not.toContain('portal.expired');
    expect(ownMailText(courier.store, 'dsn')).toEqual([]);
    expect(courier.store.removed).toEqual([]);
    Object.assign(portalItems, { expiredItems });
    await courier.later(DAY);
    expect([...items.values()].map((one) => one.state)).toEqual(['expired', 'expired']);
    expect(courier.store.recipient(waiting).state).toBe('expired');
  });

  it('an item that is picked up in this very moment expires once, on record too', async () => {
    const courier = courierTo(await peerLike({ startTls: 'none' }));
    const id = await courier.send({ to: ['a@peer.test'] });
    const { portalItems, queue, items } = courier.store;
    const { expiredItems } = portalItems;
    let isPickedUp = false;
    Object.assign(portalItems, {
      expiredItems: async (...asked: Parameters<typeof expiredItems>) => {
        const page = await expiredItems(...asked);
        const key = { messageId: id, index: 0 };
        const changePortalItems = page.map((one) => ({ id: one.id, state: 'picked-up' as const }));
        if (!isPickedUp && page.length > 0)
          await queue.apply(
            { recipients: [{ key, from: ['in-portal'], set: { state: 'picked-up' } }], changePortalItems },
            [],
          );
        isPickedUp ||= page.length > 0;
        return page;
      },
    });
    await courier.later(14 * DAY + 1);
    await courier.later(DAY);
    expect([...items.values()].map((one) => one.state)).toEqual(['expired']);
    expect(courier.eventTypes().filter((type) => type === 'portal.expired')).toHaveLength(1);
  });

  it('an item with content of its own lets go of the message, and its own content goes when it closes', async () => {
    const peer = await peerLike({ startTls: 'none' });
    const courier = courierTo(peer, { place: { ownFile: 'own.body' } });
    const id = await courier.send({ to: ['a@peer.test'] });
    expect(courier.store.recipient(id).state).toBe('in-portal');
    expect(courier.store.messages.get(id)?.body).toBeUndefined();
    expect(courier.store.removed).toEqual([]);
    await courier.later(14 * DAY + 1);
    expect(courier.store.recipient(id).state).toBe('expired');
    expect(ownMailText(courier.store, 'dsn')).toHaveLength(1);
    expect(courier.store.removed).toEqual(['own.body']);
    const [item] = courier.store.items.values();
    expect(item).toMatchObject({ state: 'expired' });
    expect(item).not.toHaveProperty('body');
    const destroyed = courier.store.events.filter((event) => event.type === 'content.destroyed');
    expect(destroyed.map((event) => event.data)).toContainEqual({
      messageId: id,
      recipient: 'a@peer.test',
      item: item?.id,
      reason: 'the portal item is closed',
    });
  });

  it('what was revoked loses its content at the next look', async () => {
    const peer = await peerLike({ startTls: 'none' });
    const courier = courierTo(peer, { place: { ownFile: 'own.body' } });
    await courier.send({ to: ['a@peer.test'] });
    const [item] = courier.store.items.values();
    await courier.store.queue.apply({ changePortalItems: [{ id: item!.id, state: 'revoked' }] }, []);
    await courier.later(1);
    expect(courier.store.removed).toEqual(['own.body']);
    expect(courier.store.items.get(item!.id)).not.toHaveProperty('body');
  });

  it('an item that was picked up keeps its content until it expires, and the sender hears nothing', async () => {
    const peer = await peerLike({ startTls: 'none' });
    const courier = courierTo(peer);
    const id = await courier.send({ to: ['a@peer.test'] });
    const [item] = courier.store.items.values();
    await courier.store.queue.apply(
      {
        recipients: [{ key: { messageId: id, index: 0 }, from: ['in-portal'], set: { state: 'picked-up' } }],
        changePortalItems: [{ id: item!.id, state: 'picked-up' }],
      },
      [],
    );
    await courier.later(DAY);
    expect(courier.store.messages.get(id)?.body).toBeDefined();
    await courier.later(14 * DAY);
    expect(courier.store.recipient(id).state).toBe('picked-up');
    expect(courier.store.messages.get(id)?.body).toBeUndefined();
    expect(ownMailText(courier.store, 'dsn')).toEqual([]);
  });

  it('end every other row when one cannot be ended', async () => {
    const peer = await peerLike({ startTls: 'none' });
    const courier = courierTo(peer);
    const bad = await courier.send({ to: ['a@peer.test'], order: ['tls'] });
    const good = await courier.send({ to: ['b@peer.test'], order: ['tls'] });
    const { queue } = courier.store;
    const apply = queue.apply;
    Object.assign(queue, {
      apply: async (...[change, events]: Parameters<typeof apply>) => {
        if (change.recipients?.some((one) => one.key.messageId === bad))
          throw new ChangeRefused('a constraint');
        return apply(change, events);
      },
    });
    await courier.later(3 * DAY + 1);
    expect(courier.store.recipient(bad).state).toBe('held');
    expect(courier.store.recipient(good).state).toBe('bounced');
    expect(courier.store.messages.get(good)?.body).toBeUndefined();
    expect(courier.failures).toEqual([]);
  });

  it('a pickup notice that was held until its end closes its item, and the sender is told', async () => {
    const peer = await peerLike({ startTls: 'none', replies: { MAIL: () => '451 4.3.0 later' } });
    const courier = courierTo(peer);
    const id = await courier.send({ to: ['a@peer.test'] });
    expect(courier.store.recipient(id).state).toBe('in-portal');
    const notice = [...courier.store.messages.values()].find((one) => one.origin === 'pickup-notice');
    await courier.store.queue.apply(
      {
        recipients: [
          {
            key: { messageId: notice!.id, index: 0 },
            from: ['pending'],
            set: { state: 'held', expiresAt: START + DAY, nextAttemptAt: null },
          },
        ],
      },
      [],
    );
    await courier.later(DAY + 1);
    expect(courier.store.recipient(id)).toMatchObject({ state: 'bounced', lastStatus: '5.4.0' });
    expect([...courier.store.items.values()].map((item) => item.state)).toEqual(['undeliverable']);
    expect(ownMailText(courier.store, 'dsn')).toHaveLength(1);
  });

  it('a pickup notice that is released while its hold ends leads to an item that is still there', async () => {
    const peer = await peerLike({ startTls: 'none', replies: { MAIL: () => '451 4.3.0 later' } });
    const courier = courierTo(peer);
    const id = await courier.send({ to: ['a@peer.test'] });
    const { queue, messages, items } = courier.store;
    const notice = [...messages.values()].find((one) => one.origin === 'pickup-notice');
    const key = { messageId: notice!.id, index: 0 };
    await queue.apply(
      {
        recipients: [
          { key, from: ['pending'], set: { state: 'held', expiresAt: START + DAY, nextAttemptAt: null } },
        ],
      },
      [],
    );
    peer.behave({ startTls: 'none' });
    const apply = queue.apply;
    let released = false;
    Object.assign(queue, {
      apply: async (...[change, events]: Parameters<typeof apply>) => {
        const closes = (change.changePortalItems ?? []).some(({ state }) => state === 'undeliverable');
        if (closes && !released) {
          released = true;
          const set = { state: 'pending', nextAttemptAt: START + DAY, expiresAt: START + 9 * DAY } as const;
          await apply({ recipients: [{ key, from: ['held'], set }] }, []);
        }
        return apply(change, events);
      },
    });
    await courier.later(DAY + 1);
    expect(released).toBe(true);
    await courier.later(DAY + HOUR);
    expect(courier.store.recipient(notice!.id).state).toBe('delivered');
    expect(courier.store.recipient(id).state).toBe('in-portal');
    expect([...items.values()].map((item) => item.state)).toEqual(['waiting']);
  });
});

describe('a store that fails', () => {
  it('stops everything before anything is dialled', async () => {
    const peer = await peerLike();
    const courier = courierTo(peer);
    await courier.queue({ to: ['a@peer.test'] });
    courier.store.fail();
    await courier.courier.idle();
    expect(courier.failures).toEqual([expect.objectContaining({ name: 'StoreUnavailable' })]);
    expect(peer.connections()).toBe(0);
    courier.courier.wake();
    await courier.courier.idle();
    expect(courier.failures).toHaveLength(1);
  });
});

describe('a DSN of success', () => {
  it.each([
    { keywords: ['DSN'], dsns: 0 },
    { keywords: [], dsns: 1 },
  ])('is ours when the next hop has $keywords: $dsns', async ({ keywords, dsns }) => {
    const peer = await peerLike({ keywords });
    const courier = courierTo(peer);
    await courier.send({ to: ['a@peer.test'], notify: ['SUCCESS'], order: ['plain'] });
    const kinds = courier.store.events.filter((event) => event.type === 'notice.queued');
    expect(kinds).toHaveLength(dsns);
  });
});
