import { describe, expect, it } from 'vitest';
import { isLoadedAhead } from '../../../src/web/loaded-ahead.js';

describe('a page that a browser loads ahead', () => {
  it.each([
    [{ 'sec-purpose': 'prefetch' }, true],
    [{ 'sec-purpose': 'prefetch;prerender' }, true],
    [{ 'sec-purpose': 'Prefetch;anonymous-client-ip' }, true],
    [{ purpose: 'prefetch' }, true],
    [{}, false],
    [{ 'sec-purpose': 'something-else' }, false],
    [{ 'x-other': 'prefetch' }, false],
  ])('%j: %s', (headers, expected) => {
    expect(isLoadedAhead(headers)).toBe(expected);
  });
});
