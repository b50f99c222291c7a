import type { Command } from 'commander';
import { UserError } from '../shared/errors.js';

const LONGEST_S = 300;

/** Adds `--timeout SECONDS` to a command that asks the network. */
export function withTimeout(command: Command): Command {
  return command.option('--timeout <seconds>', 'for each question to the network', '10');
}

/**
 * Milliseconds.
 * @throws UserError (exit status 2) when it isn't a number of seconds that makes sense
 */
export function secondsOption(text: string): number {
  const seconds = Number(text);
  if (!(seconds > 0 && seconds <= LONGEST_S))
    throw new UserError(`--timeout must be a number of seconds, at most ${LONGEST_S}`, { exitStatus: 2 });
  return seconds * 1000;
}
