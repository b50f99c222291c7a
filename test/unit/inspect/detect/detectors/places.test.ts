import { describe, expect, it } from 'vitest';
import { RESTRICTED_AREAS } from '../../../../../src/inspect/detect/detectors/zip-code.js';
import { isZip, isZipOf, stateOf } from '../../../../../src/inspect/detect/us-states.js';
import { seen } from '../seen.js';

describe('zip-code', () => {
  it.each([
    ['ZIP code 78701', [['78701', 'medium']]],
    ['zip: 78701-1234', [['78701-1234', 'medium']]],
    ['moved to Austin, TX 78701', [['78701', 'medium']]],
    ['moved to Austin, Texas 78701', [['78701', 'medium']]],
    ['zip 03601', [['03601', 'high']]],
    ['zip 036', [['036', 'medium']]],
    ['zip 100', []],
    ['name,zip\nJane Roe,78701', [['78701', 'medium']]],
    // Not a ZIP code of that state.
    ['moved to Austin, TX 10001', [['10001', 'low']]],
    ['room 78701', []],
    ['we shipped 78701 or 12345 units', []],
    ['zip 78701234', []],
  ] as const)('reads %j', (text, expected) => {
    expect(seen('zip-code', text)).toEqual(expected);
  });

  it('knows the seventeen areas of few people, all of them in use', () => {
    expect(RESTRICTED_AREAS).toHaveLength(17);
    expect(RESTRICTED_AREAS.filter((area) => !isZip(`${area}01`))).toEqual([]);
  });
});

describe('states', () => {
  it('reads names and abbreviations', () => {
    expect(stateOf('new york')).toBe('NY');
    expect(stateOf('Tx')).toBe('TX');
    expect(stateOf('constructor')).toBeUndefined();
    expect(isZipOf('NY', '10001')).toBe(true);
    expect(isZipOf('NY', '90001')).toBe(false);
    expect(isZipOf('__proto__', '90001')).toBe(false);
  });
});

describe('street-address', () => {
  it.each([
    ['1600 N. Broadway, Dayton, OH 45402', [['1600 N. Broadway, Dayton, OH 45402', 'high']]],
    ['99 Forest Park\nChicago, IL 60601', [['99 Forest Park\nChicago, IL 60601', 'high']]],
    ['12 PINE CT\nDAYTON OH 45402-1234', [['12 PINE CT\nDAYTON OH 45402-1234', 'high']]],
    ['Address: 41 Quail Run', [['41 Quail Run', 'high']]],
    ['4180 State Route 7, Athens, OH 45701', [['4180 State Route 7, Athens, OH 45701', 'high']]],
    ['P.O. Box 1492, Dayton, OH 45402', [['P.O. Box 1492, Dayton, OH 45402', 'high']]],
    ['PO Box 1492', [['PO Box 1492', 'low']]],
    ['PSC 1437, Box 3833\nAPO AA 66791', [['PSC 1437, Box 3833\nAPO AA 66791', 'high']]],
    ['RR 2 Box 15, Athens, Ohio 45701', [['RR 2 Box 15, Athens, Ohio 45701', 'high']]],
    ['In 2026 Forest Park hosts 3 Spring Lake events', []],
    ['5 Blue Hills', []],
    ['12 Patients, Dayton', []],
  ] as const)('reads %j', (text, expected) => {
    expect(seen('street-address', text)).toEqual(expected);
  });

  it('reads the fields of HL7 v2', () => {
    const message =
      'MSH|^~\\&|A\nPID|1||X1||ROE^JANE||19600102|F|||123 MAIN ST^^DAYTON^OH^45402~PO BOX 7^^TROY^OH^45373\n' +
      'NK1|1|ROE^JO|SPO|9 ELM^APT 2^DAYTON^OH^45402\nZZZ|1|2|3|4 X^^DAYTON';
    expect(seen('street-address', message)).toEqual([
      ['123 MAIN ST^^DAYTON^OH^45402', 'high'],
      ['PO BOX 7^^TROY^OH^45373', 'high'],
      ['9 ELM^APT 2^DAYTON^OH^45402', 'high'],
    ]);
  });

  it('reads the elements of C-CDA, with and without a namespace', () => {
    const lines = (ns: string) =>
      `<${ns}addr use="H"> <${ns}streetAddressLine>99 Forest Park</${ns}streetAddressLine> <${ns}city>Dayton</${ns}city>` +
      `<${ns}state>OH</${ns}state> <${ns}postalCode>45402</${ns}postalCode></${ns}addr>`;
    for (const ns of ['', 'n0:']) {
      const [first, ...others] = seen('street-address', lines(ns));
      expect(others).toEqual([]);
      expect(first?.[0]).toMatch(/^99 Forest Park<.*>45402$/);
      expect(first?.[1]).toBe('high');
    }
  });

  it('reads the addresses of FHIR', () => {
    const json =
      '{"resourceType":"Patient","address":[{"use":"home","line":["534 Imaginary St"],"city":"Dayton","postalCode":"45402"}]}';
    expect(seen('street-address', json)).toEqual([
      ['534 Imaginary St"],"city":"Dayton","postalCode":"45402', 'high'],
    ]);
    const xml =
      '<address><line value="534 Imaginary Lane"/><city value="Dayton"/><postalCode value="45402"/></address>';
    expect(seen('street-address', xml)).toEqual([
      ['534 Imaginary Lane"/><city value="Dayton"/><postalCode value="45402', 'high'],
    ]);
  });
});

describe('place', () => {
  it.each([
    ['a 61-year-old man seen at Riverside Clinic on 3/4/2024', [['Riverside Clinic', 'medium']]],
    ['The patient was admitted to St. Placeholder Hospital.', [['St. Placeholder Hospital', 'medium']]],
    ['the patient, who lives in Dayton, has asthma', [['Dayton', 'low']]],
    ['a 70-year-old woman from Dayton, OH', [['Dayton, OH', 'low']]],
    ['The webinar takes place at Riverside Clinic', []],
    ['the patient was seen in March', []],
    ['the patient was seen by Dr. Roe and referred to Dr. Doe', []],
    ['She trained at Riverside Hospital', []],
    ['Our offices in Dayton are closed', []],
  ] as const)('reads %j', (text, expected) => {
    expect(seen('place', text)).toEqual(expected);
  });
});
