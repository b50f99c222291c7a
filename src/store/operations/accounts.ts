import type { Account } from '../../model/account.js';
import type { RelayDb } from '../relay-db.js';
import { type AccountRow, accountOf } from '../rows.js';

export function account(db: RelayDb, name: string): Account | undefined {
  const row = db.get<AccountRow>('SELECT * FROM accounts WHERE name = ?', name);
  return row === undefined ? undefined : accountOf(row);
}

export function accounts(db: RelayDb, _: null): readonly Account[] {
  return db.all<AccountRow>('SELECT * FROM accounts ORDER BY name').map(accountOf);
}

export function putAccount(db: RelayDb, input: Account): null {
  db.run(
    `INSERT INTO accounts (name, password_hash, senders, allow, disabled, created_at, changed_at)
     VALUES (?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (name) DO UPDATE SET password_hash = excluded.password_hash, senders = excluded.senders,
       allow = excluded.allow, disabled = excluded.disabled, changed_at = excluded.changed_at`,
    input.name,
    input.passwordHash,
    JSON.stringify(input.senders),
    input.allow === undefined ? null : JSON.stringify(input.allow),
    input.disabled ? 1 : 0,
    input.createdAt,
    input.changedAt,
  );
  return null;
}
