import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { asciiShadow } from '../../../../src/inspect/detect/ascii-shadow.js';
import { scannedText } from '../../../../src/inspect/detect/scanned-text.js';
import { textClues } from '../../../../src/inspect/detect/text-clues.js';
import { unlistedNames } from '../../../../src/inspect/detect/unlisted-names.js';

function names(text: string): readonly string[] {
  const scanned = scannedText(text, textClues(asciiShadow(text)));
  return [...unlistedNames(scanned, () => false)].map(({ start, end }) => text.slice(start, end));
}

describe('names that no list has', () => {
  it('are the same in a text of ASCII and in one with other letters far from them', () => {
    const piece = fc.constantFrom(
      ...[
        'Xanthe',
        'Quillfeather',
        'Wybren',
        'van der',
        'Zwaagstra',
        'J.',
        "O'",
        'Brien',
        'Fenwick-Zell',
        'McX',
      ],
      ...[' ', ' ', ' ', '\n', '.', '-', "'", 'A', 'ab', '1', '_', '@', 'Hospital'],
    );
    const text = fc.array(piece, { maxLength: 16 }).map((pieces) => pieces.join(''));
    fc.assert(
      fc.property(text, (written) => {
        expect(names(`${written}\n.`)).toEqual(names(`${written}\n.\n\n\n-- é`));
      }),
      { numRuns: 500 },
    );
  });

  it('are found beside each other', () => {
    expect(names('Xanthe Quillfeather, Wybren van der Zwaagstra')).toEqual([
      'Xanthe Quillfeather',
      'Wybren van der Zwaagstra',
    ]);
  });
});
