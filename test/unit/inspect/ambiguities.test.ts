import { describe, expect, it } from 'vitest';
import { allText, HEADER, isClean, mail, read } from './limits.js';

const SECRET = 'MRN 0012345';
const BASE64 = Buffer.from(`Record ${SECRET} of nobody in particular\r\n`).toString('base64');
const multi = (head: string, body: string) => `${HEADER}Content-Type: multipart/mixed; ${head}\n\n${body}`;
const PART = `\nContent-Type: text/plain\n\n${SECRET}\n`;

/** Each message hides the same text; whatever else is expected, some view must show it. */
const CASES: readonly (readonly [name: string, message: string, expected: readonly string[]])[] = [
  ['one plain part', `${HEADER}\n${SECRET}\n`, []],
  ['one multipart', multi('boundary=b', `--b${PART}--b--\n`), []],
  [
    'two different Content-Types',
    `${HEADER}Content-Type: image/png\nContent-Type: text/plain\n\n${SECRET}\n`,
    ['duplicate-content-type!'],
  ],
  [
    'the same Content-Type twice',
    `${HEADER}Content-Type: text/plain\nContent-Type: Text/Plain\n\n${SECRET}\n`,
    ['duplicate-content-type'],
  ],
  [
    'text/plain and multipart at once',
    `${HEADER}Content-Type: text/plain\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Transfer-Encoding: base64\n\n${BASE64}\n--b--\n`,
    ['duplicate-content-type!'],
  ],
  [
    'two transfer encodings',
    `${HEADER}Content-Transfer-Encoding: 7bit\nContent-Transfer-Encoding: base64\n\n${BASE64}\n`,
    ['duplicate-content-transfer-encoding!'],
  ],
  [
    'an unknown transfer encoding',
    `${HEADER}Content-Transfer-Encoding: x-mine\n\n${BASE64}\n`,
    ['unknown-transfer-encoding!'],
  ],
  [
    'a transfer encoding with a parameter',
    `${HEADER}Content-Transfer-Encoding: base64; x=y\n\n${BASE64}\n`,
    ['malformed-transfer-encoding!'],
  ],
  [
    'two dispositions',
    `${HEADER}Content-Disposition: inline\nContent-Disposition: attachment\n\n${SECRET}\n`,
    ['duplicate-content-disposition!'],
  ],
  [
    'two boundaries',
    multi('boundary=x; boundary=b', `--b${PART}--b--\n`),
    ['duplicate-parameter!', 'conflicting-boundary!'],
  ],
  [
    'a boundary plain and extended',
    multi("boundary*=us-ascii''x; boundary=b", `--b${PART}--b--\n`),
    ['parameter-conflict!', 'extended-parameter!'],
  ],
  [
    'a continued boundary',
    multi('boundary*0=b; boundary*1=c', `--bc${PART}--bc--\n`),
    ['extended-parameter!'],
  ],
  ['an unfinished quotation', multi('boundary="b', `--b${PART}--b--\n`), ['unterminated-parameter!']],
  ['no boundary', multi('charset=utf-8', `--b${PART}--b--\n`), ['boundary-missing!']],
  ['an empty boundary', multi('boundary=""', `--b${PART}--b--\n`), ['boundary-empty!']],
  ['a boundary that ends in a blank', multi('boundary="b "', `--b ${PART}--b --\n`), ['boundary-invalid!']],
  ['a boundary that never occurs', multi('boundary=c', `--b${PART}--b--\n`), ['boundary-unused!']],
  ['a delimiter with trailing blanks', multi('boundary=b', `--b \t${PART}--b--\n`), ['boundary-padding!']],
  ['a delimiter with more behind', multi('boundary=b', `--b\n\nx\n--bc${PART}--b--\n`), ['boundary-prefix!']],
  ['a multipart never closed', multi('boundary=b', `--b${PART}`), ['boundary-unclosed!']],
  ['parts after the end', multi('boundary=b', `--b\n\nx\n--b--\n--b${PART}--b--\n`), ['parts-after-close!']],
  [
    'the boundary of the multipart around it',
    multi('boundary=b', `--b\nContent-Type: multipart/mixed; boundary=b\n\n--b${PART}--b--\n--b--\n`),
    ['boundary-reused!'],
  ],
  [
    'a boundary that begins like the one around it',
    multi('boundary=b', `--b\nContent-Type: multipart/mixed; boundary=bb\n\n--bb${PART}--bb--\n--b--\n`),
    ['boundary-prefix!'],
  ],
  [
    'the usual preamble',
    multi('boundary=b', `This is a multi-part message in MIME format.\n--b${PART}--b--\n`),
    ['preamble-text'],
  ],
  ['words in the preamble', multi('boundary=b', `${SECRET}\n--b\n\nx\n--b--\n`), ['preamble-text']],
  ['base64 in the preamble', multi('boundary=b', `${BASE64}\n\n--b\n\nx\n--b--\n`), ['preamble-text!']],
  ['words in the epilogue', multi('boundary=b', `--b\n\nx\n--b--\n${SECRET}\n`), ['epilogue-text']],
  [
    'a part in the epilogue',
    multi('boundary=b', `--b\n\nx\n--b--\nContent-Type: text/plain\n\n${SECRET}\n`),
    ['epilogue-text!'],
  ],
  [
    'junk in base64',
    `${HEADER}Content-Transfer-Encoding: base64\n\n${BASE64.replace(/(.{7})/g, '$1*')}\n`,
    ['base64-junk!'],
  ],
  [
    'data after padding',
    `${HEADER}Content-Transfer-Encoding: base64\n\naGk=\n${BASE64}\n`,
    ['base64-after-padding!'],
  ],
  [
    'base64 without padding',
    `${HEADER}Content-Transfer-Encoding: base64\n\n${Buffer.from(`${SECRET}!!`).toString('base64').replace(/=+$/, '')}\n`,
    ['base64-unpadded'],
  ],
  [
    'a stray equals sign in quoted-printable',
    `${HEADER}Content-Transfer-Encoding: quoted-printable\n\nMRN 00=\n1=32345 =zz\n`,
    ['quoted-printable-broken!'],
  ],
  [
    'a number that only a lenient quoted-printable decoder shows',
    `${HEADER}Content-Transfer-Encoding: quoted-printable\n\nMRN =0=0=1=2=3=4=5\n`,
    ['quoted-printable-broken!'],
  ],
  [
    'an encoded multipart',
    `${HEADER}Content-Type: multipart/mixed; boundary=b\nContent-Transfer-Encoding: base64\n\n${Buffer.from(`--b\r\n\r\n${SECRET}\r\n--b--\r\n`).toString('base64')}\n`,
    ['encoded-multipart!', 'boundary-unused!'],
  ],
  [
    'an encoded nested message',
    `${HEADER}Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n${Buffer.from(`Subject: x\r\n\r\n${SECRET}\r\n`).toString('base64')}\n`,
    ['encoded-message!'],
  ],
  ['no MIME-Version, read alike', `Content-Type: text/plain\n\n${SECRET}\n`, ['missing-mime-version']],
  [
    'no MIME-Version, read differently',
    `Content-Transfer-Encoding: base64\n\n${BASE64}\n`,
    ['missing-mime-version!'],
  ],
  [
    'MIME-Version 2.0',
    `MIME-Version: 2.0\nContent-Transfer-Encoding: base64\n\n${BASE64}\n`,
    ['odd-mime-version!'],
  ],
  [
    'MIME-Version with a comment',
    `MIME-Version: 1.0 (by hand)\nContent-Transfer-Encoding: base64\n\n${BASE64}\n`,
    [],
  ],
  [
    'message/partial',
    `${HEADER}Content-Type: message/partial; id=x; number=1\n\n${SECRET}\n`,
    ['message-partial!'],
  ],
  [
    'message/external-body',
    `${HEADER}Content-Type: message/external-body; access-type=URL\n\nContent-Type: text/plain\n\n${SECRET}\n`,
    ['message-external-body!'],
  ],
  ['UTF-7', `${HEADER}Content-Type: text/plain; charset=utf-7\n\nMRN +ADAAMAAxADIAMwA0ADU-\n`, ['utf-7!']],
  [
    'an unknown character set',
    `${HEADER}Content-Type: text/plain; charset=x-none\n\n${SECRET}\n`,
    ['unknown-charset!'],
  ],
  [
    'two character sets',
    `${HEADER}Content-Type: text/plain; charset=utf-8; charset=koi8-r\n\n${SECRET}\n`,
    ['duplicate-parameter!', 'conflicting-charset!'],
  ],
  [
    'ASCII declared as UTF-16',
    `${HEADER}Content-Type: text/plain; charset=utf-16\n\n${SECRET}\n`,
    ['charset-mismatch!'],
  ],
  [
    'a uuencoded block',
    `${HEADER}\nhello\nbegin 644 n.txt\n+35).(#\`P,3(S-#4\n\`\nend\n`,
    ['uuencode-block!'],
  ],
  ['a line without a colon', `${HEADER}${SECRET}\n\nx\n`, ['header-without-colon!']],
  ['a folded line of blanks', `${HEADER}X-A: x\n \t\n ${SECRET}\n\nx\n`, ['folded-blank-line!']],
  [
    'a first line that begins with a blank',
    ` ${SECRET}: x\n${HEADER}\nx\n`,
    ['leading-continuation!', 'odd-header-name!'],
  ],
  [
    'a blank before the colon of a MIME field',
    `${HEADER}Content-Transfer-Encoding : base64\n\n${BASE64}\n`,
    ['space-before-colon!'],
  ],
  ['a blank before another colon', `${HEADER}X-Note : ${SECRET}\n\nx\n`, ['space-before-colon']],
  ['odd bytes in a field name', `${HEADER}X-N\x01ote: ${SECRET}\n\nx\n`, ['odd-header-name!']],
  ['a malformed media type', `${HEADER}Content-Type: plain\n\n${SECRET}\n`, ['malformed-content-type!']],
  [
    'an encoded word in an unknown character set',
    `Subject: =?x-none?Q?MRN_0012345?=\n\nx\n`,
    ['unknown-charset!'],
  ],
];

