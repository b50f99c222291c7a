import type { LoadedConfig } from '../config/load.js';
import { withCrlf } from '../inspect/bytes.js';
import { detectSpans } from '../inspect/detect/index.js';
import { compileSettings, type DetectionSettings } from '../inspect/detect/settings.js';
import type { Decision } from '../model/decision.js';
import type { Inspection } from '../model/inspection.js';
import { makeCopy } from '../protect/rewrite/make-copy.js';
import { needsCopy, withCopy } from '../protect/rewrite/rewrite-decided.js';
import { rewriteMessage } from '../protect/rewrite/rewrite-message.js';

/**
 * The decisions with what would come of rewriting the message, as the relay does it, in this process. Nothing is kept.
 * @param options.inspect inspects as the message was inspected
 */
export async function rewriteHere(
  decisions: readonly Decision[],
  options: {
    readonly message: Buffer;
    readonly inspection: Inspection;
    readonly inspect: (message: Uint8Array, gone: readonly string[]) => Promise<Inspection>;
    readonly loaded: LoadedConfig;
    readonly detection: DetectionSettings;
  },
): Promise<readonly Decision[]> {
  const { inspect, inspection, loaded } = options;
  const message = withCrlf(options.message).bytes;
  const own = compileSettings(options.detection);
  try {
    const decided: Decision[] = [];
    for (const decision of decisions) {
      const { rewrite: demand } = decision.demand;
      if (demand === undefined || !needsCopy(decision)) {
        decided.push(decision);
        continue;
      }
      const find = (text: string) => detectSpans(text, { detectors: demand.redact ?? [], own });
      const made = await makeCopy(
        {
          inspect,
          rewrite: async (bytes, wanted) =>
            rewriteMessage(bytes, wanted, { limits: loaded.config.inspect, find }),
        },
        message,
        inspection,
        demand,
      );
      decided.push(withCopy(decision, made));
    }
    return decided;
  } finally {
    own.dispose();
  }
}
