import { UserError } from '../../shared/errors.js';
import { parseTime } from '../search-options.js';

/** What a report is about: epoch milliseconds, `from` inclusive, `to` exclusive. */
export interface Period {
  readonly from: number;
  readonly to: number;
}

export interface PeriodOptions {
  readonly from?: string;
  readonly to?: string;
  readonly month?: string;
}

const DAY_MS = 86_400_000;
const MONTH = /^(\d{4})-(0[1-9]|1[0-2])$/;

/**
 * Reads `--from`, `--to` and `--month`; without any of them the month of now.
 * @throws UserError (exit status 2)
 */
export function parsePeriod(options: PeriodOptions, now: number): Period {
  if (options.month !== undefined) {
    if (options.from !== undefined || options.to !== undefined) {
      throw wrong('give --month, or --from and --to, not both');
    }
    return monthPeriod(options.month);
  }
  if (options.from === undefined && options.to === undefined) {
    return { ...monthPeriod(new Date(now).toISOString().slice(0, 7)), to: now };
  }
  const from = options.from === undefined ? 0 : parseTime('--from', options.from, now, 0);
  const to = options.to === undefined ? now : parseTime('--to', options.to, now, DAY_MS);
  if (from >= to) throw wrong('--from must be before --to');
  return { from, to };
}

/** @throws UserError (exit status 2) */
export function monthPeriod(text: string): Period {
  const match = MONTH.exec(text.trim());
  if (match === null) throw wrong(`--month ${text} is no month; write 2026-11`);
  const [, year = '', month = ''] = match;
  return { from: Date.UTC(Number(year), Number(month) - 1), to: Date.UTC(Number(year), Number(month)) };
}

function wrong(text: string): UserError {
  return new UserError(text, { exitStatus: 2 });
}
