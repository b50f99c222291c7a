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

  it('tells the same of what stands far behind in a text', () => {
    const shifted = ({ clues }: ReturnType<typeof readText>, by: number) => ({
      words: [...clues.wordStarts].map((start, i) => [
        start + by,
        clues.wordEnds[i]! + by,
        clues.wordBits[i],
      ]),
      digits: [...clues.digitStarts].map((start, i) => [start + by, clues.digitEnds[i]! + by]),
      capitals: [...clues.capitalStarts].map((start, i) => [start + by, clues.capitalEnds[i]! + by]),
      atSigns: [...clues.atSigns].map((at) => at + by),
    });
    fc.assert(
      fc.property(texts, fc.integer({ min: 16_384 - 80, max: 16_384 + 8 }), (text, by) => {
        const far = readText(`${'.'.repeat(by)} ${text}`);
        const near = readText(`. ${text}`);
        expect(shifted(far, 0)).toEqual(shifted(near, by - 1));
        expect(far.hints).toEqual(near.hints);
      }),
      { numRuns: 200 },
    );
  });

  it.each([
    ['letters', 'x'],
    ['digits', '7'],
  ])('reads on behind a word of very many %s', (_name, character) => {
    const long = character.repeat(40_000);
    const { clues, hints } = readText(`Jane ${long} Roe 12`);
    expect([...clues.capitalStarts]).toEqual([0, 40_006]);
    expect([...clues.digitStarts].at(-1)).toBe(40_010);
    expect(hints.hexadecimal).toBe(true);
    expect(clues.digitEnds[0]).toBe(character === '7' ? 40_005 : 40_012);
  });

  it.each([
    ['24 letters or digits in a row', 'x abcdefabcdefabcdefabcde4', { hexadecimal: true }],
    ['23 of them', 'x abcdefabcdefabcdefabcd3', { hexadecimal: false }],
    ['a label that runs into its number', 'MRN12345', { gluedDigits: true }],
    ['an apostrophe between digits', '5’5', { gluedDigits: true }],
    ['a dash behind digits, at the end of a line', '482-\n913', { brokenNumber: true }],
    ['digits at the very end', 'record 482', { brokenNumber: true, gluedDigits: false }],
    ['seven digits apart', '1 2 3 4 5 6 7', { spreadDigits: true }],
    ['six digits apart', '1 2 3 4 5 6', { spreadDigits: false }],
    ['three letters apart', 'x y z', { spreadLetters: true }],
    ['seven names of digits', 'two one two five five oh one', { speltDigits: true }],
  ])('sees %s', (_name, text, expected) => {
    expect(readText(text).hints).toMatchObject(expected);
  });

  it('keeps words of 48 letters and none of 49', () => {
    const health = `${'x'.repeat(38)}carditis`;
    const seen = (word: string) =>
      readText(`${word} `).clues.allBits !== readText('zzzzzzzzz ').clues.allBits;
    expect([seen(`xx${health}`), seen(`xxx${health}`)]).toEqual([true, false]);
  });
});
