import { closeSync, fsyncSync, openSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { UserError } from '../shared/errors.js';
import { forMuchWriting, openSqlite } from '../shared/open-sqlite.js';
import { writeLogAnew } from '../shared/write-log-anew.js';
import type { Head } from './chain.js';
import { APPLICATION_ID, FORMAT, SCHEMA } from './schema.js';

const NAME = /^\d{4}-(?:0[1-9]|1[0-2])\.db$/;
/** What SQLite keeps beside a file while it is open. */
const BESIDE = /^\d{4}-\d\d\.db-(?:wal|shm)$/;
const UNFINISHED = /^\d{4}-\d\d\.db\.new(?:-journal)?$/;

export interface MonthHeader {
  readonly format: number;
  /** `YYYY-MM`, as in the file's name. */
  readonly month: string;
  /** The head of the file before; GENESIS in the first. */
  readonly previous: Head;
}

/** The month (UTC) of a time, as in file names: `YYYY-MM`. */
export function monthOf(at: number): string {
  return new Date(at).toISOString().slice(0, 7);
}

/** Names of the log's files in `dir`, oldest first. */
export function monthFileNames(dir: string): readonly string[] {
  return readdirSync(dir)
    .filter((name) => NAME.test(name))
    .sort();
}

export function syncFile(file: string): void {
  const fd = openSync(file, 'r+');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

export function syncDirectory(dir: string): void {
  const fd = openSync(dir, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/**
 * Removes what a crash left of files that were never part of the log, and of months in the middle of whose removal it came: what
 * belonged to one that is older than all there are.
 */
export function removeUnfinished(dir: string): void {
  const [oldest] = monthFileNames(dir);
  for (const name of readdirSync(dir)) {
    const isLeft = oldest !== undefined && BESIDE.test(name) && name < oldest;
    if (UNFINISHED.test(name) || isLeft) rmSync(join(dir, name));
  }
}

/** Makes a month's file (0600). It gets its name only when it is whole and synced, so a crash leaves no half of one. */
export function createMonthFile(dir: string, month: string, previous: Head): string {
  const name = `${month}.db`;
  const unfinished = join(dir, `${name}.new`);
  closeSync(openSync(unfinished, 'wx', 0o600));
  const db = openSqlite(unfinished);
  try {
    db.pragma('synchronous = FULL');
    db.pragma(`application_id = ${APPLICATION_ID}`);
    db.transaction(() => {
      for (const sql of SCHEMA.values()) db.exec(sql);
      db.prepare('INSERT INTO header VALUES (1, ?, ?, ?, ?)').run(FORMAT, month, previous.seq, previous.hash);
    })();
  } finally {
    db.close();
  }
  syncFile(unfinished);
  renameSync(unfinished, join(dir, name));
  syncDirectory(dir);
  return name;
}

/** Removes a month's file, with what a reader may have left beside it. */
export function removeMonthFile(dir: string, month: string): void {
  for (const end of ['', '-wal', '-shm']) rmSync(join(dir, `${month}.db${end}`), { force: true });
  syncDirectory(dir);
}

/**
 * Opens a month's file for the one writer. What a crash left in its write-ahead log may be in the memory of the system only,
 * and a sync of the one before may have failed: it is written anew, to the file itself, and is on disk when this returns.
 */
export function openForAppending(dir: string, name: string): Database.Database {
  const path = join(dir, name);
  writeLogAnew(path);
  const db = openSqlite(path, { fileMustExist: true });
  try {
    db.pragma('journal_mode = WAL');
    db.pragma('synchronous = FULL');
    db.pragma('recursive_triggers = ON');
    db.pragma('trusted_schema = OFF');
    forMuchWriting(db);
    db.pragma('wal_checkpoint(TRUNCATE)');
    // SQLite doesn't sync that it is empty, and with a reader it isn't.
    syncFile(`${path}-wal`);
  } catch (error) {
    db.close();
    throw error;
  }
  return db;
}

/**
 * Closes a file that is finished with. It leaves WAL mode where no reader has it open, because a WAL file can't be
 * read without the right to write beside it; with a reader it stays as it is, which is no less safe.
 */
export function closeMonthFile(db: Database.Database): void {
  db.pragma('busy_timeout = 0');
  try {
    db.pragma('wal_checkpoint(TRUNCATE)');
    db.pragma('journal_mode = DELETE');
  } catch (error) {
    if (!(error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY'))) throw error;
  } finally {
    db.close();
  }
}

/**
 * Reads a file's header.
 * @throws UserError when it is no audit file, or of a format that this version does not know
 */
export function readHeader(db: Database.Database, name: string): MonthHeader {
  if (db.pragma('application_id', { simple: true }) !== APPLICATION_ID) {
    throw new UserError(`${name} is not an audit log file`);
  }
  const row = db
    .prepare<[], { format: number; month: string; seq: number; hash: string }>(
      'SELECT format, month, previous_seq AS seq, previous_hash AS hash FROM header',
    )
    .get();
  if (row === undefined) throw new UserError(`${name} has no header`);
  if (row.format !== FORMAT) {
    throw new UserError(
      `${name} has format ${row.format}, this version reads format ${FORMAT}; use the version that wrote it`,
    );
  }
  return { format: row.format, month: row.month, previous: { seq: row.seq, hash: row.hash } };
}
