import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AuditEvent } from '../../../../src/audit/events.js';
import { type ActContext, performAct } from '../../../../src/ops/acts/index.js';
import { revoke } from '../../../../src/portal/index.js';
import { UserError } from '../../../../src/shared/errors.js';
import type { Store } from '../../../../src/store/index.js';
import { newMessage, portalItem } from '../../store/fixtures.js';
import { actContext, never, openActStore } from './act-stage.js';

const clock = { now: () => 1_800_000_000_000 };
const PATIENT = 'ada@hospital.example';

let store: Store;

const contextWith = (queue: Store['queue'], more: Partial<ActContext> = {}) =>
  actContext({
    store: { ...store, queue },
    clock,
    actor: { kind: 'operator', name: 'ada', roles: ['administrator'] },
    revokeItem: revoke,
    ...more,
  });

beforeEach(async () => {
  ({ store } = await openActStore(clock));
  for (const n of [1, 2, 3]) {
    await store.queue.insert(newMessage(`m${n}`), []);
    await store.queue.apply(
      {
        recipients: [
          { key: { messageId: `m${n}`, index: 0 }, from: ['received'], set: { state: 'in-portal' } },
        ],
        createPortalItems: [
          portalItem(`p${n}`, `m${n}`, { createdAt: n, expiresAt: clock.now() + 1000, recipient: PATIENT }),
        ],
      },
      [],
    );
  }
});
afterEach(() => store.close());

const states = async () =>
  Promise.all(['p1', 'p2', 'p3'].map(async (id) => (await store.portal.item(id))?.state));

/** A store in which something happens right before the second item, `p2`, is closed. */
function before(happens: () => Promise<unknown>) {
  const recorded: AuditEvent[] = [];
  let done = false;
  const apply: Store['queue']['apply'] = async (change, events) => {
    if (!done && change.changePortalItems?.some(({ id }) => id === 'p2') === true) {
      done = true;
      await happens();
    }
    const head = await store.auditHead();
    const changed = await store.queue.apply(change, events);
    if ((await store.auditHead()).seq > head.seq) recorded.push(...events);
    return changed;
  };
  return { context: contextWith({ ...store.queue, apply }), recorded };
}

const p2To = (item: 'picked-up' | 'expired') =>
  store.queue.apply(
    {
      recipients: [{ key: { messageId: 'm2', index: 0 }, from: ['in-portal'], set: { state: item } }],
      changePortalItems: [{ id: 'p2', from: ['waiting'], state: item, firstReadAt: clock.now() }],
    },
    [],
  );
const revokeAll = (context: ActContext) =>
  performAct(context, 'portal revoke', { target: PATIENT, reason: 'the wrong person' });

it('revokes all items of a recipient, also one that is read in this very moment', async () => {
  const { context, recorded } = before(() => p2To('picked-up'));
  const answer = await revokeAll(context);
  expect(await states()).toEqual(['revoked', 'revoked', 'revoked']);
  expect(answer).toMatchObject({ items: [{ item: 'p3' }, { item: 'p2', wasRead: true }, { item: 'p1' }] });
  const ended = recorded.filter(({ type }) => type === 'recipient.ended');
  expect(ended.map(({ data }) => 'messageId' in data && data.messageId)).toEqual(['m3', 'm1']);
});

it('passes over one that ends in this very moment, which is not on record as revoked', async () => {
  const { context, recorded } = before(() => p2To('expired'));
  expect(await revokeAll(context)).toMatchObject({ items: [{ item: 'p3' }, { item: 'p1' }] });
  expect(await states()).toEqual(['revoked', 'expired', 'revoked']);
  const revoked = recorded.filter(({ type }) => type === 'portal.revoked');
  expect(revoked.map(({ data }) => 'item' in data && data.item)).toEqual(['p3', 'p1']);
});

it('passes over one that was read and ends in this very moment, which is not on record as revoked', async () => {
  await p2To('picked-up');
  const { context, recorded } = before(() =>
    store.queue.apply({ changePortalItems: [{ id: 'p2', from: ['picked-up'], state: 'expired' }] }, []),
  );
  expect(await revokeAll(context)).toMatchObject({ items: [{ item: 'p3' }, { item: 'p1' }] });
  expect(await states()).toEqual(['revoked', 'expired', 'revoked']);
  const revoked = recorded.filter(({ type }) => type === 'portal.revoked');
  expect(revoked.map(({ data }) => 'item' in data && data.item)).toEqual(['p3', 'p1']);
});

it('revokes one that was read, whose recipient has its end already', async () => {
  await p2To('picked-up');
  const { context, recorded } = before(async () => undefined);
  expect(await revokeAll(context)).toMatchObject({
    items: [{ item: 'p3' }, { item: 'p2', wasRead: true }, { item: 'p1' }],
  });
  expect(await states()).toEqual(['revoked', 'revoked', 'revoked']);
  expect(recorded.filter(({ type }) => type === 'portal.revoked')).toHaveLength(3);
});

describe('notices that are sent again', () => {
  const refusal = (id: string) => new UserError(`the sender of ${id} can't be told`);
  const resendAll = (refused: readonly string[]) => {
    const tried: string[] = [];
    const resend: ActContext['portalOperations']['resend'] = async ({ id }) => {
      tried.push(id);
      if (refused.includes(id)) throw refusal(id);
      return true;
    };
    const portalOperations = { extend: never, resend, resetAccount: never };
    const answer = performAct(contextWith(store.queue, { portalOperations }), 'portal resend', {
      target: PATIENT,
      reason: 'never arrived',
    });
    return { tried, answer };
  };

  it('are so all of them but those whose sender cannot be told, which the answer names', async () => {
    const { tried, answer } = resendAll(['p2']);
    expect(await answer).toMatchObject({
      items: [{ item: 'p3' }, { item: 'p1' }],
      left: [{ item: 'p2', recipient: PATIENT, reason: refusal('p2').message }],
    });
    expect(tried).toEqual(['p3', 'p2', 'p1']);
  });

  it('are refused where it is so of all, with every reason', async () => {
    await expect(resendAll(['p1', 'p2', 'p3']).answer).rejects.toThrow(
      ['p3', 'p2', 'p1'].map((id) => refusal(id).message).join('\n'),
    );
  });
});
