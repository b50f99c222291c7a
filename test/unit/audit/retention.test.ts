import { appendFileSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AuditLog } from '../../../src/audit/log.js';
import { openAuditReader } from '../../../src/audit/reader.js';
import { activityReport } from '../../../src/audit/report/activity.js';
import { activityDocument } from '../../../src/audit/report/activity-document.js';
import { planRetention } from '../../../src/audit/retention.js';
import { searchAudit } from '../../../src/audit/search.js';
import type { LegalHold } from '../../../src/model/legal-hold.js';
import { type Bench, bench, copyOf, failedLogin, messageEvents, tamper, verify, write } from './support.js';

/* Six months, January to June 2026, of which two are kept behind the month of now. */

let log: Bench;
let writer: AuditLog;
beforeEach(() => {
  log = bench();
  log.time = at('2026-01-15');
  writer = log.open({ everyEvents: 4 });
  for (const month of ['01', '02', '03', '04', '05', '06']) {
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
const plan = (holds: readonly LegalHold[] = [], retention = 2, now = log.time) =>
  planRetention({ dir: log.dir, now, retention, holds });
const months = (planned: ReturnType<typeof plan>) => planned.remove.map(({ month }) => month);
const hold = (more: Partial<LegalHold>): LegalHold => ({
  name: 'matter-1',
  reason: 'a claim',
  actor: 'kim',
  createdAt: 0,
  ...more,
});
const codes = (checkpoint?: string) => verify(log.dir, checkpoint).problems.map(({ code }) => code);

describe('what goes', () => {
  it('whole months older than retention, from the oldest on', () => {
    expect(months(plan())).toEqual(['2026-01', '2026-02', '2026-03']);
    expect(months(plan([], 4))).toEqual(['2026-01']);
    expect(months(plan([], 5))).toEqual([]);
  });

  it('never the newest file, whatever the clock says', () => {
    expect(months(plan([], 1, at('2099-01-01')))).toEqual([
      '2026-01',
      '2026-02',
      '2026-03',
      '2026-04',
      '2026-05',
    ]);
  });

  it.each<[string, Partial<LegalHold>, readonly string[]]>([
    ['everything', {}, []],
    ['from March on', { since: at('2026-03-20') }, ['2026-01', '2026-02']],
    ['up to February', { until: at('2026-02-02') }, []],
    ['a period before the log', { until: at('2025-02-02') }, ['2026-01', '2026-02', '2026-03']],
    ['a sender of February', { address: 'ward02@clinic.example' }, ['2026-01']],
    ['a recipient', { address: 'bob@lab.example' }, []],
    ['nobody in the log', { address: 'nobody@lab.example' }, ['2026-01', '2026-02', '2026-03']],
    ['a domain in March', { address: '@clinic.example', since: at('2026-03-01') }, ['2026-01', '2026-02']],
    [
      'a sender of February, in March',
      { address: 'ward02@clinic.example', since: at('2026-03-01') },
      ['2026-01', '2026-02', '2026-03'],
    ],
  ])('a legal hold on %s stops it', (_name, scope, expected) => {
    const planned = plan([hold(scope)]);
    expect(months(planned)).toEqual(expected);
    if (expected.length < 3)
      expect(planned).toMatchObject({ heldBack: { holds: ['matter-1'] }, overdue: 3 - expected.length });
  });

  it('nothing, where files do not fit together', () => {
    rmSync(join(log.dir, '2026-02.db'));
    expect(() => plan()).toThrow(/2026-03.db does not begin where 2026-01.db ends/);
  });
});

describe('a log whose old months were removed', () => {
  const remove = () => writer.removeMonths({ actor: 'kim', retention: 2, months: plan().remove }, log.time);

  it('verifies from the first file that stays, and is told from one that somebody cut', () => {
    const before = copyOf(log.dir);
    remove();
    expect(existsSync(join(log.dir, '2026-03.db'))).toBe(false);
    const report = verify(log.dir);
    expect(report).toMatchObject({ ok: true, files: ['2026-04.db', '2026-05.db', '2026-06.db'] });
    expect(report.notes.map(({ code }) => code)).toContain('months-removed');
    // The same files gone, without the event.
    for (const month of ['01', '02', '03']) rmSync(join(before.dir, `2026-${month}.db`));
    expect(verify(before.dir).problems.map(({ code }) => code)).toContain('month-missing');
    before.remove();
  });

  it('goes on, also after another start, and a further month of it can be removed', () => {
    remove();
    writer.close();
    log.time = at('2026-07-15');
    writer = log.open();
    write(writer, [failedLogin(2)], log.time);
    remove();
    expect(verify(log.dir)).toMatchObject({ ok: true, files: ['2026-05.db', '2026-06.db', '2026-07.db'] });
  });

  it('does not excuse a month more that is gone', () => {
    remove();
    rmSync(join(log.dir, '2026-04.db'));
    expect(codes()).toContain('month-missing');
  });

  it('verifies also where a crash left some of the files', () => {
    const whole = copyOf(log.dir);
    remove();
    for (const name of ['2026-02.db', '2026-03.db'])
      writeFileSync(join(log.dir, name), readFileSync(join(whole.dir, name)));
    expect(verify(log.dir)).toMatchObject({ ok: true });
    expect(months(plan())).toEqual(['2026-02', '2026-03']);
    whole.remove();
  });

  it('compares the checkpoint that closed the last removed month', () => {
    const closing = /^.* seq=33 .*$/m.exec(readFileSync(join(log.dir, 'checkpoints.log'), 'utf8'))?.[0] ?? '';
    remove();
    expect(verify(log.dir, closing)).toMatchObject({ ok: true, checkpoints: { elsewhere: 1 } });
  });

  it('is not believed when the event is changed, or not signed', () => {
    remove();
    const changed = copyOf(log.dir);
    tamper(changed.dir, '2026-06.db', (db) => {
      db.exec("UPDATE event SET data = replace(data, 'kim', 'tim') WHERE type = 'audit.pruned'");
    });
    expect(verify(changed.dir).problems.map(({ code }) => code)).toContain('event-changed');
    changed.remove();
    const unsigned = copyOf(log.dir);
    tamper(unsigned.dir, '2026-06.db', (db) => {
      db.exec('DELETE FROM checkpoint WHERE seq = (SELECT max(seq) FROM checkpoint)');
    });
    const lines = readFileSync(join(unsigned.dir, 'checkpoints.log'), 'utf8').trimEnd().split('\n');
    writeFileSync(join(unsigned.dir, 'checkpoints.log'), '');
    appendFileSync(join(unsigned.dir, 'checkpoints.log'), `${lines.slice(0, -1).join('\n')}\n`);
    expect(verify(unsigned.dir).problems.map(({ code }) => code)).toEqual([
      'removal-doubtful',
      'month-missing',
    ]);
    unsigned.remove();
  });

  it('is searched as before', () => {
    remove();
    const reader = openAuditReader(log.dir);
    expect(searchAudit(reader, { messageId: 'm03', limit: 10 }).events).toEqual([]);
    expect(searchAudit(reader, { messageId: 'm04', limit: 20 }).events.length).toBeGreaterThan(5);
    const [pruned] = searchAudit(reader, { type: 'audit.pruned', limit: 1 }).events;
    // Reports say what they can't know any more.
    const cut = activityReport(reader, { from: at('2026-02-01'), to: log.time }, { top: 1 });
    expect(cut.logBegins).toBe('2026-04');
    expect(activityDocument(cut).notes.join()).toContain('The log begins with 2026-04');
    expect(activityReport(reader, { from: at('2026-05-01'), to: log.time }, { top: 1 })).not.toHaveProperty(
      'logBegins',
    );
    expect(pruned?.data).toMatchObject({
      actor: 'kim',
      months: [{ month: '2026-01' }, {}, { month: '2026-03', lastSeq: 33 }],
    });
    reader.close();
  });

  it('never loses the newest month, even when asked', () => {
    const [first] = plan().remove;
    if (first === undefined) throw new Error('nothing to remove');
    expect(() =>
      writer.removeMonths({ actor: 'kim', retention: 2, months: [{ ...first, month: '2026-06' }] }, log.time),
    ).toThrow();
    expect(existsSync(join(log.dir, '2026-06.db'))).toBe(true);
  });
});
