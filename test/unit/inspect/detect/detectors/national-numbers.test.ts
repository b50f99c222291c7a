import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { detectSpans } from '../../../../../src/inspect/detect/index.js';
import { VALIDATORS } from '../../../../../src/inspect/detect/validators.js';
import { seen } from '../seen.js';

type Seen = readonly (readonly [string, 'low' | 'medium' | 'high'])[];

const CASES: Readonly<Record<string, readonly (readonly [text: string, expected: Seen])[]>> = {
  'uk-nhs': [
    ['NHS number: 943 476 5919', [['943 476 5919', 'high']]],
    ['NHS No. 9434765919.', [['9434765919', 'high']]],
    ['943-476-5919 (NHS)', [['943-476-5919', 'high']]],
    ['reach me at 943 476 5919', [['943 476 5919', 'low']]],
    ['Phone: 943 476 5919', []],
    ['"system":"https://fhir.nhs.uk/Id/nhs-number","value":"9434765919"', [['9434765919', 'high']]],
    ['PID|1||9434765919^^^NHS^NH', [['9434765919', 'high']]],
    ['NHS Trust, +44 9434765919', []],
    ['NHS Foundation Trust, call 943 476 5919', []],
    ['NHS Foundation Trust, 943 476 5919', [['943 476 5919', 'low']]],
    ['NHS number: 943 476 5918', []],
    ['NHS number: 943 476 59191', []],
    ['name,dob,nhs no\nJane Roe,1/2/1960,9434765919', [['9434765919', 'high']]],
  ],
  'uk-nino': [
    ['NI number AB123456C', [['AB123456C', 'high']]],
    ['nino: ab123456c', [['ab123456c', 'high']]],
    ['National Insurance no. AB 12 34 56 C', [['AB 12 34 56 C', 'high']]],
    ['NINO AB 123456 C', [['AB 123456 C', 'high']]],
    ['NI number AB123456', [['AB123456', 'high']]],
    ['AB 12 34 56 C', [['AB 12 34 56 C', 'medium']]],
    ['the bin AB123456C there', [['AB123456C', 'low']]],
    ['part no. AB123456C', []],
    ['the bin AB123456 there', []],
    ['NI number BG123456C', []],
    ['NI number DA123456C', []],
    ['NI number XAB123456C', []],
  ],
  'ca-sin': [
    ['SIN: 130-692-544', [['130-692-544', 'high']]],
    ['mon NAS: 130 692 544', [['130 692 544', 'high']]],
    ['social insurance number 130692544', [['130692544', 'high']]],
    ['the count was 130692544', [['130692544', 'low']]],
    ['SIN: 130-692 544', []],
    ['SIN: 130-692-545', []],
    ['SIN: 046-454-286', []],
    ['invoice 130692544', []],
  ],
  'ca-health-card': [
    ['Ontario health card number 6819-080-463-BE', [['6819-080-463-BE', 'high']]],
    ['OHIP: 6819080463', [['6819080463', 'high']]],
    ['OHIP 6819 080 463 BE is', [['6819 080 463 BE', 'high']]],
    ['for 6819-080-463-BE', [['6819-080-463-BE', 'medium']]],
    ['for 6819080463', [['6819080463', 'low']]],
    ['OHIP: 6819080464', []],
    ['PHN 9698 658 215', [['9698 658 215', 'high']]],
    ['RAMQ: ROEJ 6052 1512', [['ROEJ 6052 1512', 'high']]],
    ["numéro d'assurance maladie ROEJ60521512", [['ROEJ60521512', 'high']]],
    ['RAMQ: ROEJ 6063 1512', []],
    ['Alberta personal health number 12345-6789', [['12345-6789', 'high']]],
    ['Manitoba health card 123 456 789', [['123 456 789', 'high']]],
    ['MCP: 123 456 789 012', [['123 456 789 012', 'high']]],
    ['Manitoba health card 2024', []],
    ['Nova Scotia 2024 report', []],
  ],
  'au-medicare': [
    ['Medicare card no. 2123 45670 1', [['2123 45670 1', 'high']]],
    ['Medicare number 2123456701', [['2123456701', 'high']]],
    ['Medicare 2123 45670 1/2', [['2123 45670 1/2', 'high']]],
    ['for 2123 45670 1 please', [['2123 45670 1', 'medium']]],
    ['for 2123456701 please', [['2123456701', 'low']]],
    ['Medicare questions? call 2123456701', []],
    ['Medicare number 2123 45671 1', []],
    ['Medicare number 7123 45670 1', []],
  ],
  'au-tfn': [
    ['TFN: 123 456 782', [['123 456 782', 'high']]],
    ['tax file number 123456782', [['123456782', 'high']]],
    ['the count was 123456782', [['123456782', 'low']]],
    ['ABN 51 824 753 556', []],
    ['TFN: 123 456 789', []],
  ],
  'de-kvnr': [
    ['Versichertennummer A123456780', [['A123456780', 'high']]],
    ['KVNR: a123456780', [['a123456780', 'high']]],
    ['eGK-Nummer A123456780 bitte', [['A123456780', 'high']]],
    ['see A123456780', [['A123456780', 'low']]],
    ['KVNR A123456789', []],
    ['KVNR A1234567801', []],
  ],
  'fr-nir': [
    ['NIR : 2 55 08 14 168 025 38', [['2 55 08 14 168 025 38', 'high']]],
    ['n° de sécurité sociale 255081416802538', [['255081416802538', 'high']]],
    ['pour 2 55 08 14 168 025 38', [['2 55 08 14 168 025 38', 'medium']]],
    ['NIR : 2 55 08 14 168 025 39', []],
    ['NIR : 2 55 13 14 168 025 38', []],
  ],
  'nl-bsn': [
    ['BSN: 111222333', [['111222333', 'high']]],
    ['burgerservicenummer 1112.22.333', [['1112.22.333', 'high']]],
    ['the count was 111222333', []],
    ['BSN: 111222334', []],
  ],
  'es-nif': [
    ['DNI: 12345678Z', [['12345678Z', 'high']]],
    ['NIF 12.345.678-Z', [['12.345.678-Z', 'high']]],
    ['Mi NIE es X1234567L', [['X1234567L', 'high']]],
    ['X1234567L', [['X1234567L', 'medium']]],
    ['x1234567l', [['x1234567l', 'low']]],
    ['see 12345678Z', [['12345678Z', 'low']]],
    ['DNI: 12345678A', []],
    ['NIE: X1234567A', []],
    ['DNI: 12345678ZZ', []],
  ],
  'ch-ahv': [
    ['AHV-Nr. 756.9217.0769.85', [['756.9217.0769.85', 'high']]],
    ['AVS 7569217076985', [['7569217076985', 'high']]],
    ['für 756.9217.0769.85', [['756.9217.0769.85', 'medium']]],
    ['AVS 756.9217.0769.84', []],
    ['AVS 1756.9217.0769.85', []],
  ],
};

