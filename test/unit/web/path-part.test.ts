import { describe, expect, it } from 'vitest';
import { pathPart } from '../../../src/web/path-part.js';

describe('a part of the path', () => {
  it.each([
    [{ item: 'i1' }, 'i1'],
    [{ item: 7 }, ''],
    [{}, ''],
    [undefined, ''],
    [null, ''],
    ['item', ''],
    [Object.create({ item: 'inherited' }), ''],
  ])('of %j is %j', (params, expected) => {
    expect(pathPart({ params }, 'item')).toBe(expected);
  });

  it('is no property that every object has', () => {
    expect(pathPart({ params: {} }, 'constructor')).toBe('');
    expect(pathPart({ params: {} }, '__proto__')).toBe('');
  });
});
