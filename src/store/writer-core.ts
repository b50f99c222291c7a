import type { AuditEvent } from '../audit/events.js';
import { toJson } from '../audit/json-value.js';
import { errorCode, errorText } from '../shared/errors.js';
import { type Call, isWrite, type OperationName, runOperation } from './operations/index.js';
import type { RelayDb } from './relay-db.js';

/** What the writer needs of the audit log (src/audit/log). */
export interface AuditAppender {
  begin(): void;
  append(event: AuditEvent, at: number): unknown;
  /** Before relay.db's transaction is: when that is on disk, so are the events, or what they can be put back from. */
  commit(): void;
  rollback(): void;
  checkpointIfDue(): void;
}

/** One thing to do, with the events that permit it. */
export interface WriterRequest<K extends OperationName = OperationName> {
  readonly id: number;
  readonly call: Call<K>;
  readonly events: readonly AuditEvent[];
  /** Epoch milliseconds by the main thread's clock: the time of the events. */
  readonly at: number;
}

export type WriterAnswer =
  | { readonly id: number; readonly ok: true; readonly value: unknown }
  | {
      readonly id: number;
      readonly ok: false;
      /** `refused`: this request alone, nothing of it was written; `unavailable`: nothing of the batch counts. */
      readonly why: 'refused' | 'unavailable';
      readonly message: string;
    };

export interface WriterCore {
  /**
   * Does all requests in one transaction a file and answers them all; answers count only once it returned, and, where the
   * commit did not sync (late-sync), relay.db is synced.
   */
  runBatch(requests: readonly WriterRequest[]): readonly WriterAnswer[];
  /** How long relay.db's part of the last batch took to commit, in milliseconds; undefined where nothing was written. */
  commitTook(): number | undefined;
  /** Declares a file failed, because a sync of what was committed to it did; gives why nothing can be written any more. */
  syncFailed(cause: Error, where: WriterPlace): Error;
  /** Writes a checkpoint of the audit log if one is due. */
  checkpointIfDue(): void;
  /** Empties relay.db's log; false when a reader hinders it. */
  truncateWal(): boolean;
  /** Why nothing can be written any more. */
  failure(): Error | undefined;
}

/**
 * The writer's logic without its thread: group commit, audit log first (DESIGN promise 3).
 *
 * The failure of one request spoils nobody else's: where one is refused, the batch is undone and run again with each in a
 * savepoint of its own. What fails for all is undone for all. After a failed commit it is unknown what reached the disk;
 * trying again could report success for pages that the kernel already dropped, so from then on everything is refused, and
 * only opening the files anew may tell.
 */
