/**
 * What sending remembers: which stream mail is in, how many were tried in each minute (for throttles), whom a throttle
 * keeps waiting, and addresses that are not to be tried again.
 *
 * Mail of our own is in the stream of the message that it is about, but for codes, which somebody waits for. Triggers see to
 * that, and to it that a recipient is in its message's stream.
 */
export const SCHEMA_SENDING = `
ALTER TABLE messages ADD COLUMN stream TEXT NOT NULL DEFAULT 'default';
ALTER TABLE recipients ADD COLUMN stream TEXT NOT NULL DEFAULT 'default';
-- since when a throttle keeps it waiting (epoch milliseconds), which one, and how long throttles did so before
ALTER TABLE recipients ADD COLUMN throttled_since INTEGER;
ALTER TABLE recipients ADD COLUMN throttled_by TEXT
  CONSTRAINT throttle_and_time CHECK ((throttled_by IS NULL) = (throttled_since IS NULL));
ALTER TABLE recipients ADD COLUMN throttled_ms INTEGER NOT NULL DEFAULT 0;

DROP INDEX messages_undecided;
CREATE INDEX messages_undecided ON messages (stream, received_at, id) WHERE state = 'received';
DROP INDEX recipients_due;
CREATE INDEX recipients_due ON recipients (stream, next_attempt_at, message_id, idx) WHERE state = 'pending';
CREATE INDEX recipients_throttled ON recipients (throttled_by, next_attempt_at)
  WHERE state = 'pending' AND throttled_by IS NOT NULL;

CREATE TRIGGER messages_stream AFTER INSERT ON messages
WHEN NEW.about_message IS NOT NULL AND NEW.origin NOT IN ('access-code', 'account-notice')
BEGIN
  UPDATE messages SET stream = coalesce((SELECT stream FROM messages WHERE id = NEW.about_message), stream)
  WHERE id = NEW.id;
END;
CREATE TRIGGER recipients_stream AFTER INSERT ON recipients
WHEN (SELECT stream FROM messages WHERE id = NEW.message_id) <> NEW.stream
BEGIN
  UPDATE recipients SET stream = (SELECT stream FROM messages WHERE id = NEW.message_id)
  WHERE message_id = NEW.message_id AND idx = NEW.idx;
END;

CREATE TABLE throttle_counts (
  counter TEXT NOT NULL,
  -- since the epoch
  minute INTEGER NOT NULL,
  count INTEGER NOT NULL CONSTRAINT count_positive CHECK (count > 0),
  PRIMARY KEY (counter, minute)
) STRICT, WITHOUT ROWID;
CREATE INDEX throttle_counts_minute ON throttle_counts (minute);

CREATE TABLE suppressions (
  -- ASCII letters in lower case
  address TEXT PRIMARY KEY NOT NULL,
  reason TEXT NOT NULL,
  status TEXT,
  host TEXT,
  message_id TEXT,
  actor TEXT,
  added_at INTEGER NOT NULL,
  expires_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX suppressions_expiry ON suppressions (expires_at) WHERE expires_at IS NOT NULL;
`;
