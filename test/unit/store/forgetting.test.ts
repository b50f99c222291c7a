import { expect, it } from 'vitest';
import { type Forgetful, forgettingBodies } from '../../../src/store/forgetting.js';
import { freshBodies } from '../../../src/store/fresh-bodies.js';
import type { RecipientChange } from '../../../src/store/ports.js';
import { INLINE, newMessage } from './fixtures.js';

function setUp(insert: () => Promise<void> = async () => undefined) {
  const fresh = freshBodies({
    mostOfOne: 100,
    mostKept: 100_000,
    mostGathered: 0,
    stays: 60_000,
  });
  const queue = { insert, apply: async () => [], destroyContent: async () => [] };
  const masterKeys = { rewrap: async () => 0, finish: async () => true };
  const store = forgettingBodies<Forgetful>({ queue, masterKeys }, fresh);
  fresh.keep(INLINE, [new Uint8Array(INLINE.size)]);
  return { store, isKept: () => fresh.read(INLINE, 0, 1) !== undefined };
}

function change(from: RecipientChange['from'], state?: RecipientChange['set']['state']) {
  const set = state === undefined ? { attempts: 1 } : { state };
  return { recipients: [{ key: { messageId: 'm1', index: 0 }, from, set }] };
}

it.each<[string, boolean, (store: Forgetful) => Promise<unknown>]>([
  ['it is decided to be sent', true, ({ queue }) => queue.apply(change(['received'], 'pending'), [])],
  [
    'another message is delivered',
    true,
    ({ queue }) =>
      queue.apply(
        {
          recipients: [
            { key: { messageId: 'm2', index: 0 }, from: ['pending'], set: { state: 'delivered' } },
          ],
        },
        [],
      ),
  ],
  ['it is delivered', false, ({ queue }) => queue.apply(change(['pending'], 'delivered'), [])],
  ['it is put off', false, ({ queue }) => queue.apply(change(['pending'], 'pending'), [])],
  ['its attempt is counted', false, ({ queue }) => queue.apply(change(['pending']), [])],
  ['it is held', false, ({ queue }) => queue.apply(change(['received'], 'held'), [])],
  ['it is put into the portal', false, ({ queue }) => queue.apply(change(['pending'], 'in-portal'), [])],
  ['its content is destroyed', false, ({ queue }) => queue.destroyContent('m1', [])],
  ['keys are wrapped anew', false, ({ masterKeys }) => masterKeys.rewrap({ table: 'bodies', rows: [] })],
  ['a rotation ends', false, ({ masterKeys }) => masterKeys.finish({ to: 2 }, [])],
])('when %s, plain bytes stay in memory: %s', async (_what, stays, act) => {
  const { store, isKept } = setUp();
  await store.queue.insert(newMessage('m1'), []);
  await act(store);
  expect(isKept()).toBe(stays);
});

it('what could not be stored is forgotten', async () => {
  const { store, isKept } = setUp(() => Promise.reject(new Error('the disk is full')));
  await expect(store.queue.insert(newMessage('m1'), [])).rejects.toThrow('full');
  expect(isKept()).toBe(false);
});
