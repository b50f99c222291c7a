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
  const closeAll = (): void => {
    for (const { db } of open.values()) db.close();
    open.clear();
  };
  const month = (name: string): MonthReader => {
    const found = open.get(name) ?? openMonth(dir, name);
    open.set(name, found);
    return found;
  };
  return {
    since(at) {
      clearTimeout(idle);
      idle = setTimeout(closeAll, IDLE_MS).unref();
      return listMonths(dir)
        .filter((name) => name >= `${monthOf(at)}.db`)
        .map(month);
    },
  };
}
