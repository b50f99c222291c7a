export { methodsAfterRelease } from './choose-method.js';
export { decideWithKeys, keySourcesFor } from './decide-with-keys.js';
export { decisionJson } from './decision-json.js';
export { explainDecision } from './explain-text.js';
export { messageFacts } from './facts.js';
export { keyAvailability } from './key-availability.js';
export { firstAllowed } from './key-demand.js';
export { loadPolicies } from './load-policies.js';
export type { PolicySet } from './policy-set.js';
