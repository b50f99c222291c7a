import { open } from 'node:fs/promises';
import { errorText, UserError } from './errors.js';

/**
 * Reads a long secret from a file that only its owner may read: 32 to 500 visible ASCII characters, on one line.
 * @throws UserError (exit status 2) that says what is wrong with the file, never what is in it
 */
export async function readSecretFile(file: string): Promise<string> {
  try {
    const handle = await open(file, 'r');
    try {
      // Asked of the open file: the name could be pointed elsewhere between a check and the read.
      if (((await handle.stat()).mode & 0o077) !== 0)
        throw usage(`${file} is open to others than its owner: chmod 600 ${file}`);
      const secret = (await handle.readFile('latin1')).trim();
      if (!/^[\x21-\x7e]{32,500}$/.test(secret))
        throw usage(
          `${file} must hold 32 to 500 visible characters without spaces; \`openssl rand -hex 32 > ${file}\` makes a good one`,
        );
      return secret;
    } finally {
      await handle.close();
    }
  } catch (cause) {
    if (cause instanceof UserError) throw cause;
    throw usage(`cannot read ${file}: ${errorText(cause)}`, cause);
  }
}

function usage(message: string, cause?: unknown): UserError {
  return new UserError(message, { exitStatus: 2, ...(cause === undefined ? {} : { cause }) });
}
