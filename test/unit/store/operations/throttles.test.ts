import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { migrate } from '../../../../src/store/migrations.js';
import {
  due,
  dueStreams,
  nextDueAt,
  pendingByStream,
  recipients,
} from '../../../../src/store/operations/queue-reads.js';
import { insertMessage } from '../../../../src/store/operations/queue-writes.js';
import { beginThrottled, reconsiderWaiting } from '../../../../src/store/operations/throttles.js';
import { openRelayDb, type RelayDb } from '../../../../src/store/relay-db.js';
import { newMessage, queued, temporaryDb, temporaryFolder } from '../fixtures.js';

const HOUR = 3_600_000;
const START = 1_800_000_000_000;
const COUNTER = 'destination a.example';

function withMail(count: number, db = temporaryDb()): RelayDb {
  for (let n = 0; n < count; n++) insertMessage(db, newMessage(`m${n}`, [queued('ada@a.example', START)]));
  return db;
}

function attempt(db: RelayDb, ids: readonly string[], limit: number, now: number) {
  return beginThrottled(db, {
    attempts: ids.map((messageId) => ({ key: { messageId, index: 0 }, counters: [COUNTER] })),
    limits: { [COUNTER]: limit },
    nextAttemptAt: now + 7 * HOUR,
    now,
  });
}

const row = (db: RelayDb, id: string) => recipients(db, id)[0]!;

