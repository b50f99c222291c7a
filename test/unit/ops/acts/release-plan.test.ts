import { describe, expect, it } from 'vitest';
import { NO_DEMAND } from '../../../../src/decide/lattice.js';
import type { Decision } from '../../../../src/model/decision.js';
import {
  type Actor,
  type Approval,
  LOCAL,
  type Operator,
  type Role,
} from '../../../../src/model/operator.js';
import { planRelease, type ReleaseWish } from '../../../../src/ops/acts/release-plan.js';

const decision = (two: boolean, more: Partial<Decision> = {}): Decision => ({
  recipient: 'sam@lab.example',
  demand: { ...NO_DEMAND, disposition: 'hold', ...(two && { release: 'two-person' as const }) },
  protected: false,
  order: [],
  rules: [],
  considered: [],
  tags: [],
  policyHash: 'f00d',
  enforcement: 'enforce',
  ...more,
});
const rita: Actor = { kind: 'operator', name: 'rita', roles: ['reviewer'] };
const rob: Actor = { kind: 'operator', name: 'rob', roles: ['reviewer'] };
const row = (name: string, roles: readonly Role[] = ['reviewer'], disabled = false): Operator => ({
  name,
  roles,
  tokenHash: '',
  totpStep: 0,
  failures: 0,
  disabled,
  createdAt: 0,
  changedAt: 0,
});
const byRita: Approval = { messageId: 'm1', index: 0, operator: 'rita', method: 'tls', at: 1 };
const allowed = ['smime', 'tls', 'portal'] as const;

describe('a release', () => {
  it.each<[string, Omit<ReleaseWish, 'usual'> & Partial<ReleaseWish>, object]>([
    [
      'by one person takes the first allowed method',
      { actor: LOCAL, decision: decision(false), allowed },
      { kind: 'release', method: 'smime' },
    ],
    [
      'takes the method that was named',
      { actor: rita, decision: decision(false), allowed, named: 'tls' },
      { kind: 'release', method: 'tls' },
    ],
    [
      'is refused by a method that is not allowed',
      { actor: rita, decision: decision(false), allowed, named: 'plain' },
      { kind: 'refuse' },
    ],
    [
      'is refused where no method is left',
      { actor: rita, decision: decision(true), allowed: [] },
      { kind: 'refuse' },
    ],
    [
      'is refused for what was never decided',
      { actor: rita, decision: undefined, allowed },
      { kind: 'refuse' },
    ],
    [
      'is refused for what can’t be rewritten',
      { actor: rita, decision: decision(false, { cannotRewrite: 'it is signed' }), allowed },
      { kind: 'refuse' },
    ],
    [
      'of two people: the local user counts for nobody',
      { actor: LOCAL, decision: decision(true), allowed },
      { kind: 'refuse' },
    ],
    [
      'of two people: the local user doesn’t count as the second either',
      { actor: LOCAL, decision: decision(true), allowed, approval: byRita, approver: row('rita') },
      { kind: 'refuse' },
    ],
    [
      'of two people: the first approves',
      { actor: rita, decision: decision(true), allowed, named: 'tls' },
      { kind: 'approve', method: 'tls' },
    ],
    [
      'of two people: the first can’t be the second',
      { actor: rita, decision: decision(true), allowed, approval: byRita, approver: row('rita') },
      { kind: 'refuse' },
    ],
    [
      'of two people: the second releases, by the method that was approved',
      { actor: rob, decision: decision(true), allowed, approval: byRita, approver: row('rita') },
      { kind: 'release', method: 'tls', approvedBy: 'rita' },
    ],
    [
      'of two people: whoever was changed since has not approved it',
      {
        actor: rob,
        decision: decision(true),
        allowed,
        named: 'tls',
        approval: byRita,
        approver: { ...row('rita'), changedAt: 2 },
      },
      { kind: 'approve', method: 'tls' },
    ],
    [
      'of two people: whoever approved it after they were changed has',
      {
        actor: rob,
        decision: decision(true),
        allowed,
        approval: byRita,
        approver: { ...row('rita'), changedAt: 1 },
      },
      { kind: 'release', method: 'tls', approvedBy: 'rita' },
    ],
    [
      'of two people: another method is a first word again',
      {
        actor: rob,
        decision: decision(true),
        allowed,
        named: 'portal',
        approval: byRita,
        approver: row('rita'),
      },
      { kind: 'approve', method: 'portal' },
    ],
    [
      'of two people: the first may change their mind about the method',
      {
        actor: rita,
        decision: decision(true),
        allowed,
        named: 'portal',
        approval: byRita,
        approver: row('rita'),
      },
      { kind: 'approve', method: 'portal' },
    ],
    [
      'of two people: an approved method that isn’t allowed any more is forgotten',
      {
        actor: rob,
        decision: decision(true),
        allowed: ['portal'],
        approval: byRita,
        approver: row('rita'),
      },
      { kind: 'approve', method: 'portal' },
    ],
    [
      'of two people: a method that must be named is not taken in place of a forgotten one',
      {
        actor: rob,
        decision: decision(true),
        allowed: ['plain', 'portal'],
        usual: ['portal'],
        approval: byRita,
        approver: row('rita'),
      },
      { kind: 'approve', method: 'portal' },
    ],
    [
      'of two people: what the first one named needs no naming again',
      {
        actor: rob,
        decision: decision(true),
        allowed,
        usual: ['smime'],
        approval: byRita,
        approver: row('rita'),
      },
      { kind: 'release', method: 'tls', approvedBy: 'rita' },
    ],
    [
      'of two people: the word of a disabled operator is void',
      {
        actor: rob,
        decision: decision(true),
        allowed,
        approval: byRita,
        approver: row('rita', ['reviewer'], true),
      },
      { kind: 'approve', method: 'tls' },
    ],
    [
      'of two people: so is that of somebody who is no reviewer any more',
      {
        actor: rob,
        decision: decision(true),
        allowed,
        approval: byRita,
        approver: row('rita', ['administrator']),
      },
      { kind: 'approve', method: 'tls' },
    ],
    [
      'of two people: so is that of somebody who isn’t there',
      { actor: rob, decision: decision(true), allowed, approval: byRita },
      { kind: 'approve', method: 'tls' },
    ],
  ])('%s', (_, wish, plan) => {
    expect(planRelease({ usual: wish.allowed, ...wish })).toMatchObject(plan);
  });
});
