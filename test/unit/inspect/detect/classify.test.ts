import { describe, expect, it } from 'vitest';
import { detect } from '../../../../src/inspect/detect/index.js';
import type { TextView } from '../../../../src/inspect/text-view.js';

const view = (text: string, where = '1'): TextView => ({
  where,
  view: 'text',
  text,
  toSource: (offset) => offset,
});
const classesOf = (...views: readonly TextView[]) =>
  Object.fromEntries(
    detect(views, { fingerprintKey: new Uint8Array(32) }).classifications.map((result) => [
      result.classification,
      result.confidence,
    ]),
  );

describe('phi', () => {
  it.each([
    ['number and condition', 'SSN 212-55-0147, treated for epilepsy', 'high'],
    ['birth date and drug', 'DOB 3/4/1964, metformin 500 mg', 'high'],
    ['birth date and code', 'DOB 3/4/1964 (E11.9)', 'high'],
    ['a record number alone', 'Please look up MRN 417752', 'medium'],
    ['a Medicare number alone', 'MBI 1EG4-TE5-MK73', 'medium'],
    ['a patient by name and a condition', 'Patient Jane Roe has epilepsy', 'medium'],
    ['a referral by name', 'Re: referral for Jane Roe\nReason: epilepsy', 'medium'],
    ['a patient by age and name', 'a 61-year-old man, Robert A., with lung cancer', 'medium'],
    ['a day of care', 'The 61-year-old patient was admitted on March 4, 2024 with sepsis', 'medium'],
    ['a telephone of the patient', 'Epilepsy clinic: call the patient at home, 212-555-0147', 'high'],
    ['a roster', 'name,dob,ssn,diagnosis\nJane Roe,3/4/1964,212-55-0147,epilepsy', 'high'],
    ['an HL7 message', 'MSH|^~\\&|A|B\nPID|1||417752^^^H^MR||ROE^JANE||19640304|F', 'medium'],
  ])('%s', (_name, text, confidence) => {
    expect(classesOf(view(text)).phi).toBe(confidence);
  });

  it.each([
    ['a name alone', 'Patient Jane Roe will call back'],
    ['a name that is no patient', 'Newsletter about epilepsy, by Jane Roe'],
    [
      'a signature below a health text',
      'Five tips about asthma.\n\nBest,\nJane Roe\nPhone: 212-555-0147\njane.roe@clinic.example',
    ],
    ['a provider', 'Dr. Jane Roe, NPI 1234567893, speaks about epilepsy'],
    ['a question', 'Which drugs interact with metformin in a 61-year-old with epilepsy?'],
    ['order numbers', 'Order 304-2399738-3723106, ISBN 978-3-16-148410-0, tracking 680080871642'],
    ['a blank form', 'Patient name: ______ DOB: __/__/____ MRN: ________ Diagnosis: diabetes'],
    ['an identifier without health', 'SSN 212-55-0147 for the payroll'],
    ['an identifier with everyday words', 'SSN 212-55-0147, positive follow-up, appointment, cold'],
    ['health alone', 'Statins and sepsis: ICD-10 E11.9 and I48.91 changed'],
  ])('not: %s', (_name, text) => {
    expect(classesOf(view(text)).phi).toBeUndefined();
  });

  it('weakens with distance', () => {
    const far = ' and so on'.repeat(60);
    expect(classesOf(view(`SSN 212-55-0147${far} epilepsy`)).phi).toBe('medium');
    expect(classesOf(view(`SSN 212-55-0147${far.repeat(5)} epilepsy`)).phi).toBe('low');
  });

  it('takes the subject together with every place, other places only with doubt', () => {
    expect(classesOf(view('Epilepsy', 'header:subject'), view('SSN 212-55-0147')).phi).toBe('medium');
    expect(classesOf(view('Epilepsy', '1'), view('SSN 212-55-0147', '2')).phi).toBe('low');
    expect(classesOf(view('Epilepsy', '1'), view('Patient Jane Roe', '2')).phi).toBeUndefined();
  });
});

