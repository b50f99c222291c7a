import { join } from 'node:path';
import type Database from 'better-sqlite3';
import { type LogSyncs, logSyncs } from '../shared/log-syncs.js';
import type { Checkpoint } from './checkpoint.js';
import { closeMonthFile, openForAppending, readHeader } from './month-file.js';
import type { EventRow } from './reader.js';
import type { Term } from './terms.js';

/** The file of one month, open for the log's writer. */
export interface MonthWriter {
  readonly month: string;
  readonly db: Database.Database;
  begin(): void;
  addEvent(event: EventRow, terms: readonly Term[]): void;
  addCheckpoint(checkpoint: Checkpoint): void;
  /** @param onDisk whether to return only when it is there; otherwise a power cut may take the newest commits */
  commit(onDisk: boolean): void;
  rollback(): void;
  /** Gets onto the disk what is committed. */
  sync(): void;
  /** Gets onto the disk what is committed, beside other work; calls back with what went wrong, if anything did. */
  syncBeside(done: (failure: Error | null) => void): void;
  close(): void;
}

/** Most entries of the index that one statement adds; a statement is prepared for each number of them. */
const TERMS_AT_ONCE = 24;

export function openMonthWriter(dir: string, name: string): MonthWriter {
  const db = openForAppending(dir, name);
  try {
    const { month } = readHeader(db, name);
    const begin = db.prepare('BEGIN IMMEDIATE');
    const commit = db.prepare('COMMIT');
    const event = db.prepare<[number, number, string, string, string]>(
      'INSERT INTO event (seq, at, type, data, hash) VALUES (?, ?, ?, ?, ?)',
    );
    const checkpoint = db.prepare<[number, number, string, string, string]>(
      'INSERT INTO checkpoint (seq, at, hash, key, signature) VALUES (?, ?, ?, ?, ?)',
    );
    const addTerms = termsInto(db);
    /** There once something was committed. */
    let syncs: LogSyncs | undefined;
    return {
      month,
      db,
      begin: () => {
        begin.run();
      },
      addEvent({ seq, at, type, data, hash }, terms) {
        event.run(seq, at, type, data, hash);
        addTerms(terms, seq);
      },
      addCheckpoint({ seq, at, hash, key, signature }) {
        checkpoint.run(seq, at, hash, key, signature);
      },
      commit(onDisk) {
        commit.run();
        if (syncs === undefined) {
          // The first one was synced by SQLite, together with the folder, where the file's log is new.
          syncs = logSyncs(join(dir, name));
          db.pragma('synchronous = NORMAL');
        } else if (onDisk) syncs.atOnce();
      },
      rollback: () => {
        if (db.inTransaction) db.exec('ROLLBACK');
      },
      sync: () => syncs?.atOnce(),
      syncBeside(done) {
        if (syncs === undefined) done(null);
        else syncs.beside(done);
      },
      close: () => closeMonthFile(db),
    };
  } catch (error) {
    db.close();
    throw error;
  }
}

function termsInto(db: Database.Database): (terms: readonly Term[], seq: number) => void {
  const statements = new Map<number, Database.Statement<(string | number)[]>>();
  const adding = (count: number) => {
    let found = statements.get(count);
    if (found === undefined) {
      found = db.prepare(
        `INSERT INTO term (kind, value, seq) VALUES ${Array(count).fill('(?, ?, ?)').join(', ')}`,
      );
      statements.set(count, found);
    }
    return found;
  };
  return (terms, seq) => {
    for (let from = 0; from < terms.length; from += TERMS_AT_ONCE) {
      const values: (string | number)[] = [];
      for (let i = from; i < Math.min(from + TERMS_AT_ONCE, terms.length); i++) {
        const term = terms[i];
        if (term !== undefined) values.push(term.kind, term.value, seq);
      }
      adding(values.length / 3).run(...values);
    }
  };
}
