import { describe, expect, it } from 'vitest';
import { valueWords } from '../../../src/inspect/value-words.js';
import { watchProcessor } from '../../support/processor-time.js';

function seen(values: readonly string[], text: string, sure = false): readonly string[] {
  return valueWords(values, { sure })(text).map(({ start, end }) => text.slice(start, end));
}

describe('values by their words', () => {
  it.each([
    ['48213', 'bed 48213, not 148213, 48213a or 48 213', ['48213']],
    ['A-48213', 'a 48213 or a/48213', ['a 48213', 'a/48213']],
    ['536-90-4399', '536904399 or 536/90/4399 or 536 90', ['536904399', '536/90/4399']],
    ['Jane Roe', 'jane roe, JANE_ROE, Jane; Roe jane.roe@partner.example', ['jane roe', 'JANE_ROE']],
    ['Jane Roe', 'jane\nroe and Jane Jane Roe', ['jane\nroe', 'Jane Roe']],
    ['Quill', 'Quill, quill and Quills', ['Quill']],
    ['1950', '1950', []],
    ['3/4/50', '3.4.50 and 3450', ['3.4.50']],
    ['Ann', 'Ann', []],
    ['a b c d e f g h i', 'a b c d e f g h i', []],
  ])('%s in %s', (value, text, found) => {
    expect(seen([value], text)).toEqual(found);
  });

  it('are sure only of numbers and of names of several words', () => {
    const values = ['48213', 'Jane Roe', 'Quill', '7 March 2026', '12 Elm Street'];
    const text = 'on 7 March 2026 at 12 Elm Street Quill had 48213 and jane roe';
    expect(seen(values, text, true)).toEqual(['48213', 'jane roe']);
    expect(seen(values, text)).toHaveLength(5);
  });

  it('takes time in proportion to the text, however many values begin with the same word', () => {
    const values = Array.from({ length: 50_000 }, (_, n) => `jane ${'x'.repeat(n % 7)}${n}`);
    const work = watchProcessor();
    seen(values, 'jane x1 '.repeat(100_000));
    seen(['jane jane jane jane jane jane jane roe'], 'jane '.repeat(200_000));
    work.expectBelow(5_000);
  });
});
