import type { Decision } from '../model/decision.js';
import type { KeyFacts } from '../model/key.js';
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
      ...(demand.release === undefined ? {} : { release: demand.release }),
      ...(demand.keys === undefined
        ? {}
        : { keys: { sources: demand.keys.sources, revocation: demand.keys.revocation } }),
      ...(demand.rewrite === undefined
        ? {}
        : { rewrite: { canonicalise: demand.rewrite.canonicalise, redact: demand.rewrite.redact } }),
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
    considered: decision.considered.map(({ method, verdict, reason, key, refusedKeys }) => ({
      method,
      verdict,
      reason,
      ...(key === undefined ? {} : { key: keyJson(key) }),
      ...(refusedKeys === undefined
        ? {}
        : {
            refusedKeys: refusedKeys.map(({ fingerprint, source, reason }) => ({
              ...(fingerprint === undefined ? {} : { fingerprint }),
              source,
              reason,
            })),
          }),
    })),
    tags: decision.tags,
    ...(decision.alreadyEncrypted === true ? { alreadyEncrypted: true } : {}),
    ...(decision.contentNotRead === true ? { contentNotRead: true } : {}),
    ...(decision.legacyDisplay === true ? { legacyDisplay: true } : {}),
    ...(decision.rewritten === undefined
      ? {}
      : { rewritten: { copy: decision.rewritten.copy, places: decision.rewritten.places } }),
    cannotRewrite: decision.cannotRewrite,
    notices: decision.notices,
    holdReason: decision.holdReason,
    rejectText: decision.rejectText,
    policyHash: decision.policyHash,
    enforcement: decision.enforcement,
  };
}

/** A key as the command line's JSON shows it. */
function keyJson({ fingerprint, source, algorithm, revocation, detail }: KeyFacts): Json {
  return { fingerprint, source, algorithm, revocation, ...(detail === undefined ? {} : { detail }) };
}
