#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { perform } from './cli/perform.js';
import { errorCode, errorText, UserError } from './shared/errors.js';
import { VERSION } from './version.js';

const program = new Command('sallyport')
  .description('The one guarded way out for your mail.')
  .version(VERSION)
  .exitOverride()
  // `keys dkim` has options of its own beside those of its commands.
  .enablePositionalOptions()
  .showHelpAfterError('(see --help)');

/** Ends what would go on printing (`audit tail -f`) when nobody reads any more. */
const unread = new AbortController();
// `… | head -1` is no failure: the command goes on to its end without a word, with the status that it has earned.
// The relay's own output is left alone: `start` must not run on with a log that went nowhere.
if (process.argv[2] !== 'start') {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error) => {
      if (errorCode(error) !== 'EPIPE' && errorCode(error) !== 'ERR_STREAM_DESTROYED') throw error;
      unread.abort();
    });
  }
}

type Register = (program: Command) => void;

/** Each command group is loaded when it is asked for; help loads them all. */
const GROUPS: readonly (readonly [name: string, load: () => Promise<Register>])[] = [
  ['start', async () => (await import('./cli/start.js')).registerStart],
  ['init', async () => (await import('./cli/init.js')).registerInit],
  ['doctor', async () => (await import('./cli/doctor.js')).registerDoctor],
  ['check', async () => (await import('./cli/check.js')).registerCheck],
  ['demo', async () => (await import('./cli/demo/index.js')).registerDemo],
  ['scan', async () => (await import('./cli/scan.js')).registerScan],
  ['explain', async () => (await import('./cli/explain.js')).registerExplain],
  ['policy', async () => (await import('./cli/policy.js')).registerPolicy],
  [
    'audit',
    async () => {
      const { registerAudit } = await import('./cli/audit.js');
      return (to) =>
        registerAudit(to, {
          perform,
          stop: unread.signal,
        });
    },
  ],
  ['queue', async () => (await import('./cli/queue.js')).registerQueue],
  ['held', async () => (await import('./cli/held.js')).registerHeld],
  ['keys', async () => (await import('./cli/keys.js')).registerKeys],
  ['operators', async () => (await import('./cli/operators.js')).registerOperators],
  ['users', async () => (await import('./cli/users.js')).registerUsers],
  ['roster', async () => (await import('./cli/roster.js')).registerRoster],
  ['portal', async () => (await import('./cli/portal.js')).registerPortal],
  ['suppress', async () => (await import('./cli/suppress.js')).registerSuppress],
  ['tls', async () => (await import('./cli/tls.js')).registerTls],
];

try {
  const asked = GROUPS.filter(([name]) => name === process.argv[2]);
  for (const [, load] of asked.length > 0 ? asked : GROUPS) (await load())(program);
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : 2;
  } else {
    process.stderr.write(`sallyport: ${errorText(error)}\n`);
    process.exitCode = error instanceof UserError ? error.exitStatus : 1;
  }
}
