/** Number of the file format, kept in each file's header. */
export const FORMAT = 1;

/** `SPal` in SQLite's header, so that `file` and the opener can tell an audit file from other databases. */
export const APPLICATION_ID = 0x5350616c;

const TABLES: Readonly<Record<string, string>> = {
  header:
    'CREATE TABLE header (id INTEGER PRIMARY KEY CHECK (id = 1), format INTEGER NOT NULL, month TEXT NOT NULL, ' +
    'previous_seq INTEGER NOT NULL, previous_hash TEXT NOT NULL) STRICT',
  event:
    'CREATE TABLE event (seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, type TEXT NOT NULL, data TEXT NOT NULL, ' +
    'hash TEXT NOT NULL) STRICT',
  checkpoint:
    'CREATE TABLE checkpoint (seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, hash TEXT NOT NULL, key TEXT NOT NULL, ' +
    'signature TEXT NOT NULL) STRICT',
  // The table is its own index: clustered by what is searched for, newest last.
  term:
    'CREATE TABLE term (kind INTEGER NOT NULL, value TEXT NOT NULL, seq INTEGER NOT NULL, ' +
    'PRIMARY KEY (kind, value, seq)) STRICT, WITHOUT ROWID',
};

/**
 * When an insert is refused. These guards also stop REPLACE, which deletes the old row without firing the delete
 * trigger unless `recursive_triggers` is on, and that setting belongs to whoever opens the file.
 */
const INSERT_GUARDS: Readonly<Record<string, string>> = {
  header: 'EXISTS (SELECT 1 FROM header)',
  event:
    'NEW.seq IS NOT coalesce((SELECT max(seq) FROM event), (SELECT previous_seq FROM header)) + 1 ' +
    'OR EXISTS (SELECT 1 FROM event WHERE seq = NEW.seq)',
  checkpoint:
    'NEW.seq IS NOT (SELECT max(seq) FROM event) OR EXISTS (SELECT 1 FROM checkpoint WHERE seq = NEW.seq)',
  term: 'NEW.seq IS NOT (SELECT max(seq) FROM event)',
};

/** Every object of a file by name, with its SQL exactly as SQLite keeps it; the verifier compares them. */
export const SCHEMA: ReadonlyMap<string, string> = new Map(
  Object.entries(TABLES).flatMap(([table, sql]): [string, string][] => [
    [table, sql],
    [
      `${table}_no_update`,
      `CREATE TRIGGER ${table}_no_update BEFORE UPDATE ON ${table} BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END`,
    ],
    [
      `${table}_no_delete`,
      `CREATE TRIGGER ${table}_no_delete BEFORE DELETE ON ${table} BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END`,
    ],
    [
      `${table}_append`,
      `CREATE TRIGGER ${table}_append BEFORE INSERT ON ${table} WHEN ${INSERT_GUARDS[table] ?? 'TRUE'} ` +
        `BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END`,
    ],
  ]),
);
