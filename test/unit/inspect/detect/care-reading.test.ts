import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  careFeatures,
  spelledFeatures,
  writtenFeature,
} from '../../../../src/inspect/detect/care-features.js';
import { type CareModel, careModel } from '../../../../src/inspect/detect/care-model.js';
import { careReading, careText } from '../../../../src/inspect/detect/care-reading.js';
import { careTokens } from '../../../../src/inspect/detect/care-tokens.js';
import { classify } from '../../../../src/inspect/detect/classify.js';
import { detect } from '../../../../src/inspect/detect/index.js';
import { scan } from '../../../../src/inspect/detect/scan.js';
import { hashOf } from '../../../../src/inspect/detect/word-table.js';
import { isPhi } from './phi.js';

const always = (score: number): CareModel => ({ score: () => score });
const places = (body: string, subject = '') => [
  { where: 'header:subject', ...scan(subject) },
  { where: '1', ...scan(body) },
];
const isPhiBy = (model: CareModel, body: string, subject?: string) =>
  classify(places(body, subject), false, model).classifications.some((one) => one.classification === 'phi');

describe('mail that names somebody, in words of its writer', () => {
  it.each([
    'Can you squeeze Brenda Foster in tomorrow? She has been seeing double since the weekend and her husband is worried.',
    'The transport for Mrs. Foster was late again and she missed half of her dialysis. Her daughter Jill wants a call back.',
    "I'm writing about my mom Brenda Foster. She hasn't eaten for two days and won't take the water pill anymore. Should I bring her in?",
    'Brenda Foster called. The new inhaler makes her shake. Please ring her before noon.',
    'Paul Lewis will be off until March, the surgeon says his back needs that long to heal. Please arrange cover for his route.',
    'Attached is the bill for the colonoscopy of Frank Foster that you asked for again.',
  ])('is phi where it is about care: %s', (body) => {
    expect(isPhi(body)).toBe(true);
  });

  it.each([
    'Brenda Foster will present her poster on sepsis bundles in Denver. Please book her flight and the hotel.',
    'The ventilator in room 4 has been repaired. Paul Lewis from the service firm needs a signature.',
    'Welcome Brenda Foster, who joins our dialysis team as charge nurse on Monday. She comes from another hospital.',
    'Flu shots for staff are on Thursday in hall B. Questions to Paul Lewis, extension 4471.',
    'Minutes: Brenda Foster reported that falls went down by 12 % on the stroke unit. Paul Lewis will order new bed alarms.',
    'Your order of 200 glucose meters has shipped. Thank you for choosing us, Brenda Foster, sales.',
  ])('is not where it is about work: %s', (body) => {
    expect(isPhi(body)).toBe(false);
  });
});

