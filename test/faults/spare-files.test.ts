import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { createBodyStore } from '../../src/store/body-store.js';
import { systemFiles } from '../../src/store/file-ops.js';
import { dice } from './harness/dice.js';
import { type Edit, withFaultPoints } from './points/names.js';
import { makeShim, whyNoShim } from './shim/index.js';
import { loseUnsynced } from './shim/lost-writes.js';

/*
 * Files of bodies whose content was destroyed become those of others: the power goes while that happens, and what was told as
 * stored must read as it was written. That it would be noticed if it didn't is tested with stores that sync too little.
 */

const reason = whyNoShim();
if (reason !== undefined && process.env.SALLYPORT_REQUIRE_TOOLS === '1')
  throw new Error(`these tests can't run (${reason}), and SALLYPORT_REQUIRE_TOOLS=1`);

const HARNESS = fileURLToPath(new URL('./harness/body-process.mjs', import.meta.url));
const KEY = Buffer.alloc(32, 7);
const REWRITTEN = 150;

const LEFT_UNSYNCED: Edit = {
  file: 'store/file-ops.js',
  from: 'await handle.truncate(written);\n                await handle.sync();',
  to: 'await handle.truncate(written);',
};
const LEFT_LONG: Edit = {
  file: 'store/file-ops.js',
  from: 'if (written < size)',
  to: 'if (false)',
};

interface Stored {
  readonly stored: number;
  readonly wrappedKey: string;
  readonly size: number;
  readonly name: string;
}

/** What doesn't read as it was written after a power cut, of how many. */
async function powerCut(seed: number, edits: readonly Edit[] = []) {
  const root = mkdtempSync(join(tmpdir(), 'sallyport-spare-files-'));
  const folder = join(root, 'bodies');
  mkdirSync(folder);
  const shim = makeShim(root);
  const how = withFaultPoints(undefined, edits);
  const child = spawn(process.execPath, [...how.nodeArgs, HARNESS, folder, KEY.toString('hex')], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...how.env, ...shim.env },
  });
  const roll = dice(seed);
  const there = new Map<number, Stored>();
  const killedAt = REWRITTEN + Math.floor(roll() * REWRITTEN);
  let rewritten = 0;
  try {
    for await (const text of createInterface({ input: child.stdout })) {
      const line: Stored | { readonly removed: number } | { readonly rewritten: string } = JSON.parse(text);
      if ('stored' in line) there.set(line.stored, line);
      else if ('removed' in line) there.delete(line.removed);
      else if (++rewritten === killedAt) child.kill('SIGKILL');
    }
    if (child.signalCode === null) await once(child, 'exit');
    const lost = loseUnsynced(shim, root, (n) => (roll() < 0.5 ? 0 : Math.floor(roll() * n)));
    const bodies = createBodyStore({
      folder,
      wrappingKey: KEY,
      files: systemFiles,
      onSyncFailure: () => undefined,
    });
    const broken: number[] = [];
    for (const { stored, wrappedKey, size, name } of there.values()) {
      const body = {
        wrappedKey: Buffer.from(wrappedKey, 'hex'),
        size,
        content: { kind: 'file', name },
      } as const;
      const chunks: Buffer[] = [];
      try {
        for await (const chunk of bodies.open(body)) chunks.push(chunk);
      } catch {
        chunks.length = 0;
      }
      if (!Buffer.concat(chunks).equals(Buffer.alloc(size, stored))) broken.push(stored);
    }
    return { broken, of: there.size, rewritten, lost };
  } finally {
    child.kill('SIGKILL');
    rmSync(root, { recursive: true, force: true });
    shim.remove();
  }
}

describe.skipIf(reason !== undefined)('files that are written anew (skipped where gcc is missing)', () => {
  it.each([1, 2, 3, 4])('lose nothing with the power (seed %i)', async (seed) => {
    const { broken, of, rewritten, lost } = await powerCut(seed);
    expect(broken).toEqual([]);
    expect(of).toBeGreaterThan(8);
    expect(rewritten).toBeGreaterThanOrEqual(REWRITTEN);
    expect(lost).toBeGreaterThan(0);
  });

  it.each([
    ['are not synced', LEFT_UNSYNCED],
    ['keep what they held behind their end', LEFT_LONG],
  ])('are noticed where they %s', async (_how, edit) => {
    const { broken } = await powerCut(1, [edit]);
    expect(broken).not.toEqual([]);
  });
});
