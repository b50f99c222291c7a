import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { type AuditReader, openAuditReader } from '../audit/reader.js';
import { loadConfig } from '../config/load.js';
import { errorCode, errorText, UserError } from '../shared/errors.js';
import { isDenied, notOurUser } from '../store/not-our-user.js';
import { configFile, withConfig } from './config-option.js';
import { printLine } from './print.js';

/** Where a command finds the log. */
export interface Source {
  readonly config: string;
  readonly auditDir?: string;
}

/** Adds the options that say where the log is. */
export function withSource(command: Command): Command {
  return withConfig(command).option(
    '--audit-dir <dir>',
    'read this audit folder or snapshot; needs no configuration',
  );
}

/** @throws UserError when there is no log */
export async function auditDir(source: Source): Promise<string> {
  const dir = source.auditDir ?? join((await loadConfig(configFile(source))).dataDir, 'audit');
  // A folder that has only lost its files isn't one of these: the commands say what is missing.
  if (isMissingOrEmpty(dir)) {
    const check = source.auditDir === undefined ? '`data_dir` in the configuration' : '--audit-dir';
    throw new UserError(`there is no audit log in ${dir}: start the relay once, or check ${check}`);
  }
  return dir;
}

function isMissingOrEmpty(dir: string): boolean {
  try {
    return readdirSync(dir).length === 0;
  } catch (cause) {
    if (errorCode(cause) === 'ENOENT') return true;
    if (isDenied(cause)) throw notOurUser(dir, cause);
    throw new UserError(`cannot read the audit folder ${dir}: ${errorText(cause)}`, { cause });
  }
}

export async function withReader(
  source: Source,
  use: (reader: AuditReader) => void | Promise<void>,
): Promise<void> {
  const reader = openAuditReader(await auditDir(source));
  try {
    await use(reader);
  } finally {
    reader.close();
  }
}

export function printCleanJson(value: unknown): void {
  printLine(cleanJson(value, 2));
}

/** JSON in which control and format characters are escaped, those too that JSON itself lets through. */
export function cleanJson(value: unknown, indent = 0): string {
  return JSON.stringify(value, null, indent).replace(/(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) =>
    Array.from(
      { length: character.length },
      (_, i) => `\\u${character.charCodeAt(i).toString(16).padStart(4, '0')}`,
    ).join(''),
  );
}
