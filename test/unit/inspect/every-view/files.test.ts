import { describe, expect, it } from 'vitest';
import { base64, outcomeOf, part, type Trick } from './trick.js';

const file = (body: string, name = 'x.html', type = 'application/octet-stream') =>
  part(body, `${type}; name=${name}`, `Content-Disposition: attachment; filename=${name}\n`);
const PAGE = '<section>Patient SSN 5<em></em>0<em></em>1<em></em>-<em></em>2<em></em>3-4567 asthma</section>';

const FILES: readonly Trick[] = [
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

describe('files that programs open by their name', () => {
  it.each(FILES)('%s', (_name, message, outcome) => expect(outcomeOf(message)).toBe(outcome));
});
