import { describe, expect, it } from 'vitest';
import type { ColumnKind } from '../../../src/inspect/detect/roster/kinds.js';
import { cellValues } from '../../../src/roster/cell-values.js';
import { TODAY } from './fixtures.js';

const values = (kind: ColumnKind, cell: string, dates: 'month-first' | 'day-first' = 'month-first') =>
  cellValues(kind, cell, { dates, today: TODAY }).map(({ value }) => value);

describe('one form for all ways of writing a value', () => {
  it.each<[ColumnKind, string, string[]]>([
    ['given', 'José María', ['jose', 'maria']],
    ['given', 'J.', []],
    ['family', "O'Testerson", ['testerson']],
    ['family', 'de la Probe-Muster', ['probe', 'muster']],
    ['family', 'van der Mustermann', ['mustermann']],
    ['family', 'Le', ['le']],
    ['family', 'unknown', []],
    ['name', 'TESTERSON, ANNA Q. (Mrs)', ['testerson', 'anna']],
    ['dob', '03/04/1961', ['19610304']],
    ['dob', '3.4.61', ['19610304']],
    ['dob', '03/04/25', ['20250304']],
    ['dob', '1961-03-04', ['19610304']],
    ['dob', '1961-03-04T00:00:00Z', ['19610304']],
    ['dob', '1961-03-04 00:00:00', ['19610304']],
    ['dob', '19610304', ['19610304']],
    ['dob', 'March 4, 1961', ['19610304']],
    ['dob', '4 Mar 1961', ['19610304']],
    ['dob', '04-MAR-61', ['19610304']],
    ['dob', '25/12/1961', ['19611225']],
    ['dob', '02/30/1961', []],
    ['dob', 'spring of 1961', []],
    ['mrn', 'MR-0012-345', ['mr0012345']],
    ['mrn', '00123456', ['123456']],
    ['mrn', '1999', []],
    ['mrn', '777777', []],
    ['ssn', '900-12-3456', ['900123456']],
    ['ssn', '12345678', ['12345678']],
    ['ssn', '000-12-3456', []],
    ['ssn', '900-12', []],
    ['phone', '+1 (212) 555-0143 ext. 7', ['2125550143']],
    ['phone', '555-0143', ['5550143']],
    ['phone', '000-000-0000', []],
    ['email', ' Anna.Testerson@Mail.Example ', ['anna.testerson@mail.example']],
    ['email', 'none', []],
    ['address', '12B N. Main Street, Apt 4', ['12b main']],
    ['address', '4803 Old Mill Rd', ['4803 old mill']],
    ['address', '7 North Street', ['7 north']],
    ['address', 'PO Box 12', []],
    ['zip', '02139-4307', ['02139']],
    ['zip', '2139', ['02139']],
    ['zip', 'SW1A', []],
    ['text', 'Blue Shield, Plan 7', ['blue shield plan 7']],
    ['text', 'F', []],
    ['text', 'N/A', []],
  ])('%s %j is %j', (kind, cell, expected) => {
    expect(values(kind, cell)).toEqual(expected);
  });

  it('reads days first where the column does', () => {
    expect(values('dob', '03/04/1961', 'day-first')).toEqual(['19610403']);
    // A column may have a few the other way round.
    expect(values('dob', '03/25/1961', 'day-first')).toEqual(['19610325']);
  });
});
