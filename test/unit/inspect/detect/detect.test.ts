import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { DETECTORS, detect, detectSpans } from '../../../../src/inspect/detect/index.js';
import type { TextView } from '../../../../src/inspect/text-view.js';

const KEY = new Uint8Array(32).fill(7);
const view = (text: string, where = '1', name = 'text'): TextView => ({
  where,
  view: name,
  text,
  toSource: (offset) => offset,
});
const finding = (views: readonly TextView[], detector: string) =>
  detect(views, { fingerprintKey: KEY }).findings.find((found) => found.detector === detector);

describe('findings', () => {
  it('count a value once a place, however many readings show it and however it is written', () => {
    const found = finding(
      [
        view('SSN 212-55-0147'),
        view('SSN 212550147', '1', 'joined-digits'),
        view('SSN 212-55-0147', '2'),
        view('212-55-0148', '2'),
      ],
      'us-ssn',
    );
    expect(found).toMatchObject({
      class: 'identifier',
      safeHarbor: 'G-ssn',
      confidence: 'high',
      count: 3,
      distinct: { low: 2, medium: 2, high: 1 },
      where: ['1', '2'],
    });
  });

  it('carry keyed fingerprints of the normalised value', () => {
    const expected = createHmac('sha256', KEY).update('us-ssn\u0000212550147').digest('hex').slice(0, 32);
    expect(finding([view('SSN 212-55-0147')], 'us-ssn')?.fingerprints).toEqual([expected]);
  });

  it.each([
    ['us-ssn', 'SSN 212-55-0147', '***-**-0147'],
    ['payment-card', 'Visa 4111 1111 1111 1111', '**** **** **** 1111'],
    ['mrn', 'MRN 417752', '******'],
    ['date-of-birth', 'DOB 3/4/1964', '**/**/****'],
    ['person-name', 'Patient Jane Roe', 'J. R.'],
    ['email-address', 'jane@mail.example', '****@****.*******'],
    ['icd-10-cm', 'Dx E11.9', '***.*'],
    ['health-term', 'epilepsy', '(health term)'],
    ['card-security-code', 'CVV: 123', '********'],
    ['password-line', 'Password: Tr0ub4dor!', '********'],
  ])('mask %s', (detector, text, masked) => {
    expect(finding([view(text)], detector)?.masked).toEqual([masked]);
  });

  it('keep to their limits', () => {
    const many = Array.from({ length: 80 }, (_, i) => view(`SSN 212-55-${1000 + i}`, String(i)));
    const found = finding(many, 'us-ssn');
    expect(found?.count).toBe(80);
    expect(found?.masked).toHaveLength(5);
    expect(found?.fingerprints).toHaveLength(50);
    expect(found?.where).toHaveLength(20);
  });

  it('hold no matched value', () => {
    const text =
      'Patient Zanthippe Quibble, SSN 212-55-0147, MRN 417752, DOB 3/4/1964, zq@mail.example, epilepsy';
    const json = JSON.stringify(detect([view(text)], { fingerprintKey: KEY }));
    for (const value of ['Zanthippe', 'Quibble', '212-55', '417752', '1964', 'zq@', 'epilepsy']) {
      expect(json).not.toContain(value);
    }
  });
});

describe('detectSpans', () => {
  it('gives UTF-16 offsets behind astral characters', () => {
    const text = '😀😀 SSN 212-55-0147';
    expect(detectSpans(text, { detectors: ['us-ssn'] })).toEqual([
      { detector: 'us-ssn', start: 9, end: 20, confidence: 'high' },
    ]);
  });

  it('gets through a million characters without a line break', () => {
    const digits = detectSpans(`${'1234567890'.repeat(100_000)} SSN 212-55-0147`);
    expect(digits.map((span) => span.detector)).toContain('us-ssn');
    const dense = detectSpans('a@b.example 212-55-0147 4111111111111111 Ab Cd, '.repeat(21_000), {
      detectors: ['us-ssn'],
    });
    expect(dense).toHaveLength(21_000);
    const words = detectSpans(`${'kidney '.repeat(150_000)}stone`, { detectors: ['health-term'] });
    expect(words.at(-1)).toMatchObject({ start: 149_999 * 7, confidence: 'medium' });
  });
});

describe('DETECTORS', () => {
  it('have unique names in kebab-case, a description and a source', () => {
    const names = DETECTORS.map((detector) => detector.name);
    expect(new Set(names).size).toBe(names.length);
    for (const { name, description, source } of DETECTORS) {
      expect(name).toMatch(/^[a-z0-9]+(?:-[a-z0-9]+)*$/);
      expect(description).not.toBe('');
      expect(source).not.toBe('');
    }
  });
});
