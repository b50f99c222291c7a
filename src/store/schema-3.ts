/**
 * The third layout of relay.db: the copies of a message that were rewritten before it leaves, one for each way in which
 * rules ask for it. They live as long as the content that they were made from, and leave their key with it.
 */
export const SCHEMA_3 = `
CREATE TABLE rewritten_bodies (
  message_id TEXT NOT NULL REFERENCES bodies (message_id) ON DELETE CASCADE,
  copy TEXT NOT NULL CONSTRAINT copy_has_name CHECK (copy <> ''),
  wrapped_key BLOB NOT NULL,
  size INTEGER NOT NULL,
  inline_bytes BLOB,
  file_name TEXT,
  PRIMARY KEY (message_id, copy),
  CONSTRAINT inline_or_file CHECK ((inline_bytes IS NULL) <> (file_name IS NULL))
) STRICT;
CREATE UNIQUE INDEX rewritten_bodies_file ON rewritten_bodies (file_name) WHERE file_name IS NOT NULL;
CREATE TRIGGER rewritten_bodies_needed BEFORE DELETE ON rewritten_bodies
WHEN (SELECT unfinished FROM messages WHERE id = OLD.message_id) > 0
BEGIN SELECT RAISE(ABORT, 'the content is still needed'); END;
`;
