import { detectSpans } from '../../inspect/detect/index.js';
import {
  compileSettings,
  NO_OWN_DETECTORS,
  NO_SETTINGS,
  type OwnDetectors,
} from '../../inspect/detect/settings.js';
import { rewriteMessage } from './rewrite-message.js';
import type { RewriteAnswer, RewriteTask } from './rewrite-task.js';

/** What was compiled last: policies change rarely. */
let compiled: { readonly id: string; readonly own: OwnDetectors } = {
  id: NO_SETTINGS.id,
  own: NO_OWN_DETECTORS,
};

/** Entry of the rewriting threads: one message at a time. */
export default function work({ message, demand, limits, detection }: RewriteTask): RewriteAnswer {
  if (compiled.id !== detection.id) {
    compiled.own.dispose();
    compiled = { id: NO_SETTINGS.id, own: NO_OWN_DETECTORS };
    compiled = { id: detection.id, own: compileSettings(detection) };
  }
  const { own } = compiled;
  const detectors = demand.redact ?? [];
  return rewriteMessage(message, demand, {
    limits,
    find: (text) => detectSpans(text, { detectors, own }),
  });
}
