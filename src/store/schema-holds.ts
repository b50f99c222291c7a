/**
 * Legal holds, and what they keep: content of finished messages (`has_content` 2, which the index of finished ones
 * leaves out), content of closed portal items, and copies of replies that their writer deleted.
 */
export const SCHEMA_HOLDS = `
CREATE TABLE legal_holds (
  name TEXT PRIMARY KEY NOT NULL,
  reason TEXT NOT NULL,
  actor TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  since INTEGER,
  until INTEGER,
  -- ASCII letters in lower case; a whole domain begins with @
  address TEXT,
  CONSTRAINT since_before_until CHECK (since IS NULL OR until IS NULL OR since < until)
) STRICT, WITHOUT ROWID;

CREATE INDEX messages_kept ON messages (id) WHERE has_content = 2;

ALTER TABLE portal_content_over ADD COLUMN kept INTEGER NOT NULL DEFAULT 0;
CREATE INDEX portal_content_to_destroy ON portal_content_over (item_id) WHERE kept = 0;
CREATE INDEX portal_content_kept ON portal_content_over (item_id) WHERE kept = 1;

ALTER TABLE portal_replies ADD COLUMN deleted_at INTEGER;
CREATE INDEX portal_replies_kept ON portal_replies (id) WHERE deleted_at IS NOT NULL AND wrapped_key IS NOT NULL;
`;
