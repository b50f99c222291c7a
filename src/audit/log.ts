import { createPrivateKey, createPublicKey } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type Database from 'better-sqlite3';
import { canonicalJson } from '../shared/canonical-json.js';
import { eventHash, GENESIS, type Head } from './chain.js';
import { formatCheckpoint, keyFingerprint, signCheckpoint } from './checkpoint.js';
import { appendCheckpoint, CHECKPOINT_FILE } from './checkpoint-file.js';
import { type AuditEvent, type AuditEventData, auditEvent } from './events.js';
import { toJson } from './json-value.js';
import {
  closeMonthFile,
  createMonthFile,
  monthFileNames,
  monthOf,
  openForAppending,
  readHeader,
  removeMonthFile,
  removeUnfinished,
} from './month-file.js';
import { checkClosed, checkPublished, checkTail } from './tail-check.js';
import { type Term, termsOf } from './terms.js';

export interface AuditLogOptions {
  /** The audit folder itself, `<data_dir>/audit`; made when missing. */
  readonly dir: string;
  readonly signingKeyPem: string;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** A checkpoint is signed after this many events … */
  readonly checkpointEveryEvents: number;
  /** … or this many milliseconds, when there is an event that none covers. */
  readonly checkpointEveryMs: number;
  /** Gets every checkpoint's line, for the system log. What it throws reaches the caller of the log. */
  readonly onCheckpoint: (line: string) => void;
  /** Where checkpoints are appended; default: `checkpoints.log` in `dir`. */
  readonly checkpointFile?: string;
}

/**
 * The audit log's one writer. Everything is synchronous. Events of one `begin … commit` are on disk when `commit`
 * returns, all of them or none.
 */
export interface AuditLog {
  /** Begins a transaction; starts the new month's file first when the month has changed. */
  begin(): void;
  /** Adds one event. `at` is epoch milliseconds. After an error only `rollback` is possible. */
  append(event: AuditEvent, at: number): { seq: number };
  /** Makes the events durable. When it throws they may or may not be, and the log refuses further work. */
  commit(): void;
  rollback(): void;
  /** The newest committed event. */
  head(): { seq: number; hash: string };
  /** Fingerprint of the key that signs checkpoints. */
  readonly key: string;
  /** Signs a checkpoint when one is due by time or number; to be called between transactions. */
  checkpointIfDue(): void;
  /**
   * Removes the oldest months' files. The event that says so and its checkpoint are on disk, in one transaction, before
   * the first file goes: no crash leaves one without the other, so an event without it was written by somebody else. A
   * crash behind it leaves files that the next removal takes.
   */
  removeMonths(removed: AuditEventData['audit.pruned'], at: number): void;
  /** Rolls back what is open, signs a last checkpoint and closes the file. */
  close(): void;
}

interface OpenFile {
  readonly month: string;
  readonly db: Database.Database;
  readonly event: Database.Statement<[number, number, string, string, string]>;
  /** Adds so many entries of the index at once. */
  readonly terms: (count: number) => Database.Statement<(string | number)[]>;
  readonly begin: Database.Statement<[]>;
  readonly commit: Database.Statement<[]>;
  readonly checkpoint: Database.Statement<[number, number, string, string, string]>;
}

/**
 * Opens the log for appending and checks its end. The caller makes sure that it is the only writer.
 * @throws UserError when the end of the log isn't what this key signed, or when files are damaged or unknown
 */
