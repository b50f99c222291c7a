import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { errorText, UserError } from '../shared/errors.js';
import { addressProblems } from './check-addresses.js';
import { openRelayProblems } from './check-open-relay.js';
import { portalLooksProblems } from './check-portal-looks.js';
import { sendingProblems } from './check-sending.js';
import { sharedIdentityProblems } from './check-shared-identities.js';
import { trustedProxyProblems } from './check-trusted-proxies.js';
import { type Config, configSchema } from './schema.js';
import { keysOf } from './schema-keys.js';
import { formatProblem, readYaml, schemaProblems } from './yaml-source.js';

const configKeysAt = keysOf(configSchema);

/** A configuration that was read and checked, with its paths made absolute. */
export interface LoadedConfig {
  readonly config: Config;
  readonly file: string;
  readonly dataDir: string;
  readonly policyDir: string;
  /** SHA-256 (hex) of the file's bytes, for the audit log. */
  readonly hash: string;
  /** A path of the config file, absolute (relative ones count from the config file's folder). */
  path(relative: string): string;
}

/**
 * Reads and checks a config file.
 * @throws UserError (exit status 2) that lists every problem as file:line:column
 */
export async function loadConfig(file: string): Promise<LoadedConfig> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    throw new UserError(`cannot read the configuration ${file}: ${errorText(cause)}`, {
      exitStatus: 2,
      cause,
    });
  }
  const config = parseConfig(text, file);
  const base = dirname(resolve(file));
  return {
    config,
    file: resolve(file),
    dataDir: resolve(base, config.data_dir),
    policyDir: resolve(base, config.policies),
    hash: createHash('sha256').update(text).digest('hex'),
    path: (relative) => resolve(base, relative),
  };
}

/**
 * Checks the text of a config file.
 * @throws UserError (exit status 2) that lists every problem as file:line:column
 */
export function parseConfig(text: string, file: string): Config {
  const yaml = readYaml(text, file);
  if (!yaml.ok) throw new UserError(yaml.problems.map(formatProblem).join('\n'), { exitStatus: 2 });
  const parsed = configSchema.safeParse(yaml.source.value);
  if (!parsed.success) {
    throw new UserError(
      schemaProblems(yaml.source, parsed.error, configKeysAt).map(formatProblem).join('\n'),
      {
        exitStatus: 2,
      },
    );
  }
  const problems = [
    ...openRelayProblems(parsed.data),
    ...sharedIdentityProblems(parsed.data),
    ...addressProblems(parsed.data),
    ...portalLooksProblems(parsed.data),
    ...sendingProblems(parsed.data),
    ...trustedProxyProblems(parsed.data),
  ];
  if (problems.length > 0) {
    const lines = problems.map(({ path, message }) =>
      formatProblem({ file, ...yaml.source.locate(path), message: `${path.join('.')}: ${message}` }),
    );
    throw new UserError(lines.join('\n'), { exitStatus: 2 });
  }
  return parsed.data;
}
