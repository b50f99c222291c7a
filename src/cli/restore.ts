import { stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, resolve } from 'node:path';
import { type Command, Option } from 'commander';
import type { Manifest } from '../backup/manifest.js';
import { CONFIG_FOLDER, openedBackups, restoreBackup, verifyBackup } from '../backup/restore.js';
import { loadConfig } from '../config/load.js';
import { systemClock } from '../shared/clock.js';
import { errorCode, UserError } from '../shared/errors.js';
import { loadMasterKey, type MasterKey } from '../store/master-key.js';
import { masterKeyFile } from '../store/rotation.js';
import { countsText, leftOutLines } from './backup.js';
import { DEFAULT_CONFIG } from './config-option.js';
import { printable, printJson, printLine, printTime } from './print.js';

interface Options {
  readonly config: string;
  readonly to?: string;
  readonly masterKey?: string;
  readonly resume?: boolean;
  readonly verifyOnly?: boolean;
  readonly work: string;
  readonly json?: boolean;
}

/** `sallyport restore`: a data directory of a backup, checked from top to bottom. */
export function registerRestore(program: Command): void {
  program
    .command('restore')
    .description('check a backup and make a data directory of it')
    .argument('<dir>', 'the backup')
    .option('--to <folder>', 'the data directory to make; it must not exist, or be empty')
    .option('--master-key <file>', 'the master key of that time; default: where the configuration says')
    .option('--resume', 'let what waited be sent by itself, although it may have been sent since')
    .option('--verify-only', 'check everything, keep nothing')
    .option(
      '--work <folder>',
      'where --verify-only opens a copy, in the clear, for as long as it takes',
      tmpdir(),
    )
    .option('--json', 'as JSON')
    .addOption(
      new Option('-c, --config <file>', 'configuration that says where the master key is')
        .default(DEFAULT_CONFIG)
        .env('SALLYPORT_CONFIG'),
    )
    .action(restore);
}

async function restore(dir: string, options: Options): Promise<void> {
  const from = resolve(dir);
  const masterKey = await keyFor(options);
  if (options.verifyOnly === true) {
    if (options.to !== undefined || options.resume === true)
      throw new UserError('--verify-only restores nothing: leave --to and --resume out', { exitStatus: 2 });
    const work = resolve(options.work);
    await tellOfOpened(work);
    const manifest = await verifyBackup(from, masterKey, work);
    if (options.json === true) return printJson({ ok: true, ...summary(manifest) });
    tell(manifest);
    return printLine('Every file, the database and the audit log are right.');
  }
  if (options.to === undefined)
    throw new UserError('name the data directory to make with --to, or check only with --verify-only', {
      exitStatus: 2,
    });
  const to = resolve(options.to);
  const resume = options.resume === true;
  await tellOfOpened(dirname(to));
  const { manifest, held } = await restoreBackup(from, to, masterKey, { resume, now: systemClock.now() });
  if (options.json === true) return printJson({ restored: to, held, resumed: resume, ...summary(manifest) });
  tell(manifest);
  printLine(`Restored to ${to}. Before you start the relay:`);
  printLine('  - put the master key where `master_key` of the configuration says;');
  printLine(
    `  - the configuration and policies of that time are in ${to}/${CONFIG_FOLDER}: put them in their places, with the certificates, keys and secrets beside them.`,
  );
  for (const line of leftOutLines(manifest.leftOut ?? [])) printLine(line);
  if (resume) printLine('What waited then is sent at the start, even if it was sent after the backup.');
  else if (held > 0)
    printLine(
      `${held} recipients that waited then are held, because they may have been sent since: \`sallyport held list\`, ` +
        'then `held release`, `held redecide` or `queue cancel` for each, or `held redecide --all`.',
    );
  printLine(
    `The audit log goes on behind event ${manifest.audit.seq}. Checkpoints kept elsewhere of later events (\`audit verify ` +
      '--checkpoint`) are reported as `truncated` or `fork`: that is this restore, and the event store.restored says when.',
  );
}

/** What is left in the clear by one that was killed, and may fill the disk. */
async function tellOfOpened(folder: string): Promise<void> {
  for (const path of await openedBackups(folder))
    process.stderr.write(
      `${printable(`${path} was left by a restore that was killed, with a copy in the clear: remove it, unless one is at work there now.`)}\n`,
    );
}

async function keyFor(options: Options): Promise<MasterKey> {
  if (options.masterKey !== undefined)
    return loadMasterKey({ file: resolve(options.masterKey) }, '/', { createIfMissing: false });
  const { config, dataDir } = await loadConfig(options.config).catch((cause: unknown) => {
    throw new UserError('say where the master key is: --master-key FILE, or --config of the relay', {
      exitStatus: 2,
      cause,
    });
  });
  const file = masterKeyFile(config.master_key, dataDir);
  // On a new machine there is none yet, and one made by a first start would open nothing.
  if (file !== undefined && (await isMissing(file)))
    throw new UserError(
      `there is no master key ${file}: give the key of the time of the backup: --master-key FILE`,
      { exitStatus: 2 },
    );
  return loadMasterKey(config.master_key, dataDir, { createIfMissing: false });
}

async function isMissing(file: string): Promise<boolean> {
  try {
    await stat(file);
    return false;
  } catch (error) {
    // What can't be looked at is told by whoever reads it.
    const code = errorCode(error);
    return code === 'ENOENT' || code === 'ENOTDIR';
  }
}

function tell(manifest: Manifest): void {
  printLine(`Backup of ${printTime(manifest.madeAt)} by sallyport ${manifest.sallyport}:`);
  printLine(
    `  ${manifest.messages} messages; recipients: ${countsText(manifest.recipients)}; ${manifest.portalItems} open portal items`,
  );
  printLine(`  audit log up to event ${manifest.audit.seq}`);
}

function summary(manifest: Manifest) {
  const { madeAt, messages, recipients, portalItems, audit, files } = manifest;
  return {
    madeAt,
    messages,
    recipients,
    portalItems,
    auditSeq: audit.seq,
    auditHash: audit.hash,
    files: files.length,
  };
}
