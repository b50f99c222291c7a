import { detectSpans } from '../../../../src/inspect/detect/index.js';
import { inspectMessage } from '../../../../src/inspect/inspect-message.js';
import type { RewriteDemand } from '../../../../src/model/decision.js';
import type { Inspection } from '../../../../src/model/inspection.js';
import { type MadeCopy, makeCopy } from '../../../../src/protect/rewrite/make-copy.js';
import { rewriteMessage } from '../../../../src/protect/rewrite/rewrite-message.js';
import { LIMITS } from '../../inspect/limits.js';

/** An inspection as the relay makes it, but for documents. */
export function inspect(message: Uint8Array): Inspection {
  return inspectMessage(message, { limits: LIMITS, fingerprintKey: Buffer.alloc(32, 7) });
}

/** The copy that answers a demand, or why there is none. */
export function copyOf(message: Uint8Array, demand: RewriteDemand): Promise<MadeCopy> {
  return makeCopy(
    {
      inspect: async (bytes) => inspect(bytes),
      rewrite: async (bytes, wanted) =>
        rewriteMessage(bytes, wanted, {
          limits: LIMITS,
          find: (text) => detectSpans(text, { detectors: demand.redact ?? [] }),
        }),
    },
    message,
    inspect(message),
    demand,
  );
}

/** The bytes of the copy; fails the test where there is none. */
export async function bytesOf(message: Uint8Array, demand: RewriteDemand): Promise<Buffer> {
  const made = await copyOf(message, demand);
  if (!made.ok) throw new Error(`no copy: ${made.reason}`);
  return Buffer.from(made.bytes ?? message);
}
