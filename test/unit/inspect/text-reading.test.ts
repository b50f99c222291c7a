import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { asciiShadow } from '../../../src/inspect/detect/ascii-shadow.js';
import { cluesUntil, textClues } from '../../../src/inspect/detect/text-clues.js';
import { normalise } from '../../../src/inspect/normalise.js';
import { textHints } from '../../../src/inspect/text-hints.js';
import { readText } from '../../../src/inspect/text-reading.js';

const PIECES =
  'Jane Roe|MRN12345|MRNA7|123-45-6789|5 0 1|- |-\n|_|.|/|@|a b c|J. Roe|12 Elm St|diabetes|pericarditis|five one two|é|Zoë|漢|£|№|1ab2C|\n|\t|abcdefabcdefabcdefabcdef01|1st'.split(
    '|',
  );
const texts = fc
  .array(fc.oneof(fc.constantFrom(...PIECES), fc.constant(' '), fc.string({ maxLength: 6 })), {
    maxLength: 24,
  })
  .map((pieces) => normalise(pieces.join('')).text);

describe('reading a text once', () => {
  it('tells what its hints and its clues are told to be each alone', () => {
    fc.assert(
      fc.property(texts, (text) => {
        const { hints, clues } = readText(text);
        const alone = textHints(text);
        // Of wide texts the finders of spelt digits are asked anyway.
        expect({ ...hints, speltDigits: hints.speltDigits || hints.wide }).toEqual({
          ...alone,
          speltDigits: alone.speltDigits || alone.wide,
        });
        expect(clues).toEqual(textClues(asciiShadow(text)));
      }),
      { numRuns: 200 },
    );
  });

  it('tells the clues of a text without the line breaks behind it', () => {
    fc.assert(
      fc.property(texts, fc.integer({ min: 0, max: 3 }), (text, breaks) => {
        const cut = text.replace(/\n+$/, '');
        expect(cluesUntil(readText(cut + '\n'.repeat(breaks)).clues, cut)).toEqual(
          textClues(asciiShadow(cut)),
        );
      }),
      { numRuns: 200 },
    );
  });
});
