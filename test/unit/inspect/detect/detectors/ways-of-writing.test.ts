import { describe, expect, it } from 'vitest';
import { seen } from '../seen.js';

/** Labels and forms as people write them, beside the ones that forms and standards have. */
describe('numbers behind the labels that people write', () => {
  it.each([
    ['mrn', 'Unit record no. 88120436 was merged.', '88120436', 'medium'],
    ['mrn', 'URN: 4471-9023', '4471-9023', 'medium'],
    ['mrn', 'UR number 6612093', '6612093', 'medium'],
    ['mrn', 'glaucoma stable, chart 40418', '40418', 'medium'],
    ['us-hicn', 'Medicare claim number 412-30-8876HA', '412-30-8876HA', 'high'],
    ['phone', 'Ring 312/555-0148 after lunch', '312/555-0148', 'medium'],
    ['fax', 'Fax 312/555-0149', '312/555-0149', 'high'],
    ['zip-code', 'ZIP+4: 60614', '60614', 'medium'],
    ['us-driver-licence', 'TX DL 40718832', '40718832', 'high'],
    ['us-driver-licence', 'D.L. no. VA T60718832', 'T60718832', 'high'],
    ['us-driver-licence', 'shown: DL RS204418 (OH)', 'RS204418', 'high'],
    ['us-driver-licence', 'Wisconsin DL K447-8812-9034-07', 'K447-8812-9034-07', 'high'],
    ['licence-plate', 'silver sedan with plates 418-KTR', '418-KTR', 'medium'],
    ['licence-plate', 'car tag number RW40218', 'RW40218', 'high'],
    ['licence-plate', 'vehicle reg. KXJ-5120', 'KXJ-5120', 'high'],
    ['licence-plate', 'Lic. plate TBG 204', 'TBG 204', 'medium'],
    ['licence-plate', 'NV plate 204TBG', '204TBG', 'medium'],
    ['device-serial', 'BiPAP mask, CPAP SN AX4417092', 'AX4417092', 'high'],
    ['date-of-birth', 'Herr Vogel, geb. 14.11.1949', '14.11.1949', 'high'],
    ['date-of-birth', 'Mme Arnaud, née le 02/03/1958', '02/03/1958', 'high'],
    ['date-of-birth', 'Date de naissance : 02/03/1958', '02/03/1958', 'high'],
    ['date-of-birth', 'F. nacimiento: 21/07/1966', '21/07/1966', 'high'],
    ['date-of-birth', 'nata il 21/07/1966 a Parma', '21/07/1966', 'high'],
    ['date-of-birth', 'Geboortedatum 21-07-1966', '21-07-1966', 'high'],
    ['date-of-birth', 'Data de nascimento: 21/07/1966', '21/07/1966', 'high'],
    ['date-of-birth', 'Orla Finch (b. 4/9/1971)', '4/9/1971', 'high'],
    ['nl-bsn', 'B.S.N. 123456782', '123456782', 'high'],
    ['password-line', 'Your temporary password Wren_4471q works once.', 'Wren_4471q', 'medium'],
    ['password-line', 'user ward3, pwd Lemon!208t', 'Lemon!208t', 'medium'],
    ['health-plan-id', 'my insurance (member QRT550918273) paid', 'QRT550918273', 'high'],
    ['health-plan-id', 'Insurance: Anthem W40182277', 'W40182277', 'medium'],
    ['health-plan-id', 'covered by Cigna U2203948 01', 'U2203948 01', 'medium'],
    ['cpt-hcpcs', 'CPT® 71250', '71250', 'high'],
    ['cpt-hcpcs', 'wheelchair K0823 (HCPCS)', 'K0823', 'high'],
    ['cpt-hcpcs', 'billed 93000 CPT', '93000', 'high'],
    ['loinc', 'glucose 2345-7 (LOINC)', '2345-7', 'high'],
    ['snomed-ct', 'code 22298006 (SNOMED CT)', '22298006', 'high'],
  ] as const)('%s reads %j', (detector, text, value, confidence) => {
    expect(seen(detector, text)).toContainEqual([value, confidence]);
  });
});

describe('what only looks like them', () => {
  it.each([
    ['mrn', 'Chart 12 on page 40 shows the trend.'],
    ['mrn', 'The schema urn:oid:2.16.840.1.113883 is cited.'],
    ['phone', 'Rooms 110/112-0145 are closed.'],
    ['us-driver-licence', 'Glucose 204 mg/dL 20181120 fasting'],
    ['us-driver-licence', 'DL 4471 is the flight to Boston'],
    ['licence-plate', 'Asset tag number RW40218'],
    ['licence-plate', 'Shelf tag 40-RW18'],
    ['licence-plate', 'Streak the plate 2Q4021 again.'],
    ['device-serial', 'Router SN FOC2231X0AB'],
    ['date-of-birth', 'See section b. 4/9/2021 was the deadline.'],
    ['password-line', 'The new password policy asks for 14 characters.'],
    ['password-line', 'Set a password before 12/31/2025.'],
    ['password-line', 'pwd /home/ward3/Reports'],
    ['health-plan-id', 'Policy number HR-204 describes leave.'],
    ['health-plan-id', 'Insurance: Cigna from January 2026'],
    ['health-plan-id', 'Each member 400118 times'],
    ['cpt-hcpcs', 'We shipped 27447 units. CPT coding class on Monday.'],
    ['age-over-89', 'The building is 97 years old.'],
    ['age-over-89', 'Our company, aged 102, changes its name.'],
    ['age-over-89', 'The hospital turned 95 years old in May.'],
  ] as const)('%s: %j', (detector, text) => {
    expect(seen(detector, text).filter(([, confidence]) => confidence !== 'low')).toEqual([]);
  });
});
