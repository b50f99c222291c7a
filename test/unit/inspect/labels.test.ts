import { describe, expect, it } from 'vitest';
import { detectSpans } from '../../../src/inspect/detect/index.js';
import { showsNothing } from '../../../src/inspect/detect/shows-nothing.js';
import { inspectMessage } from '../../../src/inspect/inspect-message.js';
import { plainLabels } from '../../../src/inspect/labels.js';
import { longText } from '../../../src/inspect/long-text.js';
import { isQuiet } from '../../../src/inspect/quiet-text.js';
import { readText } from '../../../src/inspect/text-reading.js';
import { sightingsIn } from '../../../src/protect/rewrite/sightings.js';
import { watchProcessor } from '../../support/processor-time.js';
import { part } from './every-view/trick.js';
import { LIMITS, mail } from './limits.js';

const AS_WORDS: readonly (readonly [text: string, words: string])[] = [
  ['patient_id: 7', 'patient id: 7'],
  ['PAT_MRN_ID 7', 'PAT MRN ID 7'],
  ['x,date_of_birth,y_z', 'x,date of birth,y_z'],
  ['{"medicalRecordNumber": 7}', '{"medical Record Number": 7}'],
  ['SocialSecurityNumber=7', 'Social Security Number=7'],
  ['patientSSN : 7', 'patient SSN : 7'],
  ['MRNNumber: 7', 'MRN Number: 7'],
  ['<patientId>7</patientId>', '<patient Id>7</patient Id>'],
  ['patient-id: 7', 'patient id: 7'],
  ['patient.id=7', 'patient id=7'],
  ['account_number: 7', 'account number: 7'],
  ['first_name: 7', 'first name: 7'],
  ['patient_id_2: 7', 'patient id_2: 7'],
];

const AT_VALUES: readonly (readonly [text: string, words: string])[] = [
  ['MRN\n1234567', 'MRN: 1234567'],
  ['Seen today.\n\nPatient ID\n\n1234567\n\nThanks', 'Seen today.\n\nPatient ID: 1234567\n\nThanks'],
  ['> Date of birth:\n>\n> 03/04/1958', '> Date of birth: 03/04/1958'],
  ['SSN:\n\n501 23 4567', 'SSN: 501 23 4567'],
  ['member_id\nZGP123456', 'member id: ZGP123456'],
  ['MRN\n1234567\tasthma', 'MRN: 1234567\tasthma'],
  ['{"name":"MRN","value":"1234567"}', '{"name":"MRN: 1234567"}'],
  ['<field name="MRN"><value>1234567</value>', '<field name="MRN: 1234567</value>'],
  ['<</T(MRN)/V(1234567)>>', '<</T(MRN: 1234567)>>'],
  ['MRN .......... 1234567', 'MRN: 1234567'],
  ['the MRN → 1234567, and', 'the MRN: 1234567, and'],
  ['MRN | 1234567', 'MRN: 1234567'],
  ['MRN *1234567*', 'MRN: 1234567*'],
];

const KEPT = [
  'The chart\n1234567',
  'Patient ID\nsee 2026',
  'Patient ID\n12 of 40 were seen in 2026, others not at all',
  'one MRN\n1234567',
  'the MRN. 20261 people',
  'MRN & 20261',
  'follow-up: as patient as ever',
  'see file_name_final.txt',
  'account_id: 7, plan_name=x',
  'JavaScript: 7',
  'Jane <jane@health-clinic.example>',
  'Patient: Jane Roe, MRN: 7',
  'the patient.',
  '__: = > _ :',
  `${'x'.repeat(80)}_patient_id: 7`,
];

const NUMBERS = [
  'patient_id: 1234567',
  'medical_record_number: 1234567',
  'PAT_MRN_ID 1234567',
  'patient_ssn: 501234567',
  'socialSecurityNumber: 501234567',
  'dateOfBirth: 1958-03-04',
  'member_id: ZGP123456',
  'patient.id = 1234567',
  'MRN\n\n1234567',
  'Date of birth\n\n03/04/1958',
  'SSN\n\n501234567',
  'Date of birth\n\nMarch 4, 1958',
  'MRN ...... 1234567',
  'MRN | 1234567',
];

const read = (text: string) => plainLabels(text, readText(text).clues);

describe('labels', () => {
  it.each(AS_WORDS)('that programs write as one word are several: %s', (text, words) =>
    expect(read(text)?.text).toBe(words),
  );

  it.each(AT_VALUES)('stand at their values: %s', (text, words) => expect(read(text)?.text).toBe(words));

  it.each(KEPT)('are left where they label nothing of a person: %s', (text) => {
    expect(read(text)).toBeUndefined();
  });

  it.each(NUMBERS)('label what stands behind them: %s', (line) => {
    const inspection = inspectMessage(mail(part(`She was seen for asthma.\n${line}`)), {
      limits: LIMITS,
      fingerprintKey: new Uint8Array(32),
    });
    expect(inspection.classifications.map(({ classification }) => classification)).toContain('phi');
  });

  it('are no reason to pass over a long text', () => {
    const prose = 'the chairs in the garden room are moved before lunch by the second team.\n'.repeat(50);
    const quiet = (text: string) => {
      const about = { mediaType: 'text/plain', charsets: ['utf-8'], flowed: undefined };
      const sizes = { long: 0, core: 1024, before: 24 * 1024, behind: 8 * 1024 };
      const long = longText(about, Buffer.from(text), [], 20 * 1024 * 1024, sizes);
      return long && isQuiet(long, showsNothing);
    };
    expect(quiet(prose)).toBe(true);
    expect(quiet(`${prose}unit_mrn_no 4471902, and so on.\n${prose}`)).toBe(false);
  });

  it('are known where what they label is to be masked', () => {
    const text = '{"patient_id": "4471902"}';
    const find = (read: string) => detectSpans(read, { detectors: ['mrn'] });
    const stretches = sightingsIn(text, { find, here: [], anywhere: () => [] });
    expect(stretches.map(({ start, end }) => text.slice(start, end))).toEqual(['4471902']);
  });

  it('take time as long as the text', () => {
    const work = watchProcessor();
    for (const text of [
      '_',
      'a_',
      'a:',
      'patient_id: 1\n',
      `${'a'.repeat(63)}>`,
      `${'a_'.repeat(32)}:`,
      'mrn ',
      'mrn\n',
      'mrn .',
      'patient id\n1',
    ])
      read(text.repeat(2_000_000 / text.length));
    work.expectBelow(5_000);
  });
});
