import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Detector } from '../../../src/inspect/detect/detector.js';
import { detect } from '../../../src/inspect/detect/index.js';
import { NO_OWN_DETECTORS } from '../../../src/inspect/detect/settings.js';
import { showsNothing } from '../../../src/inspect/detect/shows-nothing.js';
import { inspectMessage } from '../../../src/inspect/inspect-message.js';
import { readLeaf } from '../../../src/inspect/leaf/read-leaf.js';
import { type LongText, longText } from '../../../src/inspect/long-text.js';
import { isQuiet } from '../../../src/inspect/quiet-text.js';
import { readMessage, readStructure } from '../../../src/inspect/structure.js';
import { viewCollector } from '../../../src/inspect/view-collector.js';
import { HEADER, LIMITS, mail } from './limits.js';

const OPTIONS = { fingerprintKey: new Uint8Array(32), healthSender: true };
const MB = 1024 * 1024;
/** Bytes read of a part. */
const MOST = 20 * MB;
const LEAF = { mediaType: 'text/plain', charsets: ['utf-8'], flowed: undefined };
/** Small cores, so that a text of some kilobytes has many borders. */
const SIZES = { long: 0, core: 1024, before: 24 * 1024, behind: 8 * 1024 };

const QUIET = [
  'the chairs in the garden room are moved before lunch by the second team.',
  'a bicycle stands near the door of the kitchen again, and nobody moves it.',
  'coffee is brought at three. the paper for the printer comes later or',
  '',
];

function lines(count: number): string[] {
  return Array.from({ length: count }, (_, i) => QUIET[i % QUIET.length] ?? '');
}

function opened(bytes: Buffer, about = LEAF, encodings: readonly string[] = []): LongText | undefined {
  return longText(about, bytes, encodings, MOST, SIZES);
}

/** The text as it is read without windows. */
function whole(text: string) {
  const leaf = readLeaf({ ...LEAF, bytes: Buffer.from(text) }, MB);
  const views = viewCollector();
  for (const { view, text: shown } of leaf.texts) views.add('1', view, shown);
  return { leaf, views: views.views(), ...detect(views.views(), OPTIONS) };
}

function isSeenAsQuiet(text: string): boolean {
  const long = opened(Buffer.from(text));
  return long !== undefined && isQuiet(long, showsNothing);
}

/** What there is to find, and what it is found by, whole and in pieces. */
const PIECES = [
  'SSN 321-54-9876',
  'SSN:',
  '321-54-9876',
  '321 54',
  '9876',
  '3 2 1 - 5 4 - 9 8 7 6',
  '3',
  'five zero one two three four five',
  'Name, DOB, SSN',
  'Jane Sample, 04/05/1961, 321-54-9876',
  'Patient: Jane Sample',
  'Jane',
  'Sample',
  'JANE SAMPLE',
  'Dr. Ann Example, MD',
  'MRN',
  'ID 00481516',
  'account number',
  'plan is plan is plan is',
  'at the Station of the North',
  'passport',
  'diabetes',
  'diagnos-',
  'ed',
  'S S N',
  'password: Correct-Horse-7',
  'https://clinic.example/patient/12345',
  '555-0142',
  'p&#97;tient',
  '%41%42%43',
  'begin 644 a.txt',
  '---',
];

