import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PORTAL_STRENGTHS } from '../../../../src/model/method.js';
import { PROOFS } from '../../../../src/model/portal-item.js';
import { type Enrolment, opens } from '../../../../src/portal/ways/proofs.js';
import { type Means, nextSteps, proofOf } from '../../../../src/portal/ways/steps.js';

const NONE: Means = {
  password: false,
  totp: false,
  passkey: false,
  device: false,
  sms: false,
  passphrase: false,
  register: false,
};
const item = (strength: (typeof PORTAL_STRENGTHS)[number]) => ({
  id: 'i',
  recipient: 'ana@x.example',
  strength,
});
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

describe('what a session opens', () => {
  it('never more where more is demanded', () => {
    fc.assert(
      fc.property(proofSets, enrolments, (proofs, enrolment) => {
        const open = PORTAL_STRENGTHS.map((strength) => opens(item(strength), session(...proofs), enrolment));
        expect(open).toEqual([...open].sort((a, b) => Number(b) - Number(a)));
      }),
    );
  });

  it('never less with one more proof', () => {
    fc.assert(
      fc.property(
        proofSets,
        fc.constantFrom(...PROOFS),
        fc.constantFrom(...PORTAL_STRENGTHS),
        enrolments,
        (proofs, more, strength, enrolment) => {
          const before = opens(item(strength), session(...proofs), enrolment);
          const after = opens(item(strength), session(...new Set([...proofs, more])), enrolment);
          expect(before && !after).toBe(false);
        },
      ),
    );
  });

  it.each<[string, (typeof PROOFS)[number][], Enrolment, boolean[]]>([
    ['nothing', [], {}, [false, false, false, false]],
    ['the mailbox', ['mailbox'], {}, [true, false, false, false]],
    ['a known device', ['device'], {}, [true, false, false, false]],
    ['an SMS code alone', ['sms'], {}, [false, false, false, false]],
    ['a passphrase alone', ['passphrase'], {}, [false, false, false, false]],
    ['a TOTP code alone', ['totp'], { totp: 'organisation' }, [false, false, false, false]],
    ['a password', ['password'], {}, [true, true, false, false]],
    [
      'factors that the mailbox enrolled',
      ['password', 'totp', 'passkey'],
      { totp: 'mailbox', passkey: 'mailbox' },
      [true, true, false, false],
    ],
    ['password and TOTP', ['password', 'totp'], { totp: 'organisation' }, [true, true, true, false]],
    ['a passkey', ['passkey'], { passkey: 'organisation' }, [true, true, true, false]],
    ['mailbox and SMS', ['mailbox', 'sms'], {}, [true, true, true, false]],
    ['mailbox and passphrase', ['mailbox', 'passphrase'], {}, [true, true, true, true]],
  ])('%s', (_, proofs, enrolment, expected) => {
    expect(PORTAL_STRENGTHS.map((strength) => opens(item(strength), session(...proofs), enrolment))).toEqual(
      expected,
    );
  });

  it('nothing of somebody else, and no passphrase of another item', () => {
    const all = { ...session(...PROOFS), passphraseItems: ['j'] };
    expect(opens({ ...item('code'), recipient: 'ben@x.example' }, all, {})).toBe(false);
    expect(opens(item('shared-secret'), all, {})).toBe(false);
  });
});

describe('the steps that are offered', () => {
  it('lead on to the item as long as there are any', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...PORTAL_STRENGTHS),
        fc.record({
          password: fc.boolean(),
          totp: fc.boolean(),
          passkey: fc.boolean(),
          device: fc.boolean(),
          sms: fc.boolean(),
          passphrase: fc.boolean(),
          register: fc.boolean(),
        }),
        enrolments,
        (strength, means, enrolment) => {
          let proofs: (typeof PROOFS)[number][] = [];
          for (let steps = nextSteps(item(strength), undefined, means, enrolment); steps.length > 0; ) {
            proofs = [...proofs, proofOf(steps.at(-1)!)];
            steps = nextSteps(item(strength), session(...proofs), means, enrolment);
          }
          const helpless = nextSteps(item(strength), undefined, means, enrolment).length === 0;
          expect(opens(item(strength), session(...proofs), enrolment)).toBe(!helpless);
        },
      ),
    );
  });

  it.each<
    [string, Parameters<typeof item>[0], (typeof PROOFS)[number][], Partial<Means>, Enrolment, string[]]
  >([
    ['a code to a stranger', 'code', [], {}, {}, ['mailbox']],
    [
      'whatever there is where a code would do',
      'code',
      [],
      { device: true, password: true },
      {},
      ['device', 'mailbox', 'password'],
    ],
    ['nothing to a mere mailbox where an account is demanded', 'account', [], {}, {}, []],
    ["the code first, then a password of one's choice", 'account', [], { register: true }, {}, ['mailbox']],
    ["a password of one's choice", 'account', ['mailbox'], { register: true }, {}, ['register']],
    [
      'no such password where a second factor is demanded',
      'account-second-factor',
      [],
      { register: true },
      {},
      [],
    ],
    ['the code first, then the SMS', 'account-second-factor', [], { sms: true }, {}, ['mailbox']],
    ['then the SMS', 'account-second-factor', ['mailbox'], { sms: true }, {}, ['sms']],
    [
      'TOTP only after the password',
      'account-second-factor',
      ['password'],
      { password: true, totp: true },
      { totp: 'organisation' },
      ['totp'],
    ],
    [
      'no factor that the mailbox enrolled',
      'account-second-factor',
      [],
      { password: true, totp: true },
      { totp: 'mailbox' },
      [],
    ],
    [
      'the passphrase beside a first step',
      'shared-secret',
      ['mailbox'],
      { passphrase: true, sms: true },
      {},
      ['passphrase'],
    ],
  ])('%s', (_, strength, proofs, means, enrolment, expected) => {
    expect(nextSteps(item(strength), session(...proofs), { ...NONE, ...means }, enrolment)).toEqual(expected);
  });
});
