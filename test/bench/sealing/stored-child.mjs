import { readFileSync } from 'node:fs';
import { unlink } from 'node:fs/promises';
import { join } from 'node:path';

/*
 * Seals one stored message with the sealing threads of the product and says how long it took and how much memory it had.
 * Plain JavaScript: what reads TypeScript would be in its memory.
 */

/** The first one warms up. */
const COPIES = 4;

process.once('message', async ({ sealer: url, access, warmUp, task }) => {
  const { createSealer } = await import(url);
  const sealer = createSealer({ threads: 1, access, log: console });
  try {
    await seal(sealer, warmUp);
    const before = process.memoryUsage.rss();
    const seconds = [];
    for (let copy = 0; copy < COPIES; copy++) {
      const start = performance.now();
      const body = await seal(sealer, task);
      if (copy > 0) seconds.push((performance.now() - start) / 1000);
      await unlink(join(access.folder, body.content.name));
    }
    process.send({ seconds, before, peak: peakMemory() });
  } finally {
    await sealer.close();
    process.disconnect();
  }
});

/**
 * The most resident memory that this process had, in bytes. Linux counts in `maxRSS` what the process had before it became
 * this program, and that is what its parent had.
 */
function peakMemory() {
  if (process.platform !== 'linux') return process.resourceUsage().maxRSS * 1024;
  const peak = /^VmHWM:\s*(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'));
  return Number(peak[1]) * 1024;
}

async function seal(sealer, task) {
  const answer = await sealer.seal(task);
  if (answer.kind !== 'sealed') throw new Error(answer.reason);
  return answer.body;
}
