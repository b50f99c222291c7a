import { describe, expect, it } from 'vitest';
import { base64, MIME, outcomeOf, part, SECRET, type Trick } from './trick.js';

const bytes = (content: Buffer, type: string): Trick[1] =>
  part(base64(content), type, 'Content-Transfer-Encoding: base64\n');
const joined = (...pieces: (string | readonly number[])[]) =>
  Buffer.concat(
    pieces.map((one) => (typeof one === 'string' ? Buffer.from(one, 'latin1') : Buffer.from(one))),
  );
/** In full width, blanks too: no byte of it tells the order of UTF-16. */
const WIDE = SECRET.replace(/[!-~]/g, (one) => String.fromCharCode(one.charCodeAt(0) + 0xfee0)).replaceAll(
  ' ',
  '\u3000',
);
const little = Buffer.from(WIDE, 'utf16le');
const big = Buffer.from(WIDE, 'utf16le').swap16();
/** The number in a set whose digits have that byte before them, and begin with that one. */
const digits = (first: number, lead?: number) =>
  [...'501-23-4567'].flatMap((one) =>
    one === '-' ? [0x2d] : [...(lead === undefined ? [] : [lead]), first + Number(one)],
  );
const undeclared = (number: readonly number[]) =>
  bytes(joined('Patient SSN ', number, ', diagnosis asthma'), 'text/plain');
/** EBCDIC, as far as digits and small letters go. */
const ebcdic = Buffer.from('978195899585a340a2a29540f5f0f160f2f360f4f5f6f74081a2a38894810d', 'hex');

const CHARSETS: readonly Trick[] = [
  [
    'a mark of the other order of UTF-16',
    bytes(joined([0xfe, 0xff], [...big]), 'text/plain; charset=utf-16le'),
    'found, ambiguous',
  ],
  [
    'and the other way round',
    bytes(joined([0xff, 0xfe], [...little]), 'text/plain; charset=utf-16be'),
    'found, ambiguous',
  ],
  ['UTF-16 of full width, little end first', bytes(little, 'text/plain; charset=utf-16'), 'found'],
  ['UTF-16 of full width as declared', bytes(little, 'text/plain; charset=utf-16le'), 'found'],
  [
    'a mark of UTF-8 before what is not quite UTF-8',
    bytes(joined([0xef, 0xbb, 0xbf], [...Buffer.from(WIDE)], [0xff]), 'text/plain; charset=windows-1252'),
    'found, ambiguous',
  ],
  ['digits of GB 2312, EUC-JP and EUC-KR that nobody declared', undeclared(digits(0xb0, 0xa3)), 'found'],
  ['digits of Shift_JIS that nobody declared', undeclared(digits(0x4f, 0x82)), 'found'],
  ['digits of Big5 that nobody declared', undeclared(digits(0xaf, 0xa2)), 'found'],
  ['digits of Thai that nobody declared', undeclared(digits(0xf0)), 'found'],
  [
    'a set that only the document names, and nobody knows',
    bytes(joined('<meta charset=ibm037>', [...ebcdic]), 'text/html'),
    'ambiguous',
  ],
  [
    'the second set that a document names',
    part(
      '<!-- <meta charset=utf-8> --><meta charset=utf-7>Patient SSN +ADUAMAAx-+AC0-23-4567 asthma',
      'text/html',
    ),
    'found, ambiguous',
  ],
  ['a name for ASCII that nobody knows', part(`<meta charset=utf8mb9>${SECRET}`, 'text/html'), 'found'],
  [
    'an encoded word of UTF-16, little end first',
    `${MIME}X-Note: =?utf-16?B?${little.toString('base64')}?=\n\nx\n`,
    'found',
  ],
  [
    'an encoded word with a question mark',
    `${MIME}X-Note: =?utf-8?Q?Patient_asthma?_SSN_=35=30=31-23-4567?=\n\nx\n`,
    'found',
  ],
];

describe('character sets that readers take from elsewhere', () => {
  it.each(CHARSETS)('%s', (_name, message, outcome) => expect(outcomeOf(message)).toBe(outcome));

  it('takes letters with marks for what they are', () => {
    const latin = Buffer.from('Señor Gómez, öffne Öl für 3 £, ðóòõ', 'latin1');
    expect(outcomeOf(bytes(latin, 'text/plain'))).toBe('missed');
  });
});
