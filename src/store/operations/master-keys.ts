import { wrapPrefix } from '../body-seal.js';
import { ChangeRefused } from '../errors.js';
import { META, readKeyState } from '../key-state.js';
import type { RelayDb } from '../relay-db.js';

/** Where wrapped keys of content are. */
export const WRAPPED_IN = ['bodies', 'rewritten_bodies', 'portal_bodies', 'portal_replies'] as const;
export type WrappedIn = (typeof WRAPPED_IN)[number];

const ID_IN: Readonly<Record<WrappedIn, string>> = {
  bodies: 'message_id',
  rewritten_bodies: 'message_id',
  portal_bodies: 'item_id',
  portal_replies: 'id',
};

/** The key of one body, with what it is bound to. */
export interface WrappedRow {
  readonly row: number;
  /** Of the message, portal item or reply. */
  readonly id: string;
  readonly wrapped: Uint8Array;
  readonly size: number;
  readonly fileName?: string;
}

/** Wrapped keys in the order of their rows, behind `after`. */
export function wrappedKeys(
  db: RelayDb,
  { table, after, limit }: { readonly table: WrappedIn; readonly after: number; readonly limit: number },
): readonly WrappedRow[] {
  return db
    .all<{
      readonly row: number;
      readonly id: string;
      readonly wrapped_key: Uint8Array;
      readonly size: number;
      readonly file_name: string | null;
    }>(
      `SELECT rowid AS row, ${ID_IN[table]} AS id, wrapped_key, size, file_name FROM ${table}
       WHERE rowid > ? AND wrapped_key IS NOT NULL ORDER BY rowid LIMIT ?`,
      after,
      limit,
    )
    .map(({ row, id, wrapped_key, size, file_name }) => ({
      row,
      id,
      wrapped: Uint8Array.from(wrapped_key),
      size,
      ...(file_name === null ? {} : { fileName: file_name }),
    }));
}

/** Puts keys in place of those that they were wrapped as, where these still are. Gives how many. */
export function rewrap(
  db: RelayDb,
  input: {
    readonly table: WrappedIn;
    readonly rows: readonly {
      readonly row: number;
      readonly before: Uint8Array;
      readonly after: Uint8Array;
    }[];
  },
): number {
  let changed = 0;
  for (const { row, before, after } of input.rows) {
    changed += db.run(
      `UPDATE ${input.table} SET wrapped_key = ? WHERE rowid = ? AND wrapped_key = ?`,
      after,
      row,
      before,
    );
  }
  return changed;
}

/** A secret of the gateway sealed anew, where it is still the same. */
export function resealOwnKey(
  db: RelayDb,
  { before, after }: { readonly before: Uint8Array; readonly after: Uint8Array },
): number {
  return db.run('UPDATE own_keys SET sealed_secret = ? WHERE sealed_secret = ?', after, before);
}

/** An operator's second factor sealed anew, where it is still the same. */
export function resealOperator(
  db: RelayDb,
  { name, before, after }: { readonly name: string; readonly before: Uint8Array; readonly after: Uint8Array },
): number {
  return db.run(
    'UPDATE operators SET sealed_totp = ? WHERE name = ? AND sealed_totp = ?',
    after,
    name,
    before,
  );
}

/** From here on both keys are needed. @throws ChangeRefused when a rotation is under way, or the old key is another */
export function beginRotation(
  db: RelayDb,
  {
    from,
    to,
    check,
    lasting,
  }: {
    readonly from: number;
    readonly to: number;
    /** Of the new key. */
    readonly check: Uint8Array;
    readonly lasting: Uint8Array;
  },
): null {
  const state = readKeyState(db);
  if (state.rotation !== undefined || state.number !== from || to !== from + 1)
    throw new ChangeRefused('another rotation of the master key is under way');
  put(db, META.rotation, Buffer.from(JSON.stringify({ to, check: Buffer.from(check).toString('hex') })));
  put(db, META.lasting(to), lasting);
  return null;
}

/** A wrapped key that opens with none. */
export interface DamagedRow {
  readonly table: WrappedIn;
  readonly row: number;
  readonly wrapped: Uint8Array;
}

/**
 * The new key is the one in force, and nothing sealed with an older one comes in any more.
 * @param input `except`: what is known not to open
 * @returns false, with nothing done, when anything else in relay.db is still sealed with the old one
 */
export function finishRotation(
  db: RelayDb,
  { to, except = [] }: { readonly to: number; readonly except?: readonly DamagedRow[] },
): boolean {
  const { number, rotation } = readKeyState(db);
  if (rotation?.to !== to) throw new ChangeRefused('this rotation of the master key is not under way');
  const least = wrapPrefix(to);
  for (const table of WRAPPED_IN) {
    const known = except.filter((one) => one.table === table);
    const left = db.all<{ readonly row: number; readonly wrapped_key: Uint8Array }>(
      `SELECT rowid AS row, wrapped_key FROM ${table}
       WHERE wrapped_key IS NOT NULL AND substr(wrapped_key, 1, 5) < ? LIMIT ?`,
      least,
      known.length + 1,
    );
    const isKnown = ({ row, wrapped_key }: (typeof left)[number]) =>
      known.some((one) => one.row === row && Buffer.from(wrapped_key).equals(one.wrapped));
    if (!left.every(isKnown)) return false;
  }
  put(db, META.check, Buffer.from(rotation.check, 'hex'));
  put(db, META.number, Buffer.from(String(to)));
  put(db, 'least-wrap', least);
  db.run('DELETE FROM meta WHERE key IN (?, ?)', META.rotation, META.lasting(number));
  return true;
}

function put(db: RelayDb, key: string, value: Uint8Array): void {
  db.run(
    'INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
    key,
    value,
  );
}
