import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';

/** Asks for a secret on the terminal without showing it; reads one line from a pipe. */
export async function askSecret(question: string): Promise<string> {
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({
    input: process.stdin,
    output: silent,
    terminal: process.stdin.isTTY === true,
  });
  if (process.stdin.isTTY === true) process.stderr.write(question);
  try {
    return await lines.question('');
  } finally {
    lines.close();
    if (process.stdin.isTTY === true) process.stderr.write('\n');
  }
}
