import type { Config } from '../../config/schema.js';

export type RevocationLimits = Config['keys']['revocation'];

/** A source that failed, or an answer of no use, is left alone for this long. */
export const FAILURE_MS = 5 * 60_000;
