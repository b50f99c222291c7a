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

/** The same for a command that can do without: a file that is named must be there, the usual one may be missing. */
export function withConfigIfAny(command: Command): Command {
  return command.addOption(
    new Option('-c, --config <file>', `configuration file (default: ${DEFAULT_CONFIG}, if there is one)`).env(
      'SALLYPORT_CONFIG',
    ),
  );
}

/**
 * The configuration of `withConfigIfAny`, if there is one.
 * @throws UserError (exit status 2) when the one that is named isn't there
 */
export function configFileIfAny({ config }: { readonly config?: string }): string | undefined {
  if (config !== undefined) return configFile({ config });
  return existsSync(DEFAULT_CONFIG) ? DEFAULT_CONFIG : undefined;
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
