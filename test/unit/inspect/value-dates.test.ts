import { describe, expect, it } from 'vitest';
import { valueDates } from '../../../src/inspect/value-dates.js';
import { watchProcessor } from '../../support/processor-time.js';

const FORMS =
  '4 Mar 1950, 1950-03-04, 19500304, 4.3.1950, March 4th, 1950, 3/4/50, 5/3/1950, 1950-04-03, 13/4/1950, 4 March, 3.4.50.1';

function seen(value: string, text: string, sure = false): readonly string[] {
  return valueDates([value], { sure })(text).map(({ start, end }) => text.slice(start, end));
}

describe('days among values', () => {
  it.each([
    [
      '03/04/1950',
      [
        '4 Mar 1950',
        '1950-03-04',
        '19500304',
        '4.3.1950',
        'March 4th, 1950',
        '3/4/50',
        '1950-04-03',
        '3.4.50',
      ],
    ],
    [
      '1950-03-04',
      ['4 Mar 1950', '1950-03-04', '19500304', '4.3.1950', 'March 4th, 1950', '3/4/50', '3.4.50'],
    ],
    ['March 5, 1950', ['5/3/1950']],
    ['1950', []],
    ['31/31/1950', []],
    ['DOB 03/04/1950', []],
  ])('%s in every form', (value, expected) => {
    expect(seen(value, FORMS)).toEqual(expected);
  });

  it('are sure with their whole year', () => {
    expect(seen('4 March 1950', 'version 3.4.50 of 3/4/1950', true)).toEqual(['3/4/1950']);
  });

  it('take time in proportion to the text', () => {
    const work = watchProcessor();
    for (const text of ['3/4/', '1 2 3 4 / ', 'March ', '3 - 4 - ', '1950'])
      seen('3/4/1950', text.repeat(200_000));
    work.expectBelow(5_000);
  });
});
