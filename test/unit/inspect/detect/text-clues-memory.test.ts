import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { textClues } from '../../../../src/inspect/detect/text-clues.js';

const plain = (text: string) =>
  Object.entries(textClues(text)).map(([name, value]) => [
    name,
    typeof value === 'object' ? Array.from(value) : value,
  ]);

describe('the clues of texts', () => {
  it('stay what they are while others are read', () => {
    const word = fc.constantFrom(
      'MRN',
      'Jane',
      'Roe',
      'asthma',
      '4/9/1971',
      'a@b.example',
      '12 Elm St',
      'Q5',
      'the',
    );
    const texts = fc.array(
      fc.array(word, { maxLength: 40 }).map((words) => words.join(' ').repeat(1 + (words.length % 7))),
      { minLength: 2, maxLength: 60 },
    );
    fc.assert(
      fc.property(texts, (all) => {
        const kept = all.map((text) => textClues(text));
        for (const [index, clues] of kept.entries())
          expect(
            Object.entries(clues).map(([name, value]) => [
              name,
              typeof value === 'object' ? Array.from(value) : value,
            ]),
          ).toEqual(plain(all[index] ?? ''));
      }),
      { numRuns: 30 },
    );
  });
});
