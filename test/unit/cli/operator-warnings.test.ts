import { expect, it } from 'vitest';
import { nobodyForReview, tooFewOperators } from '../../../src/cli/operator-warnings.js';
import { NO_DEMAND } from '../../../src/decide/lattice.js';
import type { Rule } from '../../../src/decide/policy-set.js';
import type { Operator, Role } from '../../../src/model/operator.js';

const operator = (role: Role, disabled = false): Operator => ({
  name: 'rita',
  roles: [role],
  tokenHash: '',
  totpStep: 0,
  failures: 0,
  disabled,
  createdAt: 0,
  changedAt: 0,
});
const rule = (two: boolean): Rule => ({
  id: two ? 'two' : 'one',
  at: 'rules.yaml:1',
  when: { kind: 'always' },
  unless: [],
  demand: { ...NO_DEMAND, ...(two && { release: 'two-person' as const }) },
  demands: [],
  tags: [],
  legacyDisplay: false,
  notices: [],
});
const reviewer = operator('reviewer');

it.each<[string, readonly Operator[], boolean, boolean, RegExp | undefined]>([
  ['nobody is asked for', [], false, false, undefined],
  ['two, and there are', [reviewer, reviewer], true, true, undefined],
  ['two, and there is one', [reviewer, operator('administrator')], true, false, /^two: .* one reviewer/],
  ['two, and one is disabled', [reviewer, operator('reviewer', true)], true, false, /one reviewer/],
  ['two, and there is none', [operator('auditor')], true, true, /no reviewer/],
  ['names, and there is a reviewer', [reviewer], false, true, undefined],
  ['names, and there is none', [operator('administrator')], false, true, /nobody can release/],
])('warns where there are too few: %s', (_, operators, two, required, warning) => {
  const warnings = tooFewOperators(operators, { rules: [rule(two), rule(false)] }, required);
  expect(warnings).toEqual(warning === undefined ? [] : [expect.stringMatching(warning)]);
});

it.each<[string, readonly Operator[], boolean]>([
  ['nobody', [], true],
  ['a reviewer without second factor', [reviewer], true],
  ['an administrator with one', [{ ...operator('administrator'), sealedTotp: new Uint8Array(1) }], true],
  ['a disabled reviewer with one', [{ ...operator('reviewer', true), sealedTotp: new Uint8Array(1) }], true],
  ['a reviewer with one', [{ ...reviewer, sealedTotp: new Uint8Array(1) }], false],
])('warns where nobody can use the review page: %s', (_, operators, warned) => {
  expect(nobodyForReview(operators)).toHaveLength(warned ? 1 : 0);
});
