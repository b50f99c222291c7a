/**
 * Events of the newest batches, until the audit log has them on disk (`audit-tail`): one row a batch, by the number of its
 * last event, with the events as JSON.
 */
export const SCHEMA_AUDIT_TAIL = `
CREATE TABLE audit_tail (
  last_seq INTEGER PRIMARY KEY,
  events BLOB NOT NULL
) STRICT;
`;
