import { describe, expect, it } from 'vitest';
import { slots } from '../../../src/shared/slots.js';

describe('slots', () => {
  it('runs so many at once, by priority and then in the order they came', async () => {
    const two = slots(2);
    const began: string[] = [];
    const ends: (() => void)[] = [];
    const job = (name: string, priority?: number) =>
      two.run(() => {
        began.push(name);
        return new Promise<void>((done) => ends.push(done));
      }, priority);
    const all = [job('a'), job('b'), job('c'), job('urgent', 90), job('d'), job('urgent too', 90)];
    while (ends.length > 0 || began.length < all.length) {
      expect(ends.length).toBeLessThanOrEqual(2);
      ends.shift()?.();
      await new Promise((done) => setImmediate(done));
    }
    await Promise.all(all);
    expect(began).toEqual(['a', 'b', 'urgent', 'urgent too', 'c', 'd']);
  });

  it('gives a place back when a job fails', async () => {
    const one = slots(1);
    await expect(one.run(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    await expect(one.run(async () => 'yes')).resolves.toBe('yes');
  });
});
