import type { AuditEvent } from '../../audit/events.js';

/** What permits a change, on disk before it. */
export type Events = readonly AuditEvent[];
