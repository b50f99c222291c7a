import { afterEach, describe, expect, it, vi } from 'vitest';
import { renderedCache } from '../../../src/web/rendered-cache.js';
import { SAMPLE, signInTo, startWorld } from '../portal/harness.js';

/* Rendered messages stay in memory for a short time and within a bound. */

afterEach(() => void vi.useRealTimers());

describe('rendered messages', () => {
  it('are kept for a short time', () => {
    vi.useFakeTimers();
    const cache = renderedCache(1000);
    cache.put('a', SAMPLE);
    expect(cache.get('a')).toBe(SAMPLE);
    vi.advanceTimersByTime(1000);
    expect(cache.get('a')).toBeUndefined();
  });

  it('make room, the oldest first, and are not kept where they are too large or dropped', () => {
    const cache = renderedCache(60_000, 10_000);
    const message = { ...SAMPLE, html: 'x'.repeat(2000) };
    cache.put('a', message);
    cache.put('b', message);
    expect([cache.get('a'), cache.get('b')]).toEqual([undefined, message]);
    cache.put('c', { ...SAMPLE, html: 'x'.repeat(6000) });
    cache.drop('b');
    expect([cache.get('b'), cache.get('c')]).toEqual([undefined, undefined]);
  });

  it('serve a page and its frame by one reading, and nobody once the message is revoked', async () => {
    const world = await startWorld();
    try {
      world.store.add(1);
      const browser = await signInTo(world, 1);
      expect((await browser.get('/inbox/item1')).status).toBe(200);
      world.rendered = new Error('read again');
      expect((await browser.get('/inbox/item1/html')).body).toContain('framed-canary');
      world.store.change({ changePortalItems: [{ id: 'item1', state: 'revoked' }] });
      const late = await browser.get('/inbox/item1/text');
      expect([late.status, late.body.includes('canary')]).toEqual([404, false]);
    } finally {
      await world.portal.close();
    }
  });
});
