import { statSync } from 'node:fs';
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { type AuditLog, type AuditLogOptions, openAuditLog } from '../audit/log.js';
import { planRetention } from '../audit/retention.js';
import { checkpointsBehind, checkRemembered } from '../audit/tail-check.js';
import { errorText, UserError } from '../shared/errors.js';
import { type LogSyncs, logSyncs } from '../shared/log-syncs.js';
import { writeLogAnew } from '../shared/write-log-anew.js';
import { auditTail, forgetTail, putBackTail } from './audit-tail.js';
import { emptyingLog } from './empty-log.js';
import { checkMasterKey } from './key-check.js';
import { lateSync } from './late-sync.js';
import { migrate } from './migrations.js';
import { beginLog, forgetLogBefore } from './new-log.js';
import { rememberCheckpoint, rememberedCheckpoint } from './operations/audit-memory.js';
import type { OperationName } from './operations/index.js';
import { legalHolds } from './operations/legal-holds.js';
import { openRelayDb, type RelayDb } from './relay-db.js';
import { isRestored, recordRestore } from './restored.js';
import { MOST_SYNCS } from './syncs-at-once.js';
import { allUnavailable, createWriterCore, type WriterAnswer, type WriterRequest } from './writer-core.js';
import type { FromWriter, LogAtStart, ToWriter, WriterStart } from './writer-protocol.js';

/*
 * The writer thread: owns relay.db and the audit log. Requests that arrive while one batch is being synced wait in
 * the port and make up the next batch. Nothing waits for more to come: clients that wait for their answers would all wait
 * with it, in step. On a slow disk the next batch begins while the one before is being synced (late-sync).
 */

/** Operations after which a destroyed key is still in the log of relay.db. */
const DESTROYING: ReadonlySet<OperationName> = new Set([
  'destroyContent',
  'destroyItemContent',
  'dropReplyCopy',
  'removeLegalHold',
  'putOwnKey',
  'removeOwnKey',
  'finishRotation',
]);
/** Asks for what has no answer; questions are numbered from 1. */
const NOBODY = 0;
/** More than this waits for the next batch, so that the first don't wait for the last of a flood. */
const MAX_BATCH = 256;

function start(port: MessagePort, options: WriterStart): void {
  const post = (message: FromWriter): void => port.postMessage(message);
  let now = options.at;
  /** The newest one of the audit log, which relay.db does not remember yet. */
  let checkpoint: string | undefined;
  let opened: Opened;
  try {
    opened = open(options, () => now, {
      onSigned: (line) => {
        checkpoint = line;
      },
      onCheckpoint: (line) => post({ kind: 'checkpoint', line }),
    });
  } catch (error) {
    post({ kind: 'not-opened', message: errorText(error), forUser: error instanceof UserError });
    port.close();
    return;
  }
  const { db, audit, log } = opened;
  const tail = auditTail(db, audit, (cause) => {
    core.syncFailed(cause, 'the audit log');
    tellFailureInTurn();
  });
  const core = createWriterCore(db, { ...audit, commit: tail.commitLog });
  const syncs = lateSync(db, log);

  const waiting: WriterRequest[] = [];
  let scheduled: NodeJS.Immediate | undefined;
  let failureTold = false;

  const tellFailure = (): void => {
    const failure = core.failure();
    if (failure === undefined || failureTold) return;
    failureTold = true;
    post({ kind: 'failed', message: errorText(failure) });
  };

  /** Behind the answers that still wait for their sync: after this nobody waits for an answer any more. */
  const tellFailureInTurn = (): void => {
    if (core.failure() !== undefined && !failureTold) syncs.whenSynced(undefined, tellFailure);
  };

  const emptying = emptyingLog({
    empty() {
      const done = core.truncateWal();
      tellFailureInTurn();
      return core.failure() === undefined ? (done ? 'done' : 'hindered') : 'failed';
    },
    tell: (hinderedMs) =>
      post(hinderedMs === undefined ? { kind: 'log-emptied' } : { kind: 'log-kept', hinderedMs }),
  });

  /**
   * With what is written next, before all that waits: else a crash under load would leave a relay.db that many checkpoints are
   * missing from, as an older copy is. Nobody waits for it.
   */
  const rememberSoon = (): void => {
    if (checkpoint === undefined) return;
    waiting.unshift({
      id: NOBODY,
      call: { name: 'rememberCheckpoint', input: checkpoint },
      events: [],
      at: now,
    });
    checkpoint = undefined;
    schedule();
  };

  const schedule = (): void => {
    scheduled ??= setImmediate(drain);
  };

  const drain = (): void => {
    clearImmediate(scheduled);
    scheduled = undefined;
    const batch = waiting.splice(0, MAX_BATCH);
    if (batch.length === 0) return;
    if (core.failure() === undefined) syncs.begin();
    const answers = core.runBatch(batch);
    syncs.whenSynced(core.commitTook(), (failed) => {
      if (failed === undefined) post({ kind: 'answers', answers });
      else {
        post({ kind: 'answers', answers: allUnavailable(batch, core.syncFailed(failed, 'relay.db')) });
        tellFailureInTurn();
      }
    });
    if (waiting.length > 0) schedule();
    core.checkpointIfDue();
    rememberSoon();
    tellFailureInTurn();
    if (batch.some(({ call }) => DESTROYING.has(call.name))) emptying.soon();
  };

  const drainAll = (): void => {
    while (waiting.length > 0) drain();
  };

  const close = (): void => {
    drainAll();
    emptying.stop();
    // Behind the answers that still wait.
    syncs.whenSynced(undefined, () => {
      const problem = closeBoth(db, audit, core.failure() !== undefined, () => checkpoint);
      post(problem === undefined ? { kind: 'closed' } : { kind: 'closed', problem });
      port.close();
    });
  };

  port.on('message', (message: ToWriter) => {
    switch (message.kind) {
      case 'requests':
        now = message.requests.at(-1)?.at ?? now;
        for (const request of message.requests) waiting.push(request);
        schedule();
        break;
      case 'audit-head': {
        // Asked after what came before it.
        drainAll();
        const { seq, hash } = audit.head();
        post({ kind: 'answers', answers: [{ id: message.id, ok: true, value: { seq, hash } }] });
        break;
      }
      case 'prune-audit': {
        now = message.at;
        drainAll();
        // A legal hold counts as removed when that is on disk, and by then more of them may have been removed.
        syncs.whenSynced(undefined, () => {
          const failed = syncs.syncAtOnce();
          const why = failed === undefined ? core.failure() : core.syncFailed(failed, 'relay.db');
          const answers =
            why === undefined
              ? [pruneAudit(db, audit, options.auditDir, message)]
              : allUnavailable([message], why);
          post({ kind: 'answers', answers });
          rememberSoon();
          tellFailureInTurn();
        });
        break;
      }
      case 'tick':
        now = message.at;
        core.checkpointIfDue();
        rememberSoon();
        tellFailureInTurn();
        break;
      case 'close':
        now = message.at;
        close();
        break;
    }
  });
  // A crash left it, perhaps before destroyed keys were gone from it.
  if (opened.logWasLeft) emptying.now();
  post({ kind: 'opened', log: opened.seen });
}

