import { existsSync } from 'node:fs';
import { type Command, Option } from 'commander';
import { UserError } from '../shared/errors.js';

/** Where `--config` points when it isn't given. */
export const DEFAULT_CONFIG = 'config.yaml';

/** Adds `--config FILE` (environment: SALLYPORT_CONFIG) to a command. */
export function withConfig(command: Command): Command {
  return command.addOption(
    new Option('-c, --config <file>', 'configuration file').default(DEFAULT_CONFIG).env('SALLYPORT_CONFIG'),
  );
}

/** @throws UserError (exit status 2) that says how to get a configuration when there is none */
export function configFile(options: { readonly config: string }): string {
  if (!existsSync(options.config)) {
    throw new UserError(
      `there is no configuration ${options.config}: \`sallyport init\` makes one, or name another with --config`,
      { exitStatus: 2 },
    );
  }
  return options.config;
}
