import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { errorText } from '../../../src/shared/errors.js';
import type { RunningRelay, StartOptions } from '../../support/relay-process.js';
import { judgeRun } from '../oracle/judge.js';
import type { Check, Violation } from '../oracle/run.js';
import { type Edit, FAULT_POINTS, type FaultPoint, withFaultPoints } from '../points/names.js';
import { makeShim } from '../shim/index.js';
import { loseUnsynced } from '../shim/lost-writes.js';
import { dice } from './dice.js';
import { makeWorld } from './world.js';

export interface KillReport {
  readonly violations: readonly Violation[];
  /** Points that were passed too seldom within the time, so that the kill fell at some moment instead. */
  readonly missed: readonly string[];
  readonly kills: number;
  readonly accepted: number;
  /** Messages that were under way when a relay was started to be killed: the fewest of all starts. */
  readonly underWay: number;
  /** Changes of files that were lost with the power. */
  readonly lost: number;
}

/** For tests with such runs, in milliseconds: processes are started many times, which a slow machine takes long for. */
export const KILL_RUN_TIMEOUT = 3_600_000;
/** How long a point may take to be reached, in milliseconds. */
const PATIENCE_MS = 180_000;
const MESSAGES = 50;
/** So many more than a point needs, because chance plays a part. */
const FEW = 5;

/**
 * What is broken in runs of a mutant. Whether a kill falls into a moment in which that shows is chance, so one run after the
 * other is tried, each with another seed.
 * @param check what is to show; any, unless said
 */
export async function brokenPromises(
  options: Parameters<typeof killRun>[0],
  check?: Check,
): Promise<readonly Violation[]> {
  let broken: readonly Violation[] = [];
  for (let run = 0; run < 5; run++) {
    ({ violations: broken } = await killRun({ ...options, seed: options.seed + run }));
    if (broken.some((one) => check === undefined || one.check === check)) break;
  }
  return broken;
}

/**
 * Starts the relay once for each point, has it killed there while fifty messages are under way, starts it once more, waits
 * for the end of everything, and judges. The same seed draws the same kills.
 */
export async function killRun(options: {
  readonly seed: number;
  readonly points: readonly FaultPoint[];
  /** The power goes with each kill: what was not synced is lost. */
  readonly losePower?: boolean;
  /** Mutants. */
  readonly edits?: readonly Edit[];
}): Promise<KillReport> {
  const { edits } = options;
  const roll = dice(options.seed);
  const world = await makeWorld({ name: `s${options.seed}` });
  const shim = options.losePower === true ? makeShim(world.home.dataDir) : undefined;
  const missed: string[] = [];
  let lost = 0;
  let underWay = Number.POSITIVE_INFINITY;
  const refusal = (error: unknown): KillReport => ({
    violations: [{ check: 'no-start', text: errorText(error) }],
    missed,
    kills: options.points.length,
    accepted: world.accepted.length,
    underWay,
    lost,
  });
  const start = (how: StartOptions) => world.start({ ...how, env: { ...how.env, ...shim?.env } });
  try {
    await world.giveKeys();
    for (const point of options.points) {
      const hit = 1 + Math.floor(roll() * FAULT_POINTS[point]);
      const report = join(world.home.folder, `fatal-${randomUUID()}`);
      // New ones as far as the point needs them to be passed so often; the rest are those that the last kill left.
      const needed = Math.min(MESSAGES, FEW + Math.ceil((MESSAGES * hit) / FAULT_POINTS[point]));
      world.write(Math.max(MESSAGES - world.underWay(), needed - world.unsent()));
      underWay = Math.min(underWay, world.underWay());
      let relay: RunningRelay | undefined;
      try {
        relay = await start(withFaultPoints({ point, hit, action: 'kill', report }, edits));
      } catch (error) {
        // Some points are passed before anybody can connect.
        if (errorText(error).includes('this edit does not fit')) throw error;
        if (!existsSync(report)) return refusal(error);
      }
      if (relay !== undefined) {
        const sending = world.send(relay);
        const enough = new AbortController();
        const late = delay(PATIENCE_MS, undefined, { signal: enough.signal }).catch(() => undefined);
        await Promise.race([relay.ended, late]);
        enough.abort();
        await relay.kill('SIGKILL');
        await sending;
      }
      if (!existsSync(report) || readFileSync(report, 'utf8').split(/\s/)[0] !== point)
        missed.push(`${point} #${hit}`);
      // As much of what was not synced as the dice say is on the disk all the same.
      if (shim !== undefined)
        lost += loseUnsynced(shim, world.home.dataDir, (n) => (roll() < 0.5 ? 0 : Math.floor(roll() * n)));
      await world.ended('killed');
    }
    let last: RunningRelay;
    try {
      // What a mutant broke, it broke by now; this one is to bring all that is left to its end.
      last = await start(withFaultPoints());
    } catch (error) {
      return refusal(error);
    }
    await world.send(last);
    await world.settle();
    await last.kill('SIGTERM');
    await world.ended('stopped');
    return {
      violations: judgeRun(world.run()),
      missed,
      kills: options.points.length,
      accepted: world.accepted.length,
      underWay,
      lost,
    };
  } finally {
    await world.close();
    shim?.remove();
  }
}
