import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { methodsAfterRelease } from '../../../src/decide/choose-method.js';
import { decide } from '../../../src/decide/decide.js';
import { atLeastAsStrict, strength } from '../../../src/decide/lattice.js';
import type { Condition, Rule } from '../../../src/decide/policy-set.js';
import type { Decision } from '../../../src/model/decision.js';
import { DISPOSITIONS, type Method } from '../../../src/model/method.js';
import { availability, message, NOW, policySet, recipient, rule } from './arbitrary.js';

const RUNS = { numRuns: 200 };

/** How well protected what happens is: a held or rejected message is safest of all. */
function safety(decision: Decision, firstFailed: readonly Method[] = []): number {
  const next = decision.order.find((method) => !firstFailed.includes(method));
  return next === undefined ? 3 : strength(next);
}

describe('one more rule', () => {
  it('never weakens the demand, the disposition or the strength of the method', () => {
    fc.assert(
      fc.property(policySet, rule, message, recipient, (policy, added, facts, to) => {
        const before = decide(policy, facts, to);
        const after = decide({ ...policy, rules: [...policy.rules, { ...added, id: 'added' }] }, facts, to);
        expect(atLeastAsStrict(after.demand, { ...before.demand, disposition: 'send' })).toBe(true);
        expect(rank(after)).toBeGreaterThanOrEqual(rank(before));
        expect(safety(after)).toBeGreaterThanOrEqual(safety(before));
        expect(!before.protected || after.protected).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  it('never weakens what is fallen back on, whichever methods fail', () => {
    fc.assert(
      fc.property(
        policySet,
        rule,
        message,
        recipient,
        fc.subarray(['tls', 'pgp', 'smime', 'portal'] as const),
        (policy, added, facts, to, failing) => {
          const before = decide(policy, facts, to);
          const after = decide({ ...policy, rules: [...policy.rules, { ...added, id: 'added' }] }, facts, to);
          expect(safety(after, failing)).toBeGreaterThanOrEqual(safety(before, failing));
        },
      ),
      RUNS,
    );
  });

  it('never lets a person release by more methods', () => {
    fc.assert(
      fc.property(policySet, rule, message, recipient, (policy, added, facts, to) => {
        const before = decide(policy, facts, to);
        const after = decide({ ...policy, rules: [...policy.rules, { ...added, id: 'added' }] }, facts, to);
        const allowed = methodsAfterRelease(before, to.availability);
        for (const method of methodsAfterRelease(after, to.availability)) {
          if (before.demand.disposition !== 'reject') expect(allowed).toContain(method);
        }
      }),
      RUNS,
    );
  });
});

describe('a decision', () => {
  it('does not depend on the order of rules', () => {
    fc.assert(
      fc.property(
        policySet.chain((policy) =>
          fc.tuple(
            fc.constant(policy),
            fc.shuffledSubarray([...policy.rules], {
              minLength: policy.rules.length,
              maxLength: policy.rules.length,
            }),
          ),
        ),
        message,
        recipient,
        ([policy, shuffled], facts, to) => {
          expect(decide({ ...policy, rules: shuffled }, facts, to)).toEqual(decide(policy, facts, to));
        },
      ),
      RUNS,
    );
  });

  it('never chooses a method that is not allowed or not available, and tells of each why', () => {
    fc.assert(
      fc.property(policySet, message, recipient, (policy, facts, to) => {
        const decision = decide(policy, facts, to);
        for (const method of decision.order) {
          expect(decision.demand.methods).toContain(method);
          expect(to.availability[method].available).toBe(true);
        }
        expect(decision.considered.map((one) => one.method).sort()).toEqual([
          'pgp',
          'plain',
          'portal',
          'smime',
          'tls',
        ]);
        expect(decision.considered.every((one) => one.reason !== '')).toBe(true);
        const tried = decision.considered.filter((one) => one.verdict !== 'refused').map((one) => one.method);
        expect(tried).toEqual(decision.order);
        if (decision.demand.disposition !== 'send') expect(decision.order).toEqual([]);
        else expect(decision.order.length).toBeGreaterThan(0);
        if (decision.protected) expect(decision.order).not.toContain('plain');
        expect(decision.holdReason !== undefined).toBe(decision.demand.disposition === 'hold');
      }),
      RUNS,
    );
  });

  it('is released by a person only within what the rules allow, never as plain where they protect', () => {
    fc.assert(
      fc.property(policySet, message, recipient, availability, (policy, facts, to, later) => {
        const decision = decide(policy, facts, to);
        const methods = methodsAfterRelease(decision, later);
        for (const method of methods) {
          expect(decision.demand.methods).toContain(method);
          expect(later[method].available).toBe(true);
          expect(decision.protected && method === 'plain').toBe(false);
        }
        if (decision.demand.disposition === 'reject') expect(methods).toEqual([]);
      }),
      RUNS,
    );
  });
});

describe('what is unknown', () => {
  const unknown: Condition = {
    kind: 'recipient',
    party: {
      scopes: [],
      matcher: { addresses: new Set(), domains: new Set(), parents: new Set() },
      lists: [{ name: 'lost', matcher: undefined }],
    },
  };
  const with_ = (base: Omit<Rule, 'id'>, change: Partial<Rule>): Rule => ({ ...base, id: 'x', ...change });
  const only = (one: Rule) => ({
    prefer: ['tls', 'portal'] as const,
    preferByDomain: new Map(),
    detectors: [],
    keySources: ['imported'] as const,
    keySourcesByDomain: new Map(),
    rules: [one],
    hash: '',
  });

  it('makes a rule match, with at most a hold', () => {
    fc.assert(
      fc.property(rule, message, recipient, (base, facts, to) => {
        const sure = decide(only(with_(base, { when: { kind: 'always' }, unless: [] })), facts, to);
        const unsure = decide(only(with_(base, { when: unknown, unless: [] })), facts, to);
        expect(unsure.rules[0]?.outcome).toBe('unknown');
        expect(unsure.rules[0]?.evidence).toEqual(['unknown: list lost']);
        expect(unsure.demand.methods).toEqual(sure.demand.methods);
        expect(unsure.demand.tls).toBe(sure.demand.tls);
        expect(unsure.demand.disposition).toBe(
          sure.demand.disposition === 'reject' ? 'hold' : sure.demand.disposition,
        );
      }),
      RUNS,
    );
  });

  it('does not except a rule, and neither does an exception that has expired', () => {
    fc.assert(
      fc.property(rule, message, recipient, (base, facts, to) => {
        const bare = decide(only(with_(base, { when: { kind: 'always' }, unless: [] })), facts, to);
        for (const unless of [
          { when: unknown, owner: 'J. Roe', expires: '2030-01-01', until: NOW + 1 },
          {
            when: { kind: 'not', of: unknown } as const,
            owner: 'J. Roe',
            expires: '2030-01-01',
            until: NOW + 1,
          },
          { when: { kind: 'always' } as const, owner: 'J. Roe', expires: '2026-11-01', until: NOW },
        ]) {
          const excepted = decide(
            only(with_(base, { when: { kind: 'always' }, unless: [unless] })),
            facts,
            to,
          );
          expect(excepted).toEqual(bare);
        }
      }),
      RUNS,
    );
  });

  it('is told apart from what surely holds: that exception applies and its owner is named', () => {
    fc.assert(
      fc.property(rule, message, recipient, (base, facts, to) => {
        const unless = [
          { when: { kind: 'always' } as const, owner: 'J. Roe', expires: '2030-01-01', until: NOW + 1 },
        ];
        const decision = decide(only(with_(base, { when: { kind: 'always' }, unless })), facts, to);
        expect(decision.rules).toEqual([]);
        expect(decision.excepted).toEqual([
          { rule: 'x', at: base.at, owner: 'J. Roe', expires: '2030-01-01' },
        ]);
      }),
      { numRuns: 20 },
    );
  });
});

function rank(decision: Decision): number {
  return DISPOSITIONS.indexOf(decision.demand.disposition);
}
