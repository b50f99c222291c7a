import { describe, expect, it } from 'vitest';
import { detect } from '../../../../src/inspect/detect/index.js';

function classified(text: string): readonly string[] {
  const { classifications } = detect([{ where: '1', view: 'text', text, toSource: (offset) => offset }], {
    fingerprintKey: new Uint8Array(32),
  });
  return classifications.map(({ classification }) => classification);
}

describe('what numbers and addresses of organisations contribute', () => {
  it.each([
    'Remit to: EIN 12-3456789, ABA routing 123456780, account no. 44178820 at Example Bank.',
    'Read our asthma leaflet at https://www.example.org/asthma or write to PO Box 12, Dayton, OH 45402.',
    'The stroke unit moved to 400 Commerce Street, Dayton, OH 45402. Fax: 937-555-0147.',
    'The MRI scanner, serial number AB12345678, has a new IP address 203.0.113.9. Hypertension clinic is closed.',
    'Ambulance VIN 1M8GDM9AXKP042788, plate no. EMS-4471, was used for stroke transports.',
    'NDC 0002-1433-80 replaces NDC 0002-1434-80 for diabetes.',
    'Patients aged 90 and over with atrial fibrillation should see https://www.example.org/af.',
    'IBAN GB82 WEST 1234 5698 7654 32 for the diabetes conference fee.',
  ])('is nothing in %j', (text) => {
    expect(classified(text)).toEqual([]);
  });

  it.each([
    "The patient's bank account number 44178820 is needed for the refund of her dialysis.",
    'Her IP address was 203.0.113.9 when she booked the HIV test.',
    'Results: https://portal.example.org/patient/4297877/results, biopsy positive for melanoma.',
    'A 93-year-old woman with atrial fibrillation fell at home.',
    'Pacemaker serial number ICD-29059521, implanted for atrial fibrillation.',
    'Passport no. A12345678, treated for tuberculosis.',
    'HICN 212-55-0147A',
  ])('is phi in %j', (text) => {
    expect(classified(text)).toContain('phi');
  });

  it('names a person by papers and by what is said to be a patient’s', () => {
    expect(classified('Passport no. A12345678')).toEqual(['pii']);
    expect(classified("CA driver's license A1234567")).toEqual(['pii']);
    expect(classified("The patient's license plate is QSB-5168")).toEqual(['pii']);
    expect(classified('license plate QSB-5168')).toEqual([]);
  });
});
