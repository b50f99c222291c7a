import { describe, expect, it } from 'vitest';
import { createLookupCache } from '../../../../src/keys/finder/lookup-cache.js';
import { type ReadKey, SourceFailed } from '../../../../src/keys/types.js';
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

describe('a domain for which a source is late', () => {
  const start = () => {
    const stage = { now: 0, fails: true, late: true, asked: [] as string[] };
    const cache = createLookupCache(
      {
        cache: HOUR,
        lookup: async (address) => {
          stage.asked.push(address);
          if (stage.fails) throw new SourceFailed('no', stage.late ? { code: 'late' } : {});
          return [];
        },
      },
      { failureCache: 1000, clock: { now: () => stage.now }, onFailure: () => undefined },
    );
    return { stage, lookup: cache.lookup };
  };

  it('is left alone after three addresses, and only that domain', async () => {
    const { stage, lookup } = start();
    for (const name of ['a', 'b', 'c', 'd', 'e']) await lookup(`${name}@slow.test`);
    await lookup('a@other.test');
    expect(stage.asked).toEqual(['a@slow.test', 'b@slow.test', 'c@slow.test', 'a@other.test']);
    expect(await lookup('d@slow.test')).toEqual({
      kind: 'failed',
      reason: 'the source was late several times for this domain and is left alone for now',
    });
  });

  it('is not left alone for answers of no use, which are about one address each', async () => {
    const { stage, lookup } = start();
    stage.late = false;
    for (const name of ['a', 'b', 'c', 'd']) await lookup(`${name}@odd.test`);
    expect(stage.asked).toHaveLength(4);
  });

  it('is asked again when the time is over, and an answer makes up for all failures', async () => {
    const { stage, lookup } = start();
    for (const name of ['a', 'b', 'c', 'd']) await lookup(`${name}@slow.test`);
    stage.now = 1000;
    stage.fails = false;
    expect((await lookup('e@slow.test')).kind).toBe('answered');
    stage.fails = true;
    await lookup('f@slow.test');
    stage.asked.length = 0;
    await lookup('g@slow.test');
    expect(stage.asked).toEqual(['g@slow.test']);
  });
});
