import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Gives all tests, and what they start, a temporary folder that is removed with everything in it when they have ended:
 * folders that they made themselves, and those of processes that were killed.
 */
export default function setup(): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-tests-'));
  // As open as the one it stands in: some tests act as another user of the system.
  chmodSync(folder, 0o1777);
  const before = process.env.TMPDIR;
  process.env.TMPDIR = folder;
  return () => {
    if (before === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = before;
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  };
}
