import { describe, expect, it } from 'vitest';
import { contentLines, decodedLine } from '../../../../src/inspect/content-lines.js';
import { readLeaf } from '../../../../src/inspect/leaf/read-leaf.js';
import { watchProcessor } from '../../../support/processor-time.js';
import { outcomeOf, part, SECRET, type Trick } from './trick.js';

/** Nothing of it is found in the source. */
const PAGE = '<p>Patient SSN 50<b>1-2</b>3-<i>45</i>67, asth<b>ma</b></p>';
const encode = (content: string | Buffer) => Buffer.from(content).toString('base64');
/** Lines are broken behind 74 octets (RFC 5545 3.1). */
const folded = (line: string) => line.replace(/.{74}/g, '$&\n ');
const event = (line: string) =>
  part(
    `BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:visit\n${line}\nEND:VEVENT\nEND:VCALENDAR`,
    'text/calendar; charset=utf-8',
  );
const card = (line: string) => part(`BEGIN:VCARD\nVERSION:3.0\n${line}\nEND:VCARD`, 'text/vcard');
/** Neither text nor anything known. */
const BINARY = Buffer.from(Array.from({ length: 256 }, (_, at) => (at * 151) % 256));

const HELD: readonly Trick[] = [
  ['another form of a text', event(`DESCRIPTION;ALTREP="data:text/html;base64,${encode(PAGE)}":hi`), 'found'],
  [
    'another form of a text over several lines',
    event(folded(`DESCRIPTION;ALTREP="data:text/html;base64,${encode(PAGE)}":hi`)),
    'found',
  ],
  [
    'another form of a text without quotation marks',
    event(`DESCRIPTION;ALTREP=data:text/html;base64,${encode(PAGE)}`),
    'found',
  ],
  [
    'an attachment at an address',
    event('ATTACH;VALUE=URI:data:text/plain,Patient SSN 501%2D23-4567%20asthma'),
    'found',
  ],
  [
    'an attachment whose commas are escaped',
    event(`ATTACH:data:text/html\\;base64\\,${encode(PAGE)}`),
    'found',
  ],
  [
    'a page that is attached',
    event(folded(`ATTACH;FMTTYPE=text/html;ENCODING=BASE64;VALUE=BINARY:${encode(PAGE)}`)),
    'found',
  ],
  [
    'a text that is attached, over several lines',
    event(folded(`ATTACH;FMTTYPE=text/plain;ENCODING=BASE64;VALUE=BINARY:${encode(SECRET)}`)),
    'found',
  ],
  [
    'what nobody reads that is attached',
    event(folded(`ATTACH;ENCODING=BASE64;VALUE=BINARY:${encode(BINARY)}`)),
    'ambiguous',
  ],
  [
    'a short note in base64 over several lines',
    card(`N:Patient asthma SSN\nNOTE;ENCODING=b:NTAxLTI\n zLTQ1Njc=`),
    'found',
  ],
  [
    'few escapes of quoted-printable',
    card(`NOTE;ENCODING=QUOTED-PRINTABLE:Patient SSN 501=2D23-4567=20asthma`),
    'found',
  ],
  [
    'quoted-printable over several lines',
    card(`NOTE;ENCODING=QUOTED-PRINTABLE:Patient asthma SSN 501-2=\n3-4567`),
    'found',
  ],
  ['a picture of a card', card(folded(`PHOTO;ENCODING=b:${encode(BINARY)}`)), 'ambiguous'],
  ['a picture of an older card', card(folded(`PHOTO;BASE64:${encode(BINARY)}`)), 'ambiguous'],
  [
    'a picture behind a quotation mark that is never ended',
    card(folded(`PHOTO;X-NAME="a;ENCODING=b:${encode(BINARY)}`)),
    'ambiguous',
  ],
  [
    'a picture behind a quotation mark that is never ended, and a colon',
    card(folded(`PHOTO;X-NAME="a:b;ENCODING=b:${encode(BINARY)}`)),
    'ambiguous',
  ],
  [
    'a page behind a quotation mark that is never ended, and a colon',
    event(folded(`ATTACH;X-NAME="a:b;FMTTYPE=text/html;ENCODING=BASE64;VALUE=BINARY:${encode(PAGE)}`)),
    'found',
  ],
  ...(
    [
      ['a quotation mark that is never ended, and a colon', 'NOTE;X-NAME="a:b;ENCODING=QUOTED-PRINTABLE'],
      ['a quotation mark and a colon that it hides', 'NOTE;ENCODING=QUOTED-PRINTABLE;X-NAME="a'],
      ['a colon in quotation marks', 'NOTE;X-NAME="a:b";ENCODING=QUOTED-PRINTABLE'],
      ['long parameters', `NOTE;X-NAME=${'a'.repeat(400)};ENCODING=QUOTED-PRINTABLE`],
      ['long parameters that are folded', `NOTE;ENCODING=QUOTED-PRINTABLE;X-NAME=${'a\n '.repeat(700)}`],
      ['parameters that are folded', 'NOTE;ENCODING=\n QUOTED-\n PRINTABLE'],
      ['a mark never ended, and folded parameters', 'NOTE;X-NAME="a:b;ENCODING=\n QUOTED-\n PRINTABLE'],
    ] as const
  ).flatMap(([name, head]): readonly Trick[] => [
    [
      `escapes of quoted-printable behind ${name}`,
      card(`${head}:Patient SSN 501=2D23=2D4567=20asthma`),
      'found',
    ],
    [
      `quoted-printable over several lines behind ${name}`,
      card(`${head}:Patient asthma SSN 501=2D=\n23=\n=2D4567`),
      'found',
    ],
  ]),
  [
    'quoted-printable with a mark that ends one of the parameters',
    card('NOTE;X-NAME="a:b;ENCODING=QUOTED-PRINTABLE:Patient asthma SSN 501=2D23=2D4567, says "he: she"'),
    'found',
  ],
  ['a picture at an address', card(folded(`PHOTO:data:image/heic;base64,${encode(BINARY)}`)), 'ambiguous'],
];

describe('what lines of calendars and cards hold', () => {
  it.each(HELD)('%s', (_name, message, outcome) => expect(outcomeOf(message)).toBe(outcome));

  it.each(['PHOTO;TYPE=JPEG;ENCODING=b:', 'PHOTO:data:image/jpeg;base64,'])(
    'is a part of its own, whole, and none besides: %s',
    (head) => {
      const source = `BEGIN:VCARD\n${folded(`${head}${encode(BINARY)}`)}\nEND:VCARD\n`;
      const leaf = { mediaType: 'text/vcard', charsets: [], bytes: Buffer.from(source) };
      expect(readLeaf(leaf, 1_000_000).embedded.map(({ bytes }) => bytes)).toEqual([BINARY]);
    },
  );

  it('cost no more than they are long', () => {
    const work = watchProcessor();
    for (const line of ['NOTE;X="a:b\n', 'NOTE;X="\n', 'NOTE:\n'])
      contentLines(line + ' ;ENCODING=A=\n'.repeat(100_000)).map(decodedLine);
    decodedLine(`NOTE;X="${';b;encoding="'.repeat(50_000)}`);
    work.expectBelow(3000);
  });

  it.each([
    ['an address in a text', event('DESCRIPTION:data: see below')],
    ['a colon in a parameter', event('ATTENDEE;CN="base64: ward":mailto:ward@clinic.example')],
    ['an address on a server', event('ATTACH;FMTTYPE=text/html:https://clinic.example/a.html')],
  ])('is nothing else: %s', (_name, message) => expect(outcomeOf(message)).toBe('missed'));
});
