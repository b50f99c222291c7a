import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { removeMonthFile } from '../../../src/audit/month-file.js';
import { openMonths } from '../../../src/audit/open-months.js';
import { searchAudit } from '../../../src/audit/search.js';
import { openSqlite } from '../../../src/shared/open-sqlite.js';
import { type Bench, bench, failedLogin, NOVEMBER, write } from './support.js';

vi.mock('../../../src/shared/open-sqlite.js', { spy: true });

const DECEMBER = Date.parse('2026-12-03T00:00:00.000Z');
const JANUARY = Date.parse('2027-01-03T00:00:00.000Z');

let at: Bench;
beforeEach(() => {
  at = bench();
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
  at.remove();
});

describe('the newest files of a log', () => {
  it('are opened once for all that is asked, and only those that may hold it; what comes later is in them', () => {
    const log = at.open();
    for (const time of [NOVEMBER, DECEMBER, JANUARY]) {
      at.time = time;
      write(log, [failedLogin(1)], time);
    }
    const months = openMonths(at.dir);
    const found = (since: number) => {
      const { events } = searchAudit({ months: months.since(since) }, { type: 'login.failed', limit: 9 });
      return events.map(({ file }) => file);
    };
    vi.mocked(openSqlite).mockClear();
    for (let i = 0; i < 50; i++) expect(found(DECEMBER)).toEqual(['2026-12.db', '2027-01.db']);
    expect(openSqlite).toHaveBeenCalledTimes(2);
    write(log, [failedLogin(2)], JANUARY);
    expect(found(JANUARY)).toEqual(['2027-01.db', '2027-01.db']);
    expect(openSqlite).toHaveBeenCalledTimes(2);
    log.close();
    vi.runAllTimers();
  });

  it('are let go of when nobody asks any more, so that a finished one can leave WAL mode', () => {
    const log = at.open();
    write(log, [failedLogin(1)], NOVEMBER);
    const months = openMonths(at.dir);
    expect(months.since(NOVEMBER)).toHaveLength(1);
    vi.runAllTimers();
    at.time = DECEMBER;
    write(log, [failedLogin(2)], DECEMBER);
    expect(existsSync(join(at.dir, '2026-11.db-wal'))).toBe(false);
    expect(months.since(NOVEMBER).map(({ name }) => name)).toEqual(['2026-11.db', '2026-12.db']);
    log.close();
    vi.runAllTimers();
  });

  it('are let go of when they were removed, though somebody asks all the time', () => {
    const log = at.open();
    for (const time of [NOVEMBER, DECEMBER, JANUARY]) {
      at.time = time;
      write(log, [failedLogin(1)], time);
    }
    const months = openMonths(at.dir);
    const [november, december] = months.since(NOVEMBER);
    removeMonthFile(at.dir, '2026-11');
    expect(months.since(JANUARY)).toHaveLength(1);
    expect([november?.db.open, december?.db.open]).toEqual([false, true]);
    log.close();
    vi.runAllTimers();
  });
});
