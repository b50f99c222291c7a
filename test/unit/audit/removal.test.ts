import { copyFileSync, existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventHash } from '../../../src/audit/chain.js';
import { type AuditEvent, type AuditEventData, auditEvent } from '../../../src/audit/events.js';
import type { AuditLog } from '../../../src/audit/log.js';
import { createMonthFile } from '../../../src/audit/month-file.js';
import { planRetention } from '../../../src/audit/retention.js';
import { termsOf } from '../../../src/audit/terms.js';
import { reportLines } from '../../../src/audit/verify-text.js';
import { canonicalJson } from '../../../src/shared/canonical-json.js';
import { openSqlite } from '../../../src/shared/open-sqlite.js';
import { type Bench, bench, failedLogin, messageEvents, verify, write } from './support.js';

/*
 * Removal of old months is the one thing that may take events out of the log. It must not be borrowed: an event that
 * somebody wrote by hand excuses nothing, neither before the relay's next start nor after it.
 */

const MONTHS = ['01', '02', '03', '04', '05', '06'];

let log: Bench;
let writer: AuditLog;
beforeEach(() => {
  log = bench();
  log.time = at('2026-01-15');
  writer = log.open({ everyEvents: 4 });
  for (const month of MONTHS) {
    log.time = at(`2026-${month}-15`);
    write(writer, [...messageEvents(`m${month}`, `ward${month}@clinic.example`), failedLogin(1)], log.time);
  }
});
afterEach(() => {
  writer.close();
  log.remove();
});

function at(day: string): number {
  return Date.parse(`${day}T12:00Z`);
}
const planned = (retention = 2) =>
  planRetention({ dir: log.dir, now: log.time, retention, holds: [] }).remove;
const pruned = (more: Partial<AuditEventData['audit.pruned']> = {}) =>
  auditEvent('audit.pruned', { actor: 'retention', retention: 2, months: planned(), ...more });
const codes = (checkpoint?: string) => verify(log.dir, checkpoint).problems.map(({ code }) => code);
const texts = () =>
  verify(log.dir)
    .problems.map(({ text }) => text)
    .join('\n');
const removeFiles = (...months: readonly string[]) => {
  for (const month of months) rmSync(join(log.dir, `2026-${month}.db`));
};
const checkpointOf = (seq: number) =>
  new RegExp(`^.* seq=${seq} .*$`, 'm').exec(readFileSync(join(log.dir, 'checkpoints.log'), 'utf8'))?.[0] ??
  '';

/** Adds a row as somebody without the signing key could: chained and indexed rightly, signed by nobody. */
function forge(event: AuditEvent, name = '2026-06.db'): void {
  const db = openSqlite(join(log.dir, name));
  const last = db
    .prepare<[], { seq: number; hash: string }>('SELECT seq, hash FROM event ORDER BY seq DESC LIMIT 1')
    .get();
  if (last === undefined) throw new Error('no event');
  const seq = last.seq + 1;
  const data = canonicalJson(JSON.parse(JSON.stringify(event.data)));
  const hash = eventHash(last.hash, { seq, at: log.time, type: event.type, data });
  db.prepare('INSERT INTO event VALUES (?, ?, ?, ?, ?)').run(seq, log.time, event.type, data, hash);
  for (const { kind, value } of termsOf(event.type, log.time, JSON.parse(data)))
    db.prepare('INSERT INTO term VALUES (?, ?, ?)').run(kind, value, seq);
  db.close();
}

describe('a removal that somebody wrote into the log by hand', () => {
  it('is never signed by the next start, with the files gone', () => {
    const event = pruned();
    writer.close();
    forge(event);
    removeFiles('01', '02', '03');
    expect(codes()).toContain('month-missing');
    expect(() => log.open()).toThrow(/event 67 .*audit\.pruned.*not signed.*restore/s);
    expect(codes()).toContain('month-missing');
  });

  it('is never signed by the next start, with the files to go later', () => {
    const event = pruned();
    writer.close();
    forge(event);
    expect(codes()).toContain('removal-doubtful');
    expect(() => log.open()).toThrow(/audit\.pruned/);
  });

  it('is not passed by with an empty file of a new month behind it', () => {
    const event = pruned();
    writer.close();
    forge(event);
    removeFiles('01', '02', '03');
    const db = openSqlite(join(log.dir, '2026-06.db'), { readonly: true });
    const head = db
      .prepare<[], { seq: number; hash: string }>('SELECT seq, hash FROM event ORDER BY seq DESC LIMIT 1')
      .get();
    db.close();
    if (head === undefined) throw new Error('no event');
    createMonthFile(log.dir, '2026-07', head);
    expect(() => log.open()).toThrow(/2026-06\.db.*checkpoint/s);
  });

  it('is found also where a later checkpoint covers it', () => {
    // As if a start had signed it: appended by the writer, but without the signature that goes with a removal.
    write(writer, [pruned()], log.time);
    write(writer, [failedLogin(2)], log.time);
    writer.close();
    removeFiles('01', '02', '03');
    expect(verify(log.dir).ok).toBe(false);
    expect(texts()).toContain('without a checkpoint of its own');
  });

  it('a new month begun in good order does open', () => {
    writer.close();
    writer = log.open();
    log.time = at('2026-07-01');
    writer.begin();
    writer.rollback();
    writer.close();
    expect(existsSync(join(log.dir, '2026-07.db'))).toBe(true);
    writer = log.open();
    expect(verify(log.dir).ok).toBe(true);
  });
});