describe.each(Object.entries(CASES))('%s', (detector, cases) => {
  it.each(cases)('reads %j', (text, expected) => {
    expect(seen(detector, text)).toEqual(expected);
  });
});

/** How numbers of each kind look, with a label before them; made at random, and judged by the validator. */
const SHAPES: readonly (readonly [detector: string, label: string, shape: RegExp, validator: string])[] = [
  ['uk-nhs', 'NHS number', /^[0-9]{10}$/, 'uk-nhs'],
  ['ca-sin', 'SIN', /^[0-9]{9}$/, 'ca-sin'],
  ['au-medicare', 'Medicare number', /^[2-6][0-9]{8}[1-9]$/, 'au-medicare'],
  ['au-tfn', 'TFN', /^[0-9]{9}$/, 'au-tfn'],
  ['de-kvnr', 'KVNR', /^[A-Z][0-9]{9}$/, 'de-kvnr'],
  ['nl-bsn', 'BSN', /^[0-9]{9}$/, 'nl-bsn'],
  ['es-nif', 'DNI', /^[0-9]{8}[A-HJ-NP-TV-Z]$/, 'es-nif'],
  ['ch-ahv', 'AHV', /^756[0-9]{10}$/, 'ch-ahv'],
];

describe('a labelled number', () => {
  it.each(SHAPES)(
    'is seen by %s exactly when its check digit is right',
    (detector, label, shape, validator) => {
      fc.assert(
        fc.property(fc.stringMatching(shape), (number) => {
          const valid = VALIDATORS[validator]?.test(number) === true;
          expect(seen(detector, `${label}: ${number}.`)).toEqual(valid ? [[number, 'high']] : []);
        }),
        { numRuns: 80 },
      );
    },
  );

  it('of Corsica has a letter', () => {
    const body = (department: string) => `1 85 05 ${department} 123 456`;
    for (const [department, number] of [
      ['2A', '1850519123456'],
      ['2B', '1850518123456'],
    ] as const) {
      const key = String(97 - (Number(number) % 97)).padStart(2, '0');
      const written = `${body(department)} ${key}`;
      expect(seen('fr-nir', `NIR ${written}`)).toEqual([[written, 'high']]);
      const together = written.replaceAll(' ', '');
      expect(seen('fr-nir', `NIR ${together}`)).toEqual([[together, 'high']]);
    }
  });
});

describe('numbers of business mail', () => {
  it.each([
    'Order confirmation 095951537272 shipped today. Ticket 748747089351 has been closed.',
    'Call me at 943 476 5919 or +1 943-476-5919, extension 130.',
    'ABN 51 824 753 556, invoice 130692544, part no. AB123456C',
    'Container MSKU1234567, flight BA 12 34, room A123',
  ])('are no better than a guess: %s', (text) => {
    const names = new Set(Object.keys(CASES));
    const sure = detectSpans(text).filter((span) => names.has(span.detector) && span.confidence !== 'low');
    expect(sure).toEqual([]);
  });
});
