import { afterEach, beforeEach, expect, it } from 'vitest';
import { removeOldMonths } from '../../../src/ops/audit-retention.js';
import { createLog } from '../../../src/ops/log.js';
import { type Bench, bench, failedLogin, write } from '../audit/support.js';

/* A log of January to June 2026, by itself: what is removed is the store's matter, whether anything is, is looked at here. */

let log: Bench;
beforeEach(() => {
  log = bench();
});
afterEach(() => log.remove());

function at(day: string): number {
  return Date.parse(`${day}T12:00Z`);
}

/** Whether removal was asked for, and what the operational log says. */
async function run(days: readonly string[], now: string): Promise<{ asked: number; said: string }> {
  log.time = at(days[0] ?? now);
  const writer = log.open();
  for (const day of days) {
    log.time = at(day);
    write(writer, [failedLogin(1)], log.time);
  }
  writer.close();
  const said: string[] = [];
  let asked = 0;
  await removeOldMonths({
    store: {
      pruneAudit: async () => {
        asked++;
        return { remove: [], overdue: 0 };
      },
    },
    dataDir: log.dataDir,
    now: () => at(now),
    retention: 2,
    log: createLog({ level: 'info', addresses: 'full' }, { write: (line: string) => said.push(line) }),
  });
  return { asked, said: said.join('') };
}

const HALF_A_YEAR = ['2026-01-15', '2026-02-15', '2026-03-15', '2026-04-15', '2026-05-15', '2026-06-15'];

it.each([
  ['on the day of the newest event', HALF_A_YEAR, '2026-06-15'],
  ['after a quiet month', HALF_A_YEAR, '2026-07-31'],
  ['with a clock that went back', HALF_A_YEAR, '2026-05-01'],
  ['after a month that was left out', ['2026-01-15', '2026-03-15'], '2026-03-15'],
])('months may go by themselves %s', async (_name, days, now) => {
  expect(await run(days, now)).toEqual({ asked: 1, said: '' });
});

it.each([
  ['the clock of an idle relay is ten years ahead', HALF_A_YEAR, '2036-06-15', 'older than 62 days'],
  ['nothing happened for long', HALF_A_YEAR, '2026-08-17', 'older than 62 days'],
  [
    'the newest month began after a long gap',
    [...HALF_A_YEAR, '2036-06-15'],
    '2036-06-15',
    'between its last two',
  ],
])('none goes by itself when %s', async (_name, days, now, why) => {
  const { asked, said } = await run(days, now);
  expect(asked).toBe(0);
  expect(said).toContain(why);
  expect(said).toContain('sallyport audit prune');
});
