import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { asciiShadow } from '../../../../src/inspect/detect/ascii-shadow.js';
import type { Clue } from '../../../../src/inspect/detect/clue.js';
import {
  type Anchored,
  needsOf,
  placeFinder,
  placesPossible,
} from '../../../../src/inspect/detect/clue-places.js';
import { SHIPPED } from '../../../../src/inspect/detect/registry.js';
import { textClues } from '../../../../src/inspect/detect/text-clues.js';

const CLUES: readonly Anchored[] = SHIPPED.flatMap(({ patterns }) =>
  patterns.flatMap((one) => (typeof one === 'string' ? [] : [one.clue])),
).filter(isAnchored);

function isAnchored(clue: Clue): clue is Anchored {
  return !('digits' in clue || 'rows' in clue);
}

const LITERALS = CLUES.flatMap((clue) => ('literal' in clue ? [clue.literal] : []));

describe('what a text has no place of', () => {
  it('is never passed over where it has one', () => {
    const word = fc.constantFrom(
      ...LITERALS,
      'MRN',
      'passport',
      'zip',
      '1',
      '756',
      '12345',
      'A9',
      'x@y',
      'ü',
      'Ave',
    );
    const glue = fc.constantFrom('', ' ', '\n', '-', '.');
    const text = fc
      .array(fc.tuple(word, glue), { maxLength: 12 })
      .map((pieces) => pieces.map((one) => one.join('')).join(''));
    fc.assert(
      fc.property(text, (written) => {
        const clues = textClues(asciiShadow(written));
        const isPossible = placesPossible(clues);
        for (const clue of CLUES)
          if (placeFinder(clue)(clues).length > 0)
            expect([clue, isPossible(needsOf(clue))]).toEqual([clue, true]);
      }),
      { numRuns: 200 },
    );
  });

  it.each(LITERALS)('%s stands in itself', (literal) => {
    expect(placesPossible(textClues(literal))(needsOf({ literal }))).toBe(true);
  });

  it('is most of all clues in ordinary prose', () => {
    const isPossible = placesPossible(
      textClues('The chairs for the garden room are here, and the table follows.'),
    );
    const possible = CLUES.filter((clue) => isPossible(needsOf(clue)));
    expect(possible.length).toBeLessThan(CLUES.length / 4);
  });
});
