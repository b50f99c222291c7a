export { methodsAfterRelease } from './choose-method.js';
export { decide } from './decide.js';
export { decisionJson } from './decision-json.js';
export { explainDecision } from './explain-text.js';
export { messageFacts, recipientFacts } from './facts.js';
export { loadPolicies } from './load-policies.js';
export type { PolicySet } from './policy-set.js';
