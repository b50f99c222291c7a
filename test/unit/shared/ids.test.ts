import { describe, expect, it } from 'vitest';
import { newId } from '../../../src/shared/ids.js';

describe('identifiers', () => {
  it('are all different, and all of one form', () => {
    const now = Date.UTC(2026, 10, 22);
    const ids = Array.from({ length: 1000 }, () => newId(now));
    expect(new Set(ids.map((id) => id.slice(9))).size).toBe(1000);
    for (const id of ids) expect(id).toMatch(/^[0-9a-hjkmnp-tv-z]{22}$/);
    expect(new Set(ids.map((id) => id.slice(0, 9))).size).toBe(1);
  });

  it('sort by time', () => {
    const times = [0, 1, 31, 32, 1_000_000, Date.UTC(2026, 10, 22), Date.UTC(2026, 10, 22) + 1];
    const ids = times.map(newId);
    expect(ids.toSorted()).toEqual(ids);
  });
});