describe('a long text in which nothing is found in windows', () => {
  it('has nothing in it as a whole, wherever windows end', () => {
    const planted = fc.array(
      fc.tuple(fc.nat(), fc.constantFrom(...PIECES), fc.constantFrom('', ' ', '\r\n'), fc.nat({ max: 200 })),
      { maxLength: 4 },
    );
    let quiet = 0;
    fc.assert(
      fc.property(fc.integer({ min: 150, max: 600 }), planted, fc.nat(), (count, pieces, near) => {
        const body = lines(count);
        for (const [where, piece, between, gap] of pieces) {
          // Half of them beside each other.
          const at = (where % 2 === 0 ? near + (where % 9) : where) % body.length;
          body[at] += between + piece;
          if (gap > 190) body.splice(at + 1, 0, ...Array.from({ length: gap }, () => ''));
        }
        const text = body.join('\r\n');
        const long = opened(Buffer.from(text));
        if (long === undefined) return;
        const read = whole(text);
        expect(read.leaf).toEqual({
          status: 'read',
          texts: [{ view: 'text', text, plain: { hasBase64: false } }],
          oddities: [],
          embedded: [],
        });
        expect(long.text()).toBe(text);
        if (!isQuiet(long, showsNothing)) return;
        quiet += 1;
        expect(read.views.map(({ view }) => view)).toEqual(['text']);
        expect(read).toMatchObject({ findings: [], classifications: [] });
      }),
      { numRuns: 120 },
    );
    expect(quiet).toBeGreaterThan(0);
  });

  it('has windows of whole lines that overlap', () => {
    const numbered = Array.from({ length: 2000 }, (_, i) => `${QUIET[0]} ${i}`);
    const text = numbered.join('\r\n');
    let core = -1;
    let end = 0;
    for (const window of opened(Buffer.from(text))?.windows() ?? []) {
      const from = text.indexOf(window.text);
      expect(from === 0 || text[from - 1] === '\n').toBe(true);
      expect(window.lead === 0 ? from === 0 : window.lead > 23 * 1024).toBe(true);
      const start = window.lead === 0 ? core + 1 : from + window.lead;
      expect(start).toBeGreaterThan(core);
      // What is behind the core before was seen with its surroundings.
      expect(start <= Math.max(0, end - 7 * 1024) || end === text.length).toBe(true);
      core = start;
      end = from + window.text.length;
    }
    expect(end).toBe(text.length);
  });

  it('may have labels with nothing behind them, where these are rare', () => {
    const body = lines(1000);
    body[500] = 'the plan is old';
    expect(isSeenAsQuiet(body.join('\n'))).toBe(true);
    // Which of hits side by side counts depends on what is further away than any window.
    expect(isSeenAsQuiet(body.map((line) => `${line} plan is old`).join('\n'))).toBe(false);
  });

  it.each([
    ['markup', 'a <b>word</b>'],
    ['a tag over two lines', '<p\r\nclass'],
    ['armour', '-----BEGIN PGP MESSAGE-----'],
    ['a block of uuencode', 'begin 644 a.txt\r\n#0V%T\r\n`\r\nend'],
    ['HL7 with other marks', 'MSH#*$@!#a\r\nPID#1##ab*ef##q*w'],
    ['a calendar', 'BEGIN:VCARD'],
    ['base64', Buffer.from('The SSN is 321-54-9876').toString('base64')],
    ['percent escapes', 'a%41'],
    ['character references', '&#65;'],
    ['backslash escapes', '\\u0041'],
    ['quoted-printable', '=41'],
    ['encoded words', '=?utf-8?B?QQ==?='],
    ['yEnc', '=ybegin line=128 size=1 name=a'],
    ['HZ', '~{<:Ky~}'],
    ['HL7', 'PID|1||123456^^^H^MR||DOE^JANE'],
    ['bars', 'a | b'],
    ['a control character', '\x01'],
    ['an escape', '\x1b$B'],
    ['anything beyond ASCII', 'ä'],
    ['a lone CR', 'a\rb'],
    ['an endless line', 'word '.repeat(300)],
    ['blanks without end', '\r\n'.repeat(200)],
    ['digits apart', '3 2 1 5 4 9 8'],
    ['letters apart', 'S S N'],
    ['a word broken by a dash', 'diagnos-\r\ned'],
    ['a number at the end of a line', 'up to 12\r\n34'],
    ['a table', 'name, dob, ssn\r\n\r\na, b, c'],
    ['an address', 'a@b.example'],
    ['a name', 'Jane Sample'],
    ['a word of health', 'diabetes'],
  ])('has none with %s', (_, piece) => {
    const text = [...lines(400), piece, ...lines(400)].join('\r\n');
    expect(isSeenAsQuiet(text)).toBe(false);
    expect(isSeenAsQuiet(text.replace(piece, 'nothing'))).toBe(true);
  });

  it.each([
    ['a block of uuencode in base64', 'begin-base64 644 a.txt\r\nNTAxLTIz'],
    ['claims', `ISA*${'0'.repeat(20)}*${'0 '.repeat(39)}*:'CLM*AB`],
    ['messages', 'MSH#*$@!#a'],
    ['an address that holds data', 'data:text/plain;base64,NTAxLTIz'],
    ['a field of bytes', '"contentType": "text/plain", "data": "NTAxLTIz"'],
  ])('is none where more is read of it: %s', (_, piece) => {
    const text = [...lines(400), piece, ...lines(400)].join('\r\n');
    expect(opened(Buffer.from(text))).toBeUndefined();
    expect(opened(Buffer.from(text.replace(piece, 'nothing')))).toBeDefined();
  });

  it.each([
    ['a document', `%PDF-1.4\r\n`],
    ['what CMS begins with', '0'],
    ['UTF-7', '+/v8-'],
    ['rows of cells', 'a,b,c\r\n1,2,3\r\n4,5,6\r\n'],
    ['a message', 'From: a@b.example\r\nTo: c@d.example\r\nMessage-ID: 1\r\n\r\n'],
    ['a picture', 'P1 2 2 1 0 0 1'],
    ['entries of a directory', 'dn: x\r\ncn:: NTAxLTIz\r\n'],
    ['BinHex', '(This file must be converted with BinHex 4.0)'],
    ['blanks', ' '],
  ])('does not begin with %s', (_, head) => {
    const rest = lines(400).join('\r\n');
    const text = head === ' ' ? ' \r\n'.repeat(4000) : `${head}${rest}`;
    expect(opened(Buffer.from(text))).toBeUndefined();
  });

  it.each([
    ['another type', { ...LEAF, mediaType: 'text/csv' }],
    ['another character set', { ...LEAF, charsets: ['iso-8859-99'] }],
    ['one that makes other text of ASCII', { ...LEAF, charsets: ['utf-7'] }],
    ['two character sets', { ...LEAF, charsets: ['utf-8', 'us-ascii'] }],
    ['paragraphs', { ...LEAF, flowed: 'with-blanks' as const }],
  ])('is not declared as %s', (_, about) => {
    const bytes = Buffer.from(lines(400).join('\r\n'));
    expect(opened(bytes)).toBeDefined();
    expect(longText(about, bytes, [], MOST, SIZES)).toBeUndefined();
  });
});