describe('phi by what is said of a person', () => {
  it.each([
    ['a predicate', 'Anna Young is HIV positive.'],
    [
      'a predicate behind many other words',
      `${'Asthma, epilepsy, sepsis. '.repeat(9)}Anna Young is HIV positive.`,
    ],
    ['words and codes in turn', `E11.9 and ${'some more words '.repeat(99)} Jane Roe has epilepsy`],
    ['a predicate behind an aside', 'Mr. John Smith, 14 Elm Street, Boston MA 02115, is HIV positive'],
    ['a diagnosis behind a number', 'David Miller (503-555-0188) tested positive for hepatitis C.'],
    ['a treatment', 'Jane Roe (jane.roe@mail.example) started on metformin for type 2 diabetes'],
    ['a passive', 'Frank Stewart has been put on dialysis.'],
    ['a possessive of a short name', "Jane Roe's chemotherapy"],
    ['a possessive', "Ann Torres's insulin dose was raised."],
    ['an operation ahead', 'Steven Baker is scheduled for a colonoscopy on Friday'],
    ['a second clause', 'Alice Ford was bitten by a dog and needs a rabies vaccine.'],
    ['an outcome', 'Paul Green - HIV negative'],
    ['an outcome ahead of the name', 'The pregnancy test for Brenda Foster is positive.'],
    ['a pronoun in the next sentence', 'This is about Brenda Foster. She has hepatitis C.'],
    [
      'a possessive pronoun',
      'We are billing Brenda Foster, 22 Oak Avenue, Portland OR 97201, for her colonoscopy.',
    ],
    ['sex and age', 'Brenda Foster, female, 54, COPD'],
    ['a name, a number and a finding', 'Please call Jane Roe at 617-555-0123 re: HIV test result positive'],
    ['a finding in the next line', 'Robert Lewis 617-555-0111\nRx: warfarin 5 mg daily'],
    ['a form', 'Name: Karen White\nPhone: 617-555-0142\nDiagnosis: multiple sclerosis'],
    ['a table', 'name,email,medication\nJane Roe,jane@mail.example,lamotrigine'],
    ['a patient and a bare number', 'Patient 212550187 has diabetes'],
    ['a Medicare number without its label beside a drug', '1EG4TE5MK73 lisinopril'],
    ['a spaced social security number beside a drug', '212 55 0187 lisinopril'],
    ['a predicate in a signature', 'See you.\nRegards,\nMary\nP.S. Anna Young is HIV positive'],
  ])('%s', (_name, text) => {
    expect(classesOf(view(text)).phi).toMatch(/medium|high/);
  });

  it.each([
    ['somebody to turn to', 'Contact Jane Roe at 617-555-0123 with questions about diabetes treatment.'],
    [
      'an appointment of the reader',
      'For flu shots, call Jane Roe at 617-555-0123 to book your appointment.',
    ],
    ['a clinician', 'Dr. Jane Roe will present on diabetes at noon; reach her office at 617-555-0123.'],
    ['a nurse', 'Mary Jones, RN, gives the asthma class; 617-555-0123.'],
    ['a job', 'Jane Roe is a diabetes educator at the clinic, 617-555-0123.'],
    ['a deed at work', 'Jane Roe has updated the epilepsy newsletter'],
    ['a poster', 'Karen White presented a poster on pulmonary embolism.'],
    ['goods', 'Mary Jones received the influenza vaccine shipment.'],
    ['an employer', 'John Smith with the American Diabetes Association called 617-555-0123.'],
    ['a delivery', 'Ship 20 vials of insulin to Mary Jones, 14 Elm Street, Boston MA 02115'],
    ['quoted header lines', 'From: Jane Roe <jane@mail.example>\nSent: Monday\nSubject: HIV test results'],
    ['a signature below a finding', 'HIV test positive in 3 %.\n\nThanks,\nJane Roe\n617-555-0123'],
    ['an address without a person', '14 Elm Street, Boston MA 02115 offers diabetes care.'],
    ['a licence key', 'Licence key 1EG4TE5MK73 for the scanner software'],
    ['an amount for each patient', 'Cost per patient 150000 USD for sepsis'],
    ['a pair far from the finding', `Jane Roe, 617-555-0123.${' We met.'.repeat(60)} HIV test positive.`],
  ])('not: %s', (_name, text) => {
    expect(classesOf(view(text)).phi).toBeUndefined();
  });

  it('takes time linear in the text', () => {
    const text = 'Jane Roe called 617-555-0123 epilepsy\nRegards,\n'.repeat(20_000);
    expect(classesOf(view(text)).pii).toBeUndefined();
  });
});

describe('the others', () => {
  it.each([
    ['SSN 212-55-0147', { pii: 'high' }],
    ['Phone 212-555-0147', {}],
    ['NPI 1234567893', {}],
    ['card 4111 1111 1111 1111', { pci: 'high' }],
    ['CVV: 123', {}],
    ['Password: Tr0ub4dor!', { credentials: 'medium' }],
    ['password is required', {}],
    ['', {}],
  ])('%j', (text, expected) => {
    expect(classesOf(view(text))).toEqual(expected);
  });
});
