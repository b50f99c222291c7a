import { describe, expect, it } from 'vitest';
import { seen } from '../seen.js';

describe('mrn', () => {
  it.each([
    ['MRN 00417752', [['00417752', 'high']]],
    ['MRN: #UH-417752', [['UH-417752', 'high']]],
    ['medical record number is 417752', [['417752', 'high']]],
    ['Chart no. 417752', [['417752', 'high']]],
    ['Patient ID: P417752', [['P417752', 'high']]],
    ['name,mrn,result\nJane Roe,417752,normal', [['417752', 'high']]],
    ['PID|1||417752^^^HOSP^MR||ROE^JANE', [['417752', 'high']]],
    ['Never mail an MRN or an SSN. Course code 417752', []],
    ['MRN: ________', []],
    ['Patient name: Jane', []],
    ['Ticket 417752', []],
    ['Patient 212550187 called', [['212550187', 'medium']]],
    ['pt #88213456', [['88213456', 'medium']]],
    ['Patient 12 of 40', []],
    ['Patient 20260115', []],
    ['per patient 150321', []],
    ['patients 150321', []],
  ] as const)('reads %j', (text, expected) => {
    expect(seen('mrn', text)).toEqual(expected);
  });
});

describe('health-plan-id', () => {
  it.each([
    ['Member ID: W123456789', [['W123456789', 'high']]],
    ['Subscriber ID W123456789', [['W123456789', 'high']]],
    ['Medicaid number 12345678A', [['12345678A', 'high']]],
    ['insurance policy number AB-56789', [['AB-56789', 'medium']]],
    ['auto insurance policy number AB-56789', [['AB-56789', 'low']]],
    ['Member ID: ________', []],
    ['Team members: 12', []],
    ['Order 123456789', []],
  ] as const)('reads %j', (text, expected) => {
    expect(seen('health-plan-id', text)).toEqual(expected);
  });
});
