import { describe, expect, it } from 'vitest';
import { asciiShadow } from '../../../../../src/inspect/detect/ascii-shadow.js';
import { eachDate } from '../../../../../src/inspect/detect/roster/date-places.js';
import { textClues } from '../../../../../src/inspect/detect/text-clues.js';

function dates(text: string): string[] {
  const found: string[] = [];
  eachDate(textClues(asciiShadow(text)), (start, end, day) => found.push(`${text.slice(start, end)} ${day}`));
  return found;
}

describe('every date that a text may mean', () => {
  it.each([
    ['on 1961-03-04T10:00', ['1961-03-04 19610304', '1961-03-04 19610403']],
    ['03/14/1961', ['03/14/1961 19610314']],
    ['14.3.1961', ['14.3.1961 19610314']],
    ['3 / 14 / 61', ['3 / 14 / 61 19610314', '3 / 14 / 61 20610314']],
    [
      '03/04/1961-06/07/1970',
      ['03/04/1961 19610304', '03/04/1961 19610403', '06/07/1970 19700607', '06/07/1970 19700706'],
    ],
    ['March 4, 1961', ['March 4, 1961 19610304']],
    ['Sept. 4th 1961', ['Sept. 4th 1961 19610904']],
    ['the 4th of March, 1961', ['4th of March, 1961 19610304']],
    ['04-MAR-1961', ['04-MAR-1961 19610304']],
    ["4 mar '61", ["4 mar '61 19610304", "4 mar '61 20610304"]],
    ['19610304', ['19610304 19610304']],
    ['03141961', ['03141961 19610314']],
    ['196103041015', ['19610304 19610304']],
    ['10.12.20.30', []],
    ['2/30/1961', []],
    ['may I come on the 4', []],
    ['1.2.3', []],
    ['12345-03-1961', []],
  ])('%j', (text, expected) => {
    expect(dates(text).sort()).toEqual([...expected].sort());
  });
});
