import type { LegalHold } from '../model/legal-hold.js';
import { UserError } from '../shared/errors.js';
import type { Head } from './chain.js';
import { type Checkpoint, formatCheckpoint } from './checkpoint.js';
import { monthOf } from './month-file.js';
import { listMonths, type MonthReader, openMonth } from './reader.js';
import { TERM_KINDS } from './terms.js';

/** A month's file that retention removes, with the end that the log had at it. */
export interface RemovedMonth {
  /** `YYYY-MM`. */
  readonly month: string;
  readonly events: number;
  /** Number and hash of its last event, with which the next file begins. */
  readonly lastSeq: number;
  readonly lastHash: string;
  /** The checkpoint that closed it, as a line, so that its signature outlives it. Absent when it has no event. */
  readonly checkpoint?: string;
}

export interface RetentionPlan {
  /** Oldest first; never the newest file, and never one behind a file that stays. */
  readonly remove: readonly RemovedMonth[];
  /** The first month that stays although its time is over, and the holds that keep it. */
  readonly heldBack?: { readonly month: string; readonly holds: readonly string[] };
  /** Months whose time is over that stay because of it. */
  readonly overdue: number;
}

/**
 * Which files' time is over. Files go whole and from the oldest on, so that what stays is one unbroken chain.
 * @param retention how many whole months are kept behind the month of now
 * @throws UserError when a file can't be read, or doesn't end where the next one begins: nothing is removed from a log
 * that would not verify
 */
export function planRetention(input: {
  readonly dir: string;
  readonly now: number;
  readonly retention: number;
  readonly holds: readonly LegalHold[];
}): RetentionPlan {
  const { dir, now, retention, holds } = input;
  const names = listMonths(dir);
  const newest = monthNumber(monthOf(now));
  const over = names.slice(0, -1).filter((name) => newest - monthNumber(name) > retention);
  const remove: RemovedMonth[] = [];
  for (const [i, name] of over.entries()) {
    const month = openMonth(dir, name);
    try {
      const covering = holds.filter((hold) => coversMonth(hold, month)).map((hold) => hold.name);
      if (covering.length > 0) {
        return {
          remove,
          heldBack: { month: month.header.month, holds: covering },
          overdue: over.length - i,
        };
      }
      const last = lastOf(month);
      const next = names[i + 1];
      if (next !== undefined) requireFits(dir, next, last, name);
      const events = last.seq - month.header.previous.seq;
      remove.push({
        month: month.header.month,
        events,
        lastSeq: last.seq,
        lastHash: last.hash,
        ...(events === 0 ? {} : { checkpoint: closingCheckpoint(month, last) }),
      });
    } finally {
      month.db.close();
    }
  }
  return { remove, overdue: 0 };
}

function lastOf({ db, header }: MonthReader): Head {
  return (
    db.prepare<[], Head>('SELECT seq, hash FROM event ORDER BY seq DESC LIMIT 1').get() ?? header.previous
  );
}

function closingCheckpoint({ db, name }: MonthReader, last: Head): string {
  const row = db
    .prepare<[number, string], Checkpoint>(
      'SELECT seq, at, hash, key, signature FROM checkpoint WHERE seq = ? AND hash = ?',
    )
    .get(last.seq, last.hash);
  if (row !== undefined) return formatCheckpoint(row);
  throw new UserError(`no checkpoint closes ${name}, so nothing is removed: run \`sallyport audit verify\``);
}

function requireFits(dir: string, next: string, last: Head, name: string): void {
  const { db, header } = openMonth(dir, next);
  db.close();
  if (header.previous.seq === last.seq && header.previous.hash === last.hash) return;
  throw new UserError(
    `${next} does not begin where ${name} ends, so nothing is removed: run \`sallyport audit verify\``,
  );
}

/** Whether a month may hold events of mail that the hold covers. A whole domain counts as everybody. */
function coversMonth(hold: LegalHold, month: MonthReader): boolean {
  const { from, to } = timesOf(month);
  if (hold.until !== undefined && hold.until <= from) return false;
  if (hold.since !== undefined && hold.since >= to) return false;
  const { address } = hold;
  if (address === undefined || address.startsWith('@')) return true;
  // Events of a message come with or after the one that names its sender and recipients, and with a file those behind
  // it stay too.
  return (
    month.db
      .prepare<[number, number, string], number>(
        'SELECT 1 FROM term WHERE kind IN (?, ?) AND value = ? LIMIT 1',
      )
      .pluck()
      .get(TERM_KINDS.sender, TERM_KINDS.recipient, address) !== undefined
  );
}

/** The span of a file: its month, and the times of its events where the clock had gone astray. */
function timesOf({ db, header }: MonthReader): { readonly from: number; readonly to: number } {
  const [start, end] = [monthStart(header.month, 0), monthStart(header.month, 1)];
  const hours = db
    .prepare<[number], { first: string | null; last: string | null }>(
      'SELECT min(value) AS first, max(value) AS last FROM term WHERE kind = ?',
    )
    .get(TERM_KINDS.hour);
  const HOUR_MS = 3_600_000;
  return {
    from: Math.min(start, hours?.first == null ? start : Number(hours.first) * HOUR_MS),
    to: Math.max(end, hours?.last == null ? 0 : (Number(hours.last) + 1) * HOUR_MS),
  };
}

/** Epoch milliseconds at which a month, or one so many months after it, begins. */
export function monthStart(month: string, later: number): number {
  return Date.UTC(Number(month.slice(0, 4)), Number(month.slice(5, 7)) - 1 + later);
}

/** Months since year 0 of `YYYY-MM…`. */
export function monthNumber(name: string): number {
  return Number(name.slice(0, 4)) * 12 + Number(name.slice(5, 7)) - 1;
}
