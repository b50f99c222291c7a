import { monthOf } from './month-file.js';
import { listMonths, type MonthReader, openMonth } from './reader.js';

/** The newest files of a log for a process that asks again and again, and goes on for months. */
export interface OpenMonths {
  /**
   * The files with what was recorded since a time (epoch milliseconds), oldest first; to be used before anything else runs.
   * @throws UserError when one can't be read
   */
  since(at: number): readonly MonthReader[];
}

/** How long files stay open behind the last question, in milliseconds: a finished month should leave WAL mode. */
const IDLE_MS = 60_000;

/** What belongs to a file stays in memory for as long as the process (`openSqlite`), so files are not opened for each question. */
export function openMonths(dir: string): OpenMonths {
  const open = new Map<string, MonthReader>();
  let idle: NodeJS.Timeout | undefined;
  const closeAllBut = (names: readonly string[]): void => {
    for (const [name, { db }] of open) {
      if (names.includes(name)) continue;
      db.close();
      open.delete(name);
    }
  };
  const month = (name: string): MonthReader => {
    const found = open.get(name) ?? openMonth(dir, name);
    open.set(name, found);
    return found;
  };
  return {
    since(at) {
      clearTimeout(idle);
      idle = setTimeout(() => closeAllBut([]), IDLE_MS).unref();
      const names = listMonths(dir);
      // What was removed, because it was kept for long enough, is on the disk for as long as it is open.
      closeAllBut(names);
      return names.filter((name) => name >= `${monthOf(at)}.db`).map(month);
    },
  };
}