export function createWriterCore(db: RelayDb, audit: AuditAppender): WriterCore {
  let failure: Error | undefined;
  /** What is being worked on, so that a failure names its place. */
  let place: WriterPlace = 'relay.db';
  let commitTook: number | undefined;

  const fail = (cause: unknown): void => {
    failure ??= new Error(failureText(cause, place), { cause });
  };
  const inAudit = (work: () => void): void => {
    place = 'the audit log';
    work();
    place = 'relay.db';
  };

  /** The first thing that makes the whole batch fail is thrown. */
  function runAll(requests: readonly WriterRequest[], audited: { begun: boolean }): readonly WriterAnswer[] {
    if (!requests.some((one) => isWrite(one.call.name))) return requests.map((one) => runOne(one));
    let answers = runOrdered(requests, audited, runPlain);
    if (answers === undefined) {
      // Something of it may have been written: all of it is undone, and done anew with each on its own.
      undo(audited);
      audited.begun = false;
      if (failure !== undefined) throw failure;
      answers = runOrdered(requests, audited, runInSavepoint) ?? [];
    }
    commit(audited);
    return answers;
  }

  /** Begins a transaction in which every request has run, with its events; undefined when `runWrite` gave up. */
  function runOrdered(
    requests: readonly WriterRequest[],
    audited: { begun: boolean },
    runWrite: (request: WriterRequest) => WriterAnswer | undefined,
  ): readonly WriterAnswer[] | undefined {
    db.run('BEGIN IMMEDIATE');
    const answers: WriterAnswer[] = [];
    for (const request of requests) {
      const answer = isWrite(request.call.name) ? runWrite(request) : runOne(request);
      if (answer === undefined) return undefined;
      answers.push(answer);
      if (!answer.ok || answer.value === false) continue;
      for (const event of request.events) {
        if (!audited.begun) beginAudit();
        audited.begun = true;
        inAudit(() => audit.append(event, request.at));
      }
    }
    return answers;
  }

  function beginAudit(): void {
    try {
      inAudit(() => audit.begin());
    } catch (error) {
      if (!isBusy(error)) fail(error);
      throw error;
    }
  }

  function commit(audited: { begun: boolean }): void {
    try {
      // The order is the promise: an event without its act is seen and decided again, an act without its event never.
      if (audited.begun) inAudit(() => audit.commit());
      audited.begun = false;
      const began = performance.now();
      db.run('COMMIT');
      commitTook = performance.now() - began;
    } catch (error) {
      fail(error);
      throw error;
    }
  }

  /** Without a savepoint, which costs as much as many requests do; undefined when one was needed. */
  function runPlain(request: WriterRequest): WriterAnswer | undefined {
    const unfit = whyUnfit(request);
    if (unfit !== undefined) return unfit;
    const answer = runOne(request);
    return answer.ok ? answer : undefined;
  }

  function runInSavepoint(request: WriterRequest): WriterAnswer {
    const unfit = whyUnfit(request);
    if (unfit !== undefined) return unfit;
    db.run('SAVEPOINT request');
    const answer = runOne(request);
    if (!answer.ok) db.run('ROLLBACK TO request');
    db.run('RELEASE request');
    return answer;
  }

  function runOne({ id, call }: WriterRequest): WriterAnswer {
    try {
      return { id, ok: true, value: runOperation(db, call) };
    } catch (error) {
      if (isFatal(error)) {
        fail(error);
        throw error;
      }
      return refused(id, `${call.name}: ${errorText(error)}`);
    }
  }

  function undo(audited: { readonly begun: boolean }): void {
    try {
      if (audited.begun) audit.rollback();
      if (db.inTransaction()) db.run('ROLLBACK');
    } catch (error) {
      fail(error);
    }
  }

  return {
    runBatch(requests) {
      if (failure !== undefined) return allUnavailable(requests, failure);
      const audited = { begun: false };
      place = 'relay.db';
      commitTook = undefined;
      try {
        return runAll(requests, audited);
      } catch (error) {
        if (isFatal(error)) fail(error);
        const why = new Error(failureText(error, place), { cause: error });
        undo(audited);
        return allUnavailable(requests, why);
      }
    },
    commitTook: () => commitTook,
    syncFailed(cause, where) {
      place = where;
      fail(cause);
      return failure ?? cause;
    },
    checkpointIfDue() {
      if (failure !== undefined) return;
      try {
        inAudit(() => audit.checkpointIfDue());
      } catch (error) {
        fail(error);
      }
    },
    truncateWal() {
      if (failure !== undefined) return false;
      place = 'relay.db';
      try {
        return db.truncateWal();
      } catch (error) {
        fail(error);
        return false;
      }
    },
    failure: () => failure,
  };
}

/** Codes of SQLite that concern one statement; every other one means that the file or the disk can't be relied on. */
const OF_ONE_STATEMENT = [
  'SQLITE_CONSTRAINT',
  'SQLITE_MISMATCH',
  'SQLITE_TOOBIG',
  'SQLITE_RANGE',
  'SQLITE_ERROR',
];
/** Somebody else holds a lock: nothing was written, and the next batch may do better. */
const BUSY = ['SQLITE_BUSY', 'SQLITE_LOCKED'];

export type WriterPlace = 'relay.db' | 'the audit log';

/** Codes that say that a file's content is not what was written. */
const DAMAGED = ['SQLITE_CORRUPT', 'SQLITE_NOTADB'];

/** SQLite's own words name neither the file nor what to do. */
function failureText(cause: unknown, place: WriterPlace): string {
  const code = errorCode(cause);
  const damaged = code !== undefined && DAMAGED.some((one) => code.startsWith(one));
  const advice = damaged ? ', which is damaged: keep it, and restore the newest backup' : '';
  return `${errorText(cause)} (in ${place}${advice})`;
}

function isBusy(error: unknown): boolean {
  const code = errorCode(error);
  return code !== undefined && BUSY.some((one) => code.startsWith(one));
}

/** Whether an error of the database or the file system means that it can no longer be relied on. */
function isFatal(error: unknown): boolean {
  const code = errorCode(error);
  if (code === undefined) return false;
  if (code.startsWith('SQLITE_'))
    return !isBusy(error) && !OF_ONE_STATEMENT.some((one) => code.startsWith(one));
  return error instanceof Error && 'syscall' in error;
}

/** An event without a JSON form would fail the append, and so everybody else's batch. */
function whyUnfit({ id, events }: WriterRequest): WriterAnswer | undefined {
  for (const event of events) {
    try {
      toJson(event.data);
    } catch (error) {
      return refused(id, `the event ${event.type} cannot be recorded: ${errorText(error)}`);
    }
  }
  return undefined;
}

function refused(id: number, message: string): WriterAnswer {
  return { id, ok: false, why: 'refused', message };
}

/** The answers of a batch of which it is unknown whether it reached the disk. */
export function allUnavailable(
  requests: readonly Pick<WriterRequest, 'id'>[],
  cause: unknown,
): readonly WriterAnswer[] {
  const message = `the store cannot write: ${errorText(cause)}`;
  return requests.map(({ id }) => ({ id, ok: false, why: 'unavailable', message }));
}
