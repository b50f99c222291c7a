import type { Condition } from './policy-set.js';

/** What a condition asks for, without the `all`, `any` and `not` around. */
export function leafConditions(condition: Condition): readonly Condition[] {
  if (condition.kind === 'all' || condition.kind === 'any') return condition.of.flatMap(leafConditions);
  return condition.kind === 'not' ? leafConditions(condition.of) : [condition];
}
