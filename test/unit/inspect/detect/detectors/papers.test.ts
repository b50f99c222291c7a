import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isLicenceNumber } from '../../../../../src/inspect/detect/licence-formats.js';
import { seen } from '../seen.js';

describe('us-ein', () => {
  it.each([
    ['EIN 12-3456789', [['12-3456789', 'high']]],
    ['Employer ID number: 12-3456789', [['12-3456789', 'high']]],
    ['Federal tax ID 123456789', [['123456789', 'medium']]],
    ['Form W-9 on file, 12-3456789', [['12-3456789', 'high']]],
    ['kit 12-3456789', [['12-3456789', 'low']]],
    ['Order confirmation 123456789 shipped', []],
    ['EIN 07-3456789', []],
    ['EIN 89-3456789', []],
    ['EIN 12-34567890', []],
    ['EIN 1-12-3456789', []],
  ] as const)('reads %j', (text, expected) => {
    expect(seen('us-ein', text)).toEqual(expected);
  });
});

describe('us-hicn', () => {
  it.each([
    ['HICN 212-55-0147A', [['212-55-0147A', 'high']]],
    ['Medicare number: 212550147B1', [['212550147B1', 'high']]],
    ['HIC no. 212-55-0147-D', [['212-55-0147-D', 'high']]],
    ['HICN WA212550147', [['WA212550147', 'high']]],
    ['Railroad Medicare: MA123456', [['MA123456', 'high']]],
    ['on file: 212-55-0147A', [['212-55-0147A', 'medium']]],
    ['Part no. 212-55-0147A is back in stock', [['212-55-0147A', 'low']]],
    ['batch 212550147A', [['212550147A', 'low']]],
    ['HICN 000-55-0147A', []],
    ['HICN 666-55-0147A', []],
    ['HICN 212-00-0147A', []],
    ['HICN 212-55-0147Z', []],
    ['HICN 212-55-0147', []],
  ] as const)('reads %j', (text, expected) => {
    expect(seen('us-hicn', text)).toEqual(expected);
  });
});

describe('passport', () => {
  it.each([
    ['Passport no.: A12345678', [['A12345678', 'high']]],
    ['US passport number 512340098', [['512340098', 'high']]],
    ['passport 512340098', [['512340098', 'medium']]],
    ['Passport # C1234567', [['C1234567', 'high']]],
    ['your passport is ready by 2026', []],
    ['Passport to health: 12 tips', []],
    ['Order 512340098', []],
  ] as const)('reads %j', (text, expected) => {
    expect(seen('passport', text)).toEqual(expected);
  });

  // The specimen of ICAO Doc 9303-4, appendix A.
  const zone = 'P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10';

  it('reads the machine readable zone by its check digits', () => {
    expect(seen('passport', `Scan:\n${zone}\n`)).toEqual([[zone, 'high']]);
    expect(seen('passport', `Scan:\n${zone.replace('C36', 'C46')}\n`)).toEqual([]);
    expect(seen('passport', `Scan:\n${zone.replace('7408122', '7408132')}\n`)).toEqual([]);
  });
});

describe('us-driver-licence', () => {
  it.each([
    ["driver's license A1234567", [['A1234567', 'medium']]],
    ['driver’s license number is A1234567.', [['A1234567', 'medium']]],
    ["CA driver's license A1234567", [['A1234567', 'high']]],
    ["California driver's license A1234567", [['A1234567', 'high']]],
    ['DL# (FL) A123456789012', [['A123456789012', 'high']]],
    ['driver license number TX 12345678', [['12345678', 'high']]],
    ['Driver License No. WA WDLABCD12345', [['WDLABCD12345', 'high']]],
    ['DLN: D400-7836-0001', [['D400-7836-0001', 'medium']]],
    ['TX driver license 12345678 2026', [['12345678', 'high']]],
    ["CA driver's license 12345", []],
    ['Bring your driver license and 20 dollars', []],
    ['driver 12345678', []],
    ['DL1762 departs 2:15 pm', []],
  ] as const)('reads %j', (text, expected) => {
    expect(seen('us-driver-licence', text)).toEqual(expected);
  });

  it('knows the forms of states apart', () => {
    expect(isLicenceNumber('A1234567', 'CA')).toBe(true);
    expect(isLicenceNumber('A1234567', 'TX')).toBe(false);
    expect(isLicenceNumber('12345678', 'PA')).toBe(true);
    expect(isLicenceNumber('A1234567', 'ZZ')).toBe(false);
    expect(isLicenceNumber('A1', undefined)).toBe(false);
  });

  it('finds every number of a form behind its state', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 9_999_999 }),
        fc.constantFrom('A', 'N', 'Y'),
        (number, letter) => {
          const licence = `${letter}${String(number).padStart(7, '0')}`;
          expect(seen('us-driver-licence', `CA DL# ${licence}`)).toEqual([[licence, 'high']]);
        },
      ),
      { numRuns: 50 },
    );
  });
});
