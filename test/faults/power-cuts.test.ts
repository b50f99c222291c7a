import { describe, expect, it } from 'vitest';
import { killRun } from './harness/kill-run.js';
import { whyNoShim } from './shim/index.js';

/*
 * The power goes in the middle of the work: beside being killed, the relay loses what it wrote and did not sync. A layer
 * below the process (shim/faults.c) knows what that is. That it would notice a relay which syncs too little is tested with
 * relays that do.
 */

const reason = whyNoShim();
if (reason !== undefined && process.env.SALLYPORT_REQUIRE_TOOLS === '1')
  throw new Error(`these tests can't run (${reason}), and SALLYPORT_REQUIRE_TOOLS=1`);

const SEED = 20_261_122;

describe.skipIf(reason !== undefined)('a power cut (skipped where gcc is missing)', () => {
  it('loses nothing that was answered with 250', { timeout: 400_000 }, async () => {
    const report = await killRun({
      seed: SEED,
      points: [
        'intake.answered',
        'body.synced',
        'deliver.committed',
        'writer.between-commits',
        'decide.committed',
      ],
      losePower: true,
    });
    expect(report.violations).toEqual([]);
    expect(report.missed).toEqual([]);
    expect(report.lost).toBeGreaterThan(0);
  });

  it.for([
    ['the queue is synced at checkpoints only', 'store/relay-db.js'],
    ['the log is synced at checkpoints only', 'audit/month-file.js'],
  ] as const)('is noticed where %s', { timeout: 400_000 }, async ([, file]) => {
    const report = await killRun({
      seed: SEED,
      points: ['intake.answered', 'deliver.committed'],
      losePower: true,
      edits: [{ file, from: 'synchronous = FULL', to: 'synchronous = NORMAL' }],
    });
    expect(report.violations).not.toEqual([]);
  });
});
