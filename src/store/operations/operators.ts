import { isDeepStrictEqual } from 'node:util';
import type { Method } from '../../model/method.js';
import type { Approval, Operator } from '../../model/operator.js';
import type { RelayDb } from '../relay-db.js';

interface OperatorRow {
  readonly name: string;
  readonly roles: string;
  readonly token_hash: string;
  readonly sealed_totp: Uint8Array | null;
  readonly totp_step: number;
  readonly failures: number;
  readonly locked_until: number | null;
  readonly disabled: number;
  readonly created_at: number;
  readonly changed_at: number;
}

function operatorOf(row: OperatorRow): Operator {
  return {
    name: row.name,
    roles: JSON.parse(row.roles),
    tokenHash: row.token_hash,
    ...(row.sealed_totp === null ? {} : { sealedTotp: Uint8Array.from(row.sealed_totp) }),
    totpStep: row.totp_step,
    failures: row.failures,
    ...(row.locked_until === null ? {} : { lockedUntil: row.locked_until }),
    disabled: row.disabled === 1,
    createdAt: row.created_at,
    changedAt: row.changed_at,
  };
}

export function operator(db: RelayDb, name: string): Operator | undefined {
  const row = db.get<OperatorRow>('SELECT * FROM operators WHERE name = ?', name);
  return row === undefined ? undefined : operatorOf(row);
}

export function operators(db: RelayDb, _: null): readonly Operator[] {
  return db.all<OperatorRow>('SELECT * FROM operators ORDER BY name').map(operatorOf);
}

/** Adds or replaces. False, with nothing done, when the row isn't as expected any more. */
export function putOperator(
  db: RelayDb,
  { operator: one, expected }: { readonly operator: Operator; readonly expected: Operator | undefined },
): boolean {
  // What comes over the thread boundary has lost nothing but prototypes.
  if (!isDeepStrictEqual(operator(db, one.name), expected && { ...expected })) return false;
  db.run(
    `INSERT INTO operators (name, roles, token_hash, sealed_totp, totp_step, failures, locked_until, disabled,
       created_at, changed_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (name) DO UPDATE SET roles = excluded.roles, token_hash = excluded.token_hash,
       sealed_totp = excluded.sealed_totp, totp_step = excluded.totp_step, failures = excluded.failures,
       locked_until = excluded.locked_until, disabled = excluded.disabled, changed_at = excluded.changed_at`,
    one.name,
    JSON.stringify(one.roles),
    one.tokenHash,
    one.sealedTotp ?? null,
    one.totpStep,
    one.failures,
    one.lockedUntil ?? null,
    one.disabled ? 1 : 0,
    one.createdAt,
    one.changedAt,
  );
  return true;
}

interface ApprovalRow {
  readonly message_id: string;
  readonly idx: number;
  readonly operator: string;
  readonly method: Method;
  readonly at: number;
}

/** Approvals that count, of one message or of all. */
export function approvals(db: RelayDb, messageId: string | null): readonly Approval[] {
  return db
    .all<ApprovalRow>(
      'SELECT * FROM approvals WHERE ? IS NULL OR message_id = ? ORDER BY message_id, idx',
      messageId,
      messageId,
    )
    .map((row) => ({
      messageId: row.message_id,
      index: row.idx,
      operator: row.operator,
      method: row.method,
      at: row.at,
    }));
}

/** Keeps an approval, in place of another of the same recipient. */
export function putApproval(db: RelayDb, one: Approval): void {
  db.run(
    `INSERT INTO approvals (message_id, idx, operator, method, at) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (message_id, idx) DO UPDATE SET operator = excluded.operator, method = excluded.method, at = excluded.at`,
    one.messageId,
    one.index,
    one.operator,
    one.method,
    one.at,
  );
}
