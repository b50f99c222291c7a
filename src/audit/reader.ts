import { accessSync, closeSync, constants, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import type Database from 'better-sqlite3';
import { errorCode, errorText, UserError } from '../shared/errors.js';
import { openSqlite } from '../shared/open-sqlite.js';
import type { Head } from './chain.js';
import type { Checkpoint } from './checkpoint.js';
import { readData } from './json-value.js';
import type { LoggedEvent } from './logged-event.js';
import { type MonthHeader, monthFileNames, readHeader } from './month-file.js';

/** An event's row, its data still as text. */
export interface EventRow {
  readonly seq: number;
  readonly at: number;
  readonly type: string;
  readonly data: string;
  readonly hash: string;
}

/**
 * One month's file, opened for reading. Each call is a short read transaction of its own, so that a reader never
 * keeps the running relay from truncating its write-ahead log.
 */
export interface MonthReader {
  readonly name: string;
  readonly header: MonthHeader;
  readonly db: Database.Database;
}

/**
 * Opens one file read-only.
 * @throws UserError when it can't be opened or is no audit file
 */
export function openMonth(dir: string, name: string): MonthReader {
  const path = join(dir, name);
  let db: Database.Database | undefined;
  try {
    accessSync(path, constants.R_OK);
    db = openSqlite(path, { readonly: true, fileMustExist: true });
    db.pragma('trusted_schema = OFF');
    return { name, header: readHeader(db, name), db };
  } catch (cause) {
    db?.close();
    if (cause instanceof UserError) throw cause;
    throw new UserError(`cannot read ${path}: ${whyUnreadable(path, cause)}`, { cause });
  }
}

/** A statement that is prepared once for each file, because statements are kept as long as their file is open. */
export function inMonth<Values extends unknown[], Row>(
  sql: string,
): (month: MonthReader) => Database.Statement<Values, Row> {
  const prepared = new WeakMap<Database.Database, Database.Statement<Values, Row>>();
  return ({ db }) => {
    let found = prepared.get(db);
    if (found === undefined) {
      found = db.prepare<Values, Row>(sql);
      prepared.set(db, found);
    }
    return found;
  };
}

function whyUnreadable(path: string, cause: unknown): string {
  const code = errorCode(cause) ?? '';
  if (code === 'EACCES') return 'you have no right to read it';
  const inWalMode = code === 'SQLITE_CANTOPEN' || code.startsWith('SQLITE_READONLY');
  if (inWalMode && usesWal(path)) {
    return (
      'it is in use by a relay, or was, and only a user with the right to write in its folder can read it there; ' +
      'read a copy made by `sallyport audit export --snapshot` instead'
    );
  }
  return errorText(cause);
}

/** SQLite's file format, bytes 18 and 19: 2 means write-ahead logging. */
function usesWal(path: string): boolean {
  const start = Buffer.alloc(20);
  const fd = openSync(path, 'r');
  try {
    readSync(fd, start);
  } finally {
    closeSync(fd);
  }
  return start.subarray(18).includes(2);
}

/**
 * The files of a log, oldest first.
 * @throws UserError when the folder can't be read or has none
 */
export function listMonths(dir: string): readonly string[] {
  let names: readonly string[];
  try {
    names = monthFileNames(dir);
  } catch (cause) {
    throw new UserError(`cannot read the audit folder ${dir}: ${errorText(cause)}`, { cause });
  }
  if (names.length === 0) {
    throw new UserError(
      `there is no audit log in ${dir} (files named like 2026-11.db); is it the right folder?`,
    );
  }
  return names;
}

/** All files of a log, opened for reading, oldest first. */
export interface AuditReader {
  readonly dir: string;
  readonly months: readonly MonthReader[];
  /** Opens files that were begun since; true when there were any. */
  refresh(): boolean;
  close(): void;
}

/** @throws UserError when a file can't be read */
export function openAuditReader(dir: string): AuditReader {
  const months: MonthReader[] = [];
  const refresh = () => {
    const before = months.length;
    for (const name of listMonths(dir)) {
      if (!months.some((month) => month.name === name)) months.push(openMonth(dir, name));
    }
    months.sort((a, b) => (a.name < b.name ? -1 : 1));
    return months.length > before;
  };
  const close = () => {
    for (const { db } of months) db.close();
  };
  try {
    refresh();
  } catch (error) {
    close();
    throw error;
  }
  return { dir, months, refresh, close };
}

/**
 * A function that gives up to `limit` rows behind an event, in order. Numbers that JavaScript can't count to are left out:
 * behind one of them it would find itself again for ever.
 */
export function eventPager({ db }: MonthReader, limit: number): (after: number) => readonly EventRow[] {
  // Raw rows made to objects here: the driver takes half as long again to make them itself.
  const page = db
    .prepare<[number, number], [number, number, string, string, string]>(
      `SELECT seq, at, type, data, hash FROM event WHERE seq > ? AND seq <= ${Number.MAX_SAFE_INTEGER} ORDER BY seq LIMIT ?`,
    )
    .raw();
  return (after) =>
    page.all(after, limit).map(([seq, at, type, data, hash]) => ({ seq, at, type, data, hash }));
}

/** The newest event of the log, or what the newest file begins with when it has none. */
export function readHead(reader: AuditReader): Head {
  const month = reader.months.at(-1);
  if (month === undefined) throw new UserError(`there is no audit log in ${reader.dir}`);
  const row = month.db.prepare<[], Head>('SELECT seq, hash FROM event ORDER BY seq DESC LIMIT 1').get();
  return row ?? month.header.previous;
}

/**
 * Time of the newest event in epoch milliseconds, by the clock of then; undefined in a log without any.
 * @throws UserError when a file can't be read
 */
export function newestEventAt(dir: string): number | undefined {
  for (const name of listMonths(dir).toReversed()) {
    const { db } = openMonth(dir, name);
    try {
      const at = db.prepare<[], number>('SELECT at FROM event ORDER BY seq DESC LIMIT 1').pluck().get();
      if (at !== undefined) return at;
    } finally {
      db.close();
    }
  }
  return undefined;
}

/** The newest checkpoint kept in the files, if there is one. */
export function newestCheckpoint(reader: AuditReader): Checkpoint | undefined {
  for (const { db } of reader.months.toReversed()) {
    const row = db
      .prepare<[], Checkpoint>(
        'SELECT seq, at, hash, key, signature FROM checkpoint ORDER BY seq DESC LIMIT 1',
      )
      .get();
    if (row !== undefined) return row;
  }
  return undefined;
}

/** A row as an event. */
export function toEvent(row: EventRow, file: string): LoggedEvent {
  return { seq: row.seq, at: row.at, type: row.type, data: readData(row.data), hash: row.hash, file };
}
