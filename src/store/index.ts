import { lstatSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { loadOrCreateSigningKey } from '../audit/signing-key.js';
import type { Log } from '../ops/log.js';
import type { Clock } from '../shared/clock.js';
import { createBodyStore, sweepOrphans } from './body-store.js';
import {
  BACKUP_WORK,
  databaseExists,
  makePrivateFile,
  makePrivateFolder,
  openToOthers,
  RELAY_DB,
  refuseReadOnly,
} from './data-dir.js';
import { ThreadStuck } from './errors.js';
import { systemFiles } from './file-ops.js';
import { forgettingBodies } from './forgetting.js';
import { freshBodies } from './fresh-bodies.js';
import { keepingFiles } from './kept-files.js';
import { lockDataDir } from './lock.js';
import { deriveKey, type MasterKey, replaceKeyFile, sealingKeys } from './master-key.js';
import { BEGINNING } from './new-log.js';
import type { Store } from './ports.js';
import { withReader } from './reader-client.js';
import { withNewestKeys } from './rewrap-input.js';
import { spareFiles } from './spare-files.js';
import { storePorts } from './store-ports.js';
import { startWriter, type WriterClient } from './writer-client.js';

export { deriveKey, loadMasterKey } from './master-key.js';
export type * from './ports.js';
export { StoreUnavailable } from './ports.js';

export interface StoreOptions {
  readonly dataDir: string;
  readonly masterKey: MasterKey;
  readonly clock: Clock;
  readonly log: Log;
  readonly audit: {
    readonly checkpointEveryEvents: number;
    readonly checkpointEveryMs: number;
    /** Gets each signed checkpoint, to be kept elsewhere. */
    readonly onCheckpoint?: (line: string) => void;
  };
}

/** What was received a moment ago is in memory until it was sent, so long at most (milliseconds). */
const FRESH_BODIES = {
  mostOfOne: 1024 * 1024,
  mostKept: 24 * 1024 * 1024,
  mostGathered: 24 * 1024 * 1024,
  stays: 20_000,
} as const;

/** Milliseconds for which a stop waits for files that nobody needs to be removed: the disk may hang. */
const REMOVED_WITHIN_MS = 2000;

/** How often the thread is asked whether a checkpoint is due by time, at most. */
const TICK_MS = 5000;

/**
 * Opens everything the relay stores, under the data directory's lock; makes what is missing in a new one.
 * @throws UserError when another process holds it, the master key is another one, a newer version made it, or it
 * can't be read or written
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  const { dataDir, log } = options;
  makePrivateFolder(dataDir);
  refuseReadOnly(dataDir);
  if (openToOthers(dataDir)) log.warn({ dataDir }, 'the data directory is open to other users: chmod 700 it');
  const lock = lockDataDir(dataDir);
  let writer: WriterClient | undefined;
  try {
    removeBackupWork(dataDir);
    const file = join(dataDir, RELAY_DB);
    // What a start left that did not get so far.
    rmSync(join(dataDir, BEGINNING), { recursive: true, force: true });
    const isBegunAnew = beginsAnew(dataDir, log);
    const signingKey = loadOrCreateSigningKey(dataDir, {
      createIfMissing: isBegunAnew || !databaseExists(dataDir),
      ...(isBegunAnew ? { folder: BEGINNING } : {}),
    });
    const folder = join(dataDir, 'bodies');
    makePrivateFolder(folder);
    makePrivateFile(file);
    const started = await startWriter(
      {
        file,
        auditDir: join(dataDir, 'audit'),
        signingKeyPem: signingKey.privateKeyPem,
        ...(isBegunAnew ? { beginsIn: join(dataDir, BEGINNING) } : {}),
        keyCheckValue: deriveKey(options.masterKey, 'key-check'),
        keySource: options.masterKey.source,
        checkpointEveryEvents: options.audit.checkpointEveryEvents,
        checkpointEveryMs: options.audit.checkpointEveryMs,
        at: options.clock.now(),
      },
      {
        now: () => options.clock.now(),
        onCheckpoint: (line) => options.audit.onCheckpoint?.(line),
        onOpened: ({ missed, putBack }) => {
          tellOfOldQueue(log, file, missed);
          if (putBack > 0)
            log.warn(
              { events: putBack },
              'a power cut took the newest events from the audit log: they were put back',
            );
        },
        onLogKept: (hinderedMs) => tellOfLog(log, `${file}-wal`, hinderedMs),
      },
    );
    writer = started;
    const rewrapping: WriterClient = {
      ...started,
      call: (name, input, events) => started.call(name, withNewestKeys(options.masterKey, input), events),
    };
    writer = await withReader(rewrapping, { file, now: () => options.clock.now() });
    if (options.masterKey.fileToReplace !== undefined) replaceKeyFile(options.masterKey.fileToReplace);
    await sweep(writer, folder, log);
    return assemble(options, writer, folder, () => lock.release());
  } catch (error) {
    await writer?.close();
    lock.release();
    throw error;
  }
}

function assemble(options: StoreOptions, writer: WriterClient, folder: string, unlock: () => void): Store {
  const { log } = options;
  const fresh = freshBodies(FRESH_BODIES);
  const spares = spareFiles(systemFiles);
  const bodies = createBodyStore({
    folder,
    get wrappingKey() {
      return sealingKeys(options.masterKey, 'body-wrap');
    },
    files: systemFiles,
    spares,
    fresh,
    onSyncFailure: (error) => writer.fail(error),
  });
  const ticking = setInterval(() => writer.tick(), Math.min(TICK_MS, options.audit.checkpointEveryMs));
  ticking.unref();
  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    clearInterval(ticking);
    try {
      const problem = await writer.close();
      if (problem !== undefined) log.error({ reason: problem }, 'the store did not close cleanly');
    } catch (error) {
      // A thread that still writes keeps everybody else out, as long as the process lives.
      if (!(error instanceof ThreadStuck)) unlock();
      throw error;
    }
    // What can't be removed now the next start removes.
    await Promise.race([
      spares.clear().catch(() => undefined),
      delay(REMOVED_WITHIN_MS, undefined, { ref: false }),
    ]);
    unlock();
  };
  const store: Store = {
    ...storePorts(writer),
    bodies: keepingFiles(bodies),
    masterKeys: {
      wrapped: (input) => writer.call('wrappedKeys', input),
      rewrap: (input) => writer.call('rewrap', input),
      resealOwnKey: (input) => writer.call('resealOwnKey', input),
      resealOperator: (input) => writer.call('resealOperator', input),
      begin: (input, events) => writer.call('beginRotation', input, events),
      finish: (input, events) => writer.call('finishRotation', input, events),
    },
    failed: writer.failed,
    unansweredFor: () => writer.unansweredFor(),
    expectAnswers: () => writer.expectAnswers(),
    close: () => {
      closing ??= close();
      return closing;
    },
  };
  return forgettingBodies(store, fresh);
}

/** Copies in the clear that a backup left behind when it was killed. */
function removeBackupWork(dataDir: string): void {
  for (const name of readdirSync(dataDir))
    if (BACKUP_WORK.test(name)) rmSync(join(dataDir, name), { recursive: true, force: true });
}

/** One is a crash, two are a crash as a month ended. */
const MISSED_IN_A_CRASH = 2;

function tellOfOldQueue(log: Log, file: string, missed: number): void {
  if (missed <= MISSED_IN_A_CRASH) return;
  log.error(
    { file, missed },
    'relay.db is older than the audit log. Unless its disk was full or failed meanwhile, an older copy was put back, and what waits in it may have been sent since: hold or cancel that (`queue list`, `audit show`); restore backups by `sallyport restore`, which holds it',
  );
}

/**
 * A folder that is not there at all was moved away by somebody, as the errors of a log that doesn't fit advise; one without its key
 * has lost it, or is where a volume should be.
 */
function beginsAnew(dataDir: string, log: Log): boolean {
  if (!databaseExists(dataDir)) return false;
  const dir = join(dataDir, 'audit');
  if (lstatSync(dir, { throwIfNoEntry: false }) !== undefined) return false;
  // A command shows no less than an error, and whatever opens the store next finds the new log there.
  log.error(
    { dir },
    'there is no audit folder beside relay.db: a new log begins, with a new key; keep the old folder with its public key as evidence',
  );
  return true;
}

/** Backups and commands read for a moment; whatever reads all the time, or never ends, is for somebody to find. */
function tellOfLog(log: Log, file: string, hinderedMs: number | undefined): void {
  if (hinderedMs === undefined) {
    log.info({ file }, 'destroyed keys are gone from the log of relay.db');
    return;
  }
  log.warn(
    {
      file,
      minutes: Math.round(hinderedMs / 60_000),
      bytes: statSync(file, { throwIfNoEntry: false })?.size,
    },
    'keys of destroyed content are still in the log of relay.db, which grows, because other programs read relay.db all the time: find them (fuser, lsof) and end them',
  );
}

/** Nothing is being received yet, so every file that no row names is left over. */
async function sweep(writer: WriterClient, folder: string, log: Log): Promise<void> {
  const named = new Set(await writer.call('bodyFiles', null));
  const removed = await sweepOrphans(systemFiles, folder, named, Date.now());
  if (removed > 0) log.info({ removed }, 'removed sealed files that no message names');
}
