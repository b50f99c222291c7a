import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { cp, mkdir, open } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type LoadedConfig, loadConfig, parseConfig } from '../config/load.js';
import { errorCode, UserError } from '../shared/errors.js';
import type { Answers } from './answers.js';
import { configText, SECRET_FILES } from './config-text.js';
import { systemdUnit } from './systemd-unit.js';

/** The policies that come with the program. */
const SHIPPED_POLICIES = fileURLToPath(new URL('../../policies', import.meta.url));

export interface Written {
  readonly loaded: LoadedConfig;
  readonly unitFile: string;
  /** Files with a secret that a rule of the cloud's administrator must add to mail. */
  readonly secretFiles: readonly string[];
}

/**
 * Writes configuration, policies, secrets and the systemd unit into a folder. Nothing is overwritten, and nothing is
 * written before the configuration has passed the checks of `start`.
 * @throws UserError (exit status 2) when something is there already or the answers don't make a configuration
 */
export async function writeSetup(answers: Answers, folder: string): Promise<Written> {
  const base = resolve(folder);
  const configFile = join(base, 'config.yaml');
  const policyDir = join(base, 'policies');
  const unitFile = join(base, 'sallyport.service');
  const text = configText(answers);
  const config = parseConfig(text, configFile);
  const dataDir = resolve(base, config.data_dir);
  for (const path of [configFile, unitFile]) {
    if (existsSync(path)) throw taken(path);
  }
  for (const path of [policyDir, dataDir]) {
    if (existsSync(path) && readdirSync(path).length > 0) throw taken(path);
  }
  const secretFiles = answers.upstream.flatMap(({ kind }) =>
    kind === 'microsoft-365' || kind === 'google-workspace' ? [join(base, SECRET_FILES[kind])] : [],
  );

  await mkdir(base, { recursive: true, mode: 0o755 });
  for (const file of secretFiles) await writeNew(file, `${randomBytes(32).toString('hex')}\n`, 0o600);
  await cp(SHIPPED_POLICIES, policyDir, { recursive: true });
  await writeNew(
    unitFile,
    systemdUnit({
      node: process.execPath,
      program: fileURLToPath(new URL('../main.js', import.meta.url)),
      config: configFile,
      dataDir,
    }),
    0o644,
  );
  // Last, so that a folder with a configuration has everything that it needs.
  await writeNew(configFile, text, 0o644);
  return { loaded: await loadConfig(configFile), unitFile, secretFiles };
}

/** Makes a file that must not exist yet, also not by a link. */
export async function writeNew(file: string, text: string, mode: number): Promise<void> {
  try {
    const handle = await open(file, 'wx', mode);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (cause) {
    if (errorCode(cause) === 'EEXIST') throw taken(file);
    throw cause;
  }
}

function taken(path: string): UserError {
  return new UserError(
    `${path} is there already, and init overwrites nothing: name another folder, or move it away`,
    {
      exitStatus: 2,
    },
  );
}
