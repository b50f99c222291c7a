import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import type { Credentials } from '../ops/operators/credentials.js';
import { errorText, UserError } from '../shared/errors.js';
import { askSecret } from './ask.js';

const VARIABLES = [
  'SALLYPORT_OPERATOR',
  'SALLYPORT_OPERATOR_TOKEN',
  'SALLYPORT_OPERATOR_TOKEN_FILE',
] as const;

/**
 * Who gives the command, from the environment: SALLYPORT_OPERATOR, with the token in SALLYPORT_OPERATOR_TOKEN or in the
 * file SALLYPORT_OPERATOR_TOKEN_FILE, and a code in SALLYPORT_OPERATOR_CODE; asks for a missing token at a terminal.
 * @returns undefined where no operator is named
 * @throws UserError (exit status 2) when a variable is empty, there is no token, or others can read its file
 */
export async function operatorCredentials(
  env: NodeJS.ProcessEnv = process.env,
  ask: ((question: string) => Promise<string>) | undefined = terminal(),
): Promise<Credentials | undefined> {
  // A script whose variable came out empty means somebody; it must not act as the user without a name.
  const empty = VARIABLES.find((name) => env[name]?.trim() === '');
  if (empty !== undefined)
    throw new UserError(`${empty} is set, but empty: give it a value, or unset it`, { exitStatus: 2 });
  const operator = env.SALLYPORT_OPERATOR;
  if (operator === undefined) {
    // Whoever gives a token means to be somebody.
    const stray = VARIABLES.find((name) => env[name] !== undefined);
    if (stray === undefined) return undefined;
    throw new UserError(`${stray} is set, but SALLYPORT_OPERATOR is not: whose token is it?`, {
      exitStatus: 2,
    });
  }
  const code = env.SALLYPORT_OPERATOR_CODE;
  const token = await tokenOf(operator, env, ask);
  return { operator, token, ...(code === undefined || code === '' ? {} : { code }) };
}

async function tokenOf(
  operator: string,
  env: NodeJS.ProcessEnv,
  ask: ((question: string) => Promise<string>) | undefined,
): Promise<string> {
  const { SALLYPORT_OPERATOR_TOKEN: token, SALLYPORT_OPERATOR_TOKEN_FILE: file } = env;
  if (token !== undefined) return token;
  if (file !== undefined) return readToken(file);
  if (ask !== undefined) return ask(`Token of ${operator}: `);
  throw new UserError(
    `there is no token for ${operator}: set SALLYPORT_OPERATOR_TOKEN_FILE to a file that only you can read`,
    { exitStatus: 2 },
  );
}

function readToken(file: string): string {
  let fd: number;
  try {
    fd = openSync(file, 'r');
  } catch (cause) {
    throw new UserError(`cannot read the token in ${file}: ${errorText(cause)}`, { exitStatus: 2, cause });
  }
  try {
    const stat = fstatSync(fd);
    if ((stat.mode & 0o077) !== 0)
      throw new UserError(`${file} is open to other users: chmod 600 it`, { exitStatus: 2 });
    if (!stat.isFile() || stat.size > 4096)
      throw new UserError(`${file} is no file with a token`, { exitStatus: 2 });
    const text = readFileSync(fd, 'utf8').trim();
    if (text === '') throw new UserError(`${file} is empty: it should hold a token`, { exitStatus: 2 });
    return text;
  } finally {
    closeSync(fd);
  }
}

/** Only at a terminal: what is piped in may be meant for the command itself. */
export function terminal(): ((question: string) => Promise<string>) | undefined {
  return process.stdin.isTTY === true ? askSecret : undefined;
}
