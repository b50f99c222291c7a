import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Bytes of a process in memory; undefined where it has ended or the system doesn't say. */
export async function residentSize(pid: number): Promise<number | undefined> {
  if (process.platform === 'linux') {
    try {
      return kilobytes(/^VmRSS:\s*(\d+) kB$/m.exec(await readFile(`/proc/${pid}/status`, 'latin1'))?.[1]);
    } catch {
      return undefined;
    }
  }
  try {
    return kilobytes((await run('ps', ['-o', 'rss=', '-p', String(pid)], { env: {} })).stdout.trim());
  } catch {
    return undefined;
  }
}

function kilobytes(text: string | undefined): number | undefined {
  return text === undefined || !/^\d+$/.test(text) ? undefined : Number(text) * 1024;
}
