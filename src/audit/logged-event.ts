import type { AuditEvent } from './events.js';

/** An event as it stands in a file. */
export interface LoggedEvent {
  readonly seq: number;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly type: string;
  /** What the type records; see AuditEventData. */
  readonly data: unknown;
  readonly hash: string;
  /** Name of the file it is in. */
  readonly file: string;
}

export type KnownEvent = LoggedEvent & AuditEvent;

/**
 * Tells the compiler that a logged event has the shape its type's contract gives. Reading doesn't check shapes: the
 * log holds what the relay wrote, and whether it still does is the verifier's matter.
 */
export function isKnown(event: LoggedEvent): event is KnownEvent {
  return typeof event.data === 'object' && event.data !== null;
}
