import type { CustomDetector } from '../inspect/detect/custom/types.js';
import type { Classification } from '../model/inspection.js';
import type { Condition, PolicySet } from './policy-set.js';

/** Detectors that the files define and whose findings no rule would ever look at. */
export function unusedDetectors(policy: PolicySet): readonly CustomDetector[] {
  const conditions = policy.rules.flatMap((rule) => [rule.when, ...rule.unless.map((one) => one.when)]);
  const asked = conditions.flatMap(findingsOf);
  const redacted = policy.rules.flatMap((rule) => rule.demand.rewrite?.redact ?? []);
  return policy.detectors.filter(
    (detector) =>
      !redacted.includes(detector.name) &&
      !asked.some(
        ({ detectors, classes, classifications }) =>
          detectors?.includes(detector.name) ||
          classes?.includes(detector.class) ||
          countsIn(detector).some((one) => classifications?.includes(one)),
      ),
  );
}

type FindingsCondition = Extract<Condition, { readonly kind: 'findings' }>;

function findingsOf(condition: Condition): readonly FindingsCondition[] {
  switch (condition.kind) {
    case 'findings':
      return [condition];
    case 'all':
    case 'any':
      return condition.of.flatMap(findingsOf);
    case 'not':
      return findingsOf(condition.of);
    default:
      return [];
  }
}

/** The classifications in which a finding may count. */
function countsIn({ class: kind, identifies }: CustomDetector): readonly Classification[] {
  if (kind === 'credential') return ['credentials'];
  if (kind === 'health') return ['phi'];
  if (identifies === undefined || identifies === 'professional') return [];
  const isPii = kind === 'identifier' && (identifies === 'person' || identifies === 'contact');
  return isPii ? ['phi', 'pii'] : ['phi'];
}
