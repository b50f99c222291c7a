import { afterEach, describe, expect, it } from 'vitest';
import { type PeerBehaviour, type SmtpPeer, startPeer } from '../../support/smtp-peer.js';
import {
  type HarnessOptions,
  ownMailText,
  START,
  type TestCourier,
  tableResolver,
  testCourier,
} from './harness.js';

const DAY = 86_400_000;

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function setUp(behaviour: PeerBehaviour, options: Partial<HarnessOptions> = {}) {
  const peer: SmtpPeer = await startPeer({ behaviour });
  closers.push(() => peer.close());
  const courier: TestCourier = testCourier({
    port: peer.port,
    resolver: tableResolver({
      mx: {
        'peer.test': [[10, 'mx.peer.test']],
        'clinic.example': [[10, 'mx.peer.test']],
        'ward.clinic.example': [[10, 'mx.peer.test']],
        'null.test': [[0, '.']],
        'nowhere.test': 'no-domain',
      },
      addresses: { 'mx.peer.test': ['127.0.0.1'] },
    }),
    ...options,
  });
  closers.push(() => courier.courier.stop(0));
  return { peer, courier };
}

const send = (courier: TestCourier, to: string, more = {}) =>
  courier.send({ to: [to], order: ['plain'], ...more });
const listed = (courier: TestCourier) => courier.store.suppressions.list(START, 10);

describe('an address goes on the suppression list', () => {
  it.each([
    ['no such mailbox', { RCPT: () => '550 5.1.1 who?' }, 'a@peer.test', '5.1.1'],
    ['moved', { RCPT: () => '551 5.1.6 gone away' }, 'a@peer.test', '5.1.6'],
    ['a domain without mail', {}, 'a@null.test', '5.1.10'],
    ['no such domain', {}, 'a@nowhere.test', '5.1.2'],
  ])('%s', async (_, replies, to, status) => {
    const { courier } = await setUp({ replies });
    const id = await send(courier, to);
    expect(courier.store.recipient(id).state).toBe('bounced');
    expect(await listed(courier)).toMatchObject([
      { address: to, status, messageId: id, addedAt: START, expiresAt: START + 30 * DAY },
    ]);
    expect(courier.eventTypes()).toContain('suppression.added');
  });

  it.each([
    ['policy', { RCPT: () => '550 5.7.1 not from you' }, 'a@peer.test'],
    ['a refusal without its kind', { RCPT: () => '550 no' }, 'a@peer.test'],
    ['the mailbox is full', { RCPT: () => '552 5.2.2 full' }, 'a@peer.test'],
    ['switched off', { RCPT: () => '550 5.2.1 disabled' }, 'a@peer.test'],
    ['for now', { RCPT: () => '450 4.1.1 try later' }, 'a@peer.test'],
    ['the sender', { MAIL: () => '550 5.1.1 who are you?' }, 'a@peer.test'],
    ['the content', { end: () => '554 5.1.1 bad words' }, 'a@peer.test'],
    ['one of our own people', { RCPT: () => '550 5.1.1 who?' }, 'ward3@clinic.example'],
    ['somebody at a subdomain of ours', { RCPT: () => '550 5.1.1 who?' }, 'a@ward.clinic.example'],
  ])('not for %s', async (_, replies, to) => {
    const { courier } = await setUp({ replies });
    await send(courier, to);
    expect(await listed(courier)).toEqual([]);
  });

  it('not where the configuration says so', async () => {
    const replies = { RCPT: () => '550 5.1.1 who?' };
    const { courier } = await setUp({ replies }, { delivery: ['suppression: { enabled: false }'] });
    await send(courier, 'a@peer.test');
    expect(await listed(courier)).toEqual([]);
  });
});

