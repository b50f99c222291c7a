import { type Certificate, isSelfIssued } from './certificate.js';
import { BadCertificate } from './der.js';
import {
  ANY_POLICY,
  inhibitAnyPolicyOf,
  policiesOf,
  policyConstraintsOf,
  policyMappingsOf,
} from './extensions.js';

/**
 * Certificate policies down a path (RFC 5280 6.1), with every policy acceptable to begin with and none demanded: only CAs
 * demand one. Whether the valid_policy_tree is empty is all that matters then, and that its lowest level shows, so only
 * that level is kept: for each valid policy its expected ones (as in RFC 9618, which shows that branches need not be).
 */
export interface PolicyState {
  /** One certificate of the path, the anchor's is not among them. @throws BadCertificate */
  step(certificate: Certificate, isLast: boolean): void;
  /** Whether the path, as far as it was taken, has a policy that its CAs accept, or needs none. */
  holds(): boolean;
}

type Level = Map<string, ReadonlySet<string>>;

/** Policies of one level: more are never real. */
const MAX_POLICIES = 4096;

/** @param length certificates of the path without the anchor */
export function startPolicies(length: number): PolicyState {
  let level: Level = new Map([[ANY_POLICY, new Set([ANY_POLICY])]]);
  // RFC 5280 6.1.2 (d), (e), (f).
  let explicitPolicy = length + 1;
  let inhibitAny = length + 1;
  let mapping = length + 1;
  let failed = false;
  return {
    holds: () => !failed,
    step(certificate, isLast) {
      const selfIssued = isSelfIssued(certificate);
      const policies = policiesOf(certificate);
      const anyAllowed = inhibitAny > 0 || (!isLast && selfIssued);
      // 6.1.3 (d), (e).
      level = policies === undefined ? new Map() : nextLevel(level, policies, anyAllowed);
      // 6.1.3 (f).
      if (explicitPolicy === 0 && level.size === 0) failed = true;
      const constraints = policyConstraintsOf(certificate);
      if (isLast) {
        // 6.1.5 (a), (b).
        if (explicitPolicy > 0) explicitPolicy -= 1;
        if (constraints.requireExplicitPolicy === 0) explicitPolicy = 0;
        if (explicitPolicy === 0 && level.size === 0) failed = true;
        return;
      }
      // 6.1.4 (a), (b).
      applyMappings(level, policyMappingsOf(certificate), mapping > 0);
      // 6.1.4 (h).
      if (!selfIssued) {
        explicitPolicy = Math.max(0, explicitPolicy - 1);
        mapping = Math.max(0, mapping - 1);
        inhibitAny = Math.max(0, inhibitAny - 1);
      }
      // 6.1.4 (i), (j).
      explicitPolicy = Math.min(explicitPolicy, constraints.requireExplicitPolicy ?? explicitPolicy);
      mapping = Math.min(mapping, constraints.inhibitPolicyMapping ?? mapping);
      inhibitAny = Math.min(inhibitAny, inhibitAnyPolicyOf(certificate) ?? inhibitAny);
    },
  };
}

function nextLevel(above: Level, policies: ReadonlySet<string>, anyAllowed: boolean): Level {
  const next: Level = new Map();
  const expected = new Set([...above.values()].flatMap((set) => [...set]));
  // (d) (1): a policy that is expected by name, or through anyPolicy.
  for (const policy of policies) {
    if (policy === ANY_POLICY) continue;
    if (expected.has(policy) || above.has(ANY_POLICY)) next.set(policy, new Set([policy]));
  }
  // (d) (2): anyPolicy stands for all that is expected.
  if (policies.has(ANY_POLICY) && anyAllowed)
    for (const policy of expected) if (!next.has(policy)) next.set(policy, new Set([policy]));
  if (next.size > MAX_POLICIES) throw new BadCertificate('has too many policies');
  return next;
}

function applyMappings(
  level: Level,
  mappings: readonly (readonly [string, string])[],
  allowed: boolean,
): void {
  const bySource = new Map<string, Set<string>>();
  for (const [issuer, subject] of mappings) {
    // 6.1.4 (a).
    if (issuer === ANY_POLICY || subject === ANY_POLICY)
      throw new BadCertificate('maps the policy that stands for any');
    const targets = bySource.get(issuer);
    if (targets === undefined) bySource.set(issuer, new Set([subject]));
    else targets.add(subject);
  }
  const hasAny = level.has(ANY_POLICY);
  for (const [source, targets] of bySource) {
    if (!allowed) level.delete(source);
    else if (level.has(source) || hasAny) level.set(source, targets);
  }
}
