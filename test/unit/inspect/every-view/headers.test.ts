import { describe, expect, it } from 'vitest';
import { MIME, outcomeOf, part, quotedPrintable, SECRET, type Trick, written } from './trick.js';

const word = (text: string, encoding = 'Q', charset = 'utf-8') =>
  encoding === 'Q'
    ? `=?${charset}?Q?${text.replaceAll(' ', '_')}?=`
    : `=?${charset}?B?${Buffer.from(text).toString('base64')}?=`;
const subject = (value: string) => `From: a@clinic.example\nSubject: ${value}\nMIME-Version: 1.0\n\nx\n`;
const field = (line: string) => `${MIME}${line}\n\nx\n`;
const crlf = (text: string) => text.replaceAll('\n', '\r\n');

const FIELDS: readonly Trick[] = [
  ['a subject', subject(SECRET), 'found'],
  ['two subjects', `Subject: x\n${subject(SECRET)}`, 'found'],
  ['a folded subject', subject(SECRET.replaceAll(' ', '\n ')), 'found'],
  ['a subject folded with tabs', subject(SECRET.replaceAll(' ', '\n\t')), 'found'],
  [
    'a line of blanks in a folded subject',
    subject(SECRET.replace(' diag', '\n  \n diag')),
    'found, ambiguous',
  ],
  ['a field of one own', field(`X-Note: ${SECRET}`), 'found'],
  ['a field that says what it is', field('X-Patient-SSN: 501234567\nX-Diagnosis: asthma'), 'found'],
  ['a field without a colon', field(SECRET), 'found, ambiguous'],
  ['a field without a name', field(`: ${SECRET}`), 'found, ambiguous'],
  ['blanks before the colon', field(`X-Note : ${SECRET}`), 'found'],
  [
    'blanks before the colon of a decisive field',
    part(quotedPrintable(SECRET), 'text/plain', 'Content-Transfer-Encoding : quoted-printable\n'),
    'found, ambiguous',
  ],
  [
    'the colon on the next line',
    part(quotedPrintable(SECRET), 'text/plain', 'Content-Transfer-Encoding\n : quoted-printable\n'),
    'found, ambiguous',
  ],
  [
    'a name over two lines',
    part(quotedPrintable(SECRET), 'text/plain', 'Content-Transfer-\n Encoding: quoted-printable\n'),
    'found, ambiguous',
  ],
  [
    'a value on the next line',
    part(quotedPrintable(SECRET), 'text/plain', 'Content-Transfer-Encoding:\n quoted-printable\n'),
    'found',
  ],
  ['a first line that begins with a blank', ` X-Note: ${SECRET}\n${MIME}\nx\n`, 'found, ambiguous'],
  ['a mailbox line', `From a@clinic.example Sat Jan  1 00:00:00 2028\n${part(SECRET)}`, 'found, ambiguous'],
  [
    'a bare CR in a field',
    crlf(part('x', 'text/plain', `X-A: b\rContent-Transfer-Encoding: quoted-printable\n`)).replace(
      '\r\nx\r\n',
      `\r\n${quotedPrintable(SECRET).replaceAll('\n', '\r\n')}\r\n`,
    ),
    'found, ambiguous',
  ],
  ['a bare LF for the empty line', Buffer.from(`${crlf(MIME)}\n${crlf(SECRET)}`), 'found, ambiguous'],
  [
    'a NUL in a name',
    part(quotedPrintable(SECRET), 'text/plain', 'Content-Transfer-Encoding\0: quoted-printable\n'),
    'found, ambiguous',
  ],
  [
    'a vertical tab as a line end',
    part(quotedPrintable(SECRET), 'text/plain', 'X-A: b\vContent-Transfer-Encoding: quoted-printable\n'),
    'found',
  ],
  [
    'a form feed as a line end',
    part(quotedPrintable(SECRET), 'text/plain', 'X-A: b\fContent-Transfer-Encoding: quoted-printable\n'),
    'found',
  ],
  [
    'NEL as a line end',
    part(quotedPrintable(SECRET), 'text/plain', 'X-A: b\u0085Content-Transfer-Encoding: quoted-printable\n'),
    'found',
  ],
  [
    'a line separator as a line end',
    part(quotedPrintable(SECRET), 'text/plain', 'X-A: b\u2028Content-Transfer-Encoding: quoted-printable\n'),
    'found',
  ],
  ['a display name', `From: "${SECRET}" <a@clinic.example>\n${MIME}\nx\n`, 'found'],
  ['a display name of encoded words', `From: ${word(SECRET)} <a@clinic.example>\n${MIME}\nx\n`, 'found'],
  [
    'a display name with quoted-pairs',
    `Cc: "${written('5\\01-2\\3-4\\567')}" <a@clinic.example>\n${MIME}\nx\n`,
    'found',
  ],
  ['a comment of an address', `Cc: a@clinic.example (${SECRET})\n${MIME}\nx\n`, 'found'],
  [
    'comments within an address',
    `Cc: Patient SSN 501(x)-23-(y)4567 diagnosis asthma <a@clinic.example>\n${MIME}\nx\n`,
    'found',
  ],
  ['the name of a group', `Cc: "${SECRET}": a@clinic.example;\n${MIME}\nx\n`, 'found'],
  ['a local part', `Cc: "${SECRET}"@clinic.example\n${MIME}\nx\n`, 'found'],
  [
    'a Message-ID',
    `Message-ID: <patient-ssn-501-23-4567-asthma@clinic.example>\n${MIME}\nDiagnosis asthma\n`,
    'found',
  ],
  [
    'a trace field',
    `Received: from x.example (${SECRET}) by y.example; Sat, 1 Jan 2028 00:00:00 +0000\n${MIME}\nx\n`,
    'found',
  ],
  ['keywords', field(`Keywords: ${SECRET}`), 'found'],
  ['a description', field(`Content-Description: ${SECRET}`), 'found'],
  ['raw UTF-8', subject(`é ${SECRET} é`), 'found'],
];