describe('mail to a suppressed address', () => {
  const person = {
    address: 'a@peer.test',
    reason: 'asked not to be written to',
    actor: 'ward',
    addedAt: START - DAY,
  };

  it('bounces at once, untried, with a DSN that says so', async () => {
    const { peer, courier } = await setUp({});
    await courier.store.suppressions.put(person, []);
    const id = await send(courier, 'A@peer.test', { sender: 'ward3@elsewhere.test' });
    expect(peer.messages).toEqual([]);
    expect(courier.store.recipient(id)).toMatchObject({ state: 'bounced', attempts: 0, lastStatus: '5.7.1' });
    const dsn = ownMailText(courier.store, 'dsn').join('').replaceAll('=\r\n', '');
    expect(dsn).toContain('suppression list since 2026-11-01');
    expect(dsn).toContain('postmaster@clinic.example');
    expect(courier.eventTypes()).toContain('recipient.bounced');
  });

  it('spares the others of the same message', async () => {
    const { courier } = await setUp({});
    await courier.store.suppressions.put(person, []);
    const id = await courier.send({ to: ['a@peer.test', 'b@peer.test'], order: ['plain'] });
    expect(courier.store.recipient(id, 0).state).toBe('bounced');
    expect(courier.store.recipient(id, 1).state).toBe('delivered');
  });

  it('is not placed in the portal, where its notice could not be told', async () => {
    const { courier } = await setUp({});
    await courier.store.suppressions.put(person, []);
    const id = await courier.send({ to: ['a@peer.test'], order: ['portal'] });
    expect(courier.store.recipient(id).state).toBe('bounced');
    expect(courier.store.items.size).toBe(0);
  });

  it('closes the item of a notice that is stopped, and tells the sender', async () => {
    const { courier } = await setUp({ replies: { RCPT: () => '450 4.2.1 later' } });
    const id = await courier.send({ to: ['a@peer.test'], order: ['portal'] });
    await courier.store.suppressions.put(person, []);
    await courier.later(DAY / 2);
    expect([...courier.store.items.values()].map((one) => one.state)).toEqual(['undeliverable']);
    expect(courier.store.recipient(id).state).toBe('bounced');
  });

  it.each(['access-code', 'dsn', 'hold-notice'] as const)(
    'of our own goes all the same: %s',
    async (origin) => {
      const { courier } = await setUp({}, { portal: 'allow' });
      await courier.store.suppressions.put(person, []);
      const id = await send(courier, 'a@peer.test', { origin, sender: '' });
      expect(courier.store.recipient(id).state).toBe('delivered');
    },
  );

  it('is tried again when the time is over', async () => {
    const { courier } = await setUp({});
    await courier.store.suppressions.put({ ...person, expiresAt: START }, []);
    const id = await send(courier, 'a@peer.test');
    expect(courier.store.recipient(id).state).toBe('delivered');
  });
});

describe('a throttle', () => {
  const throttled = {
    delivery: ['throttles: [{ by: destination, recipients_per_hour: 1 }]', 'delay_warning: 30m'],
  };

  it('lets what is beyond it wait without a failure, a warning or an end', async () => {
    const { peer, courier } = await setUp({}, throttled);
    await send(courier, 'a@peer.test');
    const id = await send(courier, 'b@peer.test');
    expect(courier.store.recipient(id)).toMatchObject({
      state: 'pending',
      attempts: 0,
      throttledSince: START,
    });
    expect(peer.messages).toHaveLength(1);
    await courier.later(62 * 60_000);
    expect(peer.messages).toHaveLength(2);
    expect(courier.store.recipient(id)).toMatchObject({ state: 'delivered', attempts: 1 });
    expect(ownMailText(courier.store, 'dsn')).toEqual([]);
    const delivered = courier.store.events.filter((event) => event.type === 'recipient.delivered');
    expect(delivered.map((event) => ('throttledMs' in event.data ? event.data.throttledMs : 0))).toEqual([
      0,
      62 * 60_000,
    ]);
  });

  it('takes nothing from the lifetime, and makes no delay warning of its own', async () => {
    const replies = { RCPT: (line: string) => (line.includes('<b@') ? '450 4.2.1 later' : '250 2.1.5 fine') };
    const { courier } = await setUp({ replies }, throttled);
    await send(courier, 'a@peer.test');
    const id = await send(courier, 'b@peer.test');
    const before = courier.store.recipient(id).expiresAt!;
    await courier.later(62 * 60_000);
    expect(courier.store.recipient(id)).toMatchObject({
      state: 'pending',
      attempts: 1,
      expiresAt: before + 62 * 60_000,
    });
    expect(ownMailText(courier.store, 'dsn')).toEqual([]);
  });
});