describe('what the model may decide', () => {
  it.each([
    ['a name and nothing of health', 'Brenda Foster comes to the meeting about the new car park on Monday.'],
    ['health and no name', 'The asthma of many children gets worse in spring, so ask them to come earlier.'],
    [
      'a name that is part of a disease',
      "Joubert syndrome and Todd's paralysis are rare, says the book that we read.",
    ],
  ])('not phi, however much it reads like it: %s', (_name, text) => {
    expect(isPhiBy(always(50), text)).toBe(false);
  });

  it.each([
    ['an identifier beside health', 'SSN 212-55-0147, treated for epilepsy'],
    ['a record number', 'Please look up MRN 417752'],
    ['what a sentence says of somebody', 'Anna Young is HIV positive.'],
    ['a patient by name', 'Patient Jane Roe has epilepsy'],
  ])('phi, however little it reads like it: %s', (_name, text) => {
    expect(isPhiBy(always(-50), text)).toBe(true);
  });

  describe('that the rules take colleagues for patients', () => {
    const colleague =
      'Maria Lopez will be out of office in June. For the schedule of the MRI please contact Dave Stern.';
    const work =
      'The committee approved the budget of the radiology. Vendors send their quotes to the purchasing department.';
    const passage = 'Anthony Rizzo must have his sitter renewed, he pulled his line twice.';
    /** Work around the passage outvotes it, as it may in a long stretch. */
    const passageAlone: CareModel = {
      score: ({ sequence }) => (sequence.includes(hashOf('sitter')) && sequence.length < 40 ? 0 : -3),
    };

    it('which it sets aside', () => {
      expect(isPhiBy(always(-1.9), colleague)).toBe(true);
      expect(isPhiBy(always(-2.1), colleague)).toBe(false);
    });

    it('but not the patient whom the same text names further on', () => {
      const text = `${colleague}\n${work.repeat(8)}\n${passage}`;
      expect(isPhiBy(always(-2.1), text)).toBe(false);
      expect(isPhiBy(passageAlone, text)).toBe(true);
    });

    it.each([
      [
        'above a disclaimer',
        'Update',
        `Lauren Kelly left AMA.\n\nBest regards,\nAmy Stone, MBA\nManager, Surgical Services\nCONFIDENTIALITY NOTICE: This message may contain privileged and confidential patient health information protected by HIPAA. If you received it in error, notify the sender and delete all copies. Unauthorized use is prohibited.`,
      ],
      [
        'below a subject about something else',
        'Weekly newsletter',
        'The wheelchair for Otis Greene never arrived and he is stuck in bed since Monday.',
      ],
      [
        'in a quoted mail about work',
        'Quick question',
        'Sounds good, see you on Thursday. Bring the budget sheet.\n\nRegards,\nTom Miller\nDirector of Operations\n\nOn Mon, Sue Clark wrote:\n> Please help find a lost badge. Call security.\n> Please reorder gauze for the urgent care.\n> \n> For pharmacy: Alan Whitaker took 20 Tylenol at noon.\n> \n> Best,\n> Sue',
      ],
      ['behind another matter', 'Minutes of the committee', `${work}\n\n${work}\n\nPS: ${passage}`],
      ['in minutes', 'Minutes of the committee', `- ${work}\n- ${colleague}\n- ${passage}\n- ${work}`],
    ])('nor one %s', (_name, subject, text) => {
      expect(isPhi(text, subject)).toBe(true);
    });
  });

  it('reads the subject with the body', () => {
    const seen: number[] = [];
    const model: CareModel = { score: ({ sequence }) => seen.push(sequence.length) };
    careReading(places('She feels worse today and asks for a call.', 'Brenda Foster, nausea'), model);
    careReading(places('She feels worse today and asks for a call.', 'News'), model);
    expect(seen).toHaveLength(1);
  });

  it('finds a passage about care in a long text about something else', () => {
    const other =
      'The committee approved the budget for new chairs in the lobby and thanks all who came.\n'.repeat(80);
    const passage = 'Brenda Foster called. The new inhaler makes her shake. Please ring her before noon.\n';
    for (const at of [0, other.length / 2, other.length]) {
      const text = other.slice(0, at) + passage + other.slice(at);
      expect(isPhi(text), `at ${at}`).toBe(true);
    }
    expect(isPhi(other)).toBe(false);
  });

  it('reads every stretch that has a name, in time linear in the text', () => {
    let read = 0;
    const count: CareModel = {
      score: ({ sequence }) => {
        read += sequence.length;
        return -1;
      },
    };
    const line = 'Brenda Foster wrote a line on asthma for this long list of lines.\n';
    const tokensOf = (lines: number) => {
      read = 0;
      careReading(places(line.repeat(lines), 'x '.repeat(50_000)), count);
      return read / lines;
    };
    expect(tokensOf(4_000)).toBeLessThan(tokensOf(400) * 1.1);
    expect(tokensOf(4_000)).toBeGreaterThan(13);
  });

  it('is told by a finding that holds nothing of the text', () => {
    const body = 'Brenda Foster called. The new inhaler makes her shake. Please ring her before noon.';
    const view = { where: '1', view: 'text' as const, text: body, toSource: (offset: number) => offset };
    const { findings, classifications } = detect([view], { fingerprintKey: new Uint8Array(32) });
    expect(classifications[0]?.detectors).toContain('care-language');
    expect(findings.find(({ detector }) => detector === 'care-language')).toEqual({
      detector: 'care-language',
      class: 'health',
      confidence: 'medium',
      count: 1,
      distinct: { low: 1, medium: 1, high: 0 },
      masked: [],
      fingerprints: [],
      where: ['1'],
    });
  });
});

describe('features', () => {
  const words = fc.constantFrom(
    ..."Brenda Foster|Mr. Lewis|asthma|refilled|refills|biopsies|can’t|she's|Ünal|MRN 417752|12|1234567|,|.|?|\n|\n\n|—|Regards,\n|x".split(
      '|',
    ),
  );
  const texts = fc.array(words, { maxLength: 40 }).map((parts) => parts.join(' '));

  it('are the same as numbers and as the file writes them', () => {
    fc.assert(
      fc.property(texts, texts, (subject, body) => {
        const spelling = { sequence: [], details: [] };
        const stretches = [subject, body].map((text) => careText(scan(text)));
        const found = new Set<number>();
        careFeatures(careTokens(stretches, spelling), (feature) => found.add(feature));
        const written = new Set(
          [...spelledFeatures(spelling.sequence, spelling.details)].map(writtenFeature),
        );
        expect([...found].sort()).toEqual([...written].sort());
      }),
    );
  });

  it('count once each, with their weights and that of any text', () => {
    const model = careModel([
      '# a remark',
      '-0.50\t(bias)',
      '1.00\tcough',
      '0.25\tcough cough',
      '4.00\tfever',
    ]);
    const tokens = careTokens([{ lower: 'cough coughs coughing', from: 0, to: 21, marks: [] }]);
    expect(model.score(tokens)).toBeCloseTo(0.75);
    expect(model.score(tokens)).toBeCloseTo(0.75);
  });

  it.each([
    ['a line that was cut off', ['-0.50\t(bias)', '1.00']],
    ['a weight that is no number', ['-0.50\t(bias)', 'x\tcough']],
    ['no weight of any text', ['1.00\tcough']],
    ['nothing', ['']],
  ])('are not taken from a damaged model: %s', (_name, lines) => {
    expect(() => careModel(lines)).toThrow(/care model.*install Sallyport anew/);
  });

  it('do not depend on what somebody is called', () => {
    const tokensOf = (text: string) => careTokens([careText(scan(text))]);
    expect(tokensOf('Mrs. Brenda Foster has asthma.')).toEqual(tokensOf('Mrs. Olga Lewis has asthma.'));
    // Its small form has two characters.
    const before = 'İ'.repeat(8);
    expect(tokensOf(`${before} Mrs. Brenda Foster has asthma.`)).toEqual(
      tokensOf(`${before} Mrs. Olga Lewis has asthma.`),
    );
  });
});
