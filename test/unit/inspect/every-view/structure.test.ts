import { describe, expect, it } from 'vitest';
import {
  base64,
  HEAD,
  MIME,
  multi,
  outcomeOf,
  part,
  quotedPrintable,
  SECRET,
  type Trick,
  uuencoded,
} from './trick.js';

/** Of which nothing can be seen but by whoever finds this part, and takes its header for one. */
const PART = `\nContent-Type: text/plain\nContent-Transfer-Encoding: quoted-printable\n\n${quotedPrintable(SECRET)}\n`;
const UUENCODED = `begin 644 x.txt\n${uuencoded(SECRET)}\n\`\nend`;
const body = (mark: string) => `--${mark}${PART}--${mark}--\n`;

const BOUNDARIES: readonly Trick[] = [
  ['a plain boundary', multi('boundary=b', body('b')), 'found'],
  ['blanks around the equals sign', multi('boundary = b', body('b')), 'found'],
  ['a semicolon too many', multi('; boundary=b;', body('b')), 'found'],
  [
    'no semicolon before it',
    `${MIME}Content-Type: multipart/mixed boundary=b\n\n${body('b')}`,
    'found, ambiguous',
  ],
  [
    'a comma in place of the semicolon',
    `${MIME}Content-Type: multipart/mixed, boundary=b\n\n${body('b')}`,
    'found, ambiguous',
  ],
  ['a comment after it', multi('boundary=b (x)', body('b')), 'found, ambiguous'],
  ['a comment stuck to it', multi('boundary=b(x)', body('b(x)')), 'found, ambiguous'],
  ['a comment before it', multi('boundary=(x)b', body('(x)b')), 'found, ambiguous'],
  [
    'a comment with the delimiter in it',
    multi('boundary=a; x=y (; boundary=b)', body('b')),
    'found, ambiguous',
  ],
  ['a quoted-pair', multi('boundary="a\\b"', body('ab')), 'found, ambiguous'],
  ['a quoted-pair taken to the letter', multi('boundary="a\\b"', body('a\\b')), 'found, ambiguous'],
  ['apostrophes taken for quotation marks', multi("boundary='b'", body('b')), 'found, ambiguous'],
  ['apostrophes that belong to it', multi("boundary='b'", body("'b'")), 'found'],
  ['an encoded word', multi('boundary="=?utf-8?Q?b?="', body('b')), 'found, ambiguous'],
  [
    'an encoded word taken to the letter',
    multi('boundary="=?utf-8?Q?b?="', body('=?utf-8?Q?b?=')),
    'found, ambiguous',
  ],
  ['RFC 2231 pieces', multi('boundary*0=a; boundary*1=b', body('ab')), 'found, ambiguous'],
  ['RFC 2231 pieces in the wrong order', multi('boundary*1=b; boundary*0=a', body('ab')), 'found, ambiguous'],
  ['RFC 2231 pieces as they stand', multi('boundary*1=b; boundary*0=a', body('ba')), 'found, ambiguous'],
  ['RFC 2231 pieces without the first', multi('boundary*1=b', body('b')), 'found, ambiguous'],
  [
    'RFC 2231 pieces with leading zeros',
    multi('boundary*00=a; boundary*01=b', body('ab')),
    'found, ambiguous',
  ],
  ['an RFC 2231 character set', multi("boundary*=us-ascii''%62", body('b')), 'found, ambiguous'],
  ['pieces against a plain value', multi('boundary*0=b; boundary=c', body('c')), 'found, ambiguous'],
  ['a value that goes on after the quotation', multi('boundary="a"b', body('a')), 'found, ambiguous'],
  [
    'a value that goes on after the quotation, joined',
    multi('boundary="a"b', body('ab')),
    'found, ambiguous',
  ],
  ['a value with a blank in it', multi('boundary=a b', body('a')), 'found, ambiguous'],
  ['a folded value', multi('boundary="a\n b"', body('a b')), 'found, ambiguous'],
  ['a folded value, blanks left out', multi('boundary="a\n b"', body('ab')), 'found, ambiguous'],
  [
    'a longer one inside that begins alike',
    multi('boundary=b', `--b\nContent-Type: multipart/mixed; boundary=bb\n\n${body('bb')}--b--\n`),
    'found, ambiguous',
  ],
  [
    'a shorter one inside',
    multi('boundary=bb', `--bb\nContent-Type: multipart/mixed; boundary=b\n\n${body('b')}--bb--\n`),
    'found, ambiguous',
  ],
  ['a delimiter with trailing blanks', multi('boundary=b', `--b  ${PART}--b--\n`), 'found, ambiguous'],
  [
    'a delimiter with more behind it',
    multi('boundary=b', `--b\n\nx\n--bx${PART}--b--\n`),
    'found, ambiguous',
  ],
  ['a delimiter after blanks', multi('boundary=b', `--b\n\nx\n --b${PART}--b--\n`), 'found, ambiguous'],
  [
    'a delimiter after a quotation mark of replies',
    multi('boundary=b', `--b\n\nx\n> --b\n--b${PART}--b--\n`),
    'found',
  ],
  ['a delimiter with one dash', multi('boundary=b', `--b\n\nx\n-b${PART}--b--\n`), 'found'],
  [
    'a close delimiter in the middle',
    multi('boundary=b', `--b\n\nx\n--b--\n${body('b')}`),
    'found, ambiguous',
  ],
  [
    'a close delimiter with a blank in it',
    multi('boundary=b', `--b\n\nx\n--b --\n${body('b')}`),
    'found, ambiguous',
  ],
  ['never closed', multi('boundary=b', `--b${PART}`), 'found, ambiguous'],
  ['never opened', multi('boundary=b', `${PART}`), 'found, ambiguous'],
  ['missing', `${MIME}Content-Type: multipart/mixed\n\n${body('b')}`, 'found, ambiguous'],
  [
    'missing, with text before',
    `${MIME}Content-Type: multipart/mixed\n\nhello\n\n${body('b')}`,
    'found, ambiguous',
  ],
  ['empty', multi('boundary=""', `--${PART}----\n`), 'found, ambiguous'],
  ['of another case', multi('boundary=b', body('B')), 'found, ambiguous'],
  ['of more than 70 characters', multi(`boundary=${'b'.repeat(100)}`, body('b'.repeat(100))), 'found'],
  ['cut at 70 characters', multi(`boundary=${'b'.repeat(100)}`, body('b'.repeat(70))), 'found, ambiguous'],
];

