import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { dirname, isAbsolute, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { auditEvent } from '../audit/events.js';
import type { LoadedConfig } from '../config/load.js';
import { namedFiles } from '../config/named-files.js';
import type { Clock } from '../shared/clock.js';
import { errorText, UserError } from '../shared/errors.js';
import { threadEntry } from '../shared/thread-entry.js';
import { type MasterKey, nextKeyFile } from '../store/master-key.js';
import type { Store } from '../store/ports.js';
import { isRotating, masterKeyFile } from '../store/rotation.js';
import { VERSION } from '../version.js';
import { besideConfig } from './beside-config.js';
import { type BackupPlan, type Drafted, nameBackup } from './make.js';
import { backupKeys } from './manifest.js';
import type { FromBackup } from './thread.js';

/** Makes backups of the store that this process holds. */
export interface Backups {
  /**
   * Makes a backup in a folder that doesn't exist yet.
   * @param to absolute
   * @throws UserError when it can't be made; then nothing has the name `to`
   */
  make(to: string, actor: string): Promise<Drafted>;
  /** Gives up the one under way. */
  stop(): Promise<void>;
}

export function createBackups(deps: {
  readonly loaded: () => LoadedConfig;
  readonly store: Pick<Store, 'bodies' | 'audit'>;
  readonly masterKey: MasterKey;
  readonly clock: Clock;
}): Backups {
  let running: { readonly worker: Worker; readonly done: Promise<unknown> } | undefined;
  let busy = false;

  const make = async (to: string, actor: string): Promise<Drafted> => {
    const loaded = deps.loaded();
    const { dataDir, file, policyDir } = loaded;
    refuseTarget(to);
    const mark = randomBytes(8).toString('hex');
    const work = join(dataDir, `.backup-${mark}`);
    const plan: BackupPlan = {
      dataDir,
      work,
      to,
      draft: `${to}.partial-${mark}`,
      configFile: file,
      policyDir,
      beside: await besideConfig(file, namedFiles(loaded), masterKeyFiles(loaded)),
      keys: backupKeys(deps.masterKey),
      version: VERSION,
      madeAt: deps.clock.now(),
    };
    // Rows are copied first and their files after that, so none of these may go meanwhile.
    const release = deps.store.bodies.keepFiles();
    try {
      await mkdir(work, { mode: 0o700 });
      const drafted = await inThread(plan, (one) => {
        running = one;
      });
      await deps.store.audit.record([
        auditEvent('backup.made', {
          actor,
          target: to,
          files: drafted.files,
          messages: drafted.messages,
          auditSeq: drafted.auditSeq,
          manifestHash: drafted.manifestHash,
        }),
      ]);
      await nameBackup(plan);
      return drafted;
    } catch (cause) {
      await rm(plan.draft, { recursive: true, force: true });
      if (cause instanceof UserError) throw cause;
      throw new UserError(`could not make the backup ${to}: ${errorText(cause)}${hintOf(cause)}`, { cause });
    } finally {
      running = undefined;
      await rm(work, { recursive: true, force: true });
      await release();
    }
  };

  return {
    async make(to, actor) {
      if (busy) throw new UserError('a backup is being made already: wait for its end');
      // It would need both keys to open it.
      if (isRotating(deps.masterKey))
        throw new UserError(
          'the master key is being replaced: start the relay, which finishes that, and try again',
        );
      busy = true;
      try {
        return await make(to, actor);
      } finally {
        busy = false;
      }
    },
    async stop() {
      const one = running;
      if (one === undefined) return;
      await one.worker.terminate();
      await one.done.catch(() => undefined);
    },
  };
}

/** Where the master key lies, or lay during a rotation: these never get into a backup, whatever names them. */
function masterKeyFiles({ config, dataDir }: LoadedConfig): readonly string[] {
  const key = masterKeyFile(config.master_key, dataDir);
  return key === undefined ? [] : [key, nextKeyFile(key)];
}

/** The command's own rights don't count while a relay runs, which surprises whoever is root. */
function hintOf(cause: unknown): string {
  return /EACCES|EPERM|EROFS/.test(errorText(cause))
    ? '; the relay’s user must be able to write there (under systemd also ReadWritePaths= of its unit)'
    : '';
}

/** @throws UserError (exit status 2) */
function refuseTarget(to: string): void {
  if (!isAbsolute(to)) throw new UserError(`${to} is no absolute path`, { exitStatus: 2 });
  if (existsSync(to))
    throw new UserError(`${to} exists: name a new folder for each backup`, { exitStatus: 2 });
  if (!existsSync(dirname(to)))
    throw new UserError(`there is no folder ${dirname(to)} to make the backup in`, { exitStatus: 2 });
}

function inThread(
  plan: BackupPlan,
  started: (one: { readonly worker: Worker; readonly done: Promise<unknown> }) => void,
): Promise<Drafted> {
  const worker = new Worker(threadEntry(import.meta.url, './thread.js'), {
    name: 'sallyport-backup',
    workerData: plan,
    env: {},
    execArgv: [],
  });
  const done = new Promise<Drafted>((resolve, reject) => {
    worker.once('message', (message: FromBackup) => {
      if (message.ok) resolve(message.drafted);
      else reject(new Error(message.reason));
    });
    worker.once('error', reject);
    worker.once('exit', () => reject(new Error('it was given up before its end')));
  });
  started({ worker, done });
  return done;
}
