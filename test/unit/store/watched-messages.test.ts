import { describe, expect, it } from 'vitest';
import type { Changing } from '../../../src/store/before-changes.js';
import { watchedMessages } from '../../../src/store/watched-messages.js';

function setup() {
  const never = () => new Promise<never>(() => undefined);
  const inner: Changing = {
    queue: { apply: never, destroyContent: never },
    masterKeys: { rewrap: never, finish: never },
  };
  return watchedMessages(inner);
}

const ended = (messageId: string) => ({
  recipients: [
    { key: { messageId, index: 0 }, from: ['pending' as const], set: { state: 'ended' as const } },
  ],
});

describe('a message that is watched', () => {
  it.each<[string, (store: Changing) => unknown]>([
    ['to end a recipient', ({ queue }) => queue.apply(ended('m1'), [])],
    [
      'to decide it',
      ({ queue }) => queue.apply({ decided: { messageId: 'm1', subjectShowable: false } }, []),
    ],
    ['to decide it again', ({ queue }) => queue.apply({ decideAgain: { messageId: 'm1' } }, [])],
    ['to destroy its content', ({ queue }) => queue.destroyContent('m1', [])],
    ['to wrap keys anew', ({ masterKeys }) => masterKeys.rewrap({ table: 'bodies', rows: [] })],
    ['to destroy the old master key', ({ masterKeys }) => masterKeys.finish({ to: 2 }, [])],
  ])('is touched as soon as somebody asks %s, before it is done', (_name, ask) => {
    const { store, watch } = setup();
    const [one, other] = [watch('m1'), watch('m1')];
    expect(one.isTouched()).toBe(false);
    void ask(store);
    expect([one.isTouched(), other.isTouched()]).toEqual([true, true]);
    expect(watch('m1').isTouched()).toBe(false);
  });

  it('is not touched by what is asked of others, nor when its watch has ended', () => {
    const { store, watch } = setup();
    const [ends, stays, other] = [watch('m1'), watch('m1'), watch('m2')];
    ends.end();
    void store.queue.apply(ended('m1'), []);
    expect([ends.isTouched(), stays.isTouched(), other.isTouched()]).toEqual([false, true, false]);
    stays.end();
    stays.end();
    expect(watch('m1').isTouched()).toBe(false);
  });
});
