import type { Inspection } from '../model/inspection.js';
import { detect } from './detect/index.js';
import type { OwnDetectors } from './detect/settings.js';
import { createDesk, type FoundDocument, type ReadDocument } from './documents/desk.js';
import type { StructureLimits } from './limits.js';
import { readStructure, type StructureReading } from './structure.js';

export interface InspectOptions {
  readonly limits: StructureLimits;
  /** Key of the fingerprints of findings. */
  readonly fingerprintKey: Uint8Array;
  /** The organisation's own detectors. */
  readonly own?: OwnDetectors;
  /** The sender provides care (`DetectOptions`). */
  readonly healthSender?: boolean;
}

/** The inspection, or the documents that must be read before. */
export type InspectionStep =
  | { readonly kind: 'inspect'; readonly inspection: Inspection }
  | { readonly kind: 'documents'; readonly documents: readonly FoundDocument[] };

/**
 * Inspects one message: structure, every plausible text, findings. Synchronous and pure; it has bounds on what it
 * reads, but for a deadline it runs in a worker (`createInspector`). Documents and images in it are left unread.
 */
export function inspectMessage(message: Uint8Array, options: InspectOptions): Inspection {
  return inspection(readStructure(message, options.limits), message, options);
}

/**
 * One step of a whole inspection: gives the documents that are still to be read, else the inspection. Synchronous and
 * pure like `inspectMessage`.
 * @param known documents that were read, with what was found
 */
export function inspectStep(
  message: Uint8Array,
  known: readonly ReadDocument[],
  options: InspectOptions,
): InspectionStep {
  const desk = createDesk(known, message);
  const reading = readStructure(message, options.limits, desk);
  const documents = desk.wanted();
  if (documents.length > 0) return { kind: 'documents', documents };
  return { kind: 'inspect', inspection: inspection(reading, message, options) };
}

function inspection(
  { views, ...reading }: StructureReading,
  message: Uint8Array,
  options: InspectOptions,
): Inspection {
  const { findings, classifications } = detect(views(), options);
  return { ...reading, findings, classifications, size: message.length };
}
