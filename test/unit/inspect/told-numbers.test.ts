import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { textHints } from '../../../src/inspect/text-hints.js';
import { toldNumbers } from '../../../src/inspect/told-numbers.js';

const LABELS =
  'ssn SSN s.s.n. S.S.N ss\u00a0n s\u00a0sn s\u00a0s\u00a0n Social social4 SocialSecurity soc.sec soc\u00a0sec SocSec'
    .split(' ')
    .map((label) => label.replaceAll('\u00a0', ' '));
const BEFORE = ['', ' ', '(', '_', 'x', '7', 'é', 'Dash ', '\n'];
const TOLD = [
  'four 1 seven 8 3 two 0 9 6',
  '417 dash 83 dash 2096',
  '417 Hyphen 83 MINUS 2096',
  '417 and 83 then 2096',
];

describe('numbers told in words', () => {
  it('are none in a text whose hints tell of none', () => {
    let found = 0;
    const texts = fc.tuple(
      fc.constantFrom(...BEFORE),
      fc.oneof(fc.constantFrom('', ...LABELS), fc.string({ maxLength: 5 })),
      fc.constantFrom(' ', '', ': ', '_', '#', ' is ', '\n'),
      fc.constantFrom(...TOLD),
      fc.constantFrom('', '.', ' or so', 'é', 'x'),
    );
    fc.assert(
      fc.property(texts, (pieces) => {
        const text = pieces.join('');
        if (toldNumbers(text).length === 0) return;
        found += 1;
        const { toldNumber, spreadLetters, wide } = textHints(text);
        expect([text, toldNumber || spreadLetters || wide]).toEqual([text, true]);
      }),
      { numRuns: 2000 },
    );
    expect(found).toBeGreaterThan(500);
  });
});
