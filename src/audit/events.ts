import type { KeepingEvents } from './events/keeping-events.js';
import type { KeyEvents } from './events/key-events.js';
import type { MailEvents } from './events/mail-events.js';
import type { PeopleEvents } from './events/people-events.js';
import type { PortalEvents } from './events/portal-events.js';
import type { RelayEvents } from './events/relay-events.js';
import type { SessionEvents } from './events/session-events.js';

/**
 * What each event type records. Names and fields are a contract: `audit search --json`, `show --json` and exports
 * print them. Nothing here may hold body text, a Subject, a matched value, a file name or a secret.
 */
export interface AuditEventData
  extends RelayEvents,
    SessionEvents,
    MailEvents,
    PortalEvents,
    PeopleEvents,
    KeyEvents,
    KeepingEvents {}

export type AuditEventType = keyof AuditEventData;

/** One event to be appended. Sequence number, time and hashes are given by the log. */
export type AuditEvent = {
  [T in AuditEventType]: { readonly type: T; readonly data: AuditEventData[T] };
}[AuditEventType];

/** An event of type `type`; narrows `data` for the compiler. */
export function auditEvent<T extends AuditEventType>(
  type: T,
  data: AuditEventData[T],
): { type: T; data: AuditEventData[T] } {
  return { type, data };
}