describe('a removal on record that the relay would not have made', () => {
  const remove = (more: Partial<AuditEventData['audit.pruned']> = {}) =>
    writer.removeMonths({ actor: 'retention', retention: 2, months: planned(), ...more }, log.time);

  it('is fine as the relay makes it', () => {
    remove();
    expect(codes()).toEqual([]);
  });

  it.each<[string, () => void, RegExp]>([
    ['of months that are younger than it says', () => remove({ retention: 4 }), /2026-02, 2026-03.*younger/],
    ['that names no time', () => remove({ retention: 0 }), /how long/],
    [
      'under a legal hold on everything',
      () => {
        write(
          writer,
          [auditEvent('legal-hold.added', { actor: 'kim', name: 'matter-1', reason: 'a claim' })],
          log.time,
        );
        remove();
      },
      /legal hold matter-1/,
    ],
    [
      'under a legal hold of the period',
      () => {
        const hold = { actor: 'kim', name: 'matter-2', reason: 'a claim', address: '@clinic.example' };
        write(
          writer,
          [auditEvent('legal-hold.added', { ...hold, since: at('2026-03-20'), until: at('2026-03-21') })],
          log.time,
        );
        remove();
      },
      /2026-03 .*legal hold matter-2/,
    ],
    [
      'of months whose end nobody had signed',
      () => remove({ months: planned().map(({ checkpoint: _none, ...month }) => month) }),
      /checkpoint of their end/,
    ],
    [
      'with the signatures of other months',
      () => {
        const months = planned();
        remove({
          months: months.map((month) => ({ ...month, checkpoint: months[0]?.checkpoint ?? '' })),
        });
      },
      /2026-02, 2026-03.*checkpoint of their end/,
    ],
  ])('%s', (_name, act, expected) => {
    act();
    expect(codes()).toEqual(['removal-doubtful']);
    expect(texts()).toMatch(expected);
  });

  it.each<[string, Partial<AuditEventData['legal-hold.added']>, boolean]>([
    ['of a later period', { since: at('2026-04-02') }, false],
    ['that had ended before', {}, true],
  ])('a legal hold %s is no reason', (_name, scope, ended) => {
    const hold = { actor: 'kim', name: 'matter-1', reason: 'a claim' };
    write(writer, [auditEvent('legal-hold.added', { ...hold, ...scope })], log.time);
    if (ended) write(writer, [auditEvent('legal-hold.removed', hold)], log.time);
    remove();
    expect(codes()).toEqual([]);
  });

  it('a month that no checkpoint closes is not planned for removal', () => {
    writer.close();
    const db = openSqlite(join(log.dir, '2026-02.db'));
    db.exec('DROP TRIGGER checkpoint_no_delete; DELETE FROM checkpoint');
    db.close();
    expect(() => planned()).toThrow(/2026-02\.db.*audit verify/);
  });

  it('a crash before the files went leaves a log that opens and verifies', () => {
    const kept = join(log.dataDir, 'kept.db');
    copyFileSync(join(log.dir, '2026-03.db'), kept);
    remove();
    copyFileSync(kept, join(log.dir, '2026-03.db'));
    writer.close();
    writer = log.open();
    expect(codes()).toEqual([]);
  });
});

describe('what the report says first', () => {
  const headline = (checkpoint?: string) =>
    reportLines(verify(log.dir, checkpoint), true).slice(0, 3).join('\n');

  it('that nothing was removed only where nothing was', () => {
    expect(headline()).toContain('nothing in it was changed, removed or reordered');
  });

  it('from where on it verifies, what went when, and which checkpoints say nothing any more', () => {
    const [old, closing, later] = [checkpointOf(11), checkpointOf(33), checkpointOf(44)];
    expect([old, closing, later]).not.toContain('');
    writer.removeMonths({ actor: 'retention', retention: 2, months: planned() }, log.time);
    for (const checkpoint of [undefined, old, closing, later]) {
      expect(verify(log.dir, checkpoint).ok).toBe(true);
      expect(headline(checkpoint)).toContain('verifies from 2026-04 on');
      expect(headline(checkpoint)).toContain(
        'events 1 to 33, were removed by retention, the last of them on 2026-06-15 12:00:00 UTC',
      );
      expect(headline(checkpoint)).not.toContain('removed or reordered');
    }
    expect(headline(old)).toContain('1 checkpoint(s) kept elsewhere are of removed events');
    expect(headline(closing)).not.toContain('kept elsewhere are of');
    const report = verify(log.dir, old);
    expect(report.removed).toMatchObject({ upTo: 33, event: 67, retention: 2, notCompared: 1 });
    expect(report.notes.map(({ code }) => code)).toContain('no-checkpoint-elsewhere');
    expect(verify(log.dir, later).notes.map(({ code }) => code)).not.toContain('no-checkpoint-elsewhere');
  });

  it('how far the signatures of what stays reach', () => {
    writer.removeMonths({ actor: 'retention', retention: 2, months: planned() }, log.time);
    expect(headline()).toContain('from event 34 nothing was changed or taken away.');
    write(writer, [failedLogin(1)], log.time);
    expect(headline()).toContain(
      'from event 34 to 67 nothing was changed or taken away; the events behind it are not signed yet.',
    );
  });
});
