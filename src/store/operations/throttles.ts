import type { RecipientKey } from '../../model/message.js';
import { firstMinute, minuteOf, roomAt, roomLeft, spacing } from '../../shared/hourly-limit.js';
import type { BegunAttempt, ThrottledAttempt } from '../ports.js';
import type { RelayDb } from '../relay-db.js';

/**
 * As `beginAttempt`, within limits: a recipient is tried only where each of its counters has room, and then counts in
 * all of them, in the same commit. Others are left to wait: their next attempt moves to when there should be room, one
 * behind another, and nothing else of the row changes, so that waiting is no failure. Who comes when others wait already
 * goes behind them, even where there is room: it is theirs.
 */
export function beginThrottled(db: RelayDb, input: ThrottledAttempt): BegunAttempt {
  const { now } = input;
  // A clock that was set back must not keep mail for years: what was counted later was counted by now.
  db.run(
    `INSERT INTO throttle_counts (counter, minute, count)
     SELECT counter, ?, sum(count) FROM throttle_counts WHERE minute > ? GROUP BY counter
     ON CONFLICT (counter, minute) DO UPDATE SET count = count + excluded.count`,
    minuteOf(now),
    minuteOf(now),
  );
  db.run('DELETE FROM throttle_counts WHERE minute < ? OR minute > ?', firstMinute(now), minuteOf(now));
  const begun: RecipientKey[] = [];
  const waiting: { readonly key: RecipientKey; readonly counter: string; readonly until: number }[] = [];
  for (const one of input.attempts) {
    const row = db.get<{ readonly throttled_since: number | null }>(
      "SELECT throttled_since FROM recipients WHERE message_id = ? AND idx = ? AND state = 'pending'",
      one.key.messageId,
      one.key.index,
    );
    if (row === undefined) continue;
    const stop = one.counters
      .map((counter) => ({ counter, until: turnOf(db, counter, input, row.throttled_since === null) }))
      .filter(({ until }) => until > now)
      .toSorted((a, b) => b.until - a.until)[0];
    if (stop === undefined) {
      begin(db, one, input);
      begun.push(one.key);
    } else {
      wait(db, one.key, stop, now);
      waiting.push({ key: one.key, ...stop });
    }
  }
  return { begun, waiting };
}

/** When a recipient may be tried, as far as one counter goes; `now` where that is at once. */
function turnOf(db: RelayDb, counter: string, { limits, now }: ThrottledAttempt, isNew: boolean): number {
  const limit = limits[counter];
  if (limit === undefined) return now;
  const counts = new Map(
    db
      .all<{ readonly minute: number; readonly count: number }>(
        'SELECT minute, count FROM throttle_counts WHERE counter = ?',
        counter,
      )
      .map(({ minute, count }) => [minute, count]),
  );
  const last = db.get<{ readonly at: number | null }>(
    `SELECT max(next_attempt_at) AS at FROM recipients INDEXED BY recipients_throttled
     WHERE state = 'pending' AND throttled_by = ?`,
    counter,
  )?.at;
  const line = last === null || last === undefined || last < now ? undefined : last + spacing(limit);
  const room = roomLeft(counts, limit, now) > 0;
  if (room && (line === undefined || !isNew)) return now;
  return Math.max(roomAt(counts, limit, now), line ?? now);
}

function begin(
  db: RelayDb,
  { key, counters, afterWaiting }: ThrottledAttempt['attempts'][number],
  { nextAttemptAt, now }: ThrottledAttempt,
): void {
  db.run(
    `UPDATE recipients SET attempts = attempts + 1, next_attempt_at = ?, throttled_since = NULL, throttled_by = NULL,
       throttled_ms = coalesce(?, throttled_ms), expires_at = coalesce(?, expires_at)
     WHERE message_id = ? AND idx = ? AND state = 'pending'`,
    nextAttemptAt,
    afterWaiting?.throttledMs ?? null,
    afterWaiting?.expiresAt ?? null,
    key.messageId,
    key.index,
  );
  for (const counter of counters) {
    db.run(
      `INSERT INTO throttle_counts (counter, minute, count) VALUES (?, ?, 1)
       ON CONFLICT (counter, minute) DO UPDATE SET count = count + 1`,
      counter,
      minuteOf(now),
    );
  }
}

function wait(
  db: RelayDb,
  key: RecipientKey,
  { counter, until }: { readonly counter: string; readonly until: number },
  now: number,
): void {
  db.run(
    `UPDATE recipients SET next_attempt_at = ?, throttled_by = ?, throttled_since = coalesce(throttled_since, ?)
     WHERE message_id = ? AND idx = ? AND state = 'pending'`,
    until,
    counter,
    now,
    key.messageId,
    key.index,
  );
}

/**
 * Lets everything that a throttle keeps waiting be looked at again at `now`, because limits may have changed; and whatever else
 * waits for longer than anything does by the configuration and the clock of now (`longest`, milliseconds), which were others
 * then. False when nothing does.
 */
export function reconsiderWaiting(
  db: RelayDb,
  { now, longest }: { readonly now: number; readonly longest: number },
): boolean {
  const throttled = db.run(
    `UPDATE recipients INDEXED BY recipients_throttled SET next_attempt_at = ?
     WHERE state = 'pending' AND throttled_by IS NOT NULL AND next_attempt_at > ?`,
    now,
    now,
  );
  const others = db.run(
    `UPDATE recipients SET next_attempt_at = ?
     WHERE state = 'pending' AND throttled_by IS NULL AND next_attempt_at > ?`,
    now,
    now + longest,
  );
  return throttled + others > 0;
}
