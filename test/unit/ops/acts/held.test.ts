import { afterEach, describe, expect, it } from 'vitest';
import { createActContext } from '../../../../src/act-context.js';
import { parseConfig } from '../../../../src/config/load.js';
import { NO_DEMAND } from '../../../../src/decide/lattice.js';
import type { Decision } from '../../../../src/model/decision.js';
import type { PortalItem } from '../../../../src/model/portal-item.js';
import { performAct } from '../../../../src/ops/acts/index.js';
import { createInTurn } from '../../../../src/shared/in-turn.js';
import type { Store } from '../../../../src/store/index.js';
import type { MasterKey } from '../../../../src/store/master-key.js';
import type { RecipientChange } from '../../../../src/store/ports.js';
import { newMessage, portalItem, recipient } from '../../store/fixtures.js';
import { never, openActStore } from './act-stage.js';

const NOW = 1_800_000_000_000;
const clock = { now: () => NOW };

let store: Store;
afterEach(() => store.close());

const decision: Decision = {
  recipient: 'sam@lab.example',
  demand: { ...NO_DEMAND, methods: ['tls', 'portal'], tls: 'verified', disposition: 'hold' },
  protected: true,
  order: [],
  rules: [],
  considered: [{ method: 'tls', verdict: 'refused', reason: 'possible, but the message is held' }],
  tags: [],
  holdReason: 'figures',
  policyHash: 'f00d',
  enforcement: 'enforce',
};

function contextOf(
  masterKey: MasterKey,
  delivery = '{}',
  more: Partial<Parameters<typeof createActContext>[1]> = {},
) {
  const config = parseConfig(
    [
      'hostname: relay.clinic.example',
      'organisation: { name: Clinic, domains: [clinic.example], postmaster: postmaster@clinic.example }',
      'listeners: [{ name: submission, address: "127.0.0.1:2587", mode: submission, accounts: true }]',
      `delivery: ${delivery}`,
    ].join('\n'),
    'config.yaml',
  );
  const loaded = {
    config,
    file: 'config.yaml',
    dataDir: '',
    policyDir: '',
    hash: '',
    path: (name: string) => name,
  };
  return createActContext(
    { loaded: () => loaded, masterKey, totp: { enrol: never }, portalTurns: createInTurn() },
    {
      store,
      clock,
      relayStopped: true,
      wake: () => undefined,
      decideAgain: never,
      findKeys: async () => ({ openpgp: { usable: [], refused: [] }, x509: { usable: [], refused: [] } }),
      judgeKey: never,
      rostersChanged: never,
      rotateMaster: never,
      makeBackup: never,
      ...more,
    },
  );
}

/** A message of the stream `bulk` that is held, and the act of releasing it by TLS. */
async function stage(delivery: string) {
  const opened = await openActStore(clock);
  const { masterKey } = opened;
  store = opened.store;
  await store.queue.insert(newMessage('m1', [recipient('sam@lab.example')], { stream: 'bulk' }), []);
  await store.queue.apply(
    {
      recipients: [
        {
          key: { messageId: 'm1', index: 0 },
          from: ['received'],
          set: { state: 'held', decision, expiresAt: NOW + 1000, lastReason: 'figures' },
        },
      ],
      decided: { messageId: 'm1', subjectShowable: false },
    },
    [],
  );
  const context = contextOf(masterKey, delivery);
  const actor = { kind: 'operator', name: 'rita', roles: ['reviewer'] } as const;
  return () => performAct({ ...context, actor }, 'held release', { id: 'm1', method: 'tls' });
}

describe('a release by TLS goes by the route of the message’s stream', () => {
  it('is refused where that is a smarthost without a promise of TLS onward', async () => {
    const release = await stage(
      '{ routes: [{ name: mailer, host: mailer.example }], streams: [{ name: bulk, route: mailer }] }',
    );
    await expect(release()).rejects.toThrow('tls is not allowed; allowed: none');
    expect(await store.queue.recipients('m1')).toMatchObject([{ state: 'held' }]);
  });

  it('is done where that promises it, though the route of all others does not', async () => {
    const promised = 'onward_tls: guaranteed, onward_tls_owner: contract 2026-17';
    const release = await stage(
      `{ routes: [{ name: others, domains: ['*'], host: out.example }, { name: mailer, host: mailer.example, ${promised} }], streams: [{ name: bulk, route: mailer }] }`,
    );
    await expect(release()).resolves.toEqual({ released: 1, approved: 0 });
    expect(await store.queue.recipients('m1')).toMatchObject([{ state: 'pending', method: 'tls' }]);
  });
});

