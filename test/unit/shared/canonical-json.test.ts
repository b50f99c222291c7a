import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toJson } from '../../../src/audit/json-value.js';
import { canonicalJson, type Json } from '../../../src/shared/canonical-json.js';

/** RFC 8785 word for word: members in order, everything else as ECMAScript writes it. */
function byTheBook(value: Json): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(byTheBook).join(',')}]`;
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([key, one]) => `${JSON.stringify(key)}:${byTheBook(one ?? null)}`).join(',')}}`;
}

const text = fc.oneof(
  fc.string(),
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom('"', '\\', '\n', '\u007f', '\u2028', 'é'),
);
const json: fc.Arbitrary<Json> = fc.letrec<{ readonly value: Json }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    text,
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.constantFrom(null, true, false, 0, -0, 1e21),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.oneof(text, fc.constantFrom('__proto__', '10', '9')), tie('value'), { maxKeys: 5 }),
  ),
})).value;

describe('canonical JSON', () => {
  it('is what RFC 8785 says', () => {
    fc.assert(
      fc.property(json, (value) => {
        expect(canonicalJson(value)).toBe(byTheBook(value));
      }),
      { numRuns: 200 },
    );
  });

  it('leaves out what is undefined, and refuses what has no form', () => {
    expect(canonicalJson({ b: 1, a: undefined })).toBe('{"b":1}');
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, '\ud800', { '\udc00': 1 }])
      expect(() => canonicalJson(value)).toThrow(TypeError);
  });
});

describe('a value as JSON', () => {
  it('stays as it is when it is JSON', () => {
    fc.assert(
      fc.property(json, (value) => {
        expect(toJson(value)).toBe(value);
      }),
      { numRuns: 200 },
    );
  });

  it('is repaired, wherever in it that is needed', () => {
    expect(toJson({ a: ['x\ud800'], b: undefined, '\udc00': 1 })).toEqual({ a: ['x\ufffd'], '\ufffd': 1 });
  });

  it.each<[string, unknown]>([
    ['a function', () => 1],
    ['not a number', [{ a: Number.NaN }]],
    ['a date', new Date(0)],
    ['a hole', Array(1)],
    ['nothing', undefined],
  ])('is refused: %s', (_what, value) => {
    expect(() => toJson(value)).toThrow(TypeError);
  });
});
