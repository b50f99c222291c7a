#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { errorText, UserError } from './shared/errors.js';

const program = new Command('sallyport')
  .description('The one guarded way out for your mail.')
  .exitOverride()
  .configureHelp({ sortSubcommands: false });

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : 2;
  } else {
    process.stderr.write(`sallyport: ${errorText(error)}\n`);
    process.exitCode = error instanceof UserError ? error.exitStatus : 1;
  }
}
