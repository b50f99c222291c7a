import { describe, expect, it } from 'vitest';
import { seen } from '../seen.js';

describe('age-over-89', () => {
  it.each([
    ['a 93-year-old woman', [['93-year-old', 'medium']]],
    ['Patient is 91 yo.', [['91 yo', 'medium']]],
    ['patient is aged 95', [['aged 95', 'medium']]],
    ['Age: 101', [['Age: 101', 'medium']]],
    ['she is 104 years old', [['104 years old', 'medium']]],
    ['a nonagenarian', [['nonagenarian', 'low']]],
    ['an 89-year-old woman', []],
    ['a 100-year-old building', []],
    ['adults aged 90 and over', []],
    ['people aged 65 to 95', []],
    ['patients aged 90-99', []],
    ['mean age 92', []],
    ['ages 95 to 99', []],
    ['a 90-year follow-up', []],
    ['aged 120 days', []],
    ['page 95', []],
    ['average 95', []],
  ] as const)('reads %j', (text, expected) => {
    expect(seen('age-over-89', text)).toEqual(expected);
  });
});

describe('person-date', () => {
  it.each([
    ['Date of death: 3/4/2024', [['3/4/2024', 'medium']]],
    [
      'Admit date: 3/4/2024   Discharge date: 3/9/2024',
      [
        ['3/4/2024', 'medium'],
        ['3/9/2024', 'medium'],
      ],
    ],
    ['DOD 2024-03-04', [['2024-03-04', 'medium']]],
    ['Date of injury March 4, 2024', [['March 4, 2024', 'medium']]],
    ['he passed away on March 4', [['March 4', 'medium']]],
    ['name,mrn,discharge date\nJane Roe,417752,3/9/2024', [['3/9/2024', 'medium']]],
    ['a 60-year-old man who had a stroke on March 4, 2024', [['March 4, 2024', 'medium']]],
    ['warranty expired on 3/4/2024', []],
    ['The meeting is on 3/4/2024', []],
    ['Service date of the vehicle: 3/4/2024', []],
  ] as const)('reads %j', (text, expected) => {
    expect(seen('person-date', text)).toEqual(expected);
  });

  it('reads admission and discharge in HL7 v2', () => {
    const visit = `PV1|1|I${'|'.repeat(42)}20240304|202403091015`;
    expect(seen('person-date', `PID|1||X1||ROE^JANE\n${visit}`)).toEqual([
      ['20240304', 'high'],
      ['202403091015', 'high'],
    ]);
  });
});
