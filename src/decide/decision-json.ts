import type { Decision } from '../model/decision.js';
import type { Json } from '../shared/canonical-json.js';

/** A decision as JSON for the command line; the names of its fields are a contract. */
export function decisionJson(decision: Decision): Json {
  const { demand } = decision;
  return {
    recipient: decision.recipient,
    demand: {
      methods: demand.methods,
      tls: demand.tls,
      portal: demand.portal,
      disposition: demand.disposition,
    },
    protected: decision.protected,
    order: decision.order,
    rules: decision.rules.map(({ rule, at, outcome, demands, evidence }) => ({
      rule,
      at,
      outcome,
      demands,
      evidence,
    })),
    excepted: decision.excepted?.map(({ rule, at, owner, expires }) => ({ rule, at, owner, expires })),
    considered: decision.considered.map(({ method, verdict, reason }) => ({ method, verdict, reason })),
    tags: decision.tags,
    notices: decision.notices,
    holdReason: decision.holdReason,
    rejectText: decision.rejectText,
    policyHash: decision.policyHash,
    enforcement: decision.enforcement,
  };
}