const MULTIPARTS: readonly Trick[] = [
  [
    'a multipart by another name',
    `${MIME}Content-Type: x-multipart/mixed; boundary=b\n\n${body('b')}`,
    'found, ambiguous',
  ],
  ['parts in a text', `${MIME}Content-Type: text/plain; boundary=b\n\n${body('b')}`, 'found, ambiguous'],
  ['text in the preamble', multi('boundary=b', `${SECRET}\n--b\n\nx\n--b--\n`), 'found'],
  [
    'base64 in the preamble',
    multi('boundary=b', `${base64(SECRET.repeat(3))}\n--b\n\nx\n--b--\n`),
    'found, ambiguous',
  ],
  ['a part in the preamble', multi('boundary=b', `${PART}--b\n\nx\n--b--\n`), 'found, ambiguous'],
  ['text in the epilogue', multi('boundary=b', `--b\n\nx\n--b--\n${SECRET}\n`), 'found'],
  ['a part in the epilogue', multi('boundary=b', `--b\n\nx\n--b--\n--c${PART}--c--\n`), 'found, ambiguous'],
  ['a part whose header has no end', multi('boundary=b', `--b\n${SECRET}\n--b--\n`), 'found, ambiguous'],
  ['a part without a header', multi('boundary=b', `--b\n\n${SECRET}\n--b--\n`), 'found'],
  ['a part with text for a field', multi('boundary=b', `--b\nX-Note: ${SECRET}\n\nx\n--b--\n`), 'found'],
  [
    'a multipart in base64',
    `${MIME}Content-Type: multipart/mixed; boundary=b\nContent-Transfer-Encoding: base64\n\n${base64(body('b').replaceAll('\n', '\r\n'))}\n`,
    'found, ambiguous',
  ],
  [
    'a multipart in quoted-printable',
    `${MIME}Content-Type: multipart/mixed; boundary=b\nContent-Transfer-Encoding: quoted-printable\n\n${quotedPrintable(`--b\r\n\r\n${SECRET}\r\n--b--\r\n`)}\n`,
    'found, ambiguous',
  ],
  [
    'a multipart said to be 8bit',
    `${MIME}Content-Type: multipart/mixed; boundary=b\nContent-Transfer-Encoding: 8bit\n\n${body('b')}`,
    'found',
  ],
  [
    'an unknown kind of multipart',
    `${MIME}Content-Type: multipart/x-own; boundary=b\n\n${body('b')}`,
    'found',
  ],
  [
    'a multipart type without a kind',
    `${MIME}Content-Type: multipart; boundary=b\n\n${body('b')}`,
    'found, ambiguous',
  ],
  [
    'digest',
    `${MIME}Content-Type: multipart/digest; boundary=b\n\n--b\n\nSubject: x\n\n${SECRET}\n--b--\n`,
    'found',
  ],
  [
    'a part of multipart/alternative that is not the last',
    `${MIME}Content-Type: multipart/alternative; boundary=b\n\n--b\n\n${SECRET}\n--b\nContent-Type: text/html\n\n<p>hello\n--b--\n`,
    'found',
  ],
  [
    'text behind a signature',
    `${MIME}Content-Type: multipart/signed; boundary=b; protocol="application/x-own"; micalg=sha-256\n\n--b\n\nx\n--b\nContent-Type: application/x-own\n\n${SECRET}\n--b--\n`,
    'found',
  ],
];

