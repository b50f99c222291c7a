import type { DetectionSettings } from '../../inspect/detect/settings.js';
import type { StructureLimits } from '../../inspect/limits.js';
import type { RewriteDemand } from '../../model/decision.js';

/** One message to be rewritten by a thread; plain data. */
export interface RewriteTask {
  readonly message: Uint8Array;
  readonly demand: RewriteDemand;
  readonly limits: StructureLimits;
  /** The organisation's own detectors, which a demand may name. */
  readonly detection: DetectionSettings;
}

export type RewriteAnswer =
  | {
      readonly ok: true;
      readonly bytes: Uint8Array;
      readonly places: number;
      readonly left?: true;
      /** As `RewrittenBytes.values`. */
      readonly values?: readonly string[];
    }
  | { readonly ok: false; readonly reason: string };
