import { describe, expect, it } from 'vitest';
import { inspectMessage } from '../../../../src/inspect/inspect-message.js';
import { LIMITS, mail } from '../limits.js';
import { base64, outcomeOf, part, SECRET, type Trick } from './trick.js';

const file = (body: string, name = 'x.html', type = 'application/octet-stream') =>
  part(body, `${type}; name=${name}`, `Content-Disposition: attachment; filename=${name}\n`);
const PAGE = '<section>Patient SSN 5<em></em>0<em></em>1<em></em>-<em></em>2<em></em>3-4567 asthma</section>';

/** Words of a form's data are written in as many ways as those of a PDF. */
const FDF = `%FDF-1.2\n1 0 obj<</FDF<</Fields[<</T(a)/V<${Buffer.from(SECRET).toString('hex')}>>>]>>>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF`;

const FILES: readonly Trick[] = [
  ['data of a form', file(FDF, 'x.fdf', 'application/vnd.fdf'), 'ambiguous'],
  ['data of a form under a type of text', file(FDF, 'x.txt', 'text/plain'), 'found, ambiguous'],
  ['a page without the usual tags', file(PAGE), 'found'],
  ['a page whose tags have signs in them', file(PAGE.replaceAll('<em>', '<em title="a<b">')), 'found'],
  ['a page under a type of text', file(PAGE, 'x.html', 'text/plain'), 'found'],
  ['a page under a type that nobody knows', file(PAGE, 'x.html', 'text/x-own'), 'found'],
  ['a page under a type of messages', file(PAGE, 'x.html', 'message/x-own'), 'found'],
  ['a page without a name', part(PAGE, 'application/x-own'), 'found'],
  [
    'a page saved as mail',
    file(
      `MIME-Version: 1.0\nContent-Type: text/html\nContent-Transfer-Encoding: base64\n\n${base64(PAGE)}`,
      'x.mht',
    ),
    'found',
  ],
  [
    'a message of two fields',
    file(`Content-Type: text/html\nContent-Transfer-Encoding: base64\n\n${base64(PAGE)}`, 'x.eml'),
    'found, ambiguous',
  ],
  [
    'a message of few fields',
    file(
      `Subject: Patient with asthma\nTo: b@x.test\nContent-Transfer-Encoding: base64\n\n${base64('SSN 501-23-4567')}`,
      'x.eml',
    ),
    'found, ambiguous',
  ],
  [
    'a message behind its length',
    file(
      `321\nMIME-Version: 1.0\nSubject: asthma\nContent-Type: text/html\nContent-Transfer-Encoding: base64\n\n${base64(PAGE)}`,
      'x.emlx',
    ),
    'found',
  ],
];

const NO_MAIL: readonly Trick[] = [
  ['text', file(`${SECRET}\nsee you on Monday`, 'x.eml'), 'found'],
  ['text with a colon', file(`Note: ${SECRET}\n\nSubject: asthma`, 'x.eml'), 'found'],
  ['a page', file(PAGE, 'x.mht'), 'found'],
  ['records', file(`{"patient":"${SECRET}"}`, 'x.eml', 'message/rfc822-headers'), 'found'],
];

/** The header goes on behind what is no field: some readers pass over that. */
const LENIENT: readonly Trick[] = [
  ['a line before it', `see\nContent-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: base64`],
  ['empty lines before it', `\n\nContent-Type: text/html\nContent-Transfer-Encoding: base64`],
  [
    'more fields of nobody before it than are looked at',
    `${'Comment: y\n'.repeat(7000)}Content-Transfer-Encoding: base64`,
  ],
  [
    'as many fields of nobody before it as are looked at',
    `${'Comment: yyyyy\n'.repeat(7000)}Content-Transfer-Encoding: base64`,
  ],
  [
    'a line before it, and more fields than are looked at',
    `seen it\nContent-Transfer-Encoding: base64${'\nComment: y'.repeat(7000)}`,
  ],
  [
    'more empty lines before it than a screen has',
    `${'\n'.repeat(3000)}Content-Type: text/html\nContent-Transfer-Encoding: base64`,
  ],
  ["a field of one's own before it", `X: y\nContent-Transfer-Encoding: base64`],
].map(([name = '', head = '']) => [name, file(`${head}\n\n${base64(PAGE)}`, 'x.eml'), 'ambiguous'] as const);

describe('files that are named as mail', () => {
  it.each(NO_MAIL)('are read by their bytes: %s', (_name, message, outcome) => {
    expect(outcomeOf(message)).toBe(outcome);
    const { ambiguities } = inspectMessage(mail(message.toString()), {
      limits: LIMITS,
      fingerprintKey: new Uint8Array(32),
    });
    expect(ambiguities.map(({ name }) => name)).toEqual(['type-mismatch']);
  });

  it.each(LENIENT)('are mail with %s', (_name, message) => {
    expect(outcomeOf(message)).not.toBe('missed');
    expect(outcomeOf(message)).not.toBe('found');
  });
});

describe('files that programs open by their name', () => {
  it.each(FILES)('%s', (_name, message, outcome) => expect(outcomeOf(message)).toBe(outcome));
});
