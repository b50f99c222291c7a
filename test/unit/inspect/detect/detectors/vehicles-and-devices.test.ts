import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { passesGtin14, passesHibc, passesVin } from '../../../../../src/inspect/detect/weighted-checks.js';
import { seen } from '../seen.js';

/** A North American VIN: world manufacturer and body, year and serial, with the check character between them. */
function vinOf(eight: string, rest: string): string {
  for (const check of '0123456789X') if (passesVin(eight + check + rest)) return eight + check + rest;
  throw new Error('no check digit');
}

function gtinOf(thirteen: string): string {
  for (let check = 0; check < 10; check++)
    if (passesGtin14(`${thirteen}${check}`)) return `${thirteen}${check}`;
  throw new Error('no check digit');
}

function hibcOf(structure: string): string {
  for (const check of '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-. $/+%')
    if (passesHibc(structure + check)) return structure + check;
  throw new Error('no check character');
}

describe('vin', () => {
  // The example of 49 CFR 565 literature: check character X.
  const sample = '1M8GDM9AXKP042788';

  it.each([
    [`VIN ${sample}`, [[sample, 'high']]],
    [`vin: ${sample.toLowerCase()}`, [[sample.toLowerCase(), 'high']]],
    [`the car, ${sample}, was towed`, [[sample, 'high']]],
    [`parked: ${sample}`, [[sample, 'medium']]],
    [`tracking ${sample}`, [[sample, 'low']]],
    [`VIN ${sample.replace('X', '4')}`, []],
    ['VIN WDB11111111123456', [['WDB11111111123456', 'medium']]],
    ['code WDB11111111123456', []],
    [`VIN ${sample}9`, []],
    [`VIN 1M8GDM9AXKPO42788`, []],
    ['Tracking 1Z999AA10123456784', []],
    [
      `parked: ${sample}; sold: VIN ${sample}`,
      [
        [sample, 'medium'],
        [sample, 'high'],
      ],
    ],
    [
      `the car WDB11111111123456,\nVIN ${sample}`,
      [
        ['WDB11111111123456', 'medium'],
        [sample, 'high'],
      ],
    ],
    [`bay B2 ${sample}`, [[sample, 'medium']]],
    [`car vin${sample}`, [[sample, 'high']]],
    [`car ${'A1'.repeat(40)}${sample}`, []],
  ] as const)('reads %j', (text, expected) => {
    expect(seen('vin', text)).toEqual(expected);
  });

  it('finds every number with its check character, and none with another', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 999_999 }),
        fc.constantFrom('1HGCM826', '4T1BF1FK', '5YJSA1E2'),
        (serial, body) => {
          const valid = vinOf(body, `AB${String(serial).padStart(6, '0')}`);
          const wrong = valid.slice(0, 8) + (valid[8] === '5' ? '6' : '5') + valid.slice(9);
          expect(seen('vin', `Vehicle ${valid}.`)).toEqual([[valid, 'high']]);
          expect(seen('vin', `Vehicle ${wrong}.`)).toEqual([]);
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('licence-plate', () => {
  it.each([
    ['license plate QSB-5168', [['QSB-5168', 'high']]],
    ['licence plate number: AB12 CDE', [['AB12 CDE', 'high']]],
    ['plate no. FXZ-3979', [['FXZ-3979', 'medium']]],
    ['vehicle tag 7ABC123', [['7ABC123', 'high']]],
    ['a 96-well plate no. 12', []],
    ['culture plate no. A1234', []],
    ['plate 4', []],
    ['license plate is missing', []],
  ] as const)('reads %j', (text, expected) => {
    expect(seen('licence-plate', text)).toEqual(expected);
  });
});

describe('udi', () => {
  const gtin = gtinOf('0081234567890');
  const wrong = gtin.slice(0, 13) + ((Number(gtin[13]) + 1) % 10);
  const hibc = hibcOf('+A123BJC5D6E71/$$3250101LOT42');

  it.each([
    [`UDI (01)${gtin}(17)270722(10)L1270(21)S7658.`, [[`(01)${gtin}(17)270722(10)L1270(21)S7658`, 'high']]],
    [`(01)${gtin}(21)S7658`, [[`(01)${gtin}(21)S7658`, 'high']]],
    [`shelf (01)${gtin}`, [[`(01)${gtin}`, 'low']]],
    [`UDI: 01${gtin}17270722`, [[`01${gtin}17270722`, 'high']]],
    [`UDI (01)${wrong}(21)S7658`, []],
    [`implant ${hibc} placed`, [[hibc, 'high']]],
    [`${hibc}`, [[hibc, 'medium']]],
    [`implant ${hibc.slice(0, -1)}${hibc.endsWith('A') ? 'B' : 'A'} placed`, []],
    ['UDI =/A9999XYZ100T0476=,000025', [['=/A9999XYZ100T0476=,000025', 'high']]],
    ['GTIN 89874961718765, qty 48', []],
    ['Build 4767278739 passed QA.', []],
    ['+1 415 555 0100', []],
  ] as const)('reads %j', (text, expected) => {
    expect(seen('udi', text)).toEqual(expected);
  });
});

describe('device-serial', () => {
  it.each([
    ['pacemaker serial number ICD-29059521', [['ICD-29059521', 'high']]],
    ['implant S/N PM80144706', [['PM80144706', 'high']]],
    ['device serial no. PM07171107', [['PM07171107', 'medium']]],
    ['Serial MIRG2YNQY4L printer needs toner', []],
    ['Serial 7HYD3314K7 printer needs toner', [['7HYD3314K7', 'low']]],
    ['laptop serial number AB1234567', [['AB1234567', 'low']]],
    ['water valve S/N 99812345', [['99812345', 'low']]],
    ['heart valve S/N 99812345', [['99812345', 'high']]],
    ['serial killer of 1888', []],
  ] as const)('reads %j', (text, expected) => {
    expect(seen('device-serial', text)).toEqual(expected);
  });
});
