import type Database from 'better-sqlite3';
import { forMuchWriting, openSqlite } from '../shared/open-sqlite.js';

export type SqlValue = string | number | null | Uint8Array;

/** relay.db as the operations see it. Statements are prepared once each. */
export interface RelayDb {
  all<Row>(sql: string, ...values: readonly SqlValue[]): Row[];
  get<Row>(sql: string, ...values: readonly SqlValue[]): Row | undefined;
  /** Rows changed by the statement itself, without those of triggers. */
  run(sql: string, ...values: readonly SqlValue[]): number;
  /** Several statements without values. */
  exec(sql: string): void;
  readonly inTransaction: () => boolean;
  /** For the thread that writes all the time. */
  writeMuch(): void;
  /**
   * Moves the log into the database and empties it, so that what was deleted is gone; false when a reader hinders, who is
   * hardly waited for.
   */
  truncateWal(): boolean;
  close(): void;
}

/** How long a lock is waited for, in milliseconds. */
const LOCK_MS = 5000;
/**
 * How long readers are waited for to empty the log: those of a moment. Nothing is written meanwhile, and a backup reads for
 * minutes.
 */
const READERS_MS = 100;

/**
 * Opens relay.db for writing. WAL with `synchronous=FULL`: the library's default for WAL is NORMAL, which may lose
 * commits at a power cut; late-sync alone sets that, and syncs by itself. `secure_delete` overwrites deleted keys;
 * `recursive_triggers` makes delete triggers see what a REPLACE removes.
 */
export function openRelayDb(file: string): RelayDb {
  const db = openSqlite(file, { timeout: LOCK_MS });
  try {
    db.pragma('journal_mode = WAL');
    db.pragma('synchronous = FULL');
    db.pragma('foreign_keys = ON');
    db.pragma('recursive_triggers = ON');
    db.pragma('secure_delete = ON');
    db.pragma('trusted_schema = OFF');
    db.pragma('cell_size_check = ON');
  } catch (error) {
    db.close();
    throw error;
  }
  return wrap(db);
}

/** Opens relay.db for reading, beside a relay that may be writing. */
export function openRelayDbReadOnly(file: string): RelayDb {
  const db = openSqlite(file, { readonly: true, fileMustExist: true, timeout: LOCK_MS });
  db.pragma('query_only = ON');
  return wrap(db);
}

function wrap(db: Database.Database): RelayDb {
  const prepared = new Map<string, Database.Statement<SqlValue[]>>();
  const statement = (sql: string): Database.Statement<SqlValue[]> => {
    let found = prepared.get(sql);
    if (found === undefined) {
      found = db.prepare<SqlValue[]>(sql);
      prepared.set(sql, found);
    }
    return found;
  };
  return {
    all<Row>(sql: string, ...values: readonly SqlValue[]): Row[] {
      return rowsOf<Row>(statement(sql), values);
    },
    get<Row>(sql: string, ...values: readonly SqlValue[]): Row | undefined {
      return rowsOf<Row>(statement(sql), values)[0];
    },
    run: (sql, ...values) => statement(sql).run(...values).changes,
    exec: (sql) => {
      db.exec(sql);
    },
    inTransaction: () => db.inTransaction,
    writeMuch: () => forMuchWriting(db),
    truncateWal: () => {
      db.pragma(`busy_timeout = ${READERS_MS}`);
      try {
        return db.pragma('wal_checkpoint(TRUNCATE)', { simple: true }) === 0;
      } finally {
        db.pragma(`busy_timeout = ${LOCK_MS}`);
      }
    },
    close: () => {
      prepared.clear();
      db.close();
    },
  };
}

/** The row type is the caller's promise: it wrote the columns into the statement. */
function rowsOf<Row>(statement: Database.Statement<SqlValue[], unknown>, values: readonly SqlValue[]): Row[];
function rowsOf(statement: Database.Statement<SqlValue[], unknown>, values: readonly SqlValue[]): unknown[] {
  return statement.all(...values);
}