export function openAuditLog(options: AuditLogOptions): AuditLog {
  const { dir, now } = options;
  const privateKey = createPrivateKey(options.signingKeyPem);
  const fingerprint = keyFingerprint(privateKey);
  const checkpointFile = options.checkpointFile ?? join(dir, CHECKPOINT_FILE);
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  removeUnfinished(dir);

  let file: OpenFile | undefined;
  let head: Head = GENESIS;
  /** The newest event that a checkpoint covers. */
  let signedSeq = 0;
  let signedAt = now();
  const names = monthFileNames(dir);
  const newest = names.at(-1);
  if (newest !== undefined) file = openFile(dir, newest);
  try {
    const publicKey = createPublicKey(privateKey);
    const tail = file === undefined ? undefined : checkTail(file.db, `${file.month}.db`, publicKey);
    if (tail !== undefined) ({ head, signedSeq } = tail);
    if (tail?.checkpoints.length === 0) checkClosed(dir, names.slice(0, -1), tail.previous, publicKey);
    const publishedSeq = checkPublished(head, checkpointFile, publicKey);
    // A crash between the commit and the copies leaves a checkpoint that was never handed out.
    for (const checkpoint of tail?.checkpoints ?? []) {
      if (checkpoint.seq <= publishedSeq) continue;
      appendCheckpoint(checkpointFile, checkpoint);
      options.onCheckpoint(formatCheckpoint(checkpoint));
    }
  } catch (error) {
    file?.db.close();
    throw error;
  }
  let pending = head;
  let state: 'idle' | 'open' | 'broken' | 'failed' | 'closed' = 'idle';

  const expect = (wanted: 'idle' | 'open') => {
    if (state !== wanted) throw new Error(`the audit log is ${state}, not ${wanted}`);
  };

  /** A checkpoint of `at`, within the transaction that is open; gives what publishes it after the commit. */
  const addCheckpoint = (into: OpenFile, at: Head): (() => void) => {
    const checkpoint = signCheckpoint(at, now(), privateKey, fingerprint);
    into.checkpoint.run(checkpoint.seq, checkpoint.at, checkpoint.hash, checkpoint.key, checkpoint.signature);
    return () => {
      signedSeq = checkpoint.seq;
      signedAt = checkpoint.at;
      appendCheckpoint(checkpointFile, checkpoint);
      options.onCheckpoint(formatCheckpoint(checkpoint));
    };
  };

  const checkpointNow = () => {
    if (file === undefined || head.seq === signedSeq) return;
    const from = file;
    failing(() => {
      from.begin.run();
      const publish = addCheckpoint(from, head);
      from.commit.run();
      publish();
    });
  };

  /** After a write that failed nobody knows what is on disk: nothing may be written until the log is opened anew. */
  const failing = (work: () => void) => {
    try {
      work();
    } catch (error) {
      state = 'failed';
      if (file?.db.inTransaction === true) file.db.exec('ROLLBACK');
      throw error;
    }
  };

  const due = (seq: number) => {
    if (seq === signedSeq) return false;
    const elapsed = now() - signedAt;
    // A clock that was moved back must not put checkpoints off.
    return (
      seq - signedSeq >= options.checkpointEveryEvents || elapsed >= options.checkpointEveryMs || elapsed < 0
    );
  };

  /** The file for an event of now: a new month's, else the newest there is, even if the clock went back. */
  const currentFile = (): OpenFile => {
    const month = monthOf(now());
    if (file !== undefined && month <= file.month) return file;
    failing(() => {
      if (file !== undefined) {
        checkpointNow();
        closeMonthFile(file.db);
      }
      file = openFile(dir, createMonthFile(dir, month, head));
    });
    if (file === undefined) throw new Error('the audit log has no file');
    return file;
  };

  const commitEvents = (signed: boolean) => {
    expect('open');
    if (file === undefined) throw new Error('the audit log has no file');
    const into = file;
    failing(() => {
      const publish = signed ? addCheckpoint(into, pending) : undefined;
      into.commit.run();
      head = pending;
      publish?.();
      state = 'idle';
    });
  };

  return {
    begin() {
      expect('idle');
      currentFile().begin.run();
      pending = head;
      state = 'open';
    },
    append(event, at) {
      expect('open');
      if (file === undefined) throw new Error('the audit log has no file');
      // Until the event is whole, an error must not let a half of it be committed.
      state = 'broken';
      if (!Number.isSafeInteger(at) || at < 0 || at > 253_402_300_799_999) {
        throw new RangeError('the time of an audit event is not in whole milliseconds between 1970 and 9999');
      }
      const json = toJson(event.data);
      const data = canonicalJson(json);
      const seq = pending.seq + 1;
      const hash = eventHash(pending.hash, { seq, at, type: event.type, data });
      file.event.run(seq, at, event.type, data, hash);
      addTerms(file, termsOf(event.type, at, json), seq);
      pending = { seq, hash };
      state = 'open';
      return { seq };
    },
    commit() {
      commitEvents(due(pending.seq) && pending.seq !== head.seq);
    },
    rollback() {
      if (state !== 'open' && state !== 'broken') return;
      if (file?.db.inTransaction === true) failing(() => file?.db.exec('ROLLBACK'));
      pending = head;
      state = 'idle';
    },
    head: () => ({ ...head }),
    key: fingerprint,
    checkpointIfDue() {
      expect('idle');
      if (due(head.seq)) checkpointNow();
    },
    removeMonths(removed, at) {
      if (removed.months.some(({ month }) => month === file?.month))
        throw new Error('the newest month is not removed');
      this.begin();
      this.append(auditEvent('audit.pruned', removed), at);
      commitEvents(true);
      for (const { month } of removed.months) removeMonthFile(dir, month);
    },
    close() {
      if (state === 'closed') return;
      this.rollback();
      try {
        if (state === 'idle') checkpointNow();
      } finally {
        state = 'closed';
        if (file !== undefined) closeMonthFile(file.db);
      }
    },
  };
}

/** Most entries of the index that one statement adds; a statement is prepared for each number of them. */
const TERMS_AT_ONCE = 24;

function addTerms(file: OpenFile, terms: readonly Term[], seq: number): void {
  for (let from = 0; from < terms.length; from += TERMS_AT_ONCE) {
    const values: (string | number)[] = [];
    for (let i = from; i < Math.min(from + TERMS_AT_ONCE, terms.length); i++) {
      const term = terms[i];
      if (term !== undefined) values.push(term.kind, term.value, seq);
    }
    file.terms(values.length / 3).run(...values);
  }
}

function openFile(dir: string, name: string): OpenFile {
  const db = openForAppending(dir, name);
  const terms = new Map<number, Database.Statement<(string | number)[]>>();
  try {
    const { month } = readHeader(db, name);
    return {
      month,
      db,
      event: db.prepare('INSERT INTO event (seq, at, type, data, hash) VALUES (?, ?, ?, ?, ?)'),
      terms: (count) => {
        let found = terms.get(count);
        if (found === undefined) {
          found = db.prepare(
            `INSERT INTO term (kind, value, seq) VALUES ${Array(count).fill('(?, ?, ?)').join(', ')}`,
          );
          terms.set(count, found);
        }
        return found;
      },
      begin: db.prepare('BEGIN IMMEDIATE'),
      commit: db.prepare('COMMIT'),
      checkpoint: db.prepare('INSERT INTO checkpoint (seq, at, hash, key, signature) VALUES (?, ?, ?, ?, ?)'),
    };
  } catch (error) {
    db.close();
    throw error;
  }
}
