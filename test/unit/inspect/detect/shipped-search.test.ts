import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { asciiShadow } from '../../../../src/inspect/detect/ascii-shadow.js';
import type { Detector } from '../../../../src/inspect/detect/detector.js';
import { compilePatterns } from '../../../../src/inspect/detect/patterns.js';
import { SHIPPED } from '../../../../src/inspect/detect/registry.js';
import { scannedText } from '../../../../src/inspect/detect/scanned-text.js';
import { searchShipped } from '../../../../src/inspect/detect/shipped-search.js';
import { textClues } from '../../../../src/inspect/detect/text-clues.js';

/** Patterns whose clue says where they matter, and not only where they can hit, are left out. */
const MATTERING = SHIPPED.map((detector) => ({
  detector,
  sources: detector.patterns.flatMap((one) => {
    if (typeof one === 'string') return [{ source: one, digits: 0 }];
    if ('rows' in one.clue) return [];
    return [{ source: one.pattern, digits: 'digits' in one.clue ? one.clue.digits : 0 }];
  }),
})).filter(({ sources }) => sources.length > 0);
const LINEAR = new Map(
  MATTERING.map(({ detector, sources }) => [
    detector,
    sources.map(({ source, digits }) => ({ set: compilePatterns([source]), digits })),
  ]),
);

function byClue(text: string): (detector: Detector) => Set<string> {
  const clues = textClues(asciiShadow(text));
  const hits = searchShipped(scannedText(text, clues), clues);
  return (detector) =>
    new Set((hits[SHIPPED.indexOf(detector)] ?? []).map((hit) => `${hit.start} ${hit.text}`));
}

/** `Clinic, A`: a word and a letter are somebody's name only where a list has the word, which is the clue. */
const WORD_AND_LETTER = /^[A-Z][A-Za-z'-]*, ?[A-Z]$/;

/**
 * A hit with fewer digits than its clue asks for is nobody's number, and one that is a single word is a label which goes on
 * as another word (`mrn` in `mrnab`).
 */
function byLinearSearch(text: string, detector: Detector): Set<string> {
  const hits = (LINEAR.get(detector) ?? []).flatMap(({ set, digits }) =>
    [...set.search(text).values()]
      .flat()
      .filter(
        ({ text: hit }) =>
          hit.replace(/[^0-9]/g, '').length >= digits &&
          !/^[A-Za-z]+$/.test(hit) &&
          !WORD_AND_LETTER.test(hit),
      ),
  );
  return new Set(hits.map((hit) => `${hit.start} ${hit.text}`));
}

const FRAGMENTS = [
  'EIN 12-3456789',
  'passport no. A12345678',
  'DL# (FL) A123456789012',
  "driver's license A1234567",
  'HICN 212-55-0147A',
  'Railroad Medicare MA123456',
  'NDC 0002-1433-80',
  'GB82 WEST 1234 5698 7654 32',
  'iban de89370400440532013000',
  'acct no. 956501257',
  'a/c no 1234567',
  'A/c No. 1234567',
  'VIN1M8GDM9AXKP042788',
  '1M8GDM9AXKP042788',
  'license plate QSB-5168',
  '(01)00812345678901(21)S1',
  'UDI 0100812345678901',
  '+A123BJC5D6E71/$$3250101LOT42',
  '=/A9999XYZ100T0476=,000025',
  'implant S/N PM80144706',
  'implant S/n PM80144706',
  'd.l. no. (FL) A123456789012',
  '203.0.113.9',
  'fe80::1',
  'https://example.org/a',
  'www.example.org',
  '93-year-old',
  'Age: 101',
  'zip 036',
  'OH 45402-1234',
  'P.O. Box 12',
  '12 N. Oak Ridge Ct',
  'seen at Riverside Clinic',
  'March 4',
  'NK1|1|ROE',
  '<streetAddressLine>9 Elm',
  '"postalCode": "45402"',
  'SSN 000-12-3456',
  '0 0 0 1 2 3 4 5 6',
  '900-70-1234',
  'MRN: 0012345',
  'MRN12345',
  'medical record no. 44-1234',
  'patient # A123456',
  "pt's chart 998877",
  'Member ID: ZGP123456',
  'health insurance policy number is 77 12345',
  'group no 1234-55',
  '(415) 555-0100',
  '+44 20 7946 0000',
  '4155550100',
  '1 Jan 2026',
  'January 5th, 1960',
  '12/31/1999',
  '1999-12-31',
  'DOB 19991231',
  '1EG4-TE5-MK73',
  '1eg4te5mk73',
  '4111 1111 1111 1111',
  'cvv2: 123',
  'NPI 1234 567 893',
  'AB1234563',
  'A9-1234563',
  'E11.9 Z00',
  '12B North Elm Street',
  '5 W 42nd ST',
  'a.b@mail.example',
  'password: Xy7!abcd',
  'client_secret = abcdef12',
  'AKIAABCDEFGHIJKLMNOP',
  `ghp_${'a1'.repeat(18)}`,
  'sk-proj-0123456789012345678901234567890123',
  '-----BEGIN RSA PRIVATE KEY-----\nMIIEabcdefghijklmnop',
  '\nPID|1||123^4',
  '<given>Ada</given>',
  '<family value="Example"/>',
  '"reference": "Patient/00482913"',
  '<Patient><identifier><value value="00482913"/></identifier></Patient>',
  'patientRole ><id root="1.2" extension="A-1"',
  '"resourceType": "Patient", "identifier": [{"system": "urn:mrn", "value": "00482913"}]',
];
const FILLERS = [
  ' ',
  ', ',
  '. ',
  '\n',
  '\n\n',
  ' is ',
  ' – ',
  '1',
  '-',
  'x',
  ' and the ',
  ' é ',
  '(',
  ') ',
  ' 2026 ',
];

describe('a pattern is tried only near its clue', () => {
  it('and hits what it would hit in a search of the whole text', () => {
    const piece = fc.oneof(
      fc.constantFrom(...FRAGMENTS),
      fc.constantFrom(...FILLERS),
      // A label with more letters right behind or before it is another word, and no clue.
      fc.string({ maxLength: 4 }).map((text) => ` ${text} `),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 24 }), (pieces) => {
        const text = pieces.join('');
        const hits = byClue(text);
        for (const { detector } of MATTERING) {
          const found = hits(detector);
          const missing = [...byLinearSearch(text, detector)].filter((hit) => !found.has(hit));
          expect({ detector: detector.info.name, missing }).toEqual({
            detector: detector.info.name,
            missing: [],
          });
        }
      }),
      { numRuns: 200 },
    );
  });

  it.each(FRAGMENTS)('behind a thousand words: %s', (fragment) => {
    const text = `${'So it goes, and the 2nd one. '.repeat(170)}${fragment} ${'Then nothing more. '.repeat(150)}`;
    const hits = byClue(text);
    for (const { detector } of MATTERING) {
      const found = hits(detector);
      expect([...byLinearSearch(text, detector)].filter((hit) => !found.has(hit))).toEqual([]);
    }
  });
});
