import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PROOFS } from '../../../../src/model/portal-item.js';
import { isFresh, mayChangeAccount, standsBehind } from '../../../../src/portal/ways/enrolling.js';
import type { Enrolment } from '../../../../src/portal/ways/proofs.js';

const session = (...proofs: (typeof PROOFS)[number][]) => ({
  recipient: 'ana@x.example',
  proofs,
  passphraseItems: proofs.includes('passphrase') ? ['i'] : [],
});
const proofSets = fc.uniqueArray(fc.constantFrom(...PROOFS));
const enrolments: fc.Arbitrary<Enrolment> = fc.record(
  { totp: fc.constantFrom('mailbox', 'organisation'), passkey: fc.constantFrom('mailbox', 'organisation') },
  { requiredKeys: [] },
);

describe('changing an account', () => {
  it('needs no less with one more proof', () => {
    fc.assert(
      fc.property(
        proofSets,
        fc.constantFrom(...PROOFS),
        enrolments,
        fc.boolean(),
        (has, one, enrolled, pw) => {
          const before = mayChangeAccount(session(...has), enrolled, pw);
          const after = mayChangeAccount(session(...new Set([...has, one])), enrolled, pw);
          expect(before && !after).toBe(false);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('is never for whoever merely has the mailbox, where there is a password or a factor', () => {
    fc.assert(
      fc.property(enrolments, fc.boolean(), (enrolled, pw) => {
        const guarded = pw || enrolled.totp !== undefined || enrolled.passkey !== undefined;
        expect(mayChangeAccount(session('mailbox', 'device'), enrolled, pw)).toBe(!guarded);
      }),
    );
  });

  it.each<[string, (typeof PROOFS)[number][], Enrolment, boolean, boolean]>([
    ['with the password, where there is nothing else', ['password'], {}, true, true],
    ['not by the password beside an app', ['password'], { totp: 'mailbox' }, true, false],
    ['by password and app', ['password', 'totp'], { totp: 'mailbox' }, true, true],
    ['by a passkey', ['passkey'], { passkey: 'mailbox' }, true, true],
    [
      'not by a weaker app beside a stronger passkey',
      ['password', 'totp'],
      { totp: 'mailbox', passkey: 'organisation' },
      true,
      false,
    ],
    ['by a passphrase told by telephone', ['mailbox', 'passphrase'], { totp: 'organisation' }, true, true],
    ['not by a passphrase alone', ['passphrase'], { totp: 'organisation' }, true, false],
    ['by a code of the organisation’s gateway', ['mailbox', 'sms'], { passkey: 'organisation' }, true, true],
  ])('%s', (_, proofs, enrolment, hasPassword, may) => {
    expect(mayChangeAccount(session(...proofs), enrolment, hasPassword)).toBe(may);
  });

  it('counts as the organisation’s only what an organisation’s proof stood behind', () => {
    expect(standsBehind(session('mailbox', 'password'), {})).toBe('mailbox');
    expect(standsBehind(session('mailbox', 'passphrase'), {})).toBe('organisation');
    expect(standsBehind(session('passkey'), { passkey: 'mailbox' })).toBe('mailbox');
    expect(standsBehind(session('passkey'), { passkey: 'organisation' })).toBe('organisation');
  });

  it('asks for a proof of the last ten minutes', () => {
    expect(isFresh({ createdAt: 0 }, 600_000)).toBe(true);
    expect(isFresh({ createdAt: 0 }, 600_001)).toBe(false);
  });
});