const TRANSFER: readonly Trick[] = [
  [
    'base64 with junk',
    part(base64(SECRET).replace(/(.{5})/g, '$1-'), 'text/plain', 'Content-Transfer-Encoding: base64\n'),
    'found, ambiguous',
  ],
  [
    'base64 with padding early',
    part(`${base64('hello')}\n${base64(SECRET)}`, 'text/plain', 'Content-Transfer-Encoding: base64\n'),
    'found, ambiguous',
  ],
  [
    'base64 in two bodies',
    part(`${base64('hello there')}\n${base64(SECRET)}`, 'text/plain', 'Content-Transfer-Encoding: base64\n'),
    'found, ambiguous',
  ],
  [
    'base64 with text behind',
    part(`${base64('hello there!')}\n\n${SECRET}`, 'text/plain', 'Content-Transfer-Encoding: base64\n'),
    'found, ambiguous',
  ],
  [
    'base64 on one line',
    part(
      Buffer.from(SECRET.repeat(20)).toString('base64'),
      'text/plain',
      'Content-Transfer-Encoding: base64\n',
    ),
    'found',
  ],
  [
    'base64 without padding',
    part(base64(`${SECRET}!`).replace(/=+\n?$/, ''), 'text/plain', 'Content-Transfer-Encoding: base64\n'),
    'found',
  ],
  ['base64 in capitals', part(base64(SECRET), 'text/plain', 'CONTENT-TRANSFER-ENCODING: BASE64\n'), 'found'],
  [
    'base64 with a comment',
    part(base64(SECRET), 'text/plain', 'Content-Transfer-Encoding: base64 (x)\n'),
    'found, ambiguous',
  ],
  [
    'base64 in quotation marks',
    part(base64(SECRET), 'text/plain', 'Content-Transfer-Encoding: "base64"\n'),
    'found, ambiguous',
  ],
  [
    'base64 by another name',
    part(base64(SECRET), 'text/plain', 'Content-Transfer-Encoding: x-base64\n'),
    'found, ambiguous',
  ],
  [
    'the alphabet for URLs',
    part(
      Buffer.from(`${SECRET} ~~~???>>>`).toString('base64url'),
      'text/plain',
      'Content-Transfer-Encoding: base64\n',
    ),
    'found, ambiguous',
  ],
  [
    'base64 within base64',
    part(base64(base64(SECRET)), 'text/plain', 'Content-Transfer-Encoding: base64\n'),
    'found',
  ],
  ['base64 under 7bit', part(base64(SECRET), 'text/plain', 'Content-Transfer-Encoding: 7bit\n'), 'found'],
  [
    'base64 under quoted-printable',
    part(base64(SECRET), 'text/plain', 'Content-Transfer-Encoding: quoted-printable\n'),
    'found',
  ],
  [
    'quoted-printable',
    part(quotedPrintable(SECRET), 'text/plain', 'Content-Transfer-Encoding: quoted-printable\n'),
    'found',
  ],
  [
    'quoted-printable in small letters',
    part(
      quotedPrintable(SECRET).toLowerCase(),
      'text/plain',
      'Content-Transfer-Encoding: quoted-printable\n',
    ),
    'found',
  ],
  [
    'soft breaks with blanks behind',
    part(
      quotedPrintable(SECRET).replaceAll('=\n', '= \t\n'),
      'text/plain',
      'Content-Transfer-Encoding: quoted-printable\n',
    ),
    'found',
  ],
  [
    'a soft break in the number',
    part(SECRET.replace('23', '2=\n3'), 'text/plain', 'Content-Transfer-Encoding: quoted-printable\n'),
    'found',
  ],
  [
    'escapes that only some decode',
    part(SECRET.replace('501', '=5=0=1'), 'text/plain', 'Content-Transfer-Encoding: quoted-printable\n'),
    'found, ambiguous',
  ],
  ['quoted-printable not declared', part(quotedPrintable(SECRET)), 'found'],
  [
    'an unknown encoding',
    part(base64(SECRET), 'text/plain', 'Content-Transfer-Encoding: x-own\n'),
    'found, ambiguous',
  ],
  [
    'two encodings in one field',
    part(base64(SECRET), 'text/plain', 'Content-Transfer-Encoding: 7bit, base64\n'),
    'found, ambiguous',
  ],
  [
    'two fields',
    part(
      base64(SECRET),
      'text/plain',
      'Content-Transfer-Encoding: 7bit\nContent-Transfer-Encoding: base64\n',
    ),
    'found, ambiguous',
  ],
  ['uuencode', part(UUENCODED), 'found, ambiguous'],
  [
    'uuencode as declared',
    part(UUENCODED, 'text/plain', 'Content-Transfer-Encoding: x-uuencode\n'),
    'found, ambiguous',
  ],
  [
    'yEnc',
    Buffer.concat([
      Buffer.from(part('=ybegin line=128 size=39 name=x.txt').replaceAll('\n', '\r\n')),
      Buffer.from(SECRET).map((byte) => (byte + 42) % 256),
      Buffer.from('\r\n=yend size=39\r\n'),
    ]),
    'found, ambiguous',
  ],
  ['no MIME-Version', `${HEAD}Content-Transfer-Encoding: base64\n\n${base64(SECRET)}\n`, 'found, ambiguous'],
  [
    'another MIME-Version',
    `${HEAD}MIME-Version: 3\nContent-Transfer-Encoding: base64\n\n${base64(SECRET)}\n`,
    'found, ambiguous',
  ],
];