const WORDS: readonly Trick[] = [
  ['Q', subject(word(SECRET)), 'found'],
  ['B', subject(word(SECRET, 'B')), 'found'],
  ['escapes', subject(`=?utf-8?Q?${quotedPrintable(SECRET).replaceAll('=\n', '')}?=`), 'found'],
  [
    'a number over two words',
    subject(`=?utf-8?Q?Patient_SSN_501-2?= =?utf-8?Q?3-4567,_diagnosis_asthma?=`),
    'found',
  ],
  [
    'words of two encodings',
    subject(
      `=?utf-8?Q?Patient_SSN_501-2?=\n =?iso-8859-1?B?${Buffer.from('3-4567, diagnosis asthma').toString('base64')}?=`,
    ),
    'found',
  ],
  [
    'an octet over two words',
    subject(
      `=?utf-8?B?${Buffer.from(SECRET).toString('base64').slice(0, 18)}?= =?utf-8?B?${Buffer.from(SECRET).toString('base64').slice(18)}?=`,
    ),
    'found',
  ],
  ['small letters', subject(word(SECRET).toLowerCase()), 'found'],
  ['a language', subject(word(SECRET, 'Q', 'utf-8*en')), 'found'],
  ['stuck to text', subject(`x${word(SECRET)}x`), 'found'],
  ['blanks inside', subject(`=?utf-8?Q?${SECRET}?=`), 'found'],
  ['a folded word', subject(`=?utf-8?Q?Patient_SSN_501-2\n 3-4567_diagnosis_asthma?=`), 'found'],
  ['junk in base64', subject(word(SECRET, 'B').replace('?B?UGF0', '?B?UG*F0')), 'found'],
  ['an encoded word in an encoded word', subject(word(word(SECRET), 'B')), 'found'],
  ['an unknown character set', subject(word(SECRET, 'Q', 'x-own')), 'found, ambiguous'],
  ['UTF-7', subject('=?utf-7?Q?Patient_SSN_501+AC0-23+AC0-4567,_diagnosis_asthma?='), 'found, ambiguous'],
  [
    'UTF-16',
    subject(`=?utf-16be?B?${Buffer.from(SECRET, 'utf16le').swap16().toString('base64')}?=`),
    'found',
  ],
  ['never ended', subject(`=?utf-8?Q?${SECRET.replaceAll(' ', '_').replaceAll('-', '=2D')}`), 'found'],
  ['in a quoted string', `Cc: "${word(SECRET)}" <a@clinic.example>\n${MIME}\nx\n`, 'found'],
  ['in a comment', `Cc: a@clinic.example (${word(SECRET)})\n${MIME}\nx\n`, 'found'],
  ['full-width digits', subject(word(written('５０１-２３-４５６７'), 'B')), 'found'],
];

const named = (parameters: string) =>
  `${MIME}Content-Type: application/octet-stream\nContent-Disposition: attachment; ${parameters}\n\nDiagnosis asthma\n`;

