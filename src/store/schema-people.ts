import { METHODS } from '../model/method.js';

const list = (values: readonly string[]): string => values.map((value) => `'${value}'`).join(', ');

/**
 * Operators and their approvals. Triggers void approvals whenever the recipient moves on or is decided anew, and whenever
 * something about their operator changes but failures and used codes, whoever does it. A secret that is only sealed anew
 * with another master key is the same. What is held may become `received` again, to be decided anew; its message then does, too.
 */
export const SCHEMA_PEOPLE = `
CREATE TABLE operators (
  name TEXT PRIMARY KEY NOT NULL,
  roles TEXT NOT NULL,
  token_hash TEXT NOT NULL,
  sealed_totp BLOB,
  totp_step INTEGER NOT NULL,
  failures INTEGER NOT NULL,
  locked_until INTEGER,
  disabled INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  changed_at INTEGER NOT NULL
) STRICT;

CREATE TABLE approvals (
  message_id TEXT NOT NULL,
  idx INTEGER NOT NULL,
  operator TEXT NOT NULL,
  method TEXT NOT NULL CONSTRAINT known_method CHECK (method IN (${list(METHODS)})),
  at INTEGER NOT NULL,
  PRIMARY KEY (message_id, idx),
  FOREIGN KEY (message_id, idx) REFERENCES recipients (message_id, idx) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE TRIGGER approvals_only_of_held BEFORE INSERT ON approvals
WHEN NOT EXISTS (SELECT 1 FROM recipients WHERE message_id = NEW.message_id AND idx = NEW.idx AND state = 'held')
BEGIN SELECT RAISE(ABORT, 'only what is held can be approved'); END;
CREATE TRIGGER approvals_void AFTER UPDATE OF state, decision ON recipients
BEGIN DELETE FROM approvals WHERE message_id = NEW.message_id AND idx = NEW.idx; END;
CREATE TRIGGER approvals_void_of_changed AFTER UPDATE ON operators
WHEN NEW.changed_at <> OLD.changed_at OR NEW.disabled <> OLD.disabled OR NEW.roles <> OLD.roles
  OR NEW.token_hash <> OLD.token_hash
BEGIN DELETE FROM approvals WHERE operator = NEW.name; END;

DROP TRIGGER recipients_not_received_again;
CREATE TRIGGER recipients_not_received_again BEFORE UPDATE OF state ON recipients
WHEN NEW.state = 'received' AND OLD.state NOT IN ('received', 'held')
BEGIN SELECT RAISE(ABORT, 'a recipient that is not held is not received again'); END;
DROP TRIGGER messages_decided_is_final;
CREATE TRIGGER messages_decided_is_final BEFORE UPDATE OF state ON messages
WHEN OLD.state = 'decided' AND NEW.state <> 'decided'
  AND NOT EXISTS (SELECT 1 FROM recipients WHERE message_id = NEW.id AND state = 'received')
BEGIN SELECT RAISE(ABORT, 'without a received recipient a decided message is not received again'); END;
`;
