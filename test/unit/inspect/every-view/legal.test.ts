import { describe, expect, it } from 'vitest';
import { allText, isClean, read } from '../limits.js';
import { base64, HEAD, html, MIME, multi, part, quotedPrintable } from './trick.js';

const WORDS = 'The garden party starts at noon';
const folded = (text: string) => base64(text).trimEnd();
const alternative = (boundary: string, text = WORDS) =>
  `This is a multi-part message in MIME format.\n\n--${boundary}\nContent-Type: text/plain;\n\tcharset="us-ascii"\nContent-Transfer-Encoding: 7bit\n\n${text}\n\n--${boundary}\nContent-Type: text/html;\n\tcharset="us-ascii"\nContent-Transfer-Encoding: quoted-printable\n\n<html><body><p class=3DMsoNormal>${text}</p></body></html>\n\n--${boundary}--\n\n`;

/** What real programs send. None of it may count as ambiguous, and all of it must be read. */
const LEGAL: readonly (readonly [name: string, message: string])[] = [
  // Outlook and Exchange.
  [
    'Outlook: the usual alternative',
    `${MIME}Content-Type: multipart/alternative;\n\tboundary="----=_NextPart_000_0012_01DA2B3C.4D5E6F70"\nX-Mailer: Microsoft Outlook 16.0\nThread-Index: AdosExampleExampleExampleExa==\nContent-Language: en-us\n\n${alternative('----=_NextPart_000_0012_01DA2B3C.4D5E6F70')}`,
  ],
  [
    'Exchange: boundaries that begin alike but for their numbers',
    `${MIME}Content-Type: multipart/related;\n\tboundary="_004_AM0PR01MB0001_";\n\ttype="multipart/alternative"\n\n--_004_AM0PR01MB0001_\nContent-Type: multipart/alternative;\n\tboundary="_000_AM0PR01MB0001_"\n\n${alternative('_000_AM0PR01MB0001_')}\n--_004_AM0PR01MB0001_\nContent-Type: text/plain; name="image001.txt"\nContent-Description: image001.txt\nContent-Disposition: inline; filename="image001.txt"; size=31; creation-date="Mon, 03 Jan 2028 10:00:00 GMT"; modification-date="Mon, 03 Jan 2028 10:00:00 GMT"\nContent-ID: <image001.txt@01DA2B3C.4D5E6F70>\nContent-Transfer-Encoding: base64\n\n${folded(WORDS)}\n\n--_004_AM0PR01MB0001_--\n`,
  ],
  [
    'Exchange: headers of its own',
    part(
      WORDS,
      'text/plain; charset="iso-8859-1"',
      'Content-Transfer-Encoding: quoted-printable\nX-MS-Has-Attach:\nX-MS-TNEF-Correlator:\nx-originating-ip: [10.0.0.1]\nx-ms-exchange-antispam-messagedata: =?us-ascii?Q?ABCexample?=\n =?us-ascii?Q?DEFexample?=\nAuthentication-Results: dkim=none (message not signed)\n header.d=none;dmarc=none action=none header.from=clinic.example;\n',
    ),
  ],
  [
    'Exchange: an empty text part',
    multi(
      'boundary=b',
      `--b\nContent-Type: text/plain\n\n\n--b\nContent-Type: text/plain\n\n${WORDS}\n--b--\n`,
    ),
  ],
  [
    'Exchange: a report',
    `${MIME}Content-Type: multipart/report; report-type=delivery-status;\n\tboundary="b"\n\n--b\nContent-Type: text/plain\n\n${WORDS}\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns;x.example\n\nFinal-Recipient: rfc822;a@x.example\nAction: failed\nStatus: 5.1.1\n--b\nContent-Type: message/rfc822\n\nSubject: hello\nMIME-Version: 1.0\n\n${WORDS}\n--b--\n`,
  ],
  [
    'Outlook: conditional comments and Word settings',
    html(
      `<!--[if gte mso 9]><xml><o:OfficeDocumentSettings/></xml><![endif]--><!--[if !mso]><style>v\\:* {behavior:url(#default#VML);}</style><![endif]--><p class=MsoNormal>${WORDS}<o:p></o:p></p>`,
    ),
  ],
  // Gmail and Google Workspace.
  [
    'Gmail: alternative',
    `${MIME}References: <CAExample@mail.example>\nIn-Reply-To: <CAExample@mail.example>\nContent-Type: multipart/alternative; boundary="000000000000abcdef0612345678"\n\n--000000000000abcdef0612345678\nContent-Type: text/plain; charset="UTF-8"\n\n${WORDS}\n\n--000000000000abcdef0612345678\nContent-Type: text/html; charset="UTF-8"\nContent-Transfer-Encoding: quoted-printable\n\n<div dir=3D"ltr">${WORDS}</div>\n\n--000000000000abcdef0612345678--\n`,
  ],
  [
    'Gmail: a file with an attachment ID',
    multi(
      'boundary="b"',
      `--b\nContent-Type: text/plain; charset="US-ASCII"; name="notes.txt"\nContent-Disposition: attachment; filename="notes.txt"\nContent-Transfer-Encoding: base64\nContent-ID: <f_example>\nX-Attachment-Id: f_example\n\n${folded(WORDS)}\n--b--\n`,
    ),
  ],
  [
    'Gmail: a forwarded message within the text',
    part(
      `${WORDS}\n\n---------- Forwarded message ---------\nFrom: Ada Nobody <ada@clinic.example>\nDate: Mon, Jan 3, 2028 at 10:00 AM\nSubject: hello\nTo: <bob@partner.example>\n\nyes`,
    ),
  ],
  [
    'Gmail: confidential amp',
    multi(
      'boundary=b',
      `--b\nContent-Type: text/x-amp-html; charset="UTF-8"\n\n<!doctype html><html amp4email><body>${WORDS}</body></html>\n--b--\n`,
    ),
  ],
  // Apple.
  [
    'iPhone: mixed with a signature',
    `${HEAD}Content-Type: multipart/mixed; boundary=Apple-Mail-5C1F\nContent-Transfer-Encoding: 7bit\nMime-Version: 1.0 (1.0)\nX-Mailer: iPhone Mail (22A100)\n\n\n--Apple-Mail-5C1F\nContent-Type: text/plain;\n\tcharset=us-ascii\nContent-Transfer-Encoding: 7bit\n\n${WORDS}\n\nSent from my iPhone\n--Apple-Mail-5C1F--\n`,
  ],
  [
    'Apple Mail: flowed, blanks deleted',
    part(
      `${WORDS.replace('party', 'par \nty')}`,
      'text/plain;\n\tcharset=utf-8;\n\tformat=flowed;\n\tdelsp=yes',
      'Content-Transfer-Encoding: 7bit\nX-Mailer: Apple Mail (2.3774.600.62)\n',
    ),
  ],
  [
    'Apple Mail: a name in pieces',
    multi(
      'boundary=b',
      `--b\nContent-Disposition: attachment;\n\tfilename*0="a very long name of a file about the garden party of the summer ";\n\tfilename*1="of next year.txt"\nContent-Type: text/plain;\n\tx-unix-mode=0644;\n\tname="a very long name of a file about the garden party of the summer of next year.txt"\nContent-Transfer-Encoding: quoted-printable\n\n${WORDS}=\n\n--b--\n`,
    ),
  ],
  [
    'Apple Mail: boundary without quotation marks',
    multi(
      'boundary=Apple-Mail=_0A1B2C3D-4E5F',
      `--Apple-Mail=_0A1B2C3D-4E5F\nContent-Type: text/plain\n\n${WORDS}\n--Apple-Mail=_0A1B2C3D-4E5F--\n`,
    ),
  ],
  // Programs of clinics, scanners and servers.
  [
    'a program that folds after the colon',
    `${MIME}Content-Type:\n text/plain;\n charset=utf-8\nContent-Transfer-Encoding:\n 8bit\n\n${WORDS}\n`,
  ],
  [
    'a program that writes all in capitals',
    `FROM: a@clinic.example\nSUBJECT: x\nMIME-VERSION: 1.0\nCONTENT-TYPE: TEXT/PLAIN; CHARSET=UTF-8\nCONTENT-TRANSFER-ENCODING: BASE64\n\n${folded(WORDS)}\n`,
  ],
  ['a program that knows no MIME', `From: scanner@clinic.example\nSubject: scan\n\n${WORDS}\n`],
  [
    'a program that declares a type and no version',
    `${HEAD}Content-Type: text/plain; charset=us-ascii\n\n${WORDS}\n`,
  ],
  [
    'JavaMail',
    `${HEAD}Message-ID: <1234.0.1@host.example>\nMIME-Version: 1.0\nContent-Type: multipart/mixed; \n\tboundary="----=_Part_0_123456789.1234567890123"\n\n------=_Part_0_123456789.1234567890123\nContent-Type: text/plain; charset=us-ascii\nContent-Transfer-Encoding: 7bit\n\n${WORDS}\n------=_Part_0_123456789.1234567890123--\n`,
  ],
  [
    'PHPMailer',
    `${MIME}Content-Type: multipart/alternative;\n boundary="b1_0123456789abcdef0123456789abcdef"\nContent-Transfer-Encoding: 8bit\n\nThis is a multi-part message in MIME format.\n--b1_0123456789abcdef0123456789abcdef\nContent-Type: text/plain; charset=us-ascii\n\n${WORDS}\n\n\n--b1_0123456789abcdef0123456789abcdef--\n`,
  ],
  [
    'Python',
    `Content-Type: multipart/mixed; boundary="===============1234567890123456789=="\nMIME-Version: 1.0\nFrom: a@clinic.example\n\n--===============1234567890123456789==\nContent-Type: text/plain; charset="utf-8"\nMIME-Version: 1.0\nContent-Transfer-Encoding: base64\n\n${folded(WORDS)}\n\n--===============1234567890123456789==--\n`,
  ],
  [
    '.NET',
    `${MIME}Content-Type: multipart/mixed;\n boundary=--boundary_0_01234567-89ab-cdef-0123-456789abcdef\n\n----boundary_0_01234567-89ab-cdef-0123-456789abcdef\nContent-Type: text/plain; charset=us-ascii\nContent-Transfer-Encoding: quoted-printable\n\n${WORDS}\n----boundary_0_01234567-89ab-cdef-0123-456789abcdef--\n`,
  ],
  [
    'nodemailer',
    multi(
      'boundary="--_NmP-0123456789abcdef-Part_1"',
      `----_NmP-0123456789abcdef-Part_1\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 7bit\n\n${WORDS}\n----_NmP-0123456789abcdef-Part_1--\n`,
    ),
  ],
  [
    'Thunderbird: flowed, with a signature',
    part(
      `${WORDS.replace(' starts', ' \nstarts')}\n\n-- \nAda`,
      'text/plain; charset=UTF-8; format=flowed',
      'User-Agent: Mozilla Thunderbird\nContent-Language: en-US\nContent-Transfer-Encoding: 7bit\n',
    ),
  ],
  [
    'Thunderbird: a multipart with words of its own',
    multi(
      'boundary="------------0123456789ABCDEF"',
      `This is a multi-part message in MIME format.\n--------------0123456789ABCDEF\nContent-Type: text/plain; charset=UTF-8\n\n${WORDS}\n--------------0123456789ABCDEF--\n`,
    ),
  ],
  [
    'a name as an encoded word',
    multi(
      'boundary=b',
      `--b\nContent-Type: text/plain; name="=?UTF-8?B?Z2FydGVuLnR4dA==?="\nContent-Disposition: attachment; filename="=?UTF-8?B?Z2FydGVuLnR4dA==?="\n\n${WORDS}\n--b--\n`,
    ),
  ],
  [
    'a name twice, in old and new ways',
    multi(
      'boundary=b',
      `--b\nContent-Type: text/plain; name="garten.txt"\nContent-Disposition: attachment; filename="garten.txt"; filename*=UTF-8''g%C3%A4rten.txt\n\n${WORDS}\n--b--\n`,
    ),
  ],
  [
    'a name without quotation marks',
    multi(
      'boundary=b',
      `--b\nContent-Type: text/plain; name=my notes.txt\nContent-Disposition: attachment; filename=my notes.txt\n\n${WORDS}\n--b--\n`,
    ),
  ],
  ['a semicolon at the end', `${MIME}Content-Type: text/plain; charset=utf-8;\n\n${WORDS}\n`],
  ['a disposition of one own', `${MIME}Content-Type: text/plain\nContent-Disposition: x-own\n\n${WORDS}\n`],
  ['a set that nobody named', part(`${WORDS} é`, 'text/plain')],
  ['a set that is none', part(WORDS, 'text/plain; charset=unknown-8bit')],
  ['UTF-8 said to be ASCII', part(`${WORDS} é`, 'text/plain; charset=us-ascii')],
  [
    'windows-1252 said to be ISO-8859-1',
    part(
      `${WORDS} =93x=94`,
      'text/plain; charset=iso-8859-1',
      'Content-Transfer-Encoding: quoted-printable\n',
    ),
  ],
  ['a byte-order mark of UTF-8', part(`\ufeff${WORDS}`)],
  [
    'a Japanese mail',
    part(
      `${WORDS} \x1b$B$3$s$K$A$O\x1b(B`,
      'text/plain; charset=iso-2022-jp',
      'Content-Transfer-Encoding: 7bit\n',
    ),
  ],
  [
    '8-bit bytes under 7bit',
    part(`${WORDS} é`, 'text/plain; charset=utf-8', 'Content-Transfer-Encoding: 7bit\n'),
  ],
  [
    'quoted-printable with long lines and small letters',
    part(
      `${WORDS} =c3=a9 ${'x'.repeat(100)}`,
      'text/plain; charset=utf-8',
      'Content-Transfer-Encoding: quoted-printable\n',
    ),
  ],
  [
    'quoted-printable all over',
    part(
      quotedPrintable(WORDS),
      'text/plain; charset=utf-8',
      'Content-Transfer-Encoding: quoted-printable\n',
    ),
  ],
  [
    'base64 on one long line',
    part(base64(WORDS.repeat(40)).replaceAll('\n', ''), 'text/plain', 'Content-Transfer-Encoding: base64\n'),
  ],
  [
    'base64 with lines of its own length, and blanks',
    part(base64(WORDS).replace(/(.{8})/g, '$1 \n'), 'text/plain', 'Content-Transfer-Encoding: base64\n'),
  ],
  [
    'base64 without padding',
    part(base64(`${WORDS}!!`).replace(/[=\n]/g, ''), 'text/plain', 'Content-Transfer-Encoding: base64\n'),
  ],
  ['empty lines around parts', multi('boundary=b', `\n\n--b\n\n\n${WORDS}\n\n\n--b--\n\n\n\n`)],
  [
    'a footer of a mailing list',
    multi(
      'boundary=b',
      `--b\n\n${WORDS}\n--b--\n_______________________________________________\nlist mailing list\nhttps://lists.example/\n`,
    ),
  ],
  ['a multipart of one part', multi('boundary=b', `--b\n\n${WORDS}\n--b--`)],
  ['a comment in the type', `${MIME}Content-Type: text/plain (plain text); charset=utf-8\n\n${WORDS}\n`],
  [
    'a comment in the version',
    `${HEAD}MIME-Version: 1.0 (made by hand)\nContent-Type: text/plain\nContent-Transfer-Encoding: 8bit\n\n${WORDS}\n`,
  ],
  [
    'encoded words of all sorts',
    `From: =?utf-8?Q?J=C3=B6rg?= <a@clinic.example>\nSubject: =?iso-8859-1?q?gr=FCn?= and =?UTF-8?B?Z3LDvG4=?=\n =?UTF-8?B?ZXI=?=\nMIME-Version: 1.0\n\n${WORDS}\n`,
  ],
  [
    'a long list of recipients',
    `To: ${Array.from({ length: 300 }, (_, i) => `"Nobody, No ${i}" <n${i}@partner.example>`).join(',\n\t')}\n${part(WORDS)}`,
  ],
  ['headers with nothing in them', `X-Priority:\nX-Empty: \n${part(WORDS)}`],
  [
    'DKIM and ARC',
    `DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=clinic.example; s=s1; t=1830000000;\n h=from:to:subject:date; bh=abcdefghijklmnopqrstuvwxyz0123456789ABCDEF0=;\n b=abcdefghijklmnopqrstuvwxyz0123456789\n${part(WORDS)}`,
  ],
  [
    'a calendar',
    multi(
      'boundary=b',
      `--b\nContent-Type: text/calendar; charset=utf-8; method=REQUEST\nContent-Transfer-Encoding: 8bit\n\nBEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:${WORDS}\nEND:VEVENT\nEND:VCALENDAR\n--b--\n`,
    ),
  ],
  [
    'a forwarded message',
    multi(
      'boundary=b',
      `--b\n\nhello\n--b\nContent-Type: message/rfc822\nContent-Disposition: attachment\n\n${part(WORDS)}\n--b--\n`,
    ),
  ],
  [
    'a forwarded message in parts of its own',
    multi(
      'boundary=outer-1',
      `--outer-1\nContent-Type: message/rfc822\n\n${multi('boundary=inner-2', `--inner-2\n\n${WORDS}\n--inner-2--\n`)}\n--outer-1--\n`,
    ),
  ],
  [
    'text that looks like a delimiter',
    multi(
      'boundary=b-0123456789',
      `--b-0123456789\n\n${WORDS}\n-- \nAda\n--\nx\n---\n--b--\n--b-0123456789--\n`,
    ),
  ],
  ['text that begins like uuencode', part(`${WORDS}\nbegin 2028 with a plan\nbegin 100 things\nend`)],
  ['text with a line of dots', part(`.\n..\n${WORDS}`)],
  ['text that quotes source of mail', part(`${WORDS}\n\n> Content-Type: text/plain\n> --b\n> x`)],
  ['an equals sign as text', part(`${WORDS}: a=b, 1=1, https://x.example/?a=b&c=%20d`)],
  [
    'HTML with odd markup',
    html(`<p>${WORDS}<p>1 < 2 & 3 > 2 <br/><o:p>&nbsp;</o:p><![if !supportLists]>x<![endif]>`),
  ],
  [
    'HTML that names its set otherwise',
    part(
      `<meta http-equiv=Content-Type content="text/html; charset=windows-1252"><p>${WORDS}`,
      'text/html; charset=utf-8',
    ),
  ],
];

describe('what real programs send', () => {
  it.each(LEGAL)('%s', (_name, message) => {
    const reading = read(message);
    expect(reading.ambiguities.filter((one) => one.material)).toEqual([]);
    expect(isClean(reading)).toBe(true);
    expect(allText(reading).replace(/\s+/g, ' ')).toContain(WORDS);
  });
});
