import { asBuffer } from '../../inspect/bytes.js';
import type { StructureLimits } from '../../inspect/limits.js';
import type { RewriteDemand } from '../../model/decision.js';
import { CannotRewrite } from './cannot-rewrite.js';
import { canonicaliseMessage } from './canonicalise-message.js';
import { type RewrittenBytes, redactMessage } from './redact-message.js';
import type { Find } from './sightings.js';

const CRLF = Buffer.from('\r\n');

export interface RewriteOptions {
  readonly limits: StructureLimits;
  /** Sees, in normalised text, what the demand redacts. */
  readonly find: Find;
}

export type Rewriting =
  | ({ readonly ok: true } & RewrittenBytes)
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
    const { redact } = demand;
    const rewritten =
      redact === undefined ? { bytes: canonical, places: 0 } : redactMessage(canonical, options);
    return { ok: true, ...rewritten, bytes: ending(rewritten.bytes) };
  } catch (error) {
    if (error instanceof CannotRewrite) return { ok: false, reason: error.message };
    throw error;
  }
}

/** With CR LF at its end: who sends it adds one that is missing, and then it is not of the size declared (RFC 1870). */
function ending(bytes: Buffer): Buffer {
  return bytes.length === 0 || bytes.subarray(-2).equals(CRLF) ? bytes : Buffer.concat([bytes, CRLF]);
}