const MESSAGES: readonly Trick[] = [
  ['a nested message', `${MIME}Content-Type: message/rfc822\n\nSubject: x\n\n${SECRET}\n`, 'found'],
  [
    'the subject of a nested message',
    `${MIME}Content-Type: message/rfc822\n\nSubject: =?utf-8?B?${Buffer.from(SECRET).toString('base64')}?=\n\nx\n`,
    'found',
  ],
  [
    'a nested message in base64',
    `${MIME}Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n${base64(`Subject: x\r\n\r\n${SECRET}\r\n`)}\n`,
    'found, ambiguous',
  ],
  [
    'a nested international message in base64',
    `${MIME}Content-Type: message/global\nContent-Transfer-Encoding: base64\n\n${base64(`Subject: x\r\n\r\n${SECRET}\r\n`)}\n`,
    'found',
  ],
  [
    'part of a message',
    `${MIME}Content-Type: message/partial; id=x; number=1; total=2\n\nContent-Transfer-Encoding: base64\n\n${base64(SECRET)}\n`,
    'found, ambiguous',
  ],
  [
    'a body elsewhere',
    `${MIME}Content-Type: message/external-body; access-type=URL; URL="https://x.example/"\n\nContent-Type: text/plain\n\n${SECRET}\n`,
    'found, ambiguous',
  ],
  [
    'the address of a body elsewhere',
    `${MIME}Content-Type: message/external-body; access-type=URL; URL="https://x.example/?q=Patient SSN 501-23-4567 asthma"\n\nContent-Type: text/plain\n\n\n`,
    'found, ambiguous',
  ],
  [
    'a delivery report',
    part(`Reporting-MTA: dns; x.example\n\nFinal-Recipient: rfc822; ${SECRET}`, 'message/delivery-status'),
    'found',
  ],
  [
    'headers as text',
    part(`Subject: =?utf-8?Q?${SECRET.replaceAll(' ', '_')}?=`, 'text/rfc822-headers'),
    'found',
  ],
  [
    'a message as a text file',
    part(
      `Subject: x\nMIME-Version: 1.0\nContent-Transfer-Encoding: base64\n\n${base64(SECRET)}`,
      'application/octet-stream; name=x.eml',
    ),
    'found',
  ],
];

describe('boundaries', () => {
  it.each(BOUNDARIES)('%s', (_name, message, outcome) => expect(outcomeOf(message)).toBe(outcome));
});

describe('multiparts', () => {
  it.each(MULTIPARTS)('%s', (_name, message, outcome) => expect(outcomeOf(message)).toBe(outcome));
});

describe('transfer encodings', () => {
  it.each(TRANSFER)('%s', (_name, message, outcome) => expect(outcomeOf(message)).toBe(outcome));
});

describe('messages within messages', () => {
  it.each(MESSAGES)('%s', (_name, message, outcome) => expect(outcomeOf(message)).toBe(outcome));
});