describe('ambiguities', () => {
  it.each(CASES)('%s', (_name, message, expected) => {
    const reading = read(message);
    const names = reading.ambiguities.map((one) => (one.material ? `${one.name}!` : one.name));
    expect([...new Set(names)].sort()).toEqual(expect.arrayContaining([...expected].sort()));
    if (expected.length === 0) expect(names).toEqual([]);
    expect(isClean(reading)).toBe(!expected.some((name) => name.endsWith('!')));
    expect(allText(reading).replace(/\s+/g, ' ')).toContain(SECRET);
  });

  it.each([
    ['bare-lf', 'Subject: x\r\nX-A: y\nX-B: z\r\n\r\nbody\r\n'],
    ['bare-cr', 'Subject: x\r\n\r\nbo\rdy\r\n'],
    ['nul', 'Subject: x\r\n\r\nbo\0dy\r\n'],
  ])('%s anywhere makes the message ambiguous', (name, message) => {
    const reading = read(Buffer.from(message, 'latin1'));
    expect(reading.ambiguities).toContainEqual({ name, part: '0', material: true });
    expect(isClean(reading)).toBe(false);
  });

  it('names an ambiguity where it is', () => {
    const reading = read(
      multi('boundary=b', `--b\n\nfine\n--b\nContent-Transfer-Encoding: base64\n\nYW*Jj\n--b--\n`),
    );
    expect(reading.ambiguities).toEqual([{ name: 'base64-junk', part: '2', material: true }]);
    expect(reading.parts.map((part) => [part.path, part.status])).toEqual([
      ['0', 'read'],
      ['1', 'read'],
      ['2', 'ambiguous'],
    ]);
  });

  it('reads both sides of conflicting encodings', () => {
    const reading = read(
      `${HEADER}Content-Transfer-Encoding: quoted-printable\nContent-Transfer-Encoding: base64\n\n${BASE64}\n`,
    );
    expect(allText(reading)).toContain(SECRET);
    expect(allText(reading)).toContain(BASE64);
  });

  it('keeps the further readings of nested conflicts in bounds', () => {
    let body = `\n${SECRET}\n`;
    for (let i = 0; i < 18; i++) {
      body = `Content-Type: multipart/mixed; boundary=b${i}-x\nContent-Type: multipart/related; boundary=b${i}-x\n\n--b${i}-x\n${body}\n--b${i}-x--\n`;
    }
    const reading = read(mail(`MIME-Version: 1.0\n${body}`));
    expect(isClean(reading)).toBe(false);
    expect(allText(reading)).toContain(SECRET);
  });
});
