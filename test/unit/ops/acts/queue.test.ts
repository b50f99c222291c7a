import { pino } from 'pino';
import { afterEach, expect, it } from 'vitest';
import type { AuditEvent } from '../../../../src/audit/events.js';
import { judge } from '../../../../src/decide/judge.js';
import { untoldItem } from '../../../../src/deliver/index.js';
import type { Role } from '../../../../src/model/operator.js';
import { type ActContext, performAct } from '../../../../src/ops/acts/index.js';
import { createMetrics } from '../../../../src/ops/metrics.js';
import type { Store } from '../../../../src/store/index.js';
import { accepted, newMessage, portalItem, recipient } from '../../store/fixtures.js';
import { actContext, never, openActStore } from './act-stage.js';

let store: Store;
afterEach(() => store.close());

const clock = { now: () => 1_800_000_000_000 };
const log = pino({ level: 'silent' });

/** An operator's context; `refused` gets what is recorded beside changes. */
function contextOf(
  roles: readonly Role[],
  refused: AuditEvent[] = [],
  queue: Store['queue'] = store.queue,
): ActContext {
  return actContext({
    store: { ...store, queue, audit: { record: async (events) => void refused.push(...events) } },
    clock,
    actor: { kind: 'operator', name: 'ada', roles },
    untoldItem: (message) => untoldItem({ queue, portalItems: store.portal, message }),
  });
}

async function openWithMessage() {
  ({ store } = await openActStore(clock));
  await store.queue.insert(
    newMessage('m1', [recipient('ada@hospital.example'), recipient('bob@lab.example')], {
      body: await store.bodies.seal(Buffer.from('text')),
    }),
    [accepted('m1')],
  );
}

/** The first recipient is held, the other not decided yet. */
async function withOneHeld() {
  await openWithMessage();
  await holdFirst();
}

const holdFirst = () =>
  store.queue.apply(
    {
      recipients: [
        {
          key: { messageId: 'm1', index: 0 },
          from: ['received'],
          set: { state: 'held', expiresAt: clock.now() + 1000 },
        },
      ],
    },
    [],
  );

const cancel = (context: ActContext, recipientNamed?: string) =>
  performAct(context, 'queue cancel', {
    id: 'm1',
    reason: 'sent by mistake',
    ...(recipientNamed === undefined ? {} : { recipient: recipientNamed }),
  });
const states = async () => (await store.queue.recipients('m1')).map((one) => one.state);

it('lets a person end a message that was not decided yet; then nothing is inspected, decided or sent', async () => {
  await openWithMessage();
  const context = contextOf(['administrator']);
  await expect(performAct(context, 'queue cancel', { id: 'm1', reason: 'sent by mistake' })).resolves.toEqual(
    { ended: 2, left: 0 },
  );
  expect((await store.queue.recipients('m1')).map((one) => one.state)).toEqual(['ended', 'ended']);
  await expect(performAct(context, 'queue cancel', { id: 'm1', reason: 'again' })).rejects.toThrow('ended');

  const deps = {
    queue: store.queue,
    bodies: store.bodies,
    inspect: never,
    decide: never,
    rewrite: never,
    contentNotRead: false,
    fresh: () => undefined,
    onlyQueued: () => undefined,
    promiseAttempt: () => undefined,
    recall: async () => false,
    inMemory: never,
    fingerprintSubject: never,
    hold: never,
    reject: never,
    policyHash: never,
    lifetime: never,
    holdLifetime: never,
    clock,
    log,
    metrics: createMetrics(),
  };
  await expect(judge(deps, 'm1')).resolves.toBe(true);
  expect(await store.queue.undecided(10)).toEqual([]);
  expect(await store.queue.finished(10)).toEqual(['m1']);
});

it('takes an administrator for what goes its way, and a reviewer for what is held', async () => {
  await withOneHeld();
  const refused: AuditEvent[] = [];
  await expect(cancel(contextOf(['administrator'], refused), 'ada@hospital.example')).rejects.toThrow(
    'not allowed: the recipient is held, and it takes reviewer: `held reject m1` bounces it',
  );
  expect(refused).toMatchObject([
    {
      type: 'operator.refused',
      data: { actor: 'ada', act: 'queue cancel', reason: expect.stringContaining('held') },
    },
  ]);
  await expect(cancel(contextOf(['reviewer']), 'bob@lab.example')).rejects.toThrow('it takes administrator');
  await expect(cancel(contextOf(['auditor']))).rejects.toThrow('not allowed');
  expect(await states()).toEqual(['held', 'received']);
  await expect(cancel(contextOf(['administrator', 'reviewer']))).resolves.toEqual({ ended: 2, left: 0 });
  expect(await states()).toEqual(['ended', 'ended']);
});

it('ends what one may end at once, and says what is left', async () => {
  await withOneHeld();
  await expect(cancel(contextOf(['administrator']))).resolves.toEqual({ ended: 1, left: 1 });
  expect(await states()).toEqual(['held', 'ended']);
  await expect(cancel(contextOf(['reviewer']))).resolves.toEqual({ ended: 1, left: 0 });
});

it('ends nothing that becomes held in this very moment for somebody who is no reviewer', async () => {
  await openWithMessage();
  const { queue } = store;
  const racing = contextOf(['administrator'], [], {
    ...queue,
    apply: async (change, events) => {
      await holdFirst();
      return queue.apply(change, events);
    },
  });
  await expect(cancel(racing)).rejects.toThrow('nothing was done');
  expect(await states()).toEqual(['held', 'received']);
});

it('ends a pickup notice alone, and names the item of which nothing tells then', async () => {
  await openWithMessage();
  const expiresAt = clock.now() + 1000;
  await store.queue.apply(
    {
      recipients: [{ key: { messageId: 'm1', index: 0 }, from: ['received'], set: { state: 'in-portal' } }],
      createPortalItems: [
        portalItem('p1', 'm1', { noticeId: 'n1', expiresAt, recipient: 'ada@hospital.example' }),
      ],
    },
    [],
  );
  const about = { aboutMessage: 'm1', aboutPortalItem: 'p1' } as const;
  await store.queue.insert(newMessage('n1', undefined, { ...about, origin: 'pickup-notice' }), []);
  const input = { id: 'n1', reason: 'sent after the backup' };
  await expect(performAct(contextOf(['administrator']), 'queue cancel', input)).resolves.toEqual({
    ended: 1,
    left: 0,
    untold: { item: 'p1', recipient: 'ada@hospital.example', expiresAt },
  });
  expect(await store.portal.item('p1')).toMatchObject({ state: 'waiting' });
  expect(await states()).toEqual(['in-portal', 'received']);
});
