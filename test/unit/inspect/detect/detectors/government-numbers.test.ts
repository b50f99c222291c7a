import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dea, npi, seen } from '../seen.js';

describe('us-ssn', () => {
  it.each([
    ['SSN: 212-55-0147', [['212-55-0147', 'high']]],
    ['social security number 212 55 0147', [['212 55 0147', 'high']]],
    ['SSN 212550147', [['212550147', 'high']]],
    ['SSN 2 1 2 5 5 0 1 4 7', [['2 1 2 5 5 0 1 4 7', 'high']]],
    ['her social is 212-55-0147', [['212-55-0147', 'high']]],
    ['on file: 212-55-0147', [['212-55-0147', 'medium']]],
    ['name,dob,ssn\nJane Roe,1/2/1960,212-55-0147', [['212-55-0147', 'high']]],
    ['Your order 212-55-0147 has shipped', [['212-55-0147', 'low']]],
    ['<id root="2.16.840.1.113883.4.1" extension="212-55-0147"/>', [['212-55-0147', 'high']]],
    ["<id root='2.16.840.1.113883.4.1' extension='212550147'/>", [['212550147', 'high']]],
    ['<id extension="212550147" root="2.16.840.1.113883.4.1"/>', [['212550147', 'high']]],
  ] as const)('sees %j', (text, expected) => {
    expect(seen('us-ssn', text)).toEqual(expected);
  });

  it.each([
    ['area 000', 'SSN 000-55-0147'],
    ['area 666', 'SSN 666-55-0147'],
    ['area 900 and above', 'SSN 912-33-0147'],
    ['group 00', 'SSN 212-00-0147'],
    ['serial 0000', 'SSN 212-55-0000'],
    ['the number of the wallet advertisement', 'SSN 078-05-1120'],
    ['nine digits without context', 'The count was 212550147 today'],
    ['identifiers of another root', '<id root="2.16.840.1.113883.4.6" extension="212550147"/>'],
    ['a root that only begins so', '<id root="2.16.840.1.113883.4.19" extension="212550147"/>'],
    ['a part of a longer number', 'SSN 212-55-01478'],
    ['a part of a dashed number', 'ref 1-212-55-0147-9'],
  ])('does not see %s', (_name, text) => {
    expect(seen('us-ssn', text)).toEqual([]);
  });

  it('finds every number that can have been issued, and none that cannot', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 999 }),
        fc.integer({ min: 0, max: 99 }),
        fc.integer({ min: 0, max: 9999 }),
        (area, group, serial) => {
          const pad = (n: number, width: number) => String(n).padStart(width, '0');
          const number = `${pad(area, 3)}-${pad(group, 2)}-${pad(serial, 4)}`;
          const digits = number.replaceAll('-', '');
          const advertised = digits === '078051120' || digits === '219099999' || /^(\d)\1{8}$/.test(digits);
          const valid = area > 0 && area !== 666 && area < 900 && group > 0 && serial > 0 && !advertised;
          expect(seen('us-ssn', `SSN: ${number}.`)).toEqual(valid ? [[number, 'high']] : []);
        },
      ),
      { numRuns: 150 },
    );
  });
});

describe('us-itin', () => {
  it.each([
    ['ITIN 912-78-0147', [['912-78-0147', 'high']]],
    ['on file: 912-78-0147', [['912-78-0147', 'medium']]],
    ['ITIN 912-89-0147', []],
    ['ITIN 812-78-0147', []],
  ] as const)('reads %j', (text, expected) => {
    expect(seen('us-itin', text)).toEqual(expected);
  });
});

describe('us-mbi', () => {
  it.each([
    ['MBI 1EG4-TE5-MK73', [['1EG4-TE5-MK73', 'high']]],
    ['Medicare ID: 1EG4TE5MK73', [['1EG4TE5MK73', 'high']]],
    ['for 1eg4-te5-mk73 please', [['1eg4-te5-mk73', 'medium']]],
    ['licence 1EG4TE5MK73', [['1EG4TE5MK73', 'low']]],
    ['MBI 0EG4-TE5-MK73', []],
    ['MBI 1SG4-TE5-MK73', []],
    ['MBI 1EG4-TE5-OK73', []],
    ['MBI 1EG4-TE5-MK7', []],
  ] as const)('reads %j', (text, expected) => {
    expect(seen('us-mbi', text)).toEqual(expected);
  });

  it('finds every number of the published format', () => {
    const letter = fc.constantFrom(...'ACDEFGHJKMNPQRTUVWXY');
    const digit = fc.constantFrom(...'0123456789');
    const either = fc.oneof(letter, digit);
    const number = fc.tuple(
      fc.constantFrom(...'123456789'),
      letter,
      either,
      digit,
      letter,
      either,
      digit,
      letter,
      letter,
      digit,
      digit,
    );
    fc.assert(
      fc.property(number, (characters) => {
        const mbi = characters.join('');
        expect(seen('us-mbi', `Medicare number ${mbi}`)).toEqual([[mbi, 'high']]);
      }),
      { numRuns: 100 },
    );
  });
});

describe('us-npi', () => {
  it('needs its name near to be more than a guess', () => {
    expect(seen('us-npi', `NPI: ${npi('123456789')}`)).toEqual([['1234567893', 'high']]);
    expect(seen('us-npi', `call ${npi('123456789')}`)).toEqual([['1234567893', 'low']]);
  });

  it('finds valid numbers, and none with another check digit', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 100_000_001, max: 299_999_999 }),
        fc.integer({ min: 1, max: 9 }),
        (nine, shift) => {
          fc.pre(!/^(\d)\1{8}/.test(String(nine)));
          const valid = npi(String(nine));
          const flipped = valid.slice(0, 9) + ((Number(valid[9]) + shift) % 10);
          expect(seen('us-npi', `NPI ${valid}`)).toEqual([[valid, 'high']]);
          expect(seen('us-npi', `NPI ${flipped}`)).toEqual([]);
        },
      ),
      { numRuns: 100 },
    );
  });
});

describe('us-dea', () => {
  it('needs its name near to be more than a guess', () => {
    expect(seen('us-dea', 'DEA AB1234563')).toEqual([['AB1234563', 'high']]);
    expect(seen('us-dea', 'item AB1234563')).toEqual([['AB1234563', 'low']]);
    expect(seen('us-dea', 'DEA IB1234563')).toEqual([]);
  });

  it('finds valid numbers, and none with another check digit', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 999_999 }),
        fc.integer({ min: 1, max: 9 }),
        fc.constantFrom('AB', 'FR', 'M9', 'XZ'),
        (six, shift, letters) => {
          const valid = dea(letters, String(six).padStart(6, '0'));
          const flipped = valid.slice(0, 8) + ((Number(valid[8]) + shift) % 10);
          expect(seen('us-dea', `DEA number ${valid}`)).toEqual([[valid, 'high']]);
          expect(seen('us-dea', `DEA number ${flipped}`)).toEqual([]);
        },
      ),
      { numRuns: 100 },
    );
  });
});
