import { describe, expect, it } from 'vitest';
import { stringsWithin } from '../../../../../src/inspect/documents/pdf/strings-within.js';
import { TooLarge } from '../../../../../src/inspect/documents/types.js';

const nested = (depth: number): unknown => (depth === 0 ? 'canary' : { items: [nested(depth - 1)] });

describe('texts within values of a PDF', () => {
  it('are all taken', () => {
    const many = Array.from({ length: 30_000 }, (_, at) => `${at}`);
    expect(stringsWithin(many, new Set()).length).toBe(many.length);
    expect(stringsWithin(nested(40), new Set())).toEqual(['items: canary']);
  });

  it.each([
    ['nested too deeply', () => nested(60)],
    ['too many', () => Array.from({ length: 200_001 }, (_, at) => `${at}`)],
  ])('are too large where they are %s', (_, value) => {
    expect(() => stringsWithin(value(), new Set())).toThrow(TooLarge);
  });
});
