import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { VALIDATORS } from '../../../../src/inspect/detect/validators.js';

/** The published example of each rule, or a number made up for it, and one that differs in little. */
const CASES: readonly (readonly [name: string, passes: readonly string[], fails: readonly string[]])[] = [
  ['luhn', ['79927398713', '4111 1111 1111 1111'], ['79927398710', '', '0', '0000', 'abc']],
  ['verhoeff', ['2363', '123451'], ['2364', '123415']],
  ['damm', ['5724'], ['5742', '5723']],
  ['mod97', ['79444', '3214282912345698765432161182'], ['79445', '']],
  ['mod11', ['9434765919', '080442957X'], ['9434765918', '0804429570', '1111111111']],
  ['mod11-2', ['079X', '0000000218250097'], ['0790']],
  ['mod11-10', ['07945', '86095742719'], ['07946', '86095742718']],
  ['gs1', ['4006381333931', '036000291452'], ['4006381333930']],
  [
    'date',
    ['1960-02-29', '02/29/1960', 'March 3rd, 1999', '31.12.1999'],
    ['1960-02-30', '13/13/1999', 'March'],
  ],
  ['npi', ['1234567893'], ['1234567890', '3234567893']],
  ['us-dea', ['AB1234563'], ['AB1234560']],
  ['us-ssn', ['212-55-0147'], ['000-55-0147', '666-55-0147', '912-55-0147', '212-00-0147', '212-55-0000']],
  ['us-itin', ['912-78-0147'], ['912-89-0147', '812-78-0147']],
  ['us-mbi', ['1EG4-TE5-MK73'], ['1SG4-TE5-MK73']],
  ['us-aba', ['021000021'], ['021000022', '991000021', '000000000']],
  [
    'iban',
    ['GB82 WEST 1234 5698 7654 32', 'DE89370400440532013000'],
    ['GB82 WEST 1234 5698 7654 33', 'GB82'],
  ],
  ['vin', ['1M8GDM9AXKP042788', '11111111111111111'], ['1M8GDM9A1KP042788', '1M8GDM9AXKPO42788']],
  ['uk-nhs', ['943 476 5919'], ['943 476 5918', '1111111111']],
  ['uk-nino', ['AB 12 34 56 C', 'ab123456c'], ['BG123456A', 'DA123456A', 'AB123456E', 'AO123456A']],
  ['ca-sin', ['130-692-544'], ['046 454 286', '130-692-545']],
  ['ca-ohip', ['6819-080-463-BE', '6819080463'], ['6819-080-464-BE']],
  ['ca-ramq', ['ROEJ 6052 1512', 'ROEJ60021512'], ['ROEJ 6063 1512', 'ROEJ 6013 1512', 'ROEJ 6052 3212']],
  ['ca-bc-phn', ['9698 658 215'], ['9698 648 215', '5736504210']],
  ['au-medicare', ['2123 45670 1', '2123 45670 1/2'], ['2123 25870 1', '7123 45670 1']],
  ['au-tfn', ['123 456 782', '876 543 210'], ['123 456 789', '000000000']],
  ['de-kvnr', ['A123456780', 'Z999999997'], ['A123456789', 'AA23456780']],
  ['fr-nir', ['2 55 08 14 168 025 38'], ['2 55 08 14 168 025 39', '2 55 13 14 168 025 38']],
  ['nl-bsn', ['111222333', '1234.56.782'], ['111222334', '123456789', '000000000']],
  ['es-nif', ['12345678Z', '55.555.555-K', 'X1234567L'], ['12345678A', 'X1234567A', 'A1234567L']],
  ['ch-ahv', ['756.9217.0769.85'], ['756.9217.0769.84', '757.9217.0769.85']],
  ['loinc', ['2339-0', '718-7', '8480-6'], ['2339-1', '23390', '0-0']],
  ['snomed-ct', ['73211009', '22298006', '38341003'], ['73211008', '73211092', '123']],
];

describe('validators', () => {
  it.each(CASES)('%s', (name, passes, fails) => {
    const validator = VALIDATORS[name];
    expect(validator).toBeDefined();
    expect(passes.filter((value) => validator?.test(value) !== true)).toEqual([]);
    expect(fails.filter((value) => validator?.test(value) !== false)).toEqual([]);
  });

  it('has a case for each name, a description and a source', () => {
    expect(CASES.map(([name]) => name).sort()).toEqual(Object.keys(VALIDATORS).sort());
    for (const [name, { description, source }] of Object.entries(VALIDATORS)) {
      expect(name).toMatch(/^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/);
      expect(description).not.toBe('');
      expect(source).not.toBe('');
    }
  });

  it('never throws, whatever was matched', () => {
    const value = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 80 }),
      fc.stringMatching(/^[0-9A-Z -]{0,80}$/),
    );
    fc.assert(
      fc.property(value, (text) => {
        for (const { test } of Object.values(VALIDATORS)) expect(typeof test(text)).toBe('boolean');
      }),
      { numRuns: 100 },
    );
  });

  it('sees every single wrong digit and every swap of neighbours, where the scheme promises it', () => {
    const number = fc.stringMatching(/^[0-9]{5,12}$/);
    fc.assert(
      fc.property(number, fc.nat(), fc.integer({ min: 1, max: 9 }), (body, at, shift) => {
        for (const name of ['verhoeff', 'damm', 'mod11-10']) {
          const test = VALIDATORS[name]?.test ?? (() => false);
          const valid = [...'0123456789'].map((digit) => body + digit).filter(test);
          if (/^(\d)\1*$/.test(valid[0] ?? '11')) continue;
          expect(valid).toHaveLength(1);
          const digits = [...(valid[0] ?? '')];
          const index = at % digits.length;
          const wrong = digits.with(index, String((Number(digits[index]) + shift) % 10)).join('');
          expect([name, test(wrong)]).toEqual([name, false]);
        }
      }),
      { numRuns: 100 },
    );
  });
});
