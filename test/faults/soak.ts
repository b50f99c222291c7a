import { parseArgs } from 'node:util';
import { dice, shuffled } from './harness/dice.js';
import { killRun } from './harness/kill-run.js';
import { FAULT_POINTS, type FaultPoint } from './points/names.js';
import { whyNoShim } from './shim/index.js';

/*
 * `npm run soak -- --kills 10000 --seed 7`: kills the relay so many times, in runs of ten, at points, hits and in an order
 * drawn from the seed; in every other run the power goes, too, and takes along what was not synced. Ends with status 1 at
 * the first promise broken, saying how to have the same run again.
 */

const A_RUN = 10;

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '100' },
    seed: { type: 'string', default: '1' },
    /** The number of the run to begin with, to repeat one. */
    run: { type: 'string', default: '0' },
  },
});
const kills = wholeNumber('kills', values.kills);
const seed = wholeNumber('seed', values.seed);
const firstRun = wholeNumber('run', values.run);
const names = Object.keys(FAULT_POINTS).filter(isPoint);
const canLosePower = whyNoShim() === undefined;
if (!canLosePower) console.log(`without lost writes: ${whyNoShim()}`);

let done = 0;
let missed = 0;
for (let run = firstRun; done < kills; run++) {
  const runSeed = seed * 1_000_003 + run;
  const points = shuffled(names, dice(runSeed)).slice(0, Math.min(A_RUN, kills - done));
  const losePower = canLosePower && run % 2 === 1;
  const report = await killRun({ seed: runSeed, points, losePower });
  done += report.kills;
  missed += report.missed.length;
  console.log(
    `run ${run}: ${report.kills} kills${losePower ? ` with the power (${report.lost} writes lost)` : ''}, ` +
      `${report.accepted} messages, ${report.violations.length} promises broken; ${done} of ${kills} kills so far`,
  );
  if (report.violations.length > 0) {
    for (const { check, text } of report.violations) console.log(`  ${check}: ${text}`);
    console.log(`again: npm run soak -- --seed ${seed} --run ${run} --kills ${points.length}`);
    process.exit(1);
  }
}
console.log(
  `${done} kills, nothing lost, leaked or forgotten; ${missed} fell at another moment than planned`,
);

function wholeNumber(name: string, text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= 0) return value;
  console.error(`--${name} must be a whole number, not ${text}`);
  return process.exit(2);
}

function isPoint(name: string): name is FaultPoint {
  return Object.hasOwn(FAULT_POINTS, name);
}
