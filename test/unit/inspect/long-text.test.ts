import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { detect } from '../../../src/inspect/detect/index.js';
import { scanLong } from '../../../src/inspect/detect/long-scan.js';
import { NO_OWN_DETECTORS } from '../../../src/inspect/detect/settings.js';
import { inspectMessage } from '../../../src/inspect/inspect-message.js';
import type { LongContent } from '../../../src/inspect/long-content.js';
import { type LongText, longText } from '../../../src/inspect/long-text.js';
import { longView } from '../../../src/inspect/long-view.js';
import { readMessage } from '../../../src/inspect/structure.js';
import type { LongView } from '../../../src/inspect/text-view.js';
import { readingsOf } from '../../../src/inspect/view-collector.js';
import { HEADER, LIMITS, mail } from './limits.js';

const OPTIONS = { fingerprintKey: new Uint8Array(32) };
const MB = 1024 * 1024;
const LEAF = { mediaType: 'text/plain', charsets: ['utf-8'], flowed: undefined };
/** Small cores, so that a text of some kilobytes has many borders. */
const SIZES = { core: 6 * 1024, margin: 8 * 1024 };

const QUIET = [
  'The chairs in the garden room are to be moved before lunch.',
  'Somebody has left a bicycle near the door of the kitchen again.',
  'Coffee is brought at three, and the paper for the printer comes later.',
  'Die Stühle im Gartenzimmer werden später geholt – “danke”.',
  '',
];
const TELLING = [
  'Patient: Jane Sample, DOB 04/05/1961, MRN 00481516',
  'SSN 321-54-9876',
  'My patient John Testcase was diagnosed with type 2 diabetes.',
  'Phone (212) 555-0142, fax 212-555-0143',
  'card 4111 1111 1111 1111 exp 11/29',
  'password: Correct-Horse-7',
  '3 2 1 - 5 4 - 9 8 7 6',
  'She lives at 12 Example Street, Springfield, IL 62704',
  'metformin 500 mg, HbA1c 9.1, ICD-10 E11.9',
  'Regards,',
  'Dr. Ann Example',
];

/** What there is to find, with quiet lines around: enough of them that windows begin and end anywhere. */
const text = fc
  .tuple(
    fc.array(
      fc.tuple(
        fc.nat({ max: 40 }),
        fc.nat({ max: QUIET.length - 1 }),
        fc.constantFrom(...TELLING),
        fc.constantFrom('\r\n', ' '),
      ),
      { minLength: 4, maxLength: 24 },
    ),
    fc.nat({ max: 7000 }),
  )
  .map(([pieces, lead]) => {
    const filled = pieces.map(
      ([count, which, telling, between]) =>
        `${Array.from({ length: count }, (_, i) => QUIET[(which + i) % QUIET.length]).join('\r\n')}${between}${telling}`,
    );
    return `Words. ${'Words and words and words. '.repeat(lead / 27)}\r\n${filled.join('\r\n')}`;
  });

function content(bytes: Buffer): LongContent {
  return { size: bytes.length, read: (from, to) => bytes.subarray(from, to) };
}

function opened(source: string | Buffer, most = MB): LongText | undefined {
  return longText(LEAF, content(Buffer.from(source)), most, SIZES);
}

function viewOf(source: string): LongView {
  const long = opened(source);
  if (long === undefined) throw new Error('not read in windows');
  return longView('1', 'text', long);
}

