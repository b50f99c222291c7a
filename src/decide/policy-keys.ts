import { keysOf } from '../config/schema-keys.js';
import { policyFileSchema } from './policy-schema.js';
import { policyTestFileSchema } from './policy-test-schema.js';

/** The keys that a mapping at a path of a policy file may have, from the schema itself. */
export const policyKeysAt = keysOf(policyFileSchema);
/** The same for a policy test file. */
export const policyTestKeysAt = keysOf(policyTestFileSchema);
