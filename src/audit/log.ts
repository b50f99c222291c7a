import { createPrivateKey, createPublicKey } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { canonicalJson } from '../shared/canonical-json.js';
import { eventHash, GENESIS, type Head } from './chain.js';
import { type Checkpoint, formatCheckpoint, keyFingerprint, signCheckpoint } from './checkpoint.js';
import { appendCheckpoints, appendCheckpointsBeside, CHECKPOINT_FILE } from './checkpoint-file.js';
import { type AuditEvent, type AuditEventData, auditEvent } from './events.js';
import { readData, toJson } from './json-value.js';
import { createMonthFile, monthFileNames, monthOf, removeMonthFile, removeUnfinished } from './month-file.js';
import { type MonthWriter, openMonthWriter } from './month-writer.js';
import type { EventRow } from './reader.js';
import { checkClosed, checkPublished, checkTail, refuse, refuseRemoval } from './tail-check.js';
import { termsOf } from './terms.js';

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
  /**
   * Gets every checkpoint's line, for the system log, when it and what it covers are on disk. What it throws reaches the
   * caller of the log.
   */
  readonly onCheckpoint: (line: string) => void;
  /** Gets it as soon as it is committed: for who keeps the events, too (`commitAhead`). */
  readonly onSigned?: (line: string) => void;
  /** Where checkpoints are appended; default: `checkpoints.log` in `dir`. */
  readonly checkpointFile?: string;
}

/** The audit log's one writer. Everything but `syncBeside` is synchronous. */
export interface AuditLog {
  /** Begins a transaction; starts the new month's file first when the month has changed. */
  begin(): void;
  /** Adds one event. `at` is epoch milliseconds. After an error only `rollback` is possible. */
  append(event: AuditEvent, at: number): { seq: number };
  /**
   * Makes the events durable: all of them are on disk when it returns, or none. When it throws they may or may not be, and
   * the log refuses further work.
   */
  commit(): void;
  /**
   * The same, but a power cut may take the newest of them until `syncBeside` says otherwise; the caller keeps them (`added`)
   * till then, where they are durable before anything rests on them, and has them put back.
   */
  commitAhead(): void;
  /** The events of the transaction that is open. */
  added(): readonly EventRow[];
  /** Gets onto the disk what is committed, beside other work: all events up to `seq`. */
  syncBeside(done: (failure: Error | null, seq: number) => void): void;
  /**
   * Adds again those of the events that a power cut took, as they were, and returns how many there were. To be called before
   * anything else.
   * @throws UserError when they don't follow the newest event there is: more is missing, or this is another log
   */
  putBack(events: readonly EventRow[]): number;
  /**
   * Adds an event of a log that is gone, as a new one of this log.
   * @throws UserError for the removal of months, which concerns that log only and would excuse what is gone of this one
   */
  appendAgain(event: EventRow): void;
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
  /**
   * Rolls back what is open, signs a last checkpoint and closes the file.
   * @returns whether all that was committed is on disk for sure; not where something failed before
   */
  close(): boolean;
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

  let file: MonthWriter | undefined;
  let head: Head = GENESIS;
  /** The newest event that a checkpoint covers. */
  let signedSeq = 0;
  let signedAt = now();
  /** Committed, but perhaps not on disk: nobody outside has heard of them. Oldest first. */
  let unheard: readonly Checkpoint[] = [];
  const names = monthFileNames(dir);
  const newest = names.at(-1);
  if (newest !== undefined) file = openMonthWriter(dir, newest);
  try {
    const publicKey = createPublicKey(privateKey);
    const tail = file === undefined ? undefined : checkTail(file.db, `${file.month}.db`, publicKey);
    if (tail !== undefined) ({ head, signedSeq } = tail);
    if (tail?.checkpoints.length === 0) checkClosed(dir, names.slice(0, -1), tail.previous, publicKey);
    const publishedSeq = checkPublished(head, checkpointFile, publicKey);
    // A crash between the commit and the copies leaves a checkpoint that was never handed out.
    const neverHeard = (tail?.checkpoints ?? []).filter(({ seq }) => seq > publishedSeq);
    appendCheckpoints(checkpointFile, neverHeard);
    for (const checkpoint of neverHeard) {
      options.onSigned?.(formatCheckpoint(checkpoint));
      options.onCheckpoint(formatCheckpoint(checkpoint));
    }
  } catch (error) {
    file?.db.close();
    throw error;
  }
  let pending = head;
  /** The events of the transaction that is open. */
  let added: EventRow[] = [];
  let state: 'idle' | 'open' | 'broken' | 'failed' | 'closed' = 'idle';

  const expect = (wanted: 'idle' | 'open') => {
    if (state !== wanted) throw new Error(`the audit log is ${state}, not ${wanted}`);
  };

  /** Adds a checkpoint of `at` to the transaction that is open; gives what is to be done after the commit. */
  const addCheckpoint = (into: MonthWriter, at: Head): (() => void) => {
    const checkpoint = signCheckpoint(at, now(), privateKey, fingerprint);
    into.addCheckpoint(checkpoint);
    return () => {
      signedSeq = checkpoint.seq;
      signedAt = checkpoint.at;
      unheard = [...unheard, checkpoint];
      options.onSigned?.(formatCheckpoint(checkpoint));
    };
  };

  /** Takes those that are on disk with all events up to `seq`. */
  const takeUnheard = (seq: number): readonly Checkpoint[] => {
    const taken = unheard.filter((one) => one.seq <= seq);
    if (taken.length > 0) unheard = unheard.slice(taken.length);
    return taken;
  };

