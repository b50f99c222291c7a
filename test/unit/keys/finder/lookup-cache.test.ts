import { describe, expect, it } from 'vitest';
import { createLookupCache } from '../../../../src/keys/finder/lookup-cache.js';
import type { ReadKey } from '../../../../src/keys/types.js';
import { fakeKey, HOUR, published } from './stage.js';

function counted(keys: readonly ReadKey[]) {
  const asked: string[] = [];
  const cache = createLookupCache(
    {
      cache: HOUR,
      lookup: async (address) => {
        asked.push(address);
        return keys;
      },
    },
    { failureCache: 1, clock: { now: () => 0 }, onFailure: () => undefined },
  );
  return { asked, lookup: cache.lookup };
}

describe('what is remembered', () => {
  it('is bounded in number; the one used longest ago goes', async () => {
    const { asked, lookup } = counted([]);
    for (let i = 0; i < 5000; i += 1) await lookup(`${i}@clinic.test`);
    await lookup('0@clinic.test');
    await lookup('another@clinic.test');
    asked.length = 0;
    await lookup('0@clinic.test');
    await lookup('1@clinic.test');
    expect(asked).toEqual(['1@clinic.test']);
  });

  it('is bounded in bytes', async () => {
    const { asked, lookup } = counted([
      { ...published(fakeKey('A')), material: new Uint8Array(10 * 1024 * 1024) },
    ]);
    for (const name of ['a', 'b', 'c', 'd', 'a']) await lookup(`${name}@clinic.test`);
    expect(asked.length).toBe(5);
  });
});
