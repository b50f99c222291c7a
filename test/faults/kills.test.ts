import { it } from 'vitest';
import { dice, shuffled } from './harness/dice.js';
import { KILL_RUN_TIMEOUT, killRun } from './harness/kill-run.js';
import { FAULT_POINTS, type FaultPoint } from './points/names.js';

/*
 * The relay is killed at every named point of a message's journey, each time among fifty messages under way. After each
 * run an oracle outside the relay (oracle/judge.ts) judges what clients, servers and files say. `npm run soak` does the
 * same for hours, with a seed of one's own.
 */

const SEED = 20_261_122;
/** At the same time: each waits for processes to start most of it. */
const RUNS = 2;

const points = shuffled(Object.keys(FAULT_POINTS).filter(isPoint), dice(SEED));
const share = Math.ceil(points.length / RUNS);
const runs = Array.from({ length: RUNS }, (_, n) => ({
  seed: SEED + n,
  points: points.slice(n * share, (n + 1) * share),
}));

it.concurrent.for(runs)(
  'seed $seed: keeps every promise when killed at each of its points',
  { timeout: KILL_RUN_TIMEOUT },
  async (run, { expect }) => {
    const report = await killRun(run);
    expect(report.violations).toEqual([]);
    // Else it was not killed where it was to be, and the run says less than its name.
    expect(report.missed).toEqual([]);
    expect(report.underWay).toBeGreaterThanOrEqual(50);
  },
);

function isPoint(name: string): name is FaultPoint {
  return Object.hasOwn(FAULT_POINTS, name);
}
