import { describe, expect, it } from 'vitest';
import { type Actor, LOCAL, ROLES, type Role } from '../../../../src/model/operator.js';
import { type Circumstances, RIGHTS, type Right, whyNotAllowed } from '../../../../src/ops/acts/rights.js';

const operator = (...roles: readonly Role[]): Actor => ({ kind: 'operator', name: 'rita', roles });
const usual: Circumstances = { required: false, administrators: true, relayStopped: false };
const may = (actor: Actor, right: Right, now: Partial<Circumstances> = {}) =>
  whyNotAllowed(actor, right, { ...usual, ...now }) === undefined;

/** Roles that may, by their first letter, and the local user: `l` as usual, `f` first of all, `s` while stopped. */
function inShort(right: Right): string {
  return [
    ...ROLES.filter((role) => may(operator(role), right)).map((role) => (role === 'auditor' ? 'u' : role[0])),
    ...(may(LOCAL, right) ? ['l'] : []),
    ...(!may(LOCAL, right) && may(LOCAL, right, { administrators: false }) ? ['f'] : []),
    ...(!may(LOCAL, right) && may(LOCAL, right, { relayStopped: true }) ? ['s'] : []),
  ].join('');
}

describe('who may do what', () => {
  it('is this, and nothing else', () => {
    // r reviewer, u auditor, a administrator.
    expect(Object.fromEntries(Object.entries(RIGHTS).map(([name, right]) => [name, inShort(right)]))).toEqual(
      {
        'users add': 'al',
        'users password': 'al',
        'users allow': 'al',
        'users disable': 'al',
        'users enable': 'al',
        'queue retry': 'al',
        'queue cancel': 'ral',
        'held release': 'rl',
        'held reject': 'rl',
        'held redecide': 'rl',
        'portal revoke': 'al',
        'portal extend': 'al',
        'portal resend': 'al',
        'portal unlock': 'al',
        'suppress add': 'al',
        'suppress remove': 'al',
        'tls reset': 'al',
        'keys import': 'al',
        'keys import-own': 'al',
        'keys trust': 'al',
        'keys reject': 'al',
        'keys remove': 'al',
        'keys remove-own': 'al',
        'keys find': 'ral',
        'keys dkim': 'al',
        'keys dkim-remove': 'al',
        'roster import': 'al',
        'roster remove': 'al',
        'audit record-export': 'ual',
        'audit hold add': 'ual',
        'audit hold remove': 'ul',
        'audit prune': 'al',
        backup: 'al',
        'keys rotate-master': 'al',
        'operators add': 'af',
        'operators roles': 'a',
        'operators disable': 'a',
        'operators token': 'rua',
        'operators totp': 'rua',
        'operators recover': 's',
      },
    );
  });

  it.each(Object.entries(RIGHTS))(
    '%s: where operators are required, a nameless user only begins and recovers',
    (name, right) => {
      const required = { required: true };
      expect(may(LOCAL, right, required)).toBe(false);
      expect(may(LOCAL, right, { ...required, administrators: false })).toBe(name === 'operators add');
      expect(may(LOCAL, right, { ...required, relayStopped: true })).toBe(name === 'operators recover');
    },
  );

  it.each(Object.entries(RIGHTS))(
    '%s: one role that suffices is enough, and none gives nothing',
    (_, right) => {
      const given: readonly Role[] = right.roles;
      expect(may(operator(...ROLES), right)).toBe(given.length > 0);
      expect(may({ kind: 'operator', name: 'rita', roles: [] }, right)).toBe(false);
    },
  );
});
