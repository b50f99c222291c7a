import type { BenchTable } from '../subject.js';
import type { RelayChoices } from './choices.js';
import { startContender } from './contenders.js';
import { memoryOf } from './processes.js';
import { runOnce } from './throughput.js';

const MB = 1024 * 1024;
const MESSAGES = 200_000;
/** Rows of the table. */
const STEPS = 20;
/** Seconds after which no further step is begun. */
const LONGEST = 1800;

/** Memory of the relay as shipped while very many messages go through it. */
export async function enduranceTable(choices: RelayChoices): Promise<BenchTable> {
  const relay = await startContender('c');
  const step = Math.max(1, Math.floor((choices.messages ?? MESSAGES) / STEPS));
  const rows: string[][] = [];
  const after: number[] = [];
  const began = performance.now();
  try {
    for (let n = 1; n <= STEPS && performance.now() - began < LONGEST * 1000; n++) {
      const run = await runOnce(
        relay,
        { size: 4096, connections: 10, connect: 'reused' },
        // However slow: a step has all the time that is left.
        { ...choices, messages: step, limit: LONGEST },
      );
      const memory = memoryOf([relay.pid]);
      after.push(memory / MB);
      rows.push([
        String(n * step),
        figure(memory),
        figure(run.memory),
        (run.messages / run.seconds).toFixed(0),
      ]);
    }
  } finally {
    await relay.close();
  }
  return {
    title: 'Memory while messages of 4 KB go through (10 connections)',
    head: ['messages so far', 'MB', 'most MB', 'messages/s'],
    rows,
    notes: [
      `MB more for each 100,000 messages, by the second half: ${((slope(after.slice(after.length >> 1)) * 100_000) / step).toFixed(1)} (asked: flat)`,
    ],
  };
}

function figure(bytes: number): string {
  return String(Math.round(bytes / MB));
}

/** By least squares: how much each value is more than the one before. */
function slope(values: readonly number[]): number {
  const middle = (values.length - 1) / 2;
  const mean = values.reduce((sum, one) => sum + one, 0) / values.length;
  const over = values.reduce((sum, one, i) => sum + (i - middle) * (one - mean), 0);
  return over / values.reduce((sum, _, i) => sum + (i - middle) ** 2, 0);
}