describe('attempts within limits', () => {
  it('begin while there is room; what is beyond waits one behind another, and no failure is counted', () => {
    const db = withMail(5);
    const { begun, waiting } = attempt(db, ['m0', 'm1', 'm2', 'm3', 'm4'], 3, START);
    expect(begun.map((one) => one.messageId)).toEqual(['m0', 'm1', 'm2']);
    expect(waiting.map((one) => one.key.messageId)).toEqual(['m3', 'm4']);
    expect(waiting[0]!.until).toBeGreaterThan(START + HOUR - 1);
    expect(waiting[1]!.until).toBeGreaterThan(waiting[0]!.until);
    expect(row(db, 'm0')).toMatchObject({ attempts: 1, nextAttemptAt: START + 7 * HOUR });
    expect(row(db, 'm3')).toMatchObject({
      state: 'pending',
      attempts: 0,
      nextAttemptAt: waiting[0]!.until,
      throttledSince: START,
      throttledBy: COUNTER,
      expiresAt: 9_000_000,
    });
    expect(row(db, 'm3').lastReason).toBeUndefined();
    expect(pendingByStream(db, null)).toEqual([{ stream: 'default', pending: 5, throttled: 2 }]);
  });

  it('leave the place to those who wait already, even where there is room again', () => {
    const db = withMail(5);
    attempt(db, ['m0', 'm1', 'm2'], 2, START);
    const later = row(db, 'm2').nextAttemptAt! - 1;
    const { begun, waiting } = attempt(db, ['m3'], 20, later);
    expect(begun).toEqual([]);
    expect(waiting[0]!.until).toBeGreaterThan(row(db, 'm2').nextAttemptAt!);
    expect(attempt(db, ['m2'], 2, later + 1).begun).toHaveLength(1);
  });

  it('forget the wait when they begin, and give its time back to the lifetime', () => {
    const db = withMail(2);
    attempt(db, ['m0', 'm1'], 1, START);
    const now = row(db, 'm1').nextAttemptAt!;
    const key = { messageId: 'm1', index: 0 };
    const afterWaiting = { throttledMs: 77, expiresAt: 9_000_077 };
    beginThrottled(db, {
      attempts: [{ key, counters: [COUNTER], afterWaiting }],
      limits: { [COUNTER]: 1 },
      nextAttemptAt: now + HOUR,
      now,
    });
    const after = row(db, 'm1');
    expect(after).toMatchObject({ attempts: 1, throttledMs: 77, expiresAt: 9_000_077 });
    expect(after.throttledSince).toBeUndefined();
    expect(after.throttledBy).toBeUndefined();
  });

  it('are looked at again when limits may have changed', () => {
    const db = withMail(3);
    attempt(db, ['m0', 'm1', 'm2'], 1, START);
    expect(due(db, { now: START + 1, limit: 9, filter: { stream: 'default' } })).toHaveLength(0);
    expect(reconsiderWaiting(db, { now: START + 1, longest: 9 * HOUR })).toBe(true);
    expect(due(db, { now: START + 1, limit: 9, filter: { stream: 'default' } })).toHaveLength(2);
    expect(reconsiderWaiting(db, { now: START + 1, longest: 9 * HOUR })).toBe(false);
  });

  it('and others are not kept until the time of old when the clock was set back', () => {
    const db = withMail(3);
    const at = (id: string, next: number) =>
      db.run('UPDATE recipients SET next_attempt_at = ? WHERE message_id = ?', next, id);
    at('m0', START + HOUR + 1);
    at('m1', START + HOUR);
    at('m2', START - 1);
    expect(reconsiderWaiting(db, { now: START, longest: HOUR })).toBe(true);
    expect(['m0', 'm1', 'm2'].map((id) => row(db, id).nextAttemptAt)).toEqual([
      START,
      START + HOUR,
      START - 1,
    ]);
    expect(reconsiderWaiting(db, { now: START, longest: HOUR })).toBe(false);
  });

  it('are not kept for years by a clock that was set back', () => {
    const db = withMail(2);
    attempt(db, ['m0'], 1, START + 10_000 * HOUR);
    const { waiting } = attempt(db, ['m1'], 1, START);
    expect(waiting[0]!.until).toBeLessThanOrEqual(START + 62 * 60_000);
  });

  it('never exceed the limit in any hour, across restarts, and all mail goes in the end', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 6 }),
        fc.array(fc.tuple(fc.integer({ min: 0, max: 2 * HOUR }), fc.boolean()), {
          minLength: 1,
          maxLength: 12,
        }),
        (limit, arrivals) => {
          const file = `${temporaryFolder()}/relay.db`;
          let db = openRelayDb(file);
          migrate(db, file);
          const times: number[] = [];
          let now = START;
          const settle = (until: number) => {
            for (;;) {
              const next = nextDueAt(db, null);
              if (next === undefined || next > until) break;
              now = Math.max(now, next);
              const rows = due(db, { now, limit: 3, filter: { stream: 'default' } });
              const { begun } = attempt(
                db,
                rows.map((one) => one.messageId),
                limit,
                now,
              );
              for (const key of begun) {
                times.push(now);
                db.run("UPDATE recipients SET state = 'delivered' WHERE message_id = ?", key.messageId);
              }
            }
          };
          arrivals.forEach(([gap, restart], i) => {
            settle(now + gap);
            now += gap;
            if (restart) {
              db.close();
              db = openRelayDb(file);
            }
            for (let n = 0; n < 4; n++)
              insertMessage(db, newMessage(`m${i}-${n}`, [queued('ada@a.example', now)]));
          });
          settle(Number.POSITIVE_INFINITY);
          db.close();
          expect(times).toHaveLength(arrivals.length * 4);
          for (const from of times)
            expect(times.filter((at) => at >= from && at - from < HOUR).length).toBeLessThanOrEqual(limit);
        },
      ),
      { numRuns: 15 },
    );
  });
});

describe('streams in the store', () => {
  it('keep their mail apart, and mail of our own with what it is about, but for codes', () => {
    const db = temporaryDb();
    insertMessage(db, newMessage('offer', [queued('ada@a.example', START)], { stream: 'bulk' }));
    insertMessage(db, newMessage('note', [queued('ada@a.example', START + 5)]));
    const about = { aboutMessage: 'offer', sender: '' };
    insertMessage(db, newMessage('dsn', [queued('b@a.example', START)], { ...about, origin: 'dsn' }));
    insertMessage(
      db,
      newMessage('code', [queued('c@a.example', START)], { ...about, origin: 'access-code' }),
    );
    const inStream = (stream: string) =>
      due(db, { now: START + 9, limit: 9, filter: { stream } }).map((one) => one.messageId);
    expect(inStream('bulk')).toEqual(['dsn', 'offer']);
    expect(inStream('default')).toEqual(['code', 'note']);
    expect(dueStreams(db, START)).toEqual(['bulk', 'default']);
    expect(row(db, 'offer').stream).toBe('bulk');
    expect(nextDueAt(db, null)).toBe(START);
  });
});
