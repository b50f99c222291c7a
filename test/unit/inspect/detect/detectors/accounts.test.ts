import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { passesAba, passesIbanCheck } from '../../../../../src/inspect/detect/weighted-checks.js';
import { seen } from '../seen.js';

/** The IBAN of a country and an account, with the check digits that belong to them. */
function ibanOf(country: string, account: string): string {
  for (let check = 2; check < 99; check++) {
    const iban = `${country}${String(check).padStart(2, '0')}${account}`;
    if (passesIbanCheck(iban)) return iban;
  }
  throw new Error('no check digits');
}

/** A routing number with these eight digits in front. */
function abaOf(eight: string): string {
  for (let check = 0; check < 10; check++) if (passesAba(`${eight}${check}`)) return `${eight}${check}`;
  throw new Error('no check digit');
}

describe('iban', () => {
  // Examples of the SWIFT IBAN registry.
  it.each([
    ['IBAN GB82 WEST 1234 5698 7654 32 please', [['GB82 WEST 1234 5698 7654 32', 'high']]],
    ['refund to DE89370400440532013000.', [['DE89370400440532013000', 'high']]],
    ['iban: nl91abna0417164300', [['nl91abna0417164300', 'high']]],
    ['(NO9386011117947)', [['NO9386011117947', 'high']]],
    ['IBAN GB82 WEST 1234 5698 7654 33', []],
    ['DE8937040044053201300', []],
    ['DE893704004405320130001', []],
    ['XX89370400440532013000', []],
    ['part A1234567890123456', []],
  ] as const)('reads %j', (text, expected) => {
    expect(seen('iban', text)).toEqual(expected);
  });

  it('finds every account, and none with one digit changed', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 999_999_999 }),
        fc.integer({ min: 1, max: 9 }),
        fc.nat({ max: 8 }),
        (nine, shift, at) => {
          const account = `200400600${String(nine).padStart(9, '0')}`;
          const valid = ibanOf('DE', account);
          const place = 13 + at;
          const changed =
            valid.slice(0, place) + ((Number(valid[place]) + shift) % 10) + valid.slice(place + 1);
          expect(seen('iban', `pay to ${valid}, thanks`)).toEqual([[valid, 'high']]);
          expect(seen('iban', `pay to ${changed}, thanks`)).toEqual([]);
        },
      ),
      { numRuns: 100 },
    );
  });
});

describe('us-aba', () => {
  const valid = abaOf('12345678');

  it.each([
    [`ABA routing: ${valid}`, [[valid, 'high']]],
    [`RTN ${valid}`, [[valid, 'high']]],
    [`routing number ${valid}, checking`, [[valid, 'high']]],
    [`ticket ${valid}`, []],
    [`ABA routing: ${abaOf('52345678')}`, []],
    ['ABA routing: 000000000', []],
  ] as const)('reads %j', (text, expected) => {
    expect(seen('us-aba', text)).toEqual(expected);
  });

  it('sees none with another check digit', () => {
    for (let shift = 1; shift < 10; shift++) {
      const wrong = valid.slice(0, 8) + ((Number(valid[8]) + shift) % 10);
      expect(seen('us-aba', `ABA routing: ${wrong}`)).toEqual([]);
    }
  });
});

describe('account-number', () => {
  it.each([
    ['acct no. 956501257', [['956501257', 'medium']]],
    ['Account Number: GRM-998877', [['GRM-998877', 'medium']]],
    ['her account number is 12345678', [['12345678', 'high']]],
    ['patient account # 12345678', [['12345678', 'high']]],
    ['Patient control no. HB99120884', [['HB99120884', 'high']]],
    ['A/C no 12345678', [['12345678', 'medium']]],
    ['user account 12345678', []],
    ['/accounts/44178820', []],
    ['account manager of 2026', []],
    ['account opened 12/31/2026', []],
    ['Please pay to the account on file. Room 12345678', []],
    ['PID|1||X1||ROE^JANE|||||||||||||ACC0042^^^H', [['ACC0042', 'high']]],
  ] as const)('reads %j', (text, expected) => {
    expect(seen('account-number', text)).toEqual(expected);
  });
});
