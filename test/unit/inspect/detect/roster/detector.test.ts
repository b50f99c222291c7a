import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { detect } from '../../../../../src/inspect/detect/index.js';
import type { RosterTable } from '../../../../../src/inspect/detect/roster/types.js';
import { type Scan, scan } from '../../../../../src/inspect/detect/scan.js';
import { compileSettings, type OwnDetectors } from '../../../../../src/inspect/detect/settings.js';
import { normalise } from '../../../../../src/inspect/normalise.js';
import { rosterOf } from '../../../roster/fixtures.js';

/*
 * Two hundred made-up patients. Anna Testerson is like the others; the family names Common and Rareson are what they
 * say, and the Households share an address, a name and a telephone.
 */

const HEADER = 'MRN,Last,First,DOB,SSN,Phone,Email,Street,Zip,Payer';
const COLUMNS =
  'mrn=MRN,family=Last,given=First,dob=DOB,ssn=SSN,phone=Phone,email=Email,address=Street,zip=Zip,text=Payer';
const GIVEN = ['Bob', 'Carla', 'Dora', 'Emil', 'Fritz', 'Greta', 'Hugo', 'Ines', 'Jonas', 'Klara'];

function csv(): string {
  const rows = [
    '40017733,Testerson,Anna,03/04/1961,900-12-3456,(212) 555-0143,anna.t@mail.example,"12 N Elm Street, Apt 4",10007,Blue Muster Plan',
    'AB-778812,Rareson,Ökonomia,1984-12-25,900-65-4321,646-555-0107,oe.rareson@mail.example,7 Probe Rd,10007,Red Muster Plan',
  ];
  for (let i = 0; i < 12; i++)
    rows.push(
      `5000${i}881,Household,${GIVEN[i % 10]}ina${'abcdefghijkl'[i]},0${1 + (i % 9)}/11/20${10 + i},,212-555-0188,,88 Shared Ave,10011,`,
    );
  for (let i = 0; i < 186; i++)
    rows.push(
      `${60_000_000 + i * 7919},Common,${GIVEN[i % 10]},${1 + (i % 12)}/${1 + (i % 28)}/${1930 + (i % 70)},,,user${i}@mail.example,,1000${i % 10},Blue Muster Plan`,
    );
  return [HEADER, ...rows].join('\n');
}

let roster: RosterTable;
let own: OwnDetectors;

beforeAll(async () => {
  roster = await rosterOf(csv(), COLUMNS);
  own = compileSettings({ detectors: [], rosters: [roster] });
});

const spansOf = ({ spans }: Scan) => spans.filter(({ detector }) => detector.info.name === 'roster');
/** `confidence: columns` of each sighting. */
const seen = (text: string) =>
  spansOf(scan(normalise(text).text, own)).map(({ confidence, masked }) => `${confidence} ${masked}`);

describe('two columns of one row', () => {
  it.each([
    ['Pt Anna Testerson, born 4 March 1961', 'family + given + dob'],
    ['TESTERSON, ANNA (3/4/61)', 'family + given + dob'],
    ['Testerson; dob: 1961-03-04', 'family + dob'],
    ['chart 40017733 for Testerson', 'mrn + family'],
    ['chart 4001-7733, anna testerson', 'mrn + family + given'],
    ['MRN40017733 / 03.04.1961', 'mrn + dob'],
    ['SSN 900 12 3456, call 212.555.0143', 'ssn + phone'],
    ['SSN 900123456 and +12125550143', 'ssn + phone'],
    ['12 North Elm St., anna.t@MAIL.example', 'email + address'],
    ['40017733|TESTERSON^ANNA|19610304', 'mrn + family + given + dob'],
    ['AB-778812, December 25th, 1984', 'mrn + dob'],
    ['ab778812 / 25.12.1984', 'mrn + dob'],
    ['Okonomia Rareson 646-555-0107', 'family + given + phone'],
    ['ÖKONOMIA RARESON, 25-DEC-1984', 'family + given + dob'],
    ['Теsterson, chart ４００１７７３３', 'mrn + family'],
    [`Testerson${'.'.repeat(250)} 40017733`, 'mrn + family'],
  ])('%j', (text, columns) => {
    expect(seen(text)).toEqual([`high patients: ${columns}`]);
  });

  it('is found once for each person, however many stand in a list', () => {
    const list = 'Testerson\tAnna\t40017733\t3/4/61\nRareson\tÖkonomia\tAB-778812\t12/25/84\n';
    expect(seen(list)).toEqual([
      'high patients: mrn + family + given + dob',
      'high patients: mrn + family + given + dob',
    ]);
  });

  it('says who by a keyed value, the same however it is written', () => {
    const values = ['Anna Testerson 3/4/61', '40017733, March 4, 1961'].map(
      (text) => spansOf(scan(text, own))[0]?.value,
    );
    expect(values[0]).toMatch(/^patients [0-9a-f]{32}$/);
    const [first, second] = [...values, spansOf(scan('Rareson 646-555-0107', own))[0]?.value];
    expect(first).toBe(second);
    expect(spansOf(scan('Rareson 646-555-0107', own))[0]?.value).not.toBe(first);
  });

  it('is PHI by itself, and shows no value', () => {
    const view = {
      where: '1',
      view: 'text',
      text: 'Please call 40017733 (Testerson) back.',
      toSource: (offset: number) => offset,
    };
    const { findings, classifications } = detect([view], { fingerprintKey: new Uint8Array(32), own });
    expect(classifications).toMatchObject([
      { classification: 'phi', detectors: ['roster'] },
      { classification: 'pii', confidence: 'high' },
    ]);
    const found = findings.find(({ detector }) => detector === 'roster');
    expect(found).toMatchObject({ confidence: 'high', count: 1, masked: ['patients: mrn + family'] });
    expect(JSON.stringify(found)).not.toMatch(/testerson|40017733/i);
  });
});

