import type { Config } from '../../config/schema.js';

export type RevocationLimits = Omit<Config['keys']['revocation'], 'private_networks'>;

/** A source that failed, or an answer of no use, is left alone for this long. */
export const FAILURE_MS = 5 * 60_000;
