import { describe, expect, it, vi } from 'vitest';
import { brokenPromises, KILL_RUN_TIMEOUT, killRun } from './harness/kill-run.js';
import { whyNoShim } from './shim/index.js';

/*
 * The power goes in the middle of the work: beside being killed, the relay loses what it wrote and did not sync. A layer
 * below the process (shim/faults.c) knows what that is. That it would notice a relay which syncs too little is tested with
 * relays that do.
 */

const reason = whyNoShim();
if (reason !== undefined && process.env.SALLYPORT_REQUIRE_TOOLS === '1')
  throw new Error(`these tests can't run (${reason}), and SALLYPORT_REQUIRE_TOOLS=1`);

vi.setConfig({ testTimeout: KILL_RUN_TIMEOUT });

const SEED = 20_261_122;

const TAIL = 'store/audit-tail.js';
/** The log gets onto the disk long after the queue. */
const LATE_LOG = {
  file: 'audit/month-writer.js',
  from: 'syncs.beside(done)',
  to: 'setTimeout(() => syncs.beside(done), 200)',
};
const LATE = 'store/late-sync.js';
const EVERY_DISK_IS_SLOW = { file: LATE, from: 'const SLOW_MS = 3', to: 'const SLOW_MS = 0' };
const NO_DISK_IS_SLOW = { file: LATE, from: 'const SLOW_MS = 3', to: 'const SLOW_MS = Infinity' };
const ANSWERED_EARLY = {
  file: LATE,
  from: '(commitTook === undefined || !isLate)',
  to: '(commitTook !== undefined || !isLate)',
};
const NOT_SYNCED = (file: string) => ({ file, from: 'synchronous = FULL', to: 'synchronous = NORMAL' });

describe.skipIf(reason !== undefined)('a power cut (skipped where gcc is missing)', () => {
  it('loses nothing that was answered with 250', async () => {
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

  it('loses nothing where the disk of the log is far behind', async () => {
    const report = await killRun({
      seed: SEED,
      points: ['intake.answered', 'deliver.committed', 'writer.committed', 'decide.committed'],
      losePower: true,
      edits: [LATE_LOG],
    });
    expect(report.violations).toEqual([]);
    expect(report.missed).toEqual([]);
    expect(report.lost).toBeGreaterThan(0);
  });

  it('loses nothing where each batch is synced beside the next one', async () => {
    const report = await killRun({
      seed: SEED,
      points: ['intake.answered', 'deliver.committed', 'writer.between-commits', 'decide.committed'],
      losePower: true,
      edits: [EVERY_DISK_IS_SLOW],
    });
    expect(report.violations).toEqual([]);
    expect(report.missed).toEqual([]);
    expect(report.lost).toBeGreaterThan(0);
  });

  it.for([
    ['the queue is synced at checkpoints only', [NOT_SYNCED('store/relay-db.js'), NO_DISK_IS_SLOW]],
    [
      'the log counts as synced before it is',
      [{ file: 'audit/month-writer.js', from: 'syncs.beside(done)', to: 'done(null)' }],
    ],
    ['a batch is answered before its sync', [EVERY_DISK_IS_SLOW, ANSWERED_EARLY]],
  ] as const)('is noticed where %s', async ([, edits]) => {
    const broken = await brokenPromises({
      seed: SEED,
      points: ['intake.answered', 'deliver.committed'],
      losePower: true,
      edits,
    });
    expect(broken).not.toEqual([]);
  });

  it('is noticed where what the log lost is not put back', async () => {
    const broken = await brokenPromises({
      seed: SEED,
      // Whether a cut takes any is chance.
      points: [
        'decide.committed',
        'deliver.committed',
        'intake.answered',
        'decide.committed',
        'deliver.committed',
      ],
      losePower: true,
      edits: [
        LATE_LOG,
        { file: TAIL, from: 'audit.putBack(events)', to: '0' },
        // Else it would refuse to start.
        { file: TAIL, from: 'checkEvent(dir, last, file);', to: '' },
      ],
    });
    expect(broken).not.toEqual([]);
  });
});
