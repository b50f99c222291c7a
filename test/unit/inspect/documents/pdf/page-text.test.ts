import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { joinPage, type TextPiece } from '../../../../../src/inspect/documents/pdf/page-text.js';

const piece = (text: string, x: number, y: number, more: Partial<TextPiece> = {}): TextPiece => ({
  text,
  matrix: [10, 0, 0, 10, x, y],
  width: text.length * 5,
  height: 10,
  endsLine: false,
  ...more,
});

describe('joinPage', () => {
  it.each([
    ['touching pieces', [piece('212', 0, 700), piece('-55', 15, 700)], '212-55'],
    ['a word gap', [piece('two', 0, 700), piece('words', 18, 700)], 'two words'],
    ['a cell gap', [piece('MRN', 0, 700), piece('447', 60, 700)], 'MRN\t447'],
    ['raised letters', [piece('the 4', 0, 700), piece('th', 25, 703)], 'the 4th'],
    ['two lines', [piece('below', 0, 680), piece('above', 0, 700)], 'above\nbelow'],
    [
      'a narrow blank that the file has',
      [piece('Wilma', 0, 700), piece(' ', 25, 700, { width: 1 }), piece('447', 26, 700)],
      'Wilma 447',
    ],
  ])('joins %s', (_, pieces, expected) => {
    expect(joinPage(pieces).rows).toBe(expected);
  });

  it.each([
    ['a line', (index: number) => piece('', 20 * index, 700)],
    ['a column', (index: number) => piece('', 50, 700 - 20 * index)],
  ])('joins letters that stand apart in %s', (_, at) => {
    const letters = [...'212-55-0187'].map((text, index) => ({ ...at(index), text, width: 5 }));
    expect(joinPage(letters).letters).toContain('212-55-0187');
    expect(joinPage([piece('S S N\t2 1 2 - 5 5 - 0 1 8 7', 0, 700)]).letters).toContain('SSN 212-55-0187');
  });

  it('joins letters within a line of words', () => {
    const words = ['Patient', 'of', 'this', 'house', 'has', 'now', 'and', 'then', 'severe'];
    const before = words.map((text, index) => piece(text, 40 * index, 700));
    const letters = [...'asthma'].map((text, index) => piece(text, 400 + 20 * index, 700));
    expect(joinPage([...before, ...letters, piece('again', 540, 700)]).letters).toContain(
      'severe asthma again',
    );
    expect(joinPage([piece('Patient has a   s   t   h   m   a now', 0, 700)]).letters).toContain(
      'Patient has asthma now',
    );
    expect(joinPage([piece('w a s  s e e n  t o d a y', 0, 700)]).letters).toContain('was seen today');
    expect(joinPage([piece('no 1 2 3 here', 0, 700)]).letters).toBe('');
  });

  it('keeps every letter in every order', () => {
    const pieces = fc.array(
      fc.record({
        text: fc.stringMatching(/^[a-z]{1,5}$/),
        x: fc.integer({ min: -500, max: 2000 }),
        y: fc.integer({ min: -500, max: 2000 }),
        angle: fc.constantFrom(0, 90, 180, 270, 33),
      }),
      { maxLength: 60 },
    );
    fc.assert(
      fc.property(pieces, (all) => {
        const page = joinPage(
          all.map(({ text, x, y, angle }) => {
            const [cos, sin] = [Math.cos((angle * Math.PI) / 180), Math.sin((angle * Math.PI) / 180)];
            return piece(text, x, y, { matrix: [10 * cos, 10 * sin, -10 * sin, 10 * cos, x, y] });
          }),
        );
        const letters = (text: string) => [...text.replace(/\s/g, '')].sort().join('');
        const expected = letters(all.map((one) => one.text).join(''));
        for (const text of [page.reading, page.rows, page.content]) expect(letters(text)).toBe(expected);
      }),
      { numRuns: 200 },
    );
  });
});