  const tell = (checkpoints: readonly Checkpoint[]) => {
    for (const one of checkpoints) options.onCheckpoint(formatCheckpoint(one));
  };

  /** To be called when all is on disk. */
  const handOut = () => {
    const all = takeUnheard(head.seq);
    appendCheckpoints(checkpointFile, all);
    tell(all);
  };

  const checkpointNow = () => {
    if (file === undefined || (head.seq === signedSeq && unheard.length === 0)) return;
    const from = file;
    failing(() => {
      if (head.seq === signedSeq) from.sync();
      else {
        from.begin();
        const signed = addCheckpoint(from, head);
        from.commit(true);
        signed();
      }
      handOut();
    });
  };

  /** After a write that failed nobody knows what is on disk: nothing may be written until the log is opened anew. */
  const failing = (work: () => void) => {
    try {
      work();
    } catch (error) {
      state = 'failed';
      file?.rollback();
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

  const isDue = () => due(pending.seq) && pending.seq !== head.seq;

  /** The file for an event of now: a new month's, else the newest there is, even if the clock went back. */
  const currentFile = (): MonthWriter => {
    const month = monthOf(now());
    if (file !== undefined && month <= file.month) return file;
    failing(() => {
      if (file !== undefined) {
        checkpointNow();
        file.close();
      }
      file = openMonthWriter(dir, createMonthFile(dir, month, head));
    });
    if (file === undefined) throw new Error('the audit log has no file');
    return file;
  };

  const commitEvents = ({ signed, onDisk }: { readonly signed: boolean; readonly onDisk: boolean }) => {
    expect('open');
    if (file === undefined) throw new Error('the audit log has no file');
    const into = file;
    failing(() => {
      const afterwards = signed ? addCheckpoint(into, pending) : undefined;
      into.commit(onDisk);
      head = pending;
      added = [];
      afterwards?.();
      if (onDisk) handOut();
      state = 'idle';
    });
  };

  const add = (type: string, at: number, value: unknown): number => {
    expect('open');
    if (file === undefined) throw new Error('the audit log has no file');
    // Until the event is whole, an error must not let a half of it be committed.
    state = 'broken';
    if (!Number.isSafeInteger(at) || at < 0 || at > 253_402_300_799_999) {
      throw new RangeError('the time of an audit event is not in whole milliseconds between 1970 and 9999');
    }
    const json = toJson(value);
    const data = canonicalJson(json);
    const seq = pending.seq + 1;
    const hash = eventHash(pending.hash, { seq, at, type, data });
    const row = { seq, at, type, data, hash };
    file.addEvent(row, termsOf(type, at, json));
    added.push(row);
    pending = { seq, hash };
    state = 'open';
    return seq;
  };

  return {
    begin() {
      expect('idle');
      currentFile().begin();
      pending = head;
      added = [];
      state = 'open';
    },
    append: (event, at) => ({ seq: add(event.type, at, event.data) }),
    appendAgain(event) {
      refuseRemoval(event, dir);
      add(event.type, event.at, readData(event.data));
    },
    commit() {
      commitEvents({ signed: isDue(), onDisk: true });
    },
    commitAhead() {
      commitEvents({ signed: isDue(), onDisk: false });
    },
    added: () => added,
    syncBeside(done) {
      const { seq } = head;
      if (file === undefined) {
        done(null, seq);
        return;
      }
      file.syncBeside((failure) => {
        const signed = failure === null && state !== 'failed' ? takeUnheard(seq) : [];
        if (signed.length === 0) {
          done(failure, seq);
          return;
        }
        try {
          tell(signed);
          appendCheckpointsBeside(checkpointFile, signed, (problem) => done(problem, seq));
        } catch (error) {
          done(error instanceof Error ? error : new Error(String(error)), seq);
        }
      });
    },
    putBack(rows) {
      expect('idle');
      const missing = rows.filter(({ seq }) => seq > head.seq);
      if (missing.length === 0) return 0;
      if (file === undefined) throw refuse(dir, lostEnd(head.seq, missing[0]?.seq));
      const into = file;
      // They belong behind the last one, whatever month it is by now.
      into.begin();
      try {
        for (const row of missing) {
          if (row.seq !== head.seq + 1 || row.hash !== eventHash(head.hash, row))
            throw refuse(dir, lostEnd(head.seq, row.seq));
          refuseRemoval(row, dir);
          into.addEvent(row, termsOf(row.type, row.at, readData(row.data)));
          head = { seq: row.seq, hash: row.hash };
        }
      } catch (error) {
        into.rollback();
        state = 'failed';
        throw error;
      }
      failing(() => into.commit(true));
      return missing.length;
    },
    rollback() {
      if (state !== 'open' && state !== 'broken') return;
      failing(() => file?.rollback());
      added = [];
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
      commitEvents({ signed: true, onDisk: true });
      for (const { month } of removed.months) removeMonthFile(dir, month);
    },
    close() {
      if (state === 'closed') return false;
      this.rollback();
      const isWhole = state === 'idle';
      try {
        if (isWhole) checkpointNow();
      } finally {
        state = 'closed';
        file?.close();
      }
      return isWhole;
    },
  };
}

function lostEnd(last: number, next: number | undefined): string {
  return `the log ends at event ${last}, but event ${next ?? 0} was in it and does not follow: the end was cut off, or another log was put in its place`;
}
