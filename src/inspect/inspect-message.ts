import type { Inspection } from '../model/inspection.js';
import { detect } from './detect/index.js';
import type { OwnDetectors } from './detect/settings.js';
import { showsNothing } from './detect/shows-nothing.js';
import { createDesk, type FoundDocument, type ReadDocument } from './documents/desk.js';
import { isValueLeft } from './left-values.js';
import type { StructureLimits } from './limits.js';
import type { ShowsNothing } from './quiet-text.js';
import { readStructure, type StructureReading } from './structure.js';

export interface InspectOptions {
  readonly limits: StructureLimits;
  /** Key of the fingerprints of findings. */
  readonly fingerprintKey: Uint8Array;
  /** The organisation's own detectors. */
  readonly own?: OwnDetectors;
  /** The sender provides care (`DetectOptions`). */
  readonly healthSender?: boolean;
  /** Values that were masked: whether one can still be read, in whatever text, is said (`Inspection.valueLeft`). */
  readonly gone?: readonly string[];
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
  return inspection(readStructure(message, options.limits, undefined, quiet(options)), message, options);
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
  const reading = readStructure(message, options.limits, desk, quiet(options));
  const documents = desk.wanted();
  if (documents.length > 0) return { kind: 'documents', documents };
  return { kind: 'inspect', inspection: inspection(reading, message, options) };
}

/** An organisation's own detectors may look for anything, so they are given all texts, and so is a look for given values. */
function quiet({ own, gone }: InspectOptions): ShowsNothing | undefined {
  const all = (own?.detectors.length ?? 0) > 0 || (gone?.length ?? 0) > 0;
  return all ? undefined : showsNothing;
}

function inspection(
  { views, ...reading }: StructureReading,
  message: Uint8Array,
  options: InspectOptions,
): Inspection {
  const texts = views();
  const { findings, classifications } = detect(texts, options);
  const { gone = [] } = options;
  const isLeft =
    gone.length > 0 &&
    isValueLeft(
      gone,
      texts.map(({ text }) => text),
    );
  return {
    ...reading,
    findings,
    classifications,
    size: message.length,
    ...(isLeft && { valueLeft: true as const }),
  };
}
