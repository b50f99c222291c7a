import { describe, expect, it } from 'vitest';
import { createExpiringCache } from '../../../../src/keys/revocation/expiring-cache.js';

describe('a cache', () => {
  const at = { now: 0 };
  const make = (maxEntries: number, maxWeight: number) =>
    createExpiringCache<string>({ clock: { now: () => at.now }, maxEntries, maxWeight });

  it('forgets what is past its time', () => {
    at.now = 100;
    const cache = make(10, 10);
    cache.set('a', 'A', 200);
    at.now = 199;
    expect(cache.get('a')).toBe('A');
    at.now = 200;
    expect(cache.get('a')).toBeUndefined();
  });

  it('forgets what is of the future once the clock was set back', () => {
    at.now = 100;
    const cache = make(10, 10);
    cache.set('a', 'A', 200);
    at.now = 99;
    expect(cache.get('a')).toBeUndefined();
  });

  it('forgets what was used longest ago when there are too many', () => {
    const cache = make(2, 10);
    cache.set('a', 'A', 1000);
    cache.set('b', 'B', 1000);
    cache.get('a');
    cache.set('c', 'C', 1000);
    expect([cache.get('a'), cache.get('b'), cache.get('c')]).toEqual(['A', undefined, 'C']);
  });

  it('forgets as much as the weight needs, counting replaced ones once', () => {
    const cache = make(10, 10);
    cache.set('a', 'A', 1000, 6);
    cache.set('a', 'A2', 1000, 4);
    cache.set('b', 'B', 1000, 6);
    expect([cache.get('a'), cache.get('b')]).toEqual(['A2', 'B']);
    cache.set('c', 'C', 1000, 5);
    expect([cache.get('a'), cache.get('b'), cache.get('c')]).toEqual([undefined, undefined, 'C']);
  });

  it('does not keep what is too heavy by itself', () => {
    const cache = make(10, 10);
    cache.set('a', 'A', 1000, 1);
    cache.set('b', 'B', 1000, 11);
    expect([cache.get('a'), cache.get('b')]).toEqual(['A', undefined]);
  });
});
