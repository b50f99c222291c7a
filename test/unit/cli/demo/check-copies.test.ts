import { describe, expect, it } from 'vitest';
import { checkSealedCopy, hiddenRecipientsShown } from '../../../../src/cli/demo/check-copies.js';
import type { Received } from '../../../../src/cli/demo/peers.js';
import type { Person } from '../../../../src/cli/demo/people.js';
import type { Submitted } from '../../../../src/cli/demo/submit.js';

/* The demo says "all is well" only where it is: each thing that could be wrong with a copy is told. */

const POE = 'poe@peer.example';
const HIDDEN = 'hidden@peer.example';
const message = (...lines: readonly string[]) => Buffer.from(lines.join('\r\n'));
const SENT = message('Message-ID: <a@b>', 'Subject: Result', `To: ${POE}`, '', 'the canary sings', '');
const INSIDE = message('Content-Type: text/plain', 'Subject: Result', '', 'the canary sings', '');
const TYPE = 'Content-Type: multipart/encrypted; boundary=x;\r\n protocol="application/pgp-encrypted"';
const SEALED = message('Message-ID: <a@b>', 'Subject: [...]', TYPE, '', 'sealed', '');

const submitted: Submitted = {
  sample: {
    name: 'sample',
    subject: 'Result',
    text: '',
    canary: 'the canary sings',
    expected: [],
    hidden: [HIDDEN],
  },
  id: '1',
  messageId: '<a@b>',
  bytes: SENT,
};
const got = (bytes: Buffer, ...recipients: readonly string[]): Received => ({
  peer: 'peer',
  sender: 'ward@clinic.example',
  recipients,
  bytes,
});
const person = (open: Person['open']): Person => ({
  address: POE,
  method: 'pgp',
  publicKey: { kind: 'openpgp', material: new Uint8Array() },
  open,
});
const changed = (bytes: Buffer, from: string, to: string) => Buffer.from(bytes.toString().replace(from, to));

describe('checkSealedCopy', () => {
  it.each<[string, readonly Received[], Buffer | Error, RegExp | undefined]>([
    ['nothing, where all is well', [got(SEALED, POE)], INSIDE, undefined],
    ['a copy that never came', [got(SEALED, 'other@peer.example')], INSIDE, /no copy/],
    ['a second copy', [got(SEALED, POE), got(SEALED, POE)], INSIDE, /one of its own/],
    ['a copy for two', [got(SEALED, POE, HIDDEN)], INSIDE, /one of its own/],
    ['clear mail', [got(changed(SEALED, 'multipart/encrypted', 'text/plain'), POE)], INSIDE, /type/],
    ['the Subject outside', [got(changed(SEALED, '[...]', 'Result'), POE)], INSIDE, /Subject shows/],
    [
      'the text outside',
      [got(changed(SEALED, 'sealed', 'the canary sings'), POE)],
      INSIDE,
      /text shows outside/,
    ],
    ['a key that opens nothing', [got(SEALED, POE)], new Error('no key'), /can't open it: no key/],
    ['another body', [got(SEALED, POE)], changed(INSIDE, 'canary', 'Canary'), /not what was sent/],
    ['another Subject', [got(SEALED, POE)], changed(INSIDE, 'Result', 'Res'), /Subject inside/],
    [
      'a hidden recipient inside',
      [got(SEALED, POE)],
      changed(INSIDE, 'Subject', `Cc: ${HIDDEN}\r\nSubject`),
      /hidden/,
    ],
  ])('tells of %s', async (_, received, inside, problem) => {
    const found = await checkSealedCopy(
      submitted,
      person(() => (inside instanceof Error ? Promise.reject(inside) : Promise.resolve(inside))),
      received,
    );
    if (problem === undefined) expect(found).toBeUndefined();
    else expect(found).toMatch(problem);
  });
});

describe('hiddenRecipientsShown', () => {
  const naming = changed(SENT, 'To:', `Cc: ${HIDDEN}\r\nTo:`);

  it.each([
    ['copies that name nobody hidden', [got(SENT, POE, HIDDEN)], 0],
    ['the copy of the hidden one', [got(naming, HIDDEN)], 0],
    ['the copy of another', [got(naming, POE)], 1],
    ['a copy for both', [got(naming, HIDDEN, POE)], 1],
    ['other mail', [got(changed(naming, '<a@b>', '<c@d>'), POE)], 0],
  ])('%s', (_, received, count) => {
    expect(hiddenRecipientsShown([submitted], received)).toHaveLength(count);
  });
});
