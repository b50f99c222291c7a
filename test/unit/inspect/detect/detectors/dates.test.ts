import { describe, expect, it } from 'vitest';
import { readDate } from '../../../../../src/inspect/detect/dates.js';
import { seen } from '../seen.js';

describe('readDate', () => {
  it.each([
    ['3/4/1964', '1964-03-04'],
    ['23/4/1964', '1964-04-23'],
    ['1964-03-04', '1964-03-04'],
    ['March 4, 1964', '1964-03-04'],
    ['4th of March 1964', '1964-03-04'],
    ['4-MAR-1964', '1964-03-04'],
    ['03.04.64', 'xx64-03-04'],
    ['19640304', '1964-03-04'],
    ['13/13/1964', undefined],
    ['2/30/1964', undefined],
    ['0/4/1964', undefined],
    ['3/4/1764', undefined],
  ])('takes %j for %j', (text, expected) => {
    expect(readDate(text)).toBe(expected);
  });
});

describe('date-of-birth', () => {
  it.each([
    ['DOB 3/4/1964', [['3/4/1964', 'high']]],
    ['DOB: 03-04-64', [['03-04-64', 'high']]],
    ['date of birth: March 4, 1964', [['March 4, 1964', 'high']]],
    ['born on 4 Mar 1964', [['4 Mar 1964', 'high']]],
    ['born 1964-03-04', [['1964-03-04', 'high']]],
    ['dob: 19640304', [['19640304', 'high']]],
    ['dob: 19640304T000000', [['19640304T000000', 'high']]],
    ['dob: 196403040000', [['196403040000', 'high']]],
    ['"dob": "1964-03-04T00:00:00"', [['1964-03-04T00:00:00', 'high']]],
    ['"dob": "1964-03-04T00:00:00.000+00:00"', [['1964-03-04T00:00:00.000', 'high']]],
    ['"dob": "1964-03-04T00:00Z"', [['1964-03-04T00:00Z', 'high']]],
    ['DOB 1964-03-04Z', [['1964-03-04Z', 'high']]],
    ['DOB: 03041964', [['03041964', 'high']]],
    ['birth date 03 04 1964', [['03 04 1964', 'high']]],
    ['DOB: 23041964', [['23041964', 'high']]],
    ['DOB: 99041964', []],
    ['03041964', []],
    ['name,dob\nJane Roe,3/4/1964', [['3/4/1964', 'high']]],
    ['name,dob,appointment\nJane Roe,3/4/1964,5/6/2024', [['3/4/1964', 'high']]],
    ['<birthTime value="19640304"/>', [['19640304', 'high']]],
    ['DOB 3/4/1964, seen 5/6/2024', [['3/4/1964', 'high']]],
    ['The meeting is on 3/4/2024', []],
    ['DOB: __/__/____', []],
    ['DOB 99/99/1964', []],
  ] as const)('reads %j', (text, expected) => {
    expect(seen('date-of-birth', text)).toEqual(expected);
  });
});

describe('service-date', () => {
  it.each([
    ['the patient was admitted on March 4, 2024', [['March 4, 2024', 'medium']]],
    ['a 61-year-old man seen at the clinic on 3/4/2024', [['3/4/2024', 'medium']]],
    ['The committee visited the site on 3/4/2024', [['3/4/2024', 'low']]],
    ['The webinar takes place on March 4, 2024', []],
  ] as const)('reads %j', (text, expected) => {
    expect(seen('service-date', text)).toEqual(expected);
  });
});
