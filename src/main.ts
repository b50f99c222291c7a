#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { commandGroups } from './cli/groups.js';
import { errorCode, errorText, UserError } from './shared/errors.js';
import { ThreadStuck } from './store/errors.js';
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

try {
  const groups = commandGroups(unread.signal);
  const asked = groups.filter(([name]) => name === process.argv[2]);
  for (const [, load] of asked.length > 0 ? asked : groups) (await load())(program);
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : 2;
  } else {
    process.stderr.write(`sallyport: ${errorText(error)}\n`);
    process.exitCode = error instanceof UserError ? error.exitStatus : 1;
    // An exit would wait for the thread.
    if (error instanceof ThreadStuck) process.kill(process.pid, 'SIGKILL');
  }
}
