import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chooseMethods } from '../../../src/decide/choose-method.js';
import { join, NO_DEMAND, strength } from '../../../src/decide/lattice.js';
import type { Demand } from '../../../src/model/decision.js';
import { METHODS, type Method, SEALED_METHODS } from '../../../src/model/method.js';
import { availability, demand, prefer } from './arbitrary.js';

const TLS: Demand = { ...NO_DEMAND, methods: METHODS.filter((one) => one !== 'plain'), tls: 'verified' };
const SEALED: Demand = { ...NO_DEMAND, methods: [...SEALED_METHODS] };

function available(...methods: Method[]) {
  const of = (method: Method) =>
    methods.includes(method)
      ? ({ available: true, note: `${method} works` } as const)
      : ({ available: false, reason: `no ${method} here` } as const);
  return { plain: of('plain'), tls: of('tls'), pgp: of('pgp'), smime: of('smime'), portal: of('portal') };
}

const PREFER: Method[] = ['smime', 'pgp', 'tls', 'portal'];

describe('the choice of a method', () => {
  it.each<[string, Demand, Method[], Method[], Method[]]>([
    ['nothing demanded: plain', NO_DEMAND, PREFER, ['plain', 'tls', 'portal'], ['plain']],
    ['tls demanded: all that can, in order', TLS, PREFER, ['plain', 'portal', 'tls'], ['tls', 'portal']],
    ['sealed demanded: not tls', SEALED, PREFER, ['plain', 'portal', 'tls'], ['portal']],
    ['a key is there: sealed first', TLS, PREFER, ['tls', 'pgp'], ['pgp', 'tls']],
    ['nothing available', TLS, PREFER, ['plain'], []],
    ['a method left out of `prefer` is not used', TLS, ['tls'], ['tls', 'portal'], ['tls']],
    [
      'the portal asks for as much as rules demand',
      { ...SEALED, portal: 'shared-secret' },
      PREFER,
      ['portal'],
      ['portal'],
    ],
    [
      'and keeps its place among methods',
      { ...TLS, portal: 'account' },
      ['tls', 'portal'],
      ['portal', 'tls'],
      ['tls', 'portal'],
    ],
    [
      'TLS authenticated is not reached',
      { ...TLS, tls: 'authenticated' },
      PREFER,
      ['tls', 'portal'],
      ['portal'],
    ],
  ])('%s', (_name, wanted, order, can, expected) => {
    expect(chooseMethods(wanted, order, available(...can), () => []).order).toEqual(expected);
  });

  it('tells of every method why it is used or not', () => {
    const { considered } = chooseMethods(
      TLS,
      ['smime', 'tls', 'portal'],
      available('plain', 'tls', 'portal'),
      () => ['phi'],
    );
    expect(considered).toEqual([
      { method: 'plain', verdict: 'refused', reason: 'not allowed by rule phi' },
      { method: 'smime', verdict: 'refused', reason: 'no smime here' },
      { method: 'tls', verdict: 'chosen', reason: 'tls works' },
      { method: 'portal', verdict: 'fallback', reason: 'portal works' },
      { method: 'pgp', verdict: 'refused', reason: 'not in the `prefer` list', leftOut: true },
    ]);
  });

  // `plain` is not among them: it has nothing that could fail for a reason of key, encryption or TLS policy.
  it('is never weaker for a stricter demand, whichever methods then fail', () => {
    fc.assert(
      fc.property(
        demand,
        demand,
        prefer,
        availability,
        fc.subarray<Method>(['tls', 'pgp', 'smime', 'portal']),
        (a, b, order, can, failing) => {
          const safety = (one: Demand) => {
            const left = chooseMethods(one, order, can, () => []).order;
            const next = left.find((method) => !failing.includes(method));
            return next === undefined ? 3 : strength(next);
          };
          expect(safety(join(a, b))).toBeGreaterThanOrEqual(safety(a));
        },
      ),
      { numRuns: 1000 },
    );
  });
});
