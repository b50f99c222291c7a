import { describe, expect, it } from 'vitest';
import { findColumns, parseColumns, suggestColumns } from '../../../src/roster/column-spec.js';

describe('--columns', () => {
  it('takes kinds with their headers, together or one by one', () => {
    const expected = [
      { kind: 'mrn', header: 'Chart No' },
      { kind: 'family', header: 'Last Name' },
      { kind: 'dob', header: 'dob' },
    ];
    expect(parseColumns(['mrn=Chart No, family=Last Name,dob'])).toEqual(expected);
    expect(parseColumns(['MRN=Chart No', 'family=Last Name', 'dob'])).toEqual(expected);
  });

  it.each([
    ['mrn=A,patientname=B', /no kind of column/],
    ['mrn=A', /two columns/],
    ['given=A,family=B', /beside names/],
    ['mrn=A,dob=a', /named twice/],
    ['mrn=,dob=B', /header behind mrn=/],
  ])('%j is refused', (text, message) => {
    expect(() => parseColumns([text])).toThrow(message);
  });

  it('finds the columns of a file by header or number', () => {
    const header = ['MRN', ' Birth Date ', 'Phone', 'Phone'];
    const found = (text: string) =>
      findColumns(parseColumns([text]), header, 'p.csv').map(({ index }) => index);
    expect(found('mrn,dob=birth date')).toEqual([0, 1]);
    expect(found('mrn=#1,phone=#4')).toEqual([0, 3]);
    expect(() => found('mrn,dob=DOB')).toThrow(/no column DOB; it has: MRN, Birth Date, Phone, Phone/);
    expect(() => found('mrn,phone')).toThrow(/several columns/);
    expect(() => found('mrn,phone=#9')).toThrow(/no column #9/);
  });

  it('suggests what a header looks like', () => {
    expect(suggestColumns(['PATIENT_ID', 'Last Name', 'first_name', 'Birth Date', 'E-Mail', 'Sex'])).toBe(
      'mrn=PATIENT_ID,family=Last Name,given=first_name,dob=Birth Date,email=E-Mail',
    );
    expect(suggestColumns(['a', 'b'])).toBe('');
  });
});