const PARAMETERS: readonly Trick[] = [
  ['a file name', named('filename="Patient SSN 501-23-4567.txt"'), 'found'],
  [
    'a name of the type',
    `${MIME}Content-Type: application/octet-stream; name="Patient SSN 501-23-4567.txt"\n\nDiagnosis asthma\n`,
    'found',
  ],
  ['words stuck together', named('filename=patient_ssn_501-23-4567_asthma.txt'), 'found'],
  ['an encoded word', named(`filename="${word('Patient SSN 501-23-4567', 'B')}"`), 'found'],
  ['RFC 2231', named("filename*=utf-8'en'Patient%20SSN%20501%2D23%2D4567"), 'found'],
  [
    'RFC 2231 pieces',
    named("filename*0*=utf-8''Patient%20SSN%20501; filename*1=-23-; filename*2*=%34567"),
    'found',
  ],
  [
    'RFC 2231 pieces in any order',
    named("filename*2*=%34567; filename*0*=utf-8''Patient%20SSN%20501; filename*1=-23-"),
    'found',
  ],
  [
    'RFC 2231 pieces with a gap',
    named("filename*0*=utf-8''Patient%20SSN%20501; filename*2=-23-4567"),
    'found',
  ],
  [
    'a name plain and encoded',
    named("filename=x.txt; filename*=utf-8''Patient%20SSN%20501%2D23%2D4567"),
    'found',
  ],
  ['two names', named('filename=x.txt; filename="Patient SSN 501-23-4567"'), 'found'],
  ['quoted-pairs', named('filename="Patient SSN 5\\01-2\\3-4567"'), 'found'],
  ['percent signs without RFC 2231', named('filename="Patient%20SSN%20501%2D23%2D4567"'), 'found'],
  [
    'a parameter of one own',
    `${MIME}Content-Type: text/plain; x-note="Patient SSN 501-23-4567"\n\nDiagnosis asthma\n`,
    'found',
  ],
  [
    'an encoded parameter of one own',
    `${MIME}Content-Type: text/plain; x-note*=utf-8''Patient%20SSN%20%35%30%31%2D23%2D4567\n\nDiagnosis asthma\n`,
    'found',
  ],
  ['a comment', `${MIME}Content-Type: text/plain (Patient SSN 501-23-4567)\n\nDiagnosis asthma\n`, 'found'],
  ['a comment in a name', named('filename=(x)"Patient SSN 501-23-4567"'), 'found'],
  ['never closed', named('filename="Patient SSN 501-23-4567'), 'found, ambiguous'],
  [
    'a name of an image',
    `${MIME}Content-Type: image/png; name="Patient SSN 501-23-4567 asthma.png"\n\nx\n`,
    'found',
  ],
];

const TYPES: readonly Trick[] = [
  [
    'two types',
    `${MIME}Content-Type: image/png\nContent-Type: text/html\n\n<p>Patient SSN 501<b>-23-4567</b> asthma\n`,
    'found, ambiguous',
  ],
  [
    'two types of one kind',
    `${MIME}Content-Type: text/plain\nContent-Type: text/plain\n\n${SECRET}\n`,
    'found',
  ],
  ['no type', `${MIME}\n${SECRET}\n`, 'found'],
  ['an empty type', `${MIME}Content-Type:\n\n${SECRET}\n`, 'found'],
  ['a type without a kind', `${MIME}Content-Type: text\n\n${SECRET}\n`, 'found, ambiguous'],
  ['a type nobody knows', `${MIME}Content-Type: x-own/x-own\n\n${SECRET}\n`, 'found'],
  ['text said to be an image', `${MIME}Content-Type: image/png\n\n${SECRET}\n`, 'found'],
  [
    'HTML said to be text',
    `${MIME}Content-Type: text/plain\n\n<html><body>Patient SSN 501<b>-23-4567</b> asthma\n`,
    'found',
  ],
  [
    'two dispositions',
    `${MIME}Content-Disposition: inline\nContent-Disposition: attachment\n\n${SECRET}\n`,
    'found, ambiguous',
  ],
];

describe('fields', () => {
  it.each(FIELDS)('%s', (_name, message, outcome) => expect(outcomeOf(message)).toBe(outcome));
});

describe('encoded words', () => {
  it.each(WORDS)('%s', (_name, message, outcome) => expect(outcomeOf(message)).toBe(outcome));
});

describe('parameters', () => {
  it.each(PARAMETERS)('%s', (_name, message, outcome) => expect(outcomeOf(message)).toBe(outcome));
});

describe('types', () => {
  it.each(TYPES)('%s', (_name, message, outcome) => expect(outcomeOf(message)).toBe(outcome));
});
