import type { AuditedFinding, AuditedPart } from '../audit/events/mail-events.js';
import { isKnown } from '../audit/logged-event.js';
import type { OpenMonths } from '../audit/open-months.js';
import { searchAudit } from '../audit/search.js';

/** What the newest inspection of a message found: masked forms only, no value, no file name. */
export interface InspectionShown {
  readonly findings: readonly AuditedFinding[];
  readonly parts: readonly AuditedPart[];
  readonly ambiguities: readonly {
    readonly name: string;
    readonly part: string;
    readonly material: boolean;
  }[];
  readonly classifications: readonly string[];
  readonly failure?: 'timed-out' | 'crashed';
}

/**
 * Reads it from the audit log, by its index; a few short reads.
 * @param receivedAt of the message, in epoch milliseconds
 * @returns undefined where no inspection is on record
 * @throws UserError when the log can't be read
 */
export function inspectionOf(
  log: OpenMonths,
  messageId: string,
  receivedAt: number,
): InspectionShown | undefined {
  const months = log.since(receivedAt);
  const { events } = searchAudit({ months }, { messageId, type: 'message.inspected', limit: 1 });
  const event = events.at(-1);
  if (event === undefined || !isKnown(event) || event.type !== 'message.inspected') return undefined;
  const { findings, parts, ambiguities, classifications, failure } = event.data;
  return {
    findings,
    parts,
    ambiguities,
    classifications,
    ...(failure === undefined ? {} : { failure }),
  };
}
