import { describe, expect, it } from 'vitest';
import { freshMessages, type Remembering } from '../../../src/store/fresh-messages.js';
import { message, recipients } from '../../../src/store/operations/queue-reads.js';
import { insertMessage } from '../../../src/store/operations/queue-writes.js';
import type { NewMessage } from '../../../src/store/ports.js';
import { newMessage, queued, recipient, temporaryDb } from './fixtures.js';

function setup(insert: (input: NewMessage) => Promise<void> = async () => undefined, most = 2, bytes = 0) {
  const done: string[] = [];
  const noting =
    <T>(name: string, answer: T) =>
    async (): Promise<T> => {
      done.push(name);
      return answer;
    };
  const queue: Remembering['queue'] = {
    insert: async (input: NewMessage) => {
      await insert(input);
      done.push(`insert ${input.message.id} ${input.message.inspectAttempts ?? 0}`);
    },
    apply: noting('apply', []),
    beginInspection: noting('begin', 1),
    destroyContent: noting('destroy', []),
  };
  const masterKeys: Remembering['masterKeys'] = {
    rewrap: noting('rewrap', 0),
    finish: noting('finish', true),
  };
  return { ...freshMessages<Remembering>({ queue, masterKeys }, { messages: most, bytes }), done };
}

describe('a message that was stored a moment ago', () => {
  it.each<[string, NewMessage]>([
    ['plain', newMessage('m1')],
    [
      'with all it can have',
      {
        ...newMessage(
          'm1',
          [
            { ...recipient('a@lab.example'), notify: ['FAILURE', 'DELAY'], orcpt: 'rfc822;a@lab.example' },
            recipient('b@lab.example'),
          ],
          { authors: { addresses: ['c@clinic.example'], unsure: true }, stream: 'bulk' },
        ),
      },
    ],
    ['of the default stream', newMessage('m1', undefined, { stream: 'default' })],
  ])('%s: is given as its rows would be read', async (_name, input) => {
    const db = temporaryDb();
    const { store, take } = setup(async (stored) => {
      insertMessage(db, stored);
    });
    await store.queue.insert(input, []);
    const given = take('m1');
    expect(given).toEqual({ message: message(db, 'm1'), recipients: recipients(db, 'm1') });
    expect(given?.message.inspectAttempts).toBe(1);
    expect(take('m1')).toBeUndefined();
  });

  it('is not given before it is on disk, nor when that failed', async () => {
    let commit: () => void = () => undefined;
    const { store, take } = setup(
      () =>
        new Promise((resolve) => {
          commit = resolve;
        }),
    );
    const inserted = store.queue.insert(newMessage('m1'), []);
    expect(take('m1')).toBeUndefined();
    commit();
    await inserted;
    expect(take('m1')).toBeDefined();
    const failing = setup(() => Promise.reject(new Error('the disk is full')));
    await expect(failing.store.queue.insert(newMessage('m1'), [])).rejects.toThrow('full');
    expect(failing.take('m1')).toBeUndefined();
  });

  it.each<[string, (store: Remembering) => Promise<unknown>]>([
    [
      'a person ends a recipient',
      ({ queue }) =>
        queue.apply(
          {
            recipients: [{ key: { messageId: 'm1', index: 0 }, from: ['received'], set: { state: 'ended' } }],
          },
          [],
        ),
    ],
    [
      'it is decided',
      ({ queue }) => queue.apply({ decided: { messageId: 'm1', subjectShowable: false } }, []),
    ],
    ['it is to be decided again', ({ queue }) => queue.apply({ decideAgain: { messageId: 'm1' } }, [])],
    ['an inspection begins', ({ queue }) => queue.beginInspection('m1')],
    ['its content is destroyed', ({ queue }) => queue.destroyContent('m1', [])],
    ['keys are wrapped anew', ({ masterKeys }) => masterKeys.rewrap({ table: 'bodies', rows: [] })],
    ['the old master key goes', ({ masterKeys }) => masterKeys.finish({ to: 2 }, [])],
  ])('is read again when %s, also while it is being stored', async (_name, change) => {
    const { store, take, done } = setup();
    await store.queue.insert(newMessage('m1'), []);
    await change(store);
    expect(take('m1')).toBeUndefined();
    let commit: () => void = () => undefined;
    const slow = setup(
      () =>
        new Promise((resolve) => {
          commit = resolve;
        }),
    );
    const inserted = slow.store.queue.insert(newMessage('m1'), []);
    await change(slow.store);
    commit();
    await inserted;
    expect(slow.take('m1')).toBeUndefined();
    expect(done).toHaveLength(2);
  });

  it('may be one of many small ones, as long as all together have room', async () => {
    const content = 3 * 1024;
    const body = {
      wrappedKey: new Uint8Array(60),
      size: content,
      content: { kind: 'inline', bytes: Buffer.alloc(8) },
    };
    const small = (id: string) => newMessage(id, undefined, { body } as Partial<NewMessage['message']>);
    const { store, take, done } = setup(undefined, 1, 3 * (content + 5 * 1024));
    for (const id of ['m1', 'm2', 'm3', 'm4']) await store.queue.insert(small(id), []);
    expect(done).toEqual(['insert m1 1', 'insert m2 1', 'insert m3 1', 'insert m4 0']);
    for (const id of ['m1', 'm2', 'm3']) expect(take(id)?.message.id).toBe(id);
    // What was given, or forgotten, makes room again.
    await store.queue.insert(small('m5'), []);
    await store.queue.destroyContent('m5', []);
    for (const id of ['m6', 'm7', 'm8']) await store.queue.insert(small(id), []);
    for (const id of ['m6', 'm7', 'm8']) expect(take(id)?.message.id).toBe(id);
    const large = { ...body, size: 5 * content };
    for (const id of ['m9', 'm10'])
      await store.queue.insert(
        newMessage(id, undefined, { body: large } as Partial<NewMessage['message']>),
        [],
      );
    expect([take('m10'), take('m9')?.message.id]).toEqual([undefined, 'm9']);
  });

  it('is one of few; others have no inspection begun, and are read', async () => {
    const { store, take, done } = setup();
    for (const id of ['m1', 'm2', 'm3']) await store.queue.insert(newMessage(id), []);
    expect(done).toEqual(['insert m1 1', 'insert m2 1', 'insert m3 0']);
    expect([take('m3'), take('m1')?.message.id]).toEqual([undefined, 'm1']);
    await store.queue.insert(newMessage('m4'), []);
    expect(take('m4')?.message.id).toBe('m4');
  });

  it('of our own making is decided already', async () => {
    const { store, take } = setup();
    await store.queue.insert(newMessage('m1', [queued('a@lab.example')]), []);
    expect(take('m1')).toBeUndefined();
  });
});
