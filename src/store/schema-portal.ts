import { END_STATES, MESSAGE_ORIGINS } from '../model/message.js';
import { PORTAL_STRENGTHS } from '../model/method.js';

const list = (values: readonly string[]): string => values.map((value) => `'${value}'`).join(', ');
const OPEN = "('waiting', 'picked-up')";
const ENDS = list(END_STATES);
/** States of recipients that need the message's content no more: what waits in the portal has its own, or is counted there. */
const DONE_WITH = `(${ENDS}, 'in-portal')`;

/**
 * The portal with accounts. Sessions belong to a recipient and no longer to an item, so those of before end. Items have
 * content of their own, sealed with a key of their own, which goes when they close; those of before still need their
 * message's. So a message's content is needed by recipients that are neither at an end nor in the portal, and by open
 * items without content of their own. `messages` is made anew for the origins that it may name; foreign keys are off meanwhile (`migrate`).
 */
export const SCHEMA_PORTAL = `
CREATE TABLE messages_anew (
  id TEXT PRIMARY KEY NOT NULL,
  origin TEXT NOT NULL CONSTRAINT known_origin CHECK (origin IN (${list(MESSAGE_ORIGINS)})),
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
  -- recipients neither at an end nor in the portal, and open portal items that have no content of their own
  unfinished INTEGER NOT NULL DEFAULT 0,
  has_content INTEGER NOT NULL DEFAULT 0
) STRICT;
INSERT INTO messages_anew SELECT id, origin, received_at, identity, sender, header_message_id, smtp_utf8, eight_bit_mime,
  dsn_ret, dsn_envid, listener, client_address, client_tls, state, inspect_attempts, subject_showable, about_message,
  about_portal_item,
  unfinished - (SELECT count(*) FROM recipients WHERE message_id = messages.id AND state = 'in-portal'),
  has_content FROM messages;
DROP TABLE messages;
ALTER TABLE messages_anew RENAME TO messages;
CREATE INDEX messages_undecided ON messages (received_at, id) WHERE state = 'received';
CREATE INDEX messages_finished ON messages (received_at, id) WHERE unfinished = 0 AND has_content = 1;
CREATE TRIGGER messages_decided_is_final BEFORE UPDATE OF state ON messages
WHEN OLD.state = 'decided' AND NEW.state <> 'decided'
BEGIN SELECT RAISE(ABORT, 'a decided message is not received again'); END;

DROP TRIGGER recipients_added;
CREATE TRIGGER recipients_added AFTER INSERT ON recipients
BEGIN
  UPDATE recipient_counts SET count = count + 1 WHERE state = NEW.state;
  UPDATE messages SET unfinished = unfinished + 1 WHERE id = NEW.message_id AND NEW.state NOT IN ${DONE_WITH};
END;
DROP TRIGGER recipients_moved;
CREATE TRIGGER recipients_moved AFTER UPDATE OF state ON recipients
WHEN NEW.state <> OLD.state
BEGIN
  UPDATE recipient_counts SET count = count - 1 WHERE state = OLD.state;
  UPDATE recipient_counts SET count = count + 1 WHERE state = NEW.state;
  UPDATE messages SET unfinished = unfinished - 1
    WHERE id = NEW.message_id AND NEW.state IN ${DONE_WITH} AND OLD.state NOT IN ${DONE_WITH};
END;
CREATE TRIGGER recipients_stay_in_portal BEFORE UPDATE OF state ON recipients
WHEN OLD.state = 'in-portal' AND NEW.state NOT IN ${DONE_WITH}
BEGIN SELECT RAISE(ABORT, 'what is in the portal does not go back to the queue'); END;

ALTER TABLE portal_items ADD COLUMN strength TEXT NOT NULL DEFAULT 'code'
  CONSTRAINT known_strength CHECK (strength IN (${list(PORTAL_STRENGTHS)}));
ALTER TABLE portal_items ADD COLUMN passphrase_hash BLOB;
ALTER TABLE portal_items ADD COLUMN passphrase_tries INTEGER NOT NULL DEFAULT 0;
ALTER TABLE portal_items ADD COLUMN own_content INTEGER NOT NULL DEFAULT 0;
ALTER TABLE portal_items ADD COLUMN receipt TEXT NOT NULL DEFAULT 'none'
  CONSTRAINT known_receipt CHECK (receipt IN ('none', 'wanted', 'sent'));
ALTER TABLE portal_items ADD COLUMN language TEXT NOT NULL DEFAULT 'en';
ALTER TABLE portal_items ADD COLUMN reminders INTEGER NOT NULL DEFAULT 0;
ALTER TABLE portal_items ADD COLUMN next_reminder_at INTEGER;
-- ASCII letters in lower case, as accounts and sessions are found; the address as written is for mail
ALTER TABLE portal_items ADD COLUMN recipient_folded TEXT GENERATED ALWAYS AS (lower(recipient)) VIRTUAL;
DROP INDEX portal_items_recipient;
CREATE INDEX portal_items_recipient ON portal_items (recipient_folded, created_at);
CREATE INDEX portal_items_sender ON portal_items (sender, created_at);
CREATE INDEX portal_items_remind ON portal_items (next_reminder_at, id)
  WHERE state = 'waiting' AND next_reminder_at IS NOT NULL;

CREATE TABLE portal_bodies (
  item_id TEXT PRIMARY KEY NOT NULL REFERENCES portal_items (id),
  wrapped_key BLOB NOT NULL,
  size INTEGER NOT NULL,
  file_name TEXT,
  -- last, so that lists needn't read past it
  inline_bytes BLOB,
  CONSTRAINT inline_or_file CHECK ((inline_bytes IS NULL) <> (file_name IS NULL))
) STRICT;
CREATE UNIQUE INDEX portal_bodies_file ON portal_bodies (file_name) WHERE file_name IS NOT NULL;
-- closed items whose content, or a copy of a reply, is still there
CREATE TABLE portal_content_over (
  item_id TEXT PRIMARY KEY NOT NULL REFERENCES portal_items (id)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER portal_bodies_needed BEFORE DELETE ON portal_bodies
WHEN (SELECT state FROM portal_items WHERE id = OLD.item_id) IN ${OPEN}
BEGIN SELECT RAISE(ABORT, 'the content is still needed'); END;

DROP TRIGGER portal_items_added;
CREATE TRIGGER portal_items_added AFTER INSERT ON portal_items
WHEN NEW.state IN ${OPEN} AND NEW.own_content = 0
BEGIN UPDATE messages SET unfinished = unfinished + 1 WHERE id = NEW.message_id; END;
DROP TRIGGER portal_items_closed;
CREATE TRIGGER portal_items_closed AFTER UPDATE OF state ON portal_items
WHEN OLD.state IN ${OPEN} AND NEW.state NOT IN ${OPEN}
BEGIN
  UPDATE messages SET unfinished = unfinished - 1 WHERE id = NEW.message_id AND NEW.own_content = 0;
  DELETE FROM portal_codes WHERE item_id = NEW.id;
  INSERT INTO portal_content_over (item_id) SELECT NEW.id
    WHERE EXISTS (SELECT 1 FROM portal_bodies WHERE item_id = NEW.id)
       OR EXISTS (SELECT 1 FROM portal_replies WHERE item_id = NEW.id AND wrapped_key IS NOT NULL);
END;

ALTER TABLE portal_codes ADD COLUMN way TEXT NOT NULL DEFAULT 'mailbox'
  CONSTRAINT known_way CHECK (way IN ('mailbox', 'sms'));

DROP TABLE portal_sessions;
CREATE TABLE portal_sessions (
  token_hash BLOB PRIMARY KEY NOT NULL,
  recipient TEXT NOT NULL,
  proofs TEXT NOT NULL,
  passphrase_items TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX portal_sessions_recipient ON portal_sessions (recipient);
CREATE INDEX portal_sessions_expiry ON portal_sessions (expires_at);

CREATE TABLE portal_accounts (
  recipient TEXT PRIMARY KEY NOT NULL,
  password_hash TEXT,
  totp TEXT,
  totp_sealed BLOB,
  language TEXT,
  created_at INTEGER NOT NULL,
  changed_at INTEGER NOT NULL,
  failures INTEGER NOT NULL,
  locked_until INTEGER,
  CONSTRAINT totp_whole CHECK ((totp IS NULL) = (totp_sealed IS NULL))
) STRICT;
CREATE TABLE portal_passkeys (
  credential_id BLOB PRIMARY KEY NOT NULL,
  recipient TEXT NOT NULL,
  public_key BLOB NOT NULL,
  counter INTEGER NOT NULL,
  name TEXT NOT NULL,
  enrolled_by TEXT NOT NULL CONSTRAINT known_enrolment CHECK (enrolled_by IN ('mailbox', 'organisation')),
  created_at INTEGER NOT NULL,
  last_used_at INTEGER
) STRICT;
CREATE INDEX portal_passkeys_recipient ON portal_passkeys (recipient, created_at);
CREATE TABLE portal_devices (
  token_hash BLOB PRIMARY KEY NOT NULL,
  recipient TEXT NOT NULL,
  client TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX portal_devices_recipient ON portal_devices (recipient);
CREATE INDEX portal_devices_expiry ON portal_devices (expires_at);

CREATE TABLE portal_replies (
  id TEXT PRIMARY KEY NOT NULL,
  item_id TEXT NOT NULL REFERENCES portal_items (id),
  recipient TEXT NOT NULL,
  message_id TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  wrapped_key BLOB,
  size INTEGER,
  file_name TEXT,
  inline_bytes BLOB,
  CONSTRAINT whole_copy_or_none CHECK (
    ((wrapped_key IS NULL) = (size IS NULL)) AND
    ((inline_bytes IS NULL) + (file_name IS NULL) = iif(wrapped_key IS NULL, 2, 1)))
) STRICT;
CREATE INDEX portal_replies_item ON portal_replies (item_id);
CREATE INDEX portal_replies_recipient ON portal_replies (recipient, created_at);
CREATE UNIQUE INDEX portal_replies_file ON portal_replies (file_name) WHERE file_name IS NOT NULL;
`;
