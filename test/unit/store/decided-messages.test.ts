import { describe, expect, it, vi } from 'vitest';
import { freshMessages, type Remembering } from '../../../src/store/fresh-messages.js';
import { applyChange } from '../../../src/store/operations/apply-change.js';
import { message } from '../../../src/store/operations/queue-reads.js';
import { insertMessage } from '../../../src/store/operations/queue-writes.js';
import type { NewMessage, QueueChange, RecipientChange } from '../../../src/store/ports.js';
import { decision, INLINE, newMessage, temporaryDb } from './fixtures.js';

const ROOM = { messages: 2, bytes: 1024 * 1024 };

/** A store whose changes are committed when they are told to, if there are any that wait. */
function setup(room = ROOM) {
  const db = temporaryDb();
  const commits: (() => void)[] = [];
  let slow = false;
  const inner: Remembering = {
    queue: {
      insert: async (input) => void insertMessage(db, input),
      async apply(change) {
        if (slow) await new Promise<void>((resolve) => commits.push(resolve));
        return applyChange(db, change) || [];
      },
      beginInspection: async () => 2,
      destroyContent: async () => [],
    },
    masterKeys: { rewrap: async () => 0, finish: async () => true },
  };
  const fresh = freshMessages(inner, room);
  const take = async (input: NewMessage) => {
    await fresh.store.queue.insert(input, []);
    expect(fresh.take(input.message.id)).toBeDefined();
  };
  return {
    ...fresh,
    db,
    judging: take,
    slowly: () => {
      slow = true;
    },
    commit: () => commits.shift()?.(),
  };
}

function toSend(id: string, begins = false): RecipientChange {
  return {
    key: { messageId: id, index: 0 },
    from: ['received'],
    set: { state: 'pending', decision: decision('a@lab.example'), method: 'plain', nextAttemptAt: 5 },
    ...(begins && { begins: { address: 'a@lab.example', now: 1, attempts: 1, nextAttemptAt: 9 } }),
  };
}
const queues = (id: string, more: Partial<QueueChange> = {}): QueueChange => ({
  recipients: [toSend(id)],
  decided: { messageId: id, subjectShowable: true },
  ...more,
});

describe('a message that was judged from memory', () => {
  it('is given once, as its row would be read, when it was queued', async () => {
    const { store, judging, takeDecided, db } = setup();
    await judging(newMessage('m1', undefined, { stream: 'bulk' }));
    await store.queue.apply(queues('m1'), []);
    const given = takeDecided('m1');
    expect(given).toEqual(message(db, 'm1'));
    expect(given).toMatchObject({ state: 'decided', subjectShowable: true, inspectAttempts: 1 });
    expect(takeDecided('m1')).toBeUndefined();
  });

  it('is not given before its decision is on disk, nor when that failed', async () => {
    const { store, judging, takeDecided, slowly, commit, db } = setup();
    await judging(newMessage('m1'));
    slowly();
    const asked = store.queue.apply(queues('m1'), []);
    expect(takeDecided('m1')).toBeUndefined();
    db.close();
    commit();
    await expect(asked).rejects.toThrow();
    expect(takeDecided('m1')).toBeUndefined();
  });

  it.each<[string, QueueChange]>([
    [
      'has rewritten copies',
      queues('m1', {
        decided: { messageId: 'm1', subjectShowable: true, rewritten: [{ copy: 'c', body: INLINE }] },
      }),
    ],
    ['is held', queues('m1', { recipients: [{ ...toSend('m1'), set: { state: 'held', expiresAt: 9 } }] })],
    ['began at once', queues('m1', { recipients: [toSend('m1', true)] })],
    [
      'was overtaken by whoever ended it',
      queues('m1', { recipients: [{ ...toSend('m1'), from: ['held'] }] }),
    ],
  ])('is read where it %s', async (_name, change) => {
    const { store, judging, takeDecided } = setup();
    await judging(newMessage('m1'));
    await store.queue.apply(change, []);
    expect(takeDecided('m1')).toBeUndefined();
  });

  it.each<[string, (store: Remembering) => Promise<unknown>]>([
    [
      'a person ends a recipient',
      ({ queue }) =>
        queue.apply(
          { recipients: [{ key: { messageId: 'm1', index: 0 }, from: ['held'], set: { state: 'ended' } }] },
          [],
        ),
    ],
    ['it is to be decided again', ({ queue }) => queue.apply({ decideAgain: { messageId: 'm1' } }, [])],
    ['its content is destroyed', ({ queue }) => queue.destroyContent('m1', [])],
    ['keys are wrapped anew', ({ masterKeys }) => masterKeys.rewrap({ table: 'bodies', rows: [] })],
    ['the old master key goes', ({ masterKeys }) => masterKeys.finish({ to: 2 }, [])],
  ])('is read when %s, while it is judged, decided, and behind that', async (_name, change) => {
    const stages = ['judged', 'deciding', 'decided'] as const;
    for (const stage of stages) {
      const { store, judging, takeDecided, slowly, commit } = setup();
      await judging(newMessage('m1'));
      if (stage === 'judged') await change(store).catch(() => undefined);
      slowly();
      const asked = store.queue.apply(queues('m1'), []);
      const changed = stage === 'deciding' ? change(store) : undefined;
      commit();
      await asked;
      commit();
      await changed?.catch(() => undefined);
      if (stage === 'decided') void change(store).catch(() => undefined);
      expect(takeDecided('m1'), stage).toBeUndefined();
      for (let n = 0; n < 3; n++) commit();
    }
  });

  it('is read where there is no room, until what is older was given or has waited too long', async () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    try {
      const { store, judging, takeDecided } = setup({ messages: 2, bytes: 5000 });
      const decide = async (id: string) => {
        await judging(newMessage(id));
        await store.queue.apply(queues(id), []);
      };
      for (const id of ['m1', 'm2']) await decide(id);
      expect([takeDecided('m2'), takeDecided('m1')?.id]).toEqual([undefined, 'm1']);
      for (const id of ['m3', 'm4']) await decide(id);
      vi.advanceTimersByTime(20_001);
      await decide('m5');
      expect([takeDecided('m3'), takeDecided('m4'), takeDecided('m5')?.id]).toEqual([
        undefined,
        undefined,
        'm5',
      ]);
    } finally {
      vi.useRealTimers();
    }
  });
});
