import { describe, expect, it } from 'vitest';
import { seen } from '../seen.js';

/** A mask covers what was seen: half a number seen is half a number sent. */
describe('numbers in groups behind their label', () => {
  it.each([
    ['mrn', 'MRN: 4821 3775', '4821 3775'],
    ['mrn', 'MRN 482 137 75', '482 137 75'],
    ['mrn', 'MRN: 48 21 37 75', '48 21 37 75'],
    ['mrn', 'The MRN is 482 137 75 and she is well.', '482 137 75'],
    ['mrn', 'MRN 482 137 75 Jane Roe', '482 137 75'],
    ['mrn', 'MRN: "4821 3775"', '4821 3775'],
    ['mrn', 'Patient ID 4821 3775 2', '4821 3775 2'],
    ['mrn', 'Encounter number 4821 3775', '4821 3775'],
    ['mrn', 'MRN: 48-21-37-75-01-02-03', '48-21-37-75-01-02-03'],
    ['mrn', 'MRN 4821_3775', '4821_3775'],
    ['mrn', 'MRN 4821_3775abc', '4821'],
    ['mrn', 'MRN 4821377-22-3-4-5-678x', '4821377-22-3-4-5'],
    ['mrn', '*MRN 4821 3775*', '4821 3775'],
    ['mrn', 'MRN 012 014 755', '012 014 755'],
    ['mrn', 'Name,MRN,DOB\nJane Roe,4821 3775,01/02/1960', '4821 3775'],
    ['mrn', 'Name;MRN;DOB\nJane Roe;"482 137 75";01/02/1960', '482 137 75'],
    ['health-plan-id', 'Member ID: WPX 4071 8822', 'WPX 4071 8822'],
    ['health-plan-id', 'Member ID: WPX 40718822', 'WPX 40718822'],
    ['health-plan-id', 'Member ID 4071 8822 01, since May', '4071 8822 01'],
    ['health-plan-id', 'Member ID W40718822 01', 'W40718822 01'],
    ['health-plan-id', 'Policy no. 4471-2291 08', '4471-2291 08'],
    ['health-plan-id', 'Policy no. 4471 2291/08', '4471 2291/08'],
    ['health-plan-id', 'Subscriber ID ABC 123 456 789', 'ABC 123 456 789'],
    ['health-plan-id', 'Name,Member ID,DOB\nJane Roe,WPX 4071 8822,01/02/1960', 'WPX 4071 8822'],
    ['account-number', 'Account no. 4471 2291 08', '4471 2291 08'],
    ['account-number', 'Acct 12 3456 7890 was debited', '12 3456 7890'],
    ['passport', 'Passport no. 4821 37755', '4821 37755'],
    ['device-serial', 'Her pacemaker, serial no. 4821 3775', '4821 3775'],
    ['us-driver-licence', 'DL no. D123 4567 8901 2026 visit', 'D123 4567 8901'],
  ] as const)('%s reads the whole of %j', (detector, text, value) => {
    expect(seen(detector, text).map(([matched]) => matched)).toEqual([value]);
  });

  it.each([
    ['2026 visit'],
    ['12 visits'],
    ['67 y/o male'],
    ['67 M'],
    ['67M'],
    ['5 mg'],
    ['12 April 2026'],
    ['12 May'],
    ['12/04/2026'],
    ['12 04 2026'],
    ['2026-04-12'],
    ['14:30'],
    ['98.6 F'],
    ['120/80'],
    ['555 201 0142'],
    ['555-201-0142'],
    ['(555) 201-0142'],
    ['12%'],
    ['$ 40'],
    ['12 of 30'],
    ['room 12'],
    ['\n12'],
  ])('none of them ends in %j', (behind) => {
    for (const number of ['48213775', '4821 3775', '4821-3775'])
      expect(seen('mrn', `MRN ${number} ${behind}`)).toEqual([[number, 'high']]);
  });
});

describe('no numbers in groups', () => {
  it.each([
    ['mrn', 'Chart number 12 2026 report'],
    ['mrn', 'MRN 12 visits 30 patients'],
    ['mrn', 'patient numbers 101 102 103 were excluded'],
    ['mrn', 'accession 12 120 80'],
    ['mrn', 'Unit no. 4 30 beds'],
    ['mrn', 'MRN DOB 04 12 1980'],
    ['mrn', 'Patient file 20 31 42 53 of the study'],
    ['mrn', 'Chart no. 300 400 500 shows sales'],
    ['mrn', 'Unit no. 101 102 103 104 are vacant'],
    ['mrn', 'Patient number: 12 15 18 22 per day'],
    ['health-plan-id', 'Policy no. 1001 1002 1003 apply'],
    ['device-serial', 'Serial no. 1001 1002 1003'],
    ['account-number', 'Account no. 4400 4500 4600'],
    ['passport', 'Passports 120 340 560 issued'],
    ['health-plan-id', 'Member number 120 000 joined'],
    ['health-plan-id', 'Group numbers 101 102 103 104 meet on Monday'],
    ['health-plan-id', 'Policy number IT 2026 04'],
    ['health-plan-id', 'Policy number HR-204 12 pages'],
    ['health-plan-id', 'Policy number HR-204 12.'],
    ['health-plan-id', 'Plan no. 3 200 400 600'],
    ['health-plan-id', 'Group no. 1204 2026 renewal'],
    ['account-number', 'Account 6100 2026.'],
    ['account-number', 'account no. 2026 2027 budget'],
    ['account-number', 'Account 4400 12 invoices'],
    ['account-number', 'Account: TBD 20260412'],
    ['mrn', 'Name,MRN,Phone,DOB\nJane Roe,,555 201 0142,01/02/1960'],
    ['mrn', 'Name,MRN,Phone\nJane Roe,Example Street,12,555 201 0142,01/02/1960'],
  ] as const)('%s: %j', (detector, text) => {
    expect(seen(detector, text)).toEqual([]);
  });
});
