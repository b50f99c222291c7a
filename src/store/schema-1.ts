import { END_STATES, RECIPIENT_STATES } from '../model/message.js';

const list = (values: readonly string[]): string => values.map((value) => `'${value}'`).join(', ');
const ENDS = list(END_STATES);

/**
 * The first layout of relay.db.
 *
 * Content is in a table of its own, so that a change of a message's row does not rewrite it. `messages.unfinished`
 * and `recipient_counts` are kept by triggers, so that finding finished messages and counting states cost the same
 * however much has been delivered. Triggers also guard what no operation may do: leave an end state, lose a
 * recipient, destroy content that is still needed.
 */
export const SCHEMA_1 = `
CREATE TABLE meta (
  key TEXT PRIMARY KEY NOT NULL,
  value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE messages (
  id TEXT PRIMARY KEY NOT NULL,
  origin TEXT NOT NULL CONSTRAINT known_origin CHECK (origin IN ('submitted', 'dsn', 'pickup-notice', 'access-code', 'hold-notice')),
  received_at INTEGER NOT NULL,
  identity TEXT NOT NULL,
  sender TEXT NOT NULL,
  header_message_id TEXT NOT NULL,
  smtp_utf8 INTEGER NOT NULL,
  eight_bit_mime INTEGER NOT NULL,
  dsn_ret TEXT,
  dsn_envid TEXT,
  listener TEXT NOT NULL,
  client_address TEXT NOT NULL,
  client_tls TEXT,
  state TEXT NOT NULL CONSTRAINT known_message_state CHECK (state IN ('received', 'decided')),
  inspect_attempts INTEGER NOT NULL DEFAULT 0,
  subject_showable INTEGER NOT NULL DEFAULT 0,
  about_message TEXT,
  about_portal_item TEXT,
  -- recipients without an end, and portal items still open
  unfinished INTEGER NOT NULL DEFAULT 0,
  has_content INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX messages_undecided ON messages (received_at, id) WHERE state = 'received';
CREATE INDEX messages_finished ON messages (received_at, id) WHERE unfinished = 0 AND has_content = 1;

CREATE TABLE bodies (
  message_id TEXT PRIMARY KEY NOT NULL REFERENCES messages (id),
  wrapped_key BLOB NOT NULL,
  size INTEGER NOT NULL,
  inline_bytes BLOB,
  file_name TEXT,
  CONSTRAINT inline_or_file CHECK ((inline_bytes IS NULL) <> (file_name IS NULL))
) STRICT;
CREATE UNIQUE INDEX bodies_file ON bodies (file_name) WHERE file_name IS NOT NULL;

CREATE TABLE recipients (
  message_id TEXT NOT NULL REFERENCES messages (id),
  idx INTEGER NOT NULL,
  received_at INTEGER NOT NULL,
  address TEXT NOT NULL,
  domain TEXT NOT NULL,
  notify TEXT,
  orcpt TEXT,
  state TEXT NOT NULL CONSTRAINT known_recipient_state CHECK (state IN (${list(RECIPIENT_STATES)})),
  decision TEXT,
  method TEXT,
  attempts INTEGER NOT NULL DEFAULT 0,
  next_attempt_at INTEGER,
  expires_at INTEGER,
  tls_failing_since INTEGER,
  delay_warned_at INTEGER,
  last_status TEXT,
  last_reason TEXT,
  PRIMARY KEY (message_id, idx),
  -- without these it would wait for ever
  CONSTRAINT pending_needs_next_attempt CHECK (state <> 'pending' OR next_attempt_at IS NOT NULL),
  CONSTRAINT pending_needs_decision CHECK (state <> 'pending' OR (decision IS NOT NULL AND method IS NOT NULL)),
  CONSTRAINT held_needs_expiry CHECK (state <> 'held' OR expires_at IS NOT NULL)
) STRICT;
CREATE INDEX recipients_due ON recipients (next_attempt_at, message_id, idx) WHERE state = 'pending';
CREATE INDEX recipients_held ON recipients (expires_at, message_id, idx) WHERE state = 'held';
CREATE INDEX recipients_by_state ON recipients (state, received_at, message_id, idx);

CREATE TABLE recipient_counts (
  state TEXT PRIMARY KEY NOT NULL,
  count INTEGER NOT NULL CONSTRAINT count_not_negative CHECK (count >= 0)
) STRICT, WITHOUT ROWID;
INSERT INTO recipient_counts (state, count) VALUES ${RECIPIENT_STATES.map((s) => `('${s}', 0)`).join(', ')};

CREATE TABLE portal_items (
  id TEXT PRIMARY KEY NOT NULL,
  message_id TEXT NOT NULL,
  recipient_idx INTEGER NOT NULL,
  recipient TEXT NOT NULL,
  sender TEXT NOT NULL,
  link_hash BLOB NOT NULL UNIQUE,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  state TEXT NOT NULL CONSTRAINT known_item_state
    CHECK (state IN ('waiting', 'picked-up', 'expired', 'revoked', 'undeliverable')),
  first_read_at INTEGER,
  FOREIGN KEY (message_id, recipient_idx) REFERENCES recipients (message_id, idx)
) STRICT;
CREATE INDEX portal_items_open ON portal_items (expires_at, id) WHERE state IN ('waiting', 'picked-up');
CREATE INDEX portal_items_message ON portal_items (message_id, recipient_idx);
CREATE INDEX portal_items_recipient ON portal_items (recipient, created_at);
CREATE INDEX portal_items_created ON portal_items (created_at, id);

CREATE TABLE portal_codes (
  item_id TEXT PRIMARY KEY NOT NULL REFERENCES portal_items (id),
  code_hash BLOB NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  failed_tries INTEGER NOT NULL
) STRICT;
CREATE TABLE portal_codes_issued (
  item_id TEXT NOT NULL REFERENCES portal_items (id),
  at INTEGER NOT NULL
) STRICT;
CREATE INDEX portal_codes_issued_item ON portal_codes_issued (item_id, at);
CREATE TABLE portal_sessions (
  token_hash BLOB PRIMARY KEY NOT NULL,
  item_id TEXT NOT NULL REFERENCES portal_items (id),
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX portal_sessions_item ON portal_sessions (item_id);
CREATE INDEX portal_sessions_expiry ON portal_sessions (expires_at);

CREATE TABLE accounts (
  name TEXT PRIMARY KEY NOT NULL,
  password_hash TEXT NOT NULL,
  senders TEXT NOT NULL,
  disabled INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  changed_at INTEGER NOT NULL
) STRICT;

CREATE TABLE tls_memory (
  domain TEXT PRIMARY KEY NOT NULL,
  level TEXT NOT NULL CONSTRAINT known_level CHECK (level IN ('encrypted', 'verified', 'authenticated')),
  at INTEGER NOT NULL
) STRICT;

CREATE TRIGGER messages_decided_is_final BEFORE UPDATE OF state ON messages
WHEN OLD.state = 'decided' AND NEW.state <> 'decided'
BEGIN SELECT RAISE(ABORT, 'a decided message is not received again'); END;

CREATE TRIGGER bodies_added AFTER INSERT ON bodies
BEGIN UPDATE messages SET has_content = 1 WHERE id = NEW.message_id; END;
CREATE TRIGGER bodies_needed BEFORE DELETE ON bodies
WHEN (SELECT unfinished FROM messages WHERE id = OLD.message_id) > 0
BEGIN SELECT RAISE(ABORT, 'the content is still needed'); END;
CREATE TRIGGER bodies_removed AFTER DELETE ON bodies
BEGIN UPDATE messages SET has_content = 0 WHERE id = OLD.message_id; END;

CREATE TRIGGER recipients_not_replaced BEFORE INSERT ON recipients
WHEN EXISTS (SELECT 1 FROM recipients WHERE message_id = NEW.message_id AND idx = NEW.idx)
BEGIN SELECT RAISE(ABORT, 'the recipient exists already'); END;
CREATE TRIGGER recipients_added AFTER INSERT ON recipients
BEGIN
  UPDATE recipient_counts SET count = count + 1 WHERE state = NEW.state;
  UPDATE messages SET unfinished = unfinished + 1 WHERE id = NEW.message_id AND NEW.state NOT IN (${ENDS});
END;
CREATE TRIGGER recipients_end_is_final BEFORE UPDATE ON recipients
WHEN OLD.state IN (${ENDS})
BEGIN SELECT RAISE(ABORT, 'an end state is final'); END;
CREATE TRIGGER recipients_not_received_again BEFORE UPDATE OF state ON recipients
WHEN NEW.state = 'received' AND OLD.state <> 'received'
BEGIN SELECT RAISE(ABORT, 'a decided recipient is not received again'); END;
CREATE TRIGGER recipients_moved AFTER UPDATE OF state ON recipients
WHEN NEW.state <> OLD.state
BEGIN
  UPDATE recipient_counts SET count = count - 1 WHERE state = OLD.state;
  UPDATE recipient_counts SET count = count + 1 WHERE state = NEW.state;
  UPDATE messages SET unfinished = unfinished - 1 WHERE id = NEW.message_id AND NEW.state IN (${ENDS});
END;
CREATE TRIGGER recipients_not_lost BEFORE DELETE ON recipients
WHEN OLD.state NOT IN (${ENDS})
BEGIN SELECT RAISE(ABORT, 'a recipient without an end is not removed'); END;
CREATE TRIGGER recipients_removed AFTER DELETE ON recipients
BEGIN UPDATE recipient_counts SET count = count - 1 WHERE state = OLD.state; END;

CREATE TRIGGER portal_items_added AFTER INSERT ON portal_items
WHEN NEW.state IN ('waiting', 'picked-up')
BEGIN UPDATE messages SET unfinished = unfinished + 1 WHERE id = NEW.message_id; END;
CREATE TRIGGER portal_items_closed_is_final BEFORE UPDATE ON portal_items
WHEN OLD.state IN ('expired', 'revoked', 'undeliverable')
BEGIN SELECT RAISE(ABORT, 'a closed portal item is final'); END;
CREATE TRIGGER portal_items_closed AFTER UPDATE OF state ON portal_items
WHEN OLD.state IN ('waiting', 'picked-up') AND NEW.state IN ('expired', 'revoked', 'undeliverable')
BEGIN
  UPDATE messages SET unfinished = unfinished - 1 WHERE id = NEW.message_id;
  DELETE FROM portal_codes WHERE item_id = NEW.id;
  DELETE FROM portal_sessions WHERE item_id = NEW.id;
END;
`;
