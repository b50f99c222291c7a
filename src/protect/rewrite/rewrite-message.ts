import { asBuffer } from '../../inspect/bytes.js';
import type { StructureLimits } from '../../inspect/limits.js';
import type { RewriteDemand } from '../../model/decision.js';
import { CannotRewrite } from './cannot-rewrite.js';
import { canonicaliseMessage } from './canonicalise-message.js';
import { redactMessage } from './redact-message.js';
import type { Find } from './sightings.js';

export interface RewriteOptions {
  readonly limits: StructureLimits;
  /** Sees, in normalised text, what the demand redacts. */
  readonly find: Find;
}

export type Rewriting =
  | { readonly ok: true; readonly bytes: Buffer; readonly places: number; readonly left?: true }
  /** `reason` is one clause without anything of the mail. */
  | { readonly ok: false; readonly reason: string };

/**
 * Rewrites a message as a demand asks: rebuilt first, then redacted. Pure and deterministic: a repetition gives the same
 * bytes. Whether the result may leave is for `verifyRewrite` to say, once it was inspected.
 */
export function rewriteMessage(
  message: Uint8Array,
  demand: RewriteDemand,
  options: RewriteOptions,
): Rewriting {
  try {
    const source = asBuffer(message);
    const canonical = demand.canonicalise === true ? canonicaliseMessage(source, options.limits) : source;
    if (demand.redact === undefined) return { ok: true, bytes: canonical, places: 0 };
    return { ok: true, ...redactMessage(canonical, options) };
  } catch (error) {
    if (error instanceof CannotRewrite) return { ok: false, reason: error.message };
    throw error;
  }
}