describe('deciding everything again', () => {
  it('leaves nothing out, however much is held, and takes nothing twice', async () => {
    const opened = await openActStore(clock, { checkpointEveryEvents: 100_000 });
    const { masterKey } = opened;
    store = opened.store;
    const ids = Array.from({ length: 6 }, (_, at) => `m${at}`);
    const each = 1700;
    for (const id of ids) {
      const all = Array.from({ length: each }, (_, at) => recipient(`p${at}@lab.example`));
      await store.queue.insert(newMessage(id, all), []);
      const set = { state: 'held', expiresAt: NOW + 1000 } as const;
      await store.queue.apply(
        { recipients: all.map((_, index) => ({ key: { messageId: id, index }, from: ['received'], set })) },
        [],
      );
    }
    const again: string[] = [];
    const actor = { kind: 'operator', name: 'rita', roles: ['reviewer'] } as const;
    const context = contextOf(masterKey, '{}', { decideAgain: (id) => void again.push(id) });
    await expect(performAct({ ...context, actor }, 'held redecide', { all: true })).resolves.toEqual({
      messages: 6,
      recipients: 6 * each,
    });
    expect(again.toSorted()).toEqual(ids);
    expect(await store.queue.held({ offset: 0, limit: 1 })).toEqual({ rows: [], total: 0 });
  });

  it('decides once what is held again meanwhile', async () => {
    const opened = await openActStore(clock);
    const { masterKey } = opened;
    store = opened.store;
    const hold = (id: string) =>
      store.queue.apply(
        {
          recipients: [
            {
              key: { messageId: id, index: 0 },
              from: ['received'],
              set: { state: 'held', expiresAt: NOW + 1000 },
            },
          ],
        },
        [],
      );
    for (const id of ['m1', 'm2']) {
      await store.queue.insert(newMessage(id), []);
      await hold(id);
    }
    const again: string[] = [];
    const { queue } = store;
    const actor = { kind: 'operator', name: 'rita', roles: ['reviewer'] } as const;
    const context = contextOf(masterKey, '{}', { decideAgain: (id) => void again.push(id) });
    const racing = {
      ...context,
      actor,
      store: {
        ...store,
        queue: {
          ...queue,
          apply: async (...args: Parameters<typeof queue.apply>) => {
            const changed = await queue.apply(...args);
            for (const { messageId } of changed) await hold(messageId);
            return changed;
          },
        },
      },
    };
    await expect(performAct(racing, 'held redecide', { all: true })).resolves.toEqual({
      messages: 2,
      recipients: 2,
    });
    expect(again.toSorted()).toEqual(['m1', 'm2']);
  });
});

it('closes the item of a pickup notice that is rejected, and tells the sender of the original', async () => {
  const opened = await openActStore(clock);
  const { masterKey } = opened;
  store = opened.store;
  const { queue } = store;
  const move = (id: string, set: RecipientChange['set'], items: readonly PortalItem[] = []) =>
    queue.apply(
      {
        recipients: [{ key: { messageId: id, index: 0 }, from: ['received'], set }],
        createPortalItems: items,
      },
      [],
    );
  const text = async () => store.bodies.seal(Buffer.from('Subject: hello\r\n\r\ntext\r\n'));
  await queue.insert(newMessage('m1', undefined, { body: await text() }), []);
  await move('m1', { state: 'in-portal' }, [portalItem('p1', 'm1', { noticeId: 'n1' })]);
  const about = { origin: 'pickup-notice', aboutMessage: 'm1', aboutPortalItem: 'p1', sender: '' } as const;
  await queue.insert(newMessage('n1', undefined, { ...about, body: await text() }), []);
  await move('n1', { state: 'held', expiresAt: NOW + 1000 });
  const actor = { kind: 'operator', name: 'rita', roles: ['reviewer'] } as const;
  const input = { id: 'n1', reason: 'no such person' };
  await expect(performAct({ ...contextOf(masterKey), actor }, 'held reject', input)).resolves.toEqual({
    rejected: 1,
  });
  expect(await queue.recipients('n1')).toMatchObject([{ state: 'bounced' }]);
  expect(await store.portal.item('p1')).toMatchObject({ state: 'undeliverable' });
  expect(await queue.recipients('m1')).toMatchObject([{ state: 'bounced' }]);
  const told = await queue.list({ states: ['pending'], limit: 9 });
  expect(told.map(({ message }) => [message.origin, message.aboutMessage])).toEqual([['dsn', 'm1']]);
});
