import { DETECTORS } from '../inspect/detect/index.js';
import { CONFIDENCES } from '../model/inspection.js';
import type { LintWarning } from './lint.js';
import type { Condition, PolicySet, Rule } from './policy-set.js';

type Findings = Extract<Condition, { readonly kind: 'findings' }>;

/**
 * Rules that mask what identifies patients where nothing protects mail about them. What makes mail `phi` need not be a
 * finding: a name that no list has, or what is said of somebody's health. None of that is masked.
 */
export function masksAlone(policy: PolicySet): readonly LintWarning[] {
  if (policy.rules.some(protectsPatientData)) return [];
  return policy.rules
    .filter((rule) => !protects(rule) && masksPatients(rule))
    .map((rule) => ({
      rule,
      message: `rule \`${rule.id}\` masks findings, and no rule protects mail that is \`phi\`: what makes it that is often no finding (a name on no list, words about somebody's health) and stays readable; add \`require\` for \`findings: { classification: phi }\``,
    }));
}

const NOT_OF_PATIENTS: ReadonlySet<string> = new Set(
  DETECTORS.filter((one) => one.class === 'financial' || one.class === 'credential').map((one) => one.name),
);

function masksPatients({ demand, when }: Rule): boolean {
  const redact = demand.rewrite?.redact ?? [];
  return (
    redact.some((name) => !NOT_OF_PATIENTS.has(name)) ||
    (redact.length > 0 && asksForPatientData(when, false))
  );
}

/** Whether what it matches doesn't leave as plain. */
function protects({ demand }: Rule): boolean {
  return demand.disposition !== 'send' || !demand.methods.includes('plain');
}

/** To the outside at least: of mail within the organisation little is asked. */
function protectsPatientData(rule: Rule): boolean {
  return protects(rule) && rule.unless.length === 0 && holdsForPatientData(rule.when);
}

function holdsForPatientData(condition: Condition): boolean {
  switch (condition.kind) {
    case 'always':
      return true;
    case 'all':
      return condition.of.every(holdsForPatientData);
    case 'any':
      return condition.of.some(holdsForPatientData);
    case 'recipient':
      return condition.party.scopes.includes('external');
    case 'findings':
      return isPatientData(condition) && condition.atLeast <= 1 && isAtMostMedium(condition);
    default:
      return false;
  }
}

function asksForPatientData(condition: Condition, isNegated: boolean): boolean {
  switch (condition.kind) {
    case 'findings':
      return !isNegated && isPatientData(condition);
    case 'all':
    case 'any':
      return condition.of.some((one) => asksForPatientData(one, isNegated));
    case 'not':
      return asksForPatientData(condition.of, !isNegated);
    default:
      return false;
  }
}

function isPatientData({ classifications }: Findings): boolean {
  return classifications?.includes('phi') === true;
}

function isAtMostMedium({ confidence }: Findings): boolean {
  return CONFIDENCES.indexOf(confidence) <= CONFIDENCES.indexOf('medium');
}
