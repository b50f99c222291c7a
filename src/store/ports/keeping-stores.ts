import type { LegalHold } from '../../model/legal-hold.js';
import type { Events } from './events.js';

/** Legal holds. What they cover is not destroyed, and stays in the audit log. */
export interface LegalHoldStore {
  /** By name. */
  list(): Promise<readonly LegalHold[]>;
  /** False, and nothing written, when there is one of that name. */
  add(hold: LegalHold, events: Events): Promise<boolean>;
  /**
   * Gives the names of body files that nothing keeps any more, to be removed; the rest goes with the next sweep. False,
   * and nothing written, when there is no such hold.
   */
  remove(name: string, events: Events): Promise<readonly string[] | false>;
}

/** Appends audit events that belong to no change of work in progress. */
export interface AuditSink {
  record(events: Events): Promise<void>;
}
