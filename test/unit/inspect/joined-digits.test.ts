import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { joinDigits, joinLines } from '../../../src/inspect/joined-digits.js';
import { normalise } from '../../../src/inspect/normalise.js';
import type { TextHints } from '../../../src/inspect/text-hints.js';
import { readText } from '../../../src/inspect/text-reading.js';
import { watchProcessor } from '../../support/processor-time.js';

const LONG = 'The number that was asked for yesterday is';

const JOINED: readonly (readonly [name: string, text: string, joined: string])[] = [
  ['spread by spaces', 'SSN 0 0 0 1 2 3 4 5 6, DOB', 'SSN 000123456, DOB'],
  ['spread with grouping dashes', '0 0 0 - 1 2 - 3 4 5 6', '000-12-3456'],
  ['one digit a line', '0\n0\n0\n1\n2\n3\n4\n5\n6', '000123456'],
  ['a mark in every gap', 'no 0.0.0.1.2.3.4.5.6!', 'no 000123456!'],
  ['broken after a dash', 'SSN 000-\n12-3456', 'SSN 000-12-3456'],
  ['broken before a dash', 'SSN 000\n-12-3456', 'SSN 000-12-3456'],
  ['broken in a quoted reply', '> SSN 000-\n> 12-3456', '> SSN 000-12-3456'],
  ['broken within, in a wrapped line', `${LONG} 00012\n3456.`, `${LONG} 000123456.`],
  ['next to a word spread by a line', 'a_s_t_h_m_a 1', 'asthma 1'],
  ['next to a word spread by strokes', 'a/s/t/h/m/a 1', 'asthma 1'],
  ['next to a word of one letter a line', 'a\ns\nt\nh\nm\na 1', 'asthma 1'],
  ['next to a word spread by brackets', 'a(s(t(h(m(a 1', 'asthma 1'],
  ['points between all, also around dashes', '0.0.0.-.1.2.-.3.4.5.6', '000-12-3456'],
  ['strokes between all', '0|0|0|-|1|2|-|3|4|5|6', '000-12-3456'],
  ['two marks between all', '0.-.0.-.0.-.1.-.2.-.3.-.4.-.5.-.6', '000123456'],
  ['brackets around each', '[0][0][0][-][1][2][-][3][4][5][6]', '[000-12-3456]'],
  ['quotation marks around each', "'0' '0' '0' '1' '2' '3' '4' '5' '6'", "'000123456'"],
  ['with words for its dashes', 'call: 000 dash 12 (hyphen) 3456.', 'call: 000-12-3456.'],
  ['with words between behind a label', 'SSN 000 then 12 then 3456', 'SSN 000-12-3456'],
  ['told in parts', 'SSN first three 000, middle two 12, last four 3456.', 'SSN first three 000-12-3456.'],
  [
    'some of whose digits are words',
    'her social is zero 0 zero 1 two 3 four 5 six, ok',
    'her social is 000-12-3456, ok',
  ],
  ['spelt with words for its dashes', 'zero-zero-zero dash one-two dash three-four-five-six', '000-12-3456'],
  [
    'spelt in Spanish',
    'seguro social cero cero cero uno dos tres cuatro cinco seis',
    'seguro social 000-12-3456',
  ],
  ['in groups of three behind a label', 'SSN is 000,123,456', 'SSN is 000-12-3456'],
  ['in groups within backticks', 'SSN `000`-`12`-`3456`', 'SSN `000-12-3456`'],
  ['in braille', 'SSN ⠼⠚⠚⠚⠤⠼⠁⠃⠤⠼⠉⠙⠑⠋', 'SSN 000-12-3456'],
  ['in braille without a sign for numbers', 'SSN ⠚⠚⠚-⠁⠃-⠉⠙⠑⠋', 'SSN 000-12-3456'],
  ['beside a word in braille', '⠁⠎⠞⠓⠍⠁ 1', 'asthma 1'],
  ['a picture between all', '0😀0😀0😀1😀2😀3😀4😀5😀6', '000123456'],
  ['loose dashes', '000 - 12 - 3456', '000-12-3456'],
  ['nine marks between its groups', 'SSN 000.........12.........3456', 'SSN 000-12-3456'],
  ['a sign with blanks between all', '0 ° 0 ° 0 ° 1 ° 2 ° 3 ° 4 ° 5 ° 6', '000123456'],
  ['spread letters of its label beside another script', '漢S S N 000123456', '漢SSN 000123456'],
];

