import type { Inspection } from '../model/inspection.js';
import { detect } from './detect/index.js';
import type { InspectLimits } from './limits.js';
import { readMessage } from './structure.js';

export interface InspectOptions {
  readonly limits: InspectLimits;
  /** Key of the fingerprints of findings. */
  readonly fingerprintKey: Uint8Array;
}

/**
 * Inspects one message: structure, every plausible text, findings. Synchronous and pure; it has bounds on what it
 * reads, but for a deadline it runs in a worker (`createInspector`).
 */
export function inspectMessage(message: Uint8Array, options: InspectOptions): Inspection {
  const { views, ...reading } = readMessage(message, options.limits);
  const { findings, classifications } = detect(views, { fingerprintKey: options.fingerprintKey });
  return { ...reading, findings, classifications, size: message.length };
}
