import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { asciiShadow } from '../../../../src/inspect/detect/ascii-shadow.js';
import type { Clue } from '../../../../src/inspect/detect/clue.js';
import { needsOf, placeFinder } from '../../../../src/inspect/detect/clue-places.js';
import { groupChoice } from '../../../../src/inspect/detect/group-choice.js';
import { SHIPPED } from '../../../../src/inspect/detect/registry.js';
import { scannedText } from '../../../../src/inspect/detect/scanned-text.js';
import { type TextClues, textClues } from '../../../../src/inspect/detect/text-clues.js';
import { digitWindows } from '../../../../src/inspect/detect/windows.js';

const CLUES: readonly Clue[] = SHIPPED.flatMap(({ patterns }) =>
  patterns.flatMap((one) => (typeof one === 'string' ? [] : [one.clue])),
);
const LITERALS = CLUES.flatMap((clue) => ('literal' in clue ? [clue.literal] : []));
const chosen = groupChoice(
  CLUES.map((clue) => ({
    needs: needsOf(clue),
    literal: 'literal' in clue ? clue.literal : undefined,
  })),
);

function hasPlaces(clue: Clue, text: string, clues: TextClues): boolean {
  if ('rows' in clue) return scannedText(text, clues).rows().length > 0;
  if ('digits' in clue) return digitWindows(clues, clue).from.length > 0;
  return placeFinder(clue)(clues).length > 0;
}

describe('groups of patterns chosen for a text', () => {
  it('are all that have a place in it, in order', () => {
    const words = ['MRN', 'Name, DOB\n', 'Roe, 1/2\n', '1', '756', '12345', 'A9', 'x@y', 'ü', 'Ave', '9 Elm'];
    const word = fc.constantFrom(...LITERALS, ...words);
    const glue = fc.constantFrom('', ' ', '\n', '-', '.');
    const text = fc
      .array(fc.tuple(word, glue), { maxLength: 12 })
      .map((pieces) => pieces.map((one) => one.join('')).join(''));
    fc.assert(
      fc.property(text, (written) => {
        const clues = textClues(asciiShadow(written));
        const indices = chosen(clues);
        expect(indices).toEqual([...indices].sort((a, b) => a - b));
        for (const [index, clue] of CLUES.entries())
          if (hasPlaces(clue, written, clues)) expect([clue, indices.includes(index)]).toEqual([clue, true]);
      }),
      { numRuns: 300 },
    );
  });

  it.each(LITERALS)('have %s within a word', (literal) => {
    const indices = chosen(textClues(`x${literal}x`));
    for (const [index, clue] of CLUES.entries())
      if ('literal' in clue && clue.literal === literal) expect(indices).toContain(index);
  });

  it('are few for a line of a header', () => {
    expect(chosen(textClues('en-us')).length).toBeLessThan(CLUES.length / 4);
  });
});
