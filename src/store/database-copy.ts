import { syncFile } from '../audit/month-file.js';
import { errorText, UserError } from '../shared/errors.js';
import { openSqlite } from '../shared/open-sqlite.js';
import { makePrivateFile } from './data-dir.js';
import { refuseOtherKey } from './key-check.js';
import { deriveKey, type MasterKey } from './master-key.js';
import { refuseNewer, schemaVersion } from './migrations.js';
import { bodyFiles, counts } from './operations/queue-reads.js';
import { openRelayDbReadOnly, type RelayDb } from './relay-db.js';

/** What a copy of relay.db holds. */
export interface CopyFacts {
  readonly layout: number;
  readonly messages: number;
  readonly recipients: Readonly<Record<string, number>>;
  readonly portalItems: number;
  /** Names of the sealed files that its rows name. */
  readonly bodyFiles: readonly string[];
}

/**
 * Copies relay.db, as it is at one moment, to a new file (0600, synced). It reads a snapshot of a WAL database, so a
 * relay goes on writing meanwhile; what it writes stays in its log until the copy is made.
 * @throws an error of SQLite
 */
export function copyDatabase(file: string, to: string): void {
  const db = openSqlite(file, { readonly: true, fileMustExist: true, timeout: 5000 });
  try {
    makePrivateFile(to);
    db.prepare('VACUUM INTO ?').run(to);
    syncFile(to);
  } finally {
    db.close();
  }
}

/** What a copy holds. */
export function copyFacts(file: string): CopyFacts {
  const db = openRelayDbReadOnly(file);
  try {
    return factsOf(db);
  } finally {
    db.close();
  }
}

/**
 * Checks a copy from top to bottom: its pages and indexes, references, layout and master key.
 * @throws UserError with the first thing that is wrong
 */
export function checkCopy(file: string, masterKey: MasterKey): CopyFacts {
  let db: RelayDb;
  try {
    db = openRelayDbReadOnly(file);
  } catch (cause) {
    throw new UserError(`the copy of relay.db can't be opened: ${errorText(cause)}`, { cause });
  }
  try {
    refuseNewer(schemaVersion(db), 'the copy of relay.db');
    const found = db.all<{ readonly integrity_check: string }>('PRAGMA integrity_check(1)');
    if (found[0]?.integrity_check !== 'ok')
      throw new UserError(`the copy of relay.db is damaged: ${found[0]?.integrity_check ?? 'unknown'}`);
    if (db.all('PRAGMA foreign_key_check').length > 0)
      throw new UserError('the copy of relay.db is damaged: a row lost what it refers to');
    if (!refuseOtherKey(db, deriveKey(masterKey, 'key-check'), masterKey.source, 'the backup'))
      throw new UserError('the copy of relay.db does not say which master key it was made with');
    return factsOf(db);
  } finally {
    db.close();
  }
}

function factsOf(db: RelayDb): CopyFacts {
  const count = (sql: string) => db.get<{ readonly n: number }>(sql)?.n ?? 0;
  return {
    layout: schemaVersion(db),
    messages: count('SELECT count(*) AS n FROM messages'),
    recipients: counts(db, null),
    portalItems: count("SELECT count(*) AS n FROM portal_items WHERE state IN ('waiting', 'picked-up')"),
    bodyFiles: bodyFiles(db, null),
  };
}
