import { describe, expect, it } from 'vitest';
import { seen } from '../seen.js';

type Seen = readonly (readonly [string, 'low' | 'medium' | 'high'])[];

const CASES: Readonly<Record<string, readonly (readonly [text: string, expected: Seen])[]>> = {
  'cpt-hcpcs': [
    ['CPT 99213', [['99213', 'high']]],
    [
      'CPT codes: 99213-25, 93000 and 36415',
      [
        ['99213-25', 'high'],
        ['93000', 'high'],
        ['36415', 'high'],
      ],
    ],
    ['HCPCS J1885', [['J1885', 'high']]],
    ['CPT II 3044F', [['3044F', 'high']]],
    ['procedure code 45378', [['45378', 'medium']]],
    ['patient name,cpt,dob\nJane Roe,99213,1/2/1960', [['99213', 'high']]],
    ['CPT 2026 update', []],
    ['the price is 99213', []],
    ['CPT 992134', []],
    ['ZIP 10013', []],
  ],
  loinc: [
    ['LOINC 2339-0', [['2339-0', 'high']]],
    [
      'LOINC codes 2339-0, 718-7',
      [
        ['2339-0', 'high'],
        ['718-7', 'high'],
      ],
    ],
    ['"system":"http://loinc.org","code":"8480-6"', [['8480-6', 'high']]],
    ['OBX|1|NM|2339-0^Glucose^LN||182', [['2339-0', 'high']]],
    ['LOINC 2339-1', []],
    ['score 2339-0', []],
    ['LOINC released on 2024-02-27', []],
  ],
  'snomed-ct': [
    ['SNOMED CT: 73211009', [['73211009', 'high']]],
    [
      'SCTID 73211009, 22298006',
      [
        ['73211009', 'high'],
        ['22298006', 'high'],
      ],
    ],
    ['"system":"http://snomed.info/sct","code":"38341003"', [['38341003', 'high']]],
    ['22298006 |Myocardial infarction|', [['22298006', 'medium']]],
    ['DG1|1||73211009^Diabetes mellitus^SCT', [['73211009', 'high']]],
    ['SNOMED CT: 73211008', []],
    ['number 73211009', []],
  ],
  'icd-10-pcs': [
    ['ICD-10-PCS 0DTJ4ZZ', [['0DTJ4ZZ', 'high']]],
    [
      'PCS: 0DTJ4ZZ, 10E0XZZ',
      [
        ['0DTJ4ZZ', 'high'],
        ['10E0XZZ', 'high'],
      ],
    ],
    ['Procedures: 0FT44ZZ', [['0FT44ZZ', 'medium']]],
    ['procedure performed: 0FT44ZZ', [['0FT44ZZ', 'medium']]],
    ['PR1|1||0FT44ZZ^Resection of gallbladder^I10P', [['0FT44ZZ', 'high']]],
    ['ICD-10-PCS 0DTJ1ZZ', []],
    ['ICD-10-PCS 0DTJ4ZO', []],
    ['serial 0FT44ZZ', []],
    ['procedure started', []],
  ],
};

describe.each(Object.entries(CASES))('%s', (detector, cases) => {
  it.each(cases)('reads %j', (text, expected) => {
    expect(seen(detector, text)).toEqual(expected);
  });
});
