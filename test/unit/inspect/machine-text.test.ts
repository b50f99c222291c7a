import { describe, expect, it } from 'vitest';
import { detectSpans } from '../../../src/inspect/detect/index.js';
import { fieldReadings } from '../../../src/inspect/header-views.js';
import { identifiersInMachineText } from '../../../src/inspect/machine-text.js';

describe('identifiersInMachineText', () => {
  it.each([
    ['<212-55-0147@clinic.example>', '212-55-0147'],
    ['<SSN-212-55-0147@clinic.example>', 'SSN 212-55-0147\nSSN 212-55-0147'],
    ['<a.b@212-55-0147.clinic.example>', '212-55-0147'],
    ['<1.2.ssn212550147.3@clinic.example>', 'ssn 212550147'],
    ['<ssn.212.55.0147@clinic.example>', 'ssn 212.55.0147'],
    ['<mrn_00417752@clinic.example>', 'mrn 00417752'],
    ['<patient-id-417752@clinic.example>', 'patient id 417752'],
    ['<x-4111-1111-1111-1111-y@clinic.example>', 'x 4111-1111-1111-1111 y'],
    ['<２１２-５５-０１４７@clinic.example>', '212-55-0147'],
  ])('sees %j', (value, expected) => {
    const found = new Set(identifiersInMachineText(value).split('\n'));
    expect([...found]).toEqual([...new Set(expected.split('\n'))]);
  });

  it.each([
    ['<20261122011710.12345.qmail@mail.example>'],
    ['<1795309030.417752.1795309030123@mail.example>'],
    ['<6e5c3c39-3caf-9d42-fef3-f354b6857b21@mail.example>'],
    ['<12345678-1234-1234-1234-123456789012@mail.example>'],
    ['<CAF=_-4111111111111111-123-45-6789abc@mail.gmail.example>'],
    ['<DM6PR01MB4123456789012345678@DM6PR01MB4123.namprd01.prod.outlook.example>'],
    ['<0100019b-1234-4567-8901-000000@email.amazonses.example>'],
    ['from ec2-54-240-10-7.compute.example ([54.240.10.7]) by mx with ESMTPS id 4d1f2-123456'],
    ['<unsubscribe-2026-11-22-4711@list.example>'],
    ['<patient.portal.20261122T011710@clinic.example>'],
    ['x-ms-exchange-antispam-messagedata-0'],
    ['x-microsoft-antispam-untrusted-2024-1'],
  ])('passes over %j', (value) => {
    expect(identifiersInMachineText(value)).toBe('');
  });
});

describe('fieldReadings', () => {
  const detected = (name: string, value: string) =>
    fieldReadings({ name, value }).readings.flatMap((reading) =>
      detectSpans(reading)
        .filter((span) => span.confidence !== 'low')
        .map((span) => span.detector),
    );

  it.each([
    ['x-patient-ssn-212-55-0147', '1', 'us-ssn'],
    ['x-212-55-0147-flag', '', 'us-ssn'],
    ['x-mrn-00417752', 'yes', 'mrn'],
    ['x-ssn', '212550147', 'us-ssn'],
    ['x-patient-dob', '3/4/1964', 'date-of-birth'],
    ['message-id', '<212-55-0147@clinic.example>', 'us-ssn'],
    ['references', '<a@b.example> <mrn-00417752@clinic.example>', 'mrn'],
    ['in-reply-to', '<4111-1111-1111-1111@clinic.example>', 'payment-card'],
  ])('of %s: %s', (name, value, detector) => {
    expect(detected(name, value)).toContain(detector);
  });

  it('are none for the fields of ordinary mail', () => {
    for (const [name, value] of [
      ['message-id', '<1795309030.417752@mail.example>'],
      ['references', '<20261122011710.12345@mail.example> <6e5c3c39-3caf-9d42-fef3-f354b6857b21@b.example>'],
      ['mime-version', '1.0'],
      ['date', 'Sun, 22 Nov 2026 01:17:10 +0000'],
    ] as const) {
      expect(fieldReadings({ name, value }).readings).toEqual([]);
    }
  });
});
