export { methodsAfterRelease } from './choose-method.js';
export { decide } from './decide.js';
export { explainDecision } from './explain-text.js';
export { type MessageFacts, messageFacts, type RecipientFacts, recipientFacts } from './facts.js';
export { loadPolicies, type PolicyLoad } from './load-policies.js';
export type { PolicySet, Rule } from './policy-set.js';