describe('a long text in windows', () => {
  it('shows what the whole text shows, wherever windows end', () => {
    fc.assert(
      fc.property(text, (source) => {
        const view = viewOf(source);
        const whole = detect(readingsOf('1', 'text', source), OPTIONS);
        expect(scanLong(view, NO_OWN_DETECTORS)).toBeDefined();
        expect(detect([view], OPTIONS).findings).toEqual(whole.findings);
        expect(detect([view], OPTIONS).classifications.map(({ classification }) => classification)).toEqual(
          whole.classifications.map(({ classification }) => classification),
        );
      }),
      { numRuns: 60 },
    );
  });

  it('has cores that are the whole text, one behind another, and the text around them', () => {
    fc.assert(
      fc.property(text, (source) => {
        let read = '';
        for (const window of opened(source)?.windows() ?? []) {
          const shown = window.text();
          const core = shown.slice(window.coreStart, window.coreEnd);
          expect(source.startsWith(shown, read.length - window.coreStart)).toBe(true);
          expect(window.coreStart).toBeGreaterThanOrEqual(Math.min(read.length, 6000));
          read += core;
          expect(shown.length - window.coreEnd).toBeGreaterThanOrEqual(
            Math.min(source.length - read.length, 6000),
          );
        }
        expect(read).toBe(source);
      }),
      { numRuns: 100 },
    );
  });

  it('gives the whole text with all that follows from it where it is asked for', () => {
    const source = `${QUIET.join('\r\n').repeat(400)}\r\n3 2 1 - 5 4 - 9 8 7 6\r\n`;
    const strip = (views: readonly { view: string; text: string }[]) =>
      views.map(({ view, text: shown }) => ({ view, shown }));
    expect(strip(viewOf(source).whole())).toEqual(strip(readingsOf('1', 'text', source)));
  });

  const QUIET_TEXT = `${QUIET.join('\r\n')}\r\n`.repeat(100);
  it.each([
    ['markup', `${QUIET_TEXT}<p>SSN 321-54-9876</p>${QUIET_TEXT}`],
    ['armour', `${QUIET_TEXT}-----BEGIN PGP MESSAGE-----\r\n${QUIET_TEXT}`],
    ['a block of uuencode', `${QUIET_TEXT}begin 644 a.txt\r\n#0V%T\r\n\`\r\nend\r\n${QUIET_TEXT}`],
    [
      'text in base64',
      `${QUIET_TEXT}${Buffer.from('The SSN of Jane Sample is 321-54-9876').toString('base64')}`,
    ],
    ["a character that isn't drawn", `${QUIET_TEXT}321\u200b-54-9876${QUIET_TEXT}`],
    ['a character that turns the text', `${QUIET_TEXT}\u202e6789-45-123\u202c${QUIET_TEXT}`],
    ['a control character', `${QUIET_TEXT}\x01${QUIET_TEXT}`],
    ['an escape', `${QUIET_TEXT}\x1b$B${QUIET_TEXT}`],
    ['rows of cells', 'a,b,c\r\n1,2,3\r\n4,5,6\r\n'.repeat(500)],
    [
      'a message',
      `From: a@clinic.test\r\nTo: b@clinic.test\r\nMessage-ID: <1@clinic.test>\r\n\r\n${QUIET_TEXT}`,
    ],
    ['a document', `%PDF-1.4\r\n${QUIET_TEXT}`],
    ['nothing', ' \r\n'.repeat(1000)],
  ])('leaves %s to be read as a whole', (_, source) => {
    expect(opened(source)).toBeUndefined();
  });

  it('leaves bytes that are no UTF-8, and a limit within a character, to be read as a whole', () => {
    expect(opened(Buffer.from(`${QUIET_TEXT}\xe9`, 'latin1'))).toBeUndefined();
    const bytes = Buffer.from(QUIET_TEXT);
    const inside = bytes.indexOf(0xbc);
    expect(opened(bytes, inside)).toBeUndefined();
    expect(opened(bytes, inside + 1)?.size).toBe(inside + 1);
  });

  it('leaves tables of people to be read as a whole', () => {
    const rows = 'Name | DOB | SSN\r\n'.concat('Jane Sample | 04/05/1961 | 321-54-9876\r\n'.repeat(300));
    const view = viewOf(`${QUIET_TEXT}${rows}`);
    expect(scanLong(view, NO_OWN_DETECTORS)).toBeUndefined();
    expect(detect([view], OPTIONS).findings.map(({ detector }) => detector)).toContain('us-ssn');
  });
});

describe('a message with a long text', () => {
  const lines = `${QUIET.slice(0, 3).join('\r\n')}\r\n`;
  const long = `${lines.repeat(7000)}SSN 321-54-9876\r\n${lines.repeat(200)}`;
  const asMail = (encoding: string, body: string) =>
    mail(`${HEADER}Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: ${encoding}\n\n`)
      .toString('latin1')
      .concat(body);
  const base64 = Buffer.from(long).toString('base64').replace(/.{76}/g, '$&\r\n');

  it.each([
    ['base64', base64],
    ['7bit', long],
  ])('is read under %s', (encoding, body) => {
    const message = Buffer.from(asMail(encoding, body), 'latin1');
    const inspection = inspectMessage(message, { ...OPTIONS, limits: LIMITS });
    expect(inspection.parts.at(-1)).toMatchObject({ path: '1', status: 'read', size: long.length });
    expect(inspection.findings).toMatchObject([{ detector: 'us-ssn', count: 1, where: ['1'] }]);
    expect(readMessage(message, LIMITS).views.filter(({ where }) => where === '1')).toHaveLength(1);
  });

  it('is read as far as the limit goes, and called too large', () => {
    const message = Buffer.from(asMail('base64', base64), 'latin1');
    const at = long.indexOf('SSN');
    const inspected = (limit: number) =>
      inspectMessage(message, { ...OPTIONS, limits: { ...LIMITS, max_part_text: limit } });
    expect(inspected(at + 15).findings).toHaveLength(1);
    expect(inspected(at - 1).findings).toHaveLength(0);
    expect(inspected(at - 1).parts.at(-1)?.status).toBe('too-large');
  });

  it('with junk in its base64 is read in every way', () => {
    const message = Buffer.from(asMail('base64', `${base64.slice(0, -40)}!${base64.slice(-40)}`), 'latin1');
    const inspection = inspectMessage(message, { ...OPTIONS, limits: LIMITS });
    expect(inspection.ambiguities.map(({ name }) => name)).toContain('base64-junk');
    expect(inspection.findings.map(({ detector }) => detector)).toContain('us-ssn');
  });
});
