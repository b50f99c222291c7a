import { leafConditions } from './leaf-conditions.js';
import type { LintWarning } from './lint.js';
import type { Condition, PolicySet, Rule } from './policy-set.js';

/** What rules leave more open than whoever wrote them probably meant. */
export function looseRules(policy: PolicySet): readonly LintWarning[] {
  return policy.rules.flatMap((rule) => [
    ...levelWithoutProtection(rule),
    ...unreadCountsAsClean(rule),
    ...endingsAsNames(rule),
  ]);
}

/** Levels say what a method must reach that is used; by themselves they ask for none. `default` is for all rules. */
function levelWithoutProtection(rule: Rule): readonly LintWarning[] {
  if (rule.id === 'default' || !rule.demand.methods.includes('plain')) return [];
  return rule.demands
    .filter((words) => words.startsWith('tls at least') || words.startsWith('portal asks for'))
    .map((words) => ({
      rule,
      message: `rule \`${rule.id}\` says only what a method must reach (${words}), and no \`require\`: where no other rule has one, mail leaves as plain`,
    }));
}

/** A part that could not be read is a fact, and not unknown: nothing is found in it. */
function unreadCountsAsClean(rule: Rule): readonly LintWarning[] {
  return rule.unless
    .filter(({ when }) => asksForNoFindings(when, false) && !asksForStatus(when))
    .map(({ owner }) => ({
      rule,
      message: `an exception of rule \`${rule.id}\` (owner: ${owner}) holds where nothing is found, also in what could not be read; add \`not: { part_status: unread }\``,
    }));
}

/** `.xls` is a file of that name, which is seldom meant. */
function endingsAsNames(rule: Rule): readonly LintWarning[] {
  const written = new Set(
    leafConditions(rule.when)
      .flatMap((one) => (one.kind === 'attachment' ? (one.names ?? []) : []))
      .map((name) => name.source),
  );
  return [...written]
    .filter((name) => /^\.[^*?]+$/.test(name))
    .map((name) => ({
      rule,
      message: `rule \`${rule.id}\` names attachments that are called \`${name}\` as a whole; those that end so are \`*${name}\``,
    }));
}

function asksForNoFindings(condition: Condition, isNegated: boolean): boolean {
  switch (condition.kind) {
    case 'findings':
      return isNegated;
    case 'all':
    case 'any':
      return condition.of.some((one) => asksForNoFindings(one, isNegated));
    case 'not':
      return asksForNoFindings(condition.of, !isNegated);
    default:
      return false;
  }
}

function asksForStatus(condition: Condition): boolean {
  switch (condition.kind) {
    case 'part-status':
      return true;
    case 'all':
    case 'any':
      return condition.of.some(asksForStatus);
    case 'not':
      return asksForStatus(condition.of);
    default:
      return false;
  }
}
