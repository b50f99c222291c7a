import { describe, expect, it } from 'vitest';
import { type TextHints, textHints } from '../../../src/inspect/text-hints.js';

const SAMPLES: readonly (readonly [what: string, text: string, hint: keyof TextHints])[] = [
  ['digits with blanks between', ' 3 2 1 5 4 9 8 7 6 ', 'spreadDigits'],
  ['digits in groups', ' 321 54 9876 ', 'manyDigits'],
  ['a dash with blanks', ' 321 - 54 ', 'looseDash'],
  ['a label at its number', ' mrn12345 ', 'gluedDigits'],
  ['a label and its number', ' mrn-12345 ', 'dashedWord'],
  ['letters with blanks between', ' s s n ', 'spreadLetters'],
  ['digits by name', ' three two one five four nine eight ', 'speltDigits'],
  ['a word for a dash', ' Hyphen ', 'toldNumber'],
  ['a label, or how one begins', ' SocialSec ', 'toldNumber'],
  ['a word over two lines', ' asth-\nma ', 'brokenWord'],
  ['a number over two lines', ' 321-\n54 ', 'brokenNumber'],
  ['a number at the end', ' 321', 'brokenNumber'],
  ['hexadecimal', ' 50617469656e74204d696c6472656420 ', 'hexadecimal'],
  ['a letter with a mark', ' é ', 'wide'],
];
const NOTHING = 'the chairs of the garden room were moved. ';
/** Texts are read in pieces of this length. */
const PIECE = 32 * 1024;

describe('textHints', () => {
  it('sees nothing in plain prose', () => {
    expect(Object.values(textHints(NOTHING.repeat(2000)))).not.toContain(true);
  });

  it.each(SAMPLES)('sees %s, alone and wherever it lies in a long text', (_what, text, hint) => {
    const expected = textHints(text);
    expect(expected[hint]).toBe(true);
    for (let before = PIECE - text.length - 2; before <= PIECE + 1; before++) {
      const filled = NOTHING.repeat(PIECE / NOTHING.length + 1).slice(0, before - 2);
      expect(textHints(`${filled}. ${text}`)).toEqual(expected);
    }
  });

  it('sees a word that is longer than a piece', () => {
    expect(textHints('a'.repeat(3 * PIECE)).hexadecimal).toBe(true);
    expect(textHints('1'.repeat(3 * PIECE)).manyDigits).toBe(true);
  });
});