describe('what says nothing', () => {
  it.each([
    ['one column', 'chart 40017733'],
    ['the same number twice', '40017733, again 40017733'],
    ['columns of different rows', 'Rareson, chart 40017733'],
    ['too far apart', `Testerson${'.'.repeat(320)}40017733`],
    ['a name alone', 'Lunch with Anna Testerson on Friday?'],
    ['a common name and a year', 'Bob Common, class of 1961'],
    ['a name, and a day of somebody else', 'Anna Testerson: shall we meet on 12/25/1984?'],
    ['a common name and town', 'Bob Common, 10000'],
    ['town and payer', 'Blue Muster Plan, 10007'],
    ['a name with its own address, as mail programs write it', 'Anna Testerson <anna.t@mail.example>'],
    ['a signature', 'See you.\n\nBest regards,\nAnna Testerson\n12 N Elm Street\n(212) 555-0143\n'],
    ['what a whole family shares', 'Household, 88 Shared Ave, 212-555-0188'],
    ['a name within an address', 'write to testerson.anna@mail.example'],
    ['digits within a longer number', 'Testerson, part 9940017733'],
    ['years', 'Testerson 1961, 2024'],
  ])('%s', (_, text) => {
    expect(seen(text)).toEqual([]);
  });

  it('unless the text calls the named one a patient', () => {
    expect(seen('Our patient Ökonomia Rareson asks for you')).toEqual(['medium patients: family + given']);
  });
});

describe('the work', () => {
  // Every value belongs to hundreds of rows, so that all pairs of them would take hours.
  it('is bounded for texts made of nothing but values', () => {
    const values = ['Common', 'Bob', 'Carla', '1/1/1930', '10000', 'Blue Muster Plan', '88 Shared Ave'];
    const text = Array.from({ length: 40_000 }, (_, i) => values[(i * i + i) % values.length]).join(' ');
    expect(seen(`${text}.${'.'.repeat(300)}Testerson, 40017733`)).toEqual(['high patients: mrn + family']);
  });

  it('never throws', () => {
    const piece = fc.constantFrom(
      ...[
        'Testerson',
        '40017733',
        '3/4/',
        '61',
        '-',
        '.',
        ' ',
        '\n',
        '@',
        'mail.example',
        'March',
        '12 N Elm',
        '(',
      ],
      ...['0', '900', 'é', '🦆', '\u0000', 'Blue Muster'],
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        spansOf(scan(pieces.join(''), own));
      }),
      { numRuns: 200 },
    );
  });
});

it('finds every row of a roster by any two of its columns', () => {
  const wide = ['40017733', 'Testerson', '03/04/1961', '900-12-3456', '212-555-0143', 'anna.t@mail.example'];
  fc.assert(
    fc.property(
      fc.subarray(wide, { minLength: 2, maxLength: 2 }),
      fc.boolean(),
      fc.constantFrom(', ', '\n', ' | ', ' and also ', '\t'),
      (pair, turned, between) => {
        const text = (turned ? [...pair].reverse() : pair).join(between);
        // Contacts alone below a name are what a signature has; here there is none.
        expect({ text, found: seen(text).length }).toEqual({ text, found: 1 });
      },
    ),
    { numRuns: 100 },
  );
});