describe('a message with a long text', () => {
  const quiet = `${lines(80_000).join('\r\n')}\r\n`;
  const asMail = (encoding: string, body: string, charset = 'utf-8') =>
    Buffer.from(
      mail(
        `${HEADER}Content-Type: text/plain; charset=${charset}\nContent-Transfer-Encoding: ${encoding}\n\n`,
      )
        .toString('latin1')
        .concat(body),
      'latin1',
    );
  const inBase64 = (text: string) => Buffer.from(text).toString('base64').replace(/.{76}/g, '$&\r\n');

  it.each([
    ['7bit', quiet],
    ['base64', inBase64(quiet)],
  ])('is read under %s, and makes no view where there is nothing in it', (encoding, body) => {
    const message = asMail(encoding, body);
    const inspection = inspectMessage(message, { ...OPTIONS, limits: LIMITS });
    expect(inspection.parts.at(-1)).toMatchObject({ path: '1', status: 'read', size: quiet.length });
    const views = (showing?: typeof showsNothing) =>
      readStructure(message, LIMITS, undefined, showing)
        .views()
        .filter(({ where }) => where === '1');
    expect(views(showsNothing)).toEqual([]);
    expect(views()).toHaveLength(1);
  });

  it('is read as far as the limit goes, and called too large', () => {
    const at = quiet.lastIndexOf('\n', quiet.length - 1000) + 1;
    const message = asMail('base64', inBase64(`${quiet.slice(0, at)}SSN 321-54-9876\r\n${quiet.slice(at)}`));
    const inspected = (limit: number) =>
      inspectMessage(message, { ...OPTIONS, limits: { ...LIMITS, max_part_text: limit } });
    expect(inspected(at + 15).findings).toHaveLength(1);
    expect(inspected(at - 1).findings).toHaveLength(0);
    expect(inspected(at - 1).parts.at(-1)).toMatchObject({ status: 'too-large', size: quiet.length + 17 });
  });

  it.each([
    ['a number', 'SSN 321-54-9876'],
    ['an escape', '&#83;&#83;N &#51;21-54-9876'],
    ['a number in base64', Buffer.from('The SSN of Jane Sample is 321-54-9876').toString('base64')],
    ['HL7', `PID|1||12345^^^H^MR||DOE^JANE\r\n${'OBX|1|TX|a|b\r\n'.repeat(300)}NK1|1|ROE^JOHN`],
    ['rows far from their header', `name,dob,ssn\r\n${'Jane Sample,04/05/1961,321-54-9876\r\n'.repeat(900)}`],
  ])('shows the same with %s as without windows', (_, piece) => {
    const at = 262_140;
    const message = asMail('7bit', `${quiet.slice(0, at)}\r\n${piece}\r\n${quiet.slice(at)}`);
    const { views, ...reading } = readMessage(message, LIMITS);
    const inspection = inspectMessage(message, { ...OPTIONS, limits: LIMITS });
    expect(inspection.findings.length).toBeGreaterThan(0);
    expect(inspection).toEqual({ ...reading, ...detect(views, OPTIONS), size: message.length });
  });

  it('is given as a whole to detectors of an organisation', () => {
    const words = { ...OPTIONS, limits: LIMITS };
    const seen: number[] = [];
    const watching: Detector = {
      info: { name: 'watching', class: 'identifier', description: '', source: '' },
      patterns: [],
      mask: () => '',
      judge: (_hits, { text }) => {
        seen.push(text.length);
        return [];
      },
    };
    inspectMessage(asMail('7bit', quiet), { ...words, own: { ...NO_OWN_DETECTORS, detectors: [watching] } });
    expect(Math.max(...seen)).toBeGreaterThan(4 * MB);
  });

  it('with junk in its base64 is read in every way', () => {
    const body = inBase64(`${quiet}SSN 321-54-9876`);
    const message = asMail('base64', `${body.slice(0, -80)}!${body.slice(-80)}`);
    const inspection = inspectMessage(message, { ...OPTIONS, limits: LIMITS });
    expect(inspection.ambiguities.map(({ name }) => name)).toContain('base64-junk');
    expect(inspection.findings.map(({ detector }) => detector)).toContain('us-ssn');
  });
});
