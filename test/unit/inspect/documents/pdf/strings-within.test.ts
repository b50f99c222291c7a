import { describe, expect, it, vi } from 'vitest';
import { stringsWithin } from '../../../../../src/inspect/documents/pdf/strings-within.js';

const nested = (depth: number): unknown => (depth === 0 ? 'canary' : { items: [nested(depth - 1)] });

describe('texts within values of a PDF', () => {
  it('are all taken', () => {
    const onCut = vi.fn();
    const many = Array.from({ length: 30_000 }, (_, at) => `${at}`);
    expect(stringsWithin(many, new Set(), onCut).length).toBe(many.length);
    expect(stringsWithin(nested(40), new Set(), onCut)).toEqual(['items: canary']);
    expect(onCut).not.toHaveBeenCalled();
  });

  it.each([
    ['nested too deeply', () => ['first', nested(60), 'last'], ['first', 'last']],
    ['too many', () => Array.from({ length: 200_001 }, (_, at) => `${at}`), undefined],
  ])('are told of where they are %s, beside those that were taken', (_, value, expected) => {
    const onCut = vi.fn();
    const taken = stringsWithin(value(), new Set(), onCut);
    expect(onCut).toHaveBeenCalled();
    if (expected === undefined) expect(taken.length).toBe(200_000);
    else expect(taken).toEqual(expected);
  });
});
