import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { UserError } from '../shared/errors.js';

/**
 * Asks for a secret on the terminal without showing it; reads one line from a pipe.
 * @throws UserError when the input ends before there was one
 */
export async function askSecret(question: string): Promise<string> {
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({
    input: process.stdin,
    output: silent,
    terminal: process.stdin.isTTY === true,
  });
  if (process.stdin.isTTY === true) process.stderr.write(question);
  // The question alone would wait for ever.
  const ended = new Promise<never>((_, reject) => {
    lines.once('close', () =>
      reject(
        new UserError('a secret is needed, but the input ended: type it, or pipe one line in', {
          exitStatus: 2,
        }),
      ),
    );
  });
  try {
    return await Promise.race([lines.question(''), ended]);
  } finally {
    lines.close();
    if (process.stdin.isTTY === true) process.stderr.write('\n');
  }
}
