import { describe, expect, it } from 'vitest';
import type { Suppression } from '../../../src/model/suppression.js';
import { knownSuppressions, type Suppressing } from '../../../src/store/known-suppressions.js';

const one = (address: string): Suppression => ({ address, reason: 'no such mailbox', addedAt: 1 });

/** A list that notes what it is asked; writes end when they are told to. */
function setup(addresses: readonly string[], most?: number) {
  const listed = new Map(addresses.map((address) => [address, one(address)]));
  const asked: string[] = [];
  const writes: (() => void)[] = [];
  let failing: Error | undefined;
  const later = (work: () => void) =>
    new Promise<boolean>((done) =>
      writes.push(() => {
        work();
        done(true);
      }),
    );
  const inner: Suppressing = {
    queue: {
      apply: async (change) => {
        await later(() => {
          for (const each of change.suppress ?? []) listed.set(each.address, each);
        });
        return [];
      },
    },
    suppressions: {
      suppressed: async (all) => {
        asked.push(...all);
        return all.flatMap((address) => listed.get(address) ?? []);
      },
      list: async (now, limit) => {
        if (failing !== undefined) throw failing;
        expect(now).toBe(0);
        return [...listed.values()].slice(0, limit);
      },
      put: (suppression) => later(() => listed.set(suppression.address, suppression)),
      remove: async (address) => listed.delete(address),
      forgetExpired: async () => false,
    },
  };
  return {
    store: knownSuppressions(inner, most),
    asked,
    write: () => writes.shift()?.(),
    fail: (error: Error | undefined) => {
      failing = error;
    },
  };
}

describe('addresses that may be on the suppression list', () => {
  it('are asked for, whatever their case; others are not', async () => {
    const { store, asked } = setup(['gone@partner.example']);
    expect(await store.suppressions.suppressed(['ada@partner.example'], 5)).toEqual([]);
    expect(asked).toEqual([]);
    await store.suppressions.suppressed(['GONE@partner.example'], 5);
    expect(await store.suppressions.suppressed(['ada@x.test', 'gone@partner.example'], 5)).toHaveLength(1);
    expect(asked).toEqual(['GONE@partner.example', 'ada@x.test', 'gone@partner.example']);
  });

  it.each<[string, (store: Suppressing) => Promise<unknown>]>([
    ['a person', ({ suppressions }) => suppressions.put(one('Ada@partner.example'), [])],
    ['an attempt', ({ queue }) => queue.apply({ suppress: [one('ada@partner.example')] }, [])],
  ])('are asked for from when %s asks to put them there', async (_name, put) => {
    const { store, asked, write } = setup([]);
    await store.suppressions.suppressed(['ada@partner.example'], 5);
    const done = put(store);
    await store.suppressions.suppressed(['ada@partner.example'], 5);
    expect(asked).toEqual(['ada@partner.example']);
    write();
    await done;
    await store.suppressions.suppressed(['ada@partner.example'], 5);
    expect(asked).toHaveLength(2);
  });

  it('are remembered when they are put there before anybody asks', async () => {
    const { store, asked } = setup([]);
    void store.suppressions.put(one('ada@partner.example'), []);
    await store.suppressions.suppressed(['ada@partner.example'], 5);
    expect(asked).toEqual(['ada@partner.example']);
  });

  it('are asked for, also when somebody took them off again', async () => {
    const { store, asked } = setup(['gone@partner.example']);
    await store.suppressions.suppressed(['gone@partner.example'], 5);
    await store.suppressions.remove('gone@partner.example', []);
    expect(await store.suppressions.suppressed(['gone@partner.example'], 5)).toEqual([]);
    expect(asked).toHaveLength(2);
  });

  it('are all, where the list is too long to be remembered or becomes so', async () => {
    const long = setup(['a@x.test', 'b@x.test', 'c@x.test'], 2);
    await long.store.suppressions.suppressed(['ada@x.test'], 5);
    expect(long.asked).toEqual(['ada@x.test']);
    const grows = setup(['a@x.test', 'b@x.test'], 2);
    await grows.store.suppressions.suppressed(['ada@x.test'], 5);
    expect(grows.asked).toEqual([]);
    void grows.store.suppressions.put(one('c@x.test'), []);
    for (const address of ['ada@x.test', 'b@x.test']) await grows.store.suppressions.suppressed([address], 5);
    expect(grows.asked).toEqual(['ada@x.test', 'b@x.test']);
  });

  it('are nothing that anybody guesses at when the list cannot be read', async () => {
    const { store, fail, asked } = setup(['gone@partner.example']);
    fail(new Error('the store has failed'));
    await expect(store.suppressions.suppressed(['ada@partner.example'], 5)).rejects.toThrow('failed');
    fail(undefined);
    expect(await store.suppressions.suppressed(['gone@partner.example'], 5)).toHaveLength(1);
    expect(asked).toEqual(['gone@partner.example']);
  });
});
