import { METHODS, type Method } from '../model/method.js';
import { looseRules } from './lint-loose.js';
import { masksAlone } from './lint-masks.js';
import type { Condition, PolicySet, Rule } from './policy-set.js';

/** Something that is allowed but probably not meant, at the rule it concerns. */
export interface LintWarning {
  readonly rule: Rule;
  readonly message: string;
}

/**
 * Looks for rules that can meet so that nothing is allowed, exceptions that expired, demands nobody can meet, and rules that
 * leave more open than they seem to.
 */
export function lintPolicies(policy: PolicySet, now: number): readonly LintWarning[] {
  return [
    ...expired(policy, now),
    ...conflicts(policy),
    ...outOfReach(policy),
    ...looseRules(policy),
    ...masksAlone(policy),
  ];
}

function expired(policy: PolicySet, now: number): readonly LintWarning[] {
  return policy.rules.flatMap((rule) =>
    rule.unless
      .filter((one) => one.until <= now)
      .map((one) => ({
        rule,
        message: `the exception of rule \`${rule.id}\` (owner: ${one.owner}) expired after ${one.expires} and does not apply; renew or remove it`,
      })),
  );
}

/** Pairs of rules, and triples without such a pair, whose methods have nothing in common. */
function conflicts(policy: PolicySet): readonly LintWarning[] {
  const rules = policy.rules.filter((rule) => rule.demand.methods.length < METHODS.length);
  const warnings: LintWarning[] = [];
  const sole = new Map<string, Rule>();
  rules.forEach((a, i) => {
    for (const b of rules.slice(i + 1)) {
      if (common(a, b).length === 0 && canMeet(a, b)) warnings.push(conflict([a, b]));
    }
    const key = a.demand.methods.join();
    if (!sole.has(key)) sole.set(key, a);
  });
  const kinds = [...sole.values()];
  kinds.forEach((a, i) => {
    kinds.slice(i + 1).forEach((b, j) => {
      for (const c of kinds.slice(i + j + 2)) {
        const pairs = [common(a, b), common(a, c), common(b, c)];
        const all = pairs[0]?.filter((method) => c.demand.methods.includes(method)) ?? [];
        const meet = canMeet(a, b) && canMeet(a, c) && canMeet(b, c);
        if (all.length === 0 && pairs.every((one) => one.length > 0) && meet)
          warnings.push(conflict([a, b, c]));
      }
    });
  });
  return warnings;
}

function conflict(rules: readonly [Rule, ...Rule[]]): LintWarning {
  const names = rules.map((one) => `\`${one.id}\` (${one.demands[0] ?? 'any'})`);
  return {
    rule: rules[0],
    message: `rules ${names.slice(0, -1).join(', ')} and ${names.at(-1)} can meet, and then no method is allowed: the message is held`,
  };
}

function outOfReach(policy: PolicySet): readonly LintWarning[] {
  const warnings: LintWarning[] = [];
  for (const rule of policy.rules) {
    const usable = rule.demand.methods.filter((one) => one === 'plain' || policy.prefer.includes(one));
    if (usable.length === 0) {
      warnings.push({
        rule,
        message: `rule \`${rule.id}\` allows only methods that \`prefer\` leaves out: where it matches, the message is held`,
      });
    }
  }
  return warnings;
}

function common(a: Rule, b: Rule): readonly Method[] {
  return a.demand.methods.filter((method) => b.demand.methods.includes(method));
}

/** False only where one rule is for internal recipients alone and the other for external ones. */
function canMeet(a: Rule, b: Rule): boolean {
  const scopes = [scopeOf(a.when), scopeOf(b.when)];
  return !(scopes.includes('internal') && scopes.includes('external'));
}

function scopeOf(condition: Condition): 'internal' | 'external' | undefined {
  if (condition.kind === 'all') return condition.of.map(scopeOf).find((one) => one !== undefined);
  if (condition.kind !== 'recipient') return undefined;
  const { scopes, matcher, lists } = condition.party;
  const alone = matcher.addresses.size + matcher.domains.size + matcher.parents.size + lists.length === 0;
  return alone && scopes.length === 1 ? scopes[0] : undefined;
}