const KEPT: readonly (readonly [name: string, text: string])[] = [
  ['a column of numbers', '120\n80\n72\n98'],
  ['a scale', 'rate us 1 2 3 4 5 6 7 8 9'],
  ['a row of numbers', 'scores 12 15 9 22 31 8 11'],
  ['few single letters', 'a/b/c or d-e-f-g'],
  ['few single digits', 'doses 1 0 2 1'],
  ['ordinary prose', 'Call me at 5, or 6, on day 7.'],
  ['figures behind talk of the number', 'SSN masking: 120 files in 14 folders, see 2026 plan.'],
  ['a few digits of the number', 'Give the last four of the SSN: 3456, and the first two visits of 2026.'],
  ['other media', 'Social media: 100 and 20 and 2026 posts'],
  ['amounts', 'Social spending: 100,200,300 in the SSN budget'],
  ['ranges', 'from 100 minus 20 to 2026'],
  ['zeros of a table', '0 0 0 0 0 0 0 0 0'],
  ['letters of zero', '– error or error or zero'],
];

const ALL_HINTS: TextHints = {
  spreadDigits: true,
  manyDigits: true,
  looseDash: true,
  gluedDigits: true,
  dashedWord: true,
  spreadLetters: true,
  speltDigits: true,
  toldNumber: true,
  brokenWord: true,
  brokenNumber: true,
  hexadecimal: true,
  wide: true,
};
const MARKS =
  ' |  |\t|\n|\n> |-|--| - |_|/|.|,|°| ° |–|.........|(|)|é|漢|€ | :: |->|x|ssn |S S N |soc.sec.| dash '.split(
    '|',
  );

describe('what a text shows in one look', () => {
  it('is enough to look for whatever could be joined in it', () => {
    const mark = fc.constantFrom(...MARKS, '', '');
    const digits = fc.constantFrom(...'0123456789', '٣', 'five', '12', '345');
    const number = fc
      .tuple(mark, mark, fc.array(digits, { minLength: 7, maxLength: 9 }))
      .map(([within, between, all]) =>
        all.reduce((text, one, at) => `${text}${at === 3 || at === 5 ? between : within}${one}`),
      );
    fc.assert(
      fc.property(fc.array(fc.oneof(mark, number), { maxLength: 8 }), (pieces) => {
        const { text } = normalise(pieces.join(''));
        const { hints } = readText(text);
        expect(joinDigits(text, hints)?.text).toBe(joinDigits(text, ALL_HINTS)?.text);
        expect(joinLines(text, hints)?.text).toBe(joinLines(text, ALL_HINTS)?.text);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('time', () => {
  it('stays short for digits that are almost a number', () => {
    const work = watchProcessor();
    joinDigits('1      1      1      1      1      x '.repeat(20_000));
    for (const text of ['SSN zero ', '000 dash ', 'ssn ', 'one two three dash '])
      joinDigits(text.repeat(50_000));
    work.expectBelow(5_000);
  });
});

describe('joined digits', () => {
  it('reads as much braille as there is', () => {
    expect(joinDigits('⠁⠁x'.repeat(200_000))?.text.length).toBe(600_000);
  });

  it.each([
    ['behind a label', 'SSN 000 then 12 then 3456\n'],
    ['with words for dashes', '000 dash 12 dash 3456\n'],
  ])('joins as many numbers as are told %s', (_name, line) => {
    expect(joinDigits(line.repeat(25_000))?.text.match(/000-12-3456/g)).toHaveLength(25_000);
  });

  it.each([
    ['letters for digits', '000-l2-3456 ', '000-12-3456'],
    ['digits as words', 'zero zero zero one two three four five six. ', '000123456'],
    ['spread letters', 'a.s.t.h.m.a x ', 'asthma'],
  ])('reads as much as there is of %s', (_name, text, joined) => {
    expect(joinDigits(text.repeat(130_000))?.text).toContain(joined);
  });

  it.each(JOINED)('joins a number %s', (_name, text, joined) => {
    expect(joinDigits(text)?.text).toBe(joined);
  });

  it.each(KEPT)('leaves %s', (_name, text) => {
    expect(joinDigits(text)).toBeUndefined();
    expect(joinLines(text)).toBeUndefined();
  });

  it('joins groups of a number that wrapped at a blank', () => {
    expect(joinLines(`${LONG} 000\n12 3456.`)?.text).toBe(`${LONG} 000 12 3456.`);
  });

  it('maps offsets back', () => {
    const text = 'x 0 0 0 1 2 3 4 5 6 end';
    const joined = joinDigits(text);
    expect(joined?.toNormalised(joined.text.indexOf('end'))).toBe(text.indexOf('end'));
    expect(joined?.toNormalised(joined.text.indexOf('0'))).toBe(text.indexOf('0'));
  });
});