interface Opened {
  readonly db: RelayDb;
  readonly audit: AuditLog;
  readonly log: LogSyncs;
  /** Whether relay.db's log was there already, and not empty. */
  readonly logWasLeft: boolean;
  readonly seen: LogAtStart;
}

function open(
  options: WriterStart,
  now: () => number,
  hooks: Required<Pick<AuditLogOptions, 'onSigned' | 'onCheckpoint'>>,
): Opened {
  const logWasLeft = (statSync(`${options.file}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0;
  writeLogAnew(options.file);
  const db = openRelayDb(options.file);
  try {
    migrate(db, options.file);
    // Not before: a migration may have more to keep aside than fits into memory.
    db.writeMuch();
    const log = logSyncs(options.file, MOST_SYNCS);
    checkMasterKey(db, options.keyCheckValue, options.keySource, options.file);
    const logOptions = {
      dir: options.auditDir,
      signingKeyPem: options.signingKeyPem,
      now,
      checkpointEveryEvents: options.checkpointEveryEvents,
      checkpointEveryMs: options.checkpointEveryMs,
      ...hooks,
    };
    if (options.beginsIn !== undefined) beginLog(db, options.beginsIn, logOptions);
    const audit = openAudit(logOptions);
    forgetLogBefore(db, audit, options.auditDir);
    const putBack = putBackTail(db, audit, options.auditDir, options.file);
    const remembered = rememberedCheckpoint(db);
    let missed = 0;
    if (remembered !== undefined) {
      checkRemembered(options.auditDir, { ...audit.head(), key: audit.key }, remembered, options.file);
      // A backup copies the queue before the log, and a restore of it has held what waits.
      if (!isRestored(db)) missed = checkpointsBehind(options.auditDir, remembered.seq);
    }
    recordRestore(db, audit, now());
    return { db, audit, log, logWasLeft, seen: { missed, putBack } };
  } catch (error) {
    db.close();
    throw error;
  }
}

/** @throws UserError that names the folder: what SQLite says of a damaged file names none */
function openAudit(options: AuditLogOptions): AuditLog {
  try {
    return openAuditLog(options);
  } catch (cause) {
    if (cause instanceof UserError) throw cause;
    throw new UserError(
      `cannot open the audit log in ${options.dir}: ${errorText(cause)}. Run \`sallyport audit verify\`, which says ` +
        'what is damaged; keep the folder as evidence, and restore the newest backup',
      { cause },
    );
  }
}

/**
 * Plans and removes in one go, so that no legal hold can be placed in between. A file that can't be removed is no
 * failure of the store: what is on record is done by the next removal.
 */
function pruneAudit(
  db: RelayDb,
  audit: AuditLog,
  dir: string,
  { id, at, retention, actor, most }: Extract<ToWriter, { kind: 'prune-audit' }>,
): WriterAnswer {
  try {
    const plan = planRetention({ dir, now: at, retention, holds: legalHolds(db, null) });
    const months = plan.remove.slice(0, most);
    if (months.length > 0) audit.removeMonths({ actor, retention, months }, at);
    return { id, ok: true, value: { ...plan, remove: months } };
  } catch (error) {
    return { id, ok: false, why: 'refused', message: errorText(error) };
  }
}

/** Gives what went wrong, if anything did. */
function closeBoth(
  db: RelayDb,
  audit: AuditLog,
  failed: boolean,
  lastCheckpoint: () => string | undefined,
): string | undefined {
  const problems: string[] = [];
  const attempt = (work: () => unknown): void => {
    try {
      work();
    } catch (error) {
      problems.push(errorText(error));
    }
  };
  let isOnDisk = false;
  attempt(() => {
    isOnDisk = audit.close();
  });
  // After a failure nothing more is written: what is on disk is for the next start to find out.
  if (!failed) {
    attempt(() => {
      const line = lastCheckpoint();
      if (line !== undefined) rememberCheckpoint(db, line);
    });
    if (isOnDisk) attempt(() => forgetTail(db));
    attempt(() => db.truncateWal());
  }
  attempt(() => db.close());
  return problems.length === 0 ? undefined : problems.join('; ');
}

if (parentPort === null) throw new Error('writer-thread runs as a thread of the relay only');
start(parentPort, workerData);
