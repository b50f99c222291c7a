import { cpSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { auditEvent } from '../../../src/audit/events.js';
import type { AuditLog } from '../../../src/audit/log.js';
import { type EventRow, openAuditReader } from '../../../src/audit/reader.js';
import { searchAudit } from '../../../src/audit/search.js';
import { auditTail, putBackTail } from '../../../src/store/audit-tail.js';
import { migrate } from '../../../src/store/migrations.js';
import { beginLog, forgetLogBefore } from '../../../src/store/new-log.js';
import { rememberCheckpoint, rememberedCheckpoint } from '../../../src/store/operations/audit-memory.js';
import { openRelayDb, type RelayDb } from '../../../src/store/relay-db.js';
import { type Bench, bench, failedLogin, NOVEMBER, verify, write } from '../audit/support.js';

/* A power cut is made by putting an older copy of the log's folder back: what was in it since is gone. */

let home: Bench;
let file: string;
let db: RelayDb;
let log: AuditLog;

beforeEach(() => {
  home = bench();
  file = join(home.dataDir, 'relay.db');
  db = openRelayDb(file);
  migrate(db, file);
  log = home.open();
  write(log, [failedLogin(1), failedLogin(2)], NOVEMBER);
});

afterEach(() => {
  log.close();
  db.close();
  home.remove();
});

/** One batch of the writer. */
function batch(...numbers: readonly number[]): void {
  db.run('BEGIN IMMEDIATE');
  log.begin();
  for (const n of numbers) log.append(failedLogin(n), NOVEMBER + n);
  tail.commitLog();
  db.run('COMMIT');
}
let tail: ReturnType<typeof auditTail>;

/** What is gone of the log when the power goes now. */
function powerCut(work: () => void): void {
  const before = join(home.dataDir, 'before');
  cpSync(home.dir, before, { recursive: true });
  work();
  log.close();
  rmSync(home.dir, { recursive: true });
  cpSync(before, home.dir, { recursive: true });
  log = home.open();
}

const failing = (cause: Error) => {
  throw cause;
};
const putBack = () => putBackTail(db, log, home.dir, file);
/** Number of events in a log that verifies, with its index. */
const events = () => {
  const report = verify(home.dir);
  expect(report.problems).toEqual([]);
  return report.events;
};

describe('events that a power cut took from the audit log', () => {
  beforeEach(() => {
    tail = auditTail(db, log, failing);
  });

  it('are put back as they were', () => {
    let head = log.head();
    powerCut(() => {
      batch(3);
      batch(4, 5);
      head = log.head();
    });
    expect(log.head().seq).toBe(2);
    expect(putBack()).toBe(3);
    expect(log.head()).toEqual(head);
    expect(events()).toBe(5);
    expect(putBack()).toBe(0);
  });

  it('are put back into the month they are of, which is not that of the start', () => {
    powerCut(() => batch(3));
    home.time = Date.parse('2027-01-02T00:00:00Z');
    expect(putBack()).toBe(1);
    write(log, [failedLogin(4)], home.time);
    expect(events()).toBe(4);
  });

  it('are none where the log lost nothing', () => {
    batch(3);
    expect(putBack()).toBe(0);
    expect(log.head().seq).toBe(3);
  });

  it('are refused where more than they is gone', () => {
    powerCut(() => {
      batch(3);
      db.run('DELETE FROM audit_tail');
      batch(4);
    });
    expect(putBack).toThrow(/ends at event 2, but event 4 was in it and does not follow/);
  });

  it('are refused by another log', () => {
    powerCut(() => batch(3));
    write(log, [failedLogin(33)], NOVEMBER);
    expect(putBack).toThrow(/event 3 is another than .*relay\.db remembers/);
  });

  it('are refused where somebody changed them', () => {
    powerCut(() => batch(3));
    db.run(
      'UPDATE audit_tail SET events = ?',
      Buffer.from(JSON.stringify([{ seq: 3, at: NOVEMBER, type: 'login.failed', data: '{}', hash: 'ab' }])),
    );
    expect(putBack).toThrow(/does not follow/);
  });

  it('are refused where they are damaged, with what to do', () => {
    powerCut(() => batch(3));
    db.run('UPDATE audit_tail SET events = substr(events, 1, 20)');
    expect(putBack).toThrow(/relay\.db is damaged: keep it, and restore/);
  });

  it('are refused where they excuse that months are gone', () => {
    powerCut(() => {
      db.run('BEGIN IMMEDIATE');
      log.begin();
      log.append(auditEvent('audit.pruned', { actor: 'x', retention: 1, months: [] }), NOVEMBER);
      tail.commitLog();
      db.run('COMMIT');
    });
    expect(putBack).toThrow(/audit\.pruned/);
  });
});

describe('events of a log that somebody moved away as a whole', () => {
  /** Moves the log away, and begins another. */
  function moveAway(): void {
    log.close();
    const draft = join(home.dataDir, 'draft');
    mkdirSync(draft);
    for (const name of readdirSync(home.dir))
      if (name.endsWith('.pem')) cpSync(join(home.dir, name), join(draft, name));
    rmSync(home.dir, { recursive: true });
    beginLog(db, draft, {
      dir: home.dir,
      signingKeyPem: home.key.privateKeyPem,
      now: () => NOVEMBER,
      checkpointEveryEvents: 1000,
      checkpointEveryMs: 60_000,
      onCheckpoint: () => undefined,
    });
    log = home.open();
  }
  const types = () => searchAudit(openAuditReader(home.dir), { limit: 9 }).events.map(({ type }) => type);

  beforeEach(() => {
    tail = auditTail(db, log, failing);
  });

  it('that it may not have had on disk are recorded in the new one, behind what says that it is new', () => {
    batch(3, 4);
    log.close();
    rememberCheckpoint(db, home.lines.at(-1) ?? '');
    log = home.open();
    moveAway();
    forgetLogBefore(db, log, home.dir);
    expect(events()).toBe(3);
    expect(types()).toEqual(['audit.begun-anew', 'login.failed', 'login.failed']);
    expect(putBack()).toBe(0);
    expect(rememberedCheckpoint(db)).toBeUndefined();
  });

  it('are recorded where no checkpoint of the old one was remembered, too', () => {
    batch(3);
    moveAway();
    forgetLogBefore(db, log, home.dir);
    expect(types()).toEqual(['login.failed']);
    expect(putBack()).toBe(0);
  });

  it('are not forgotten for a log that somebody else began', () => {
    batch(3);
    moveAway();
    write(log, [failedLogin(9)], NOVEMBER);
    forgetLogBefore(db, log, home.dir);
    expect(putBack).toThrow(/does not follow/);
  });

  it('are none that excuse that months are gone', () => {
    db.run('BEGIN IMMEDIATE');
    log.begin();
    log.append(auditEvent('audit.pruned', { actor: 'x', retention: 1, months: [] }), NOVEMBER);
    tail.commitLog();
    db.run('COMMIT');
    expect(moveAway).toThrow(/audit\.pruned/);
    log = home.open();
  });
});

describe('what relay.db keeps for the log', () => {
  const kept = () =>
    db.all<{ last_seq: number }>('SELECT last_seq FROM audit_tail').map((one) => one.last_seq);

  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  /** A log whose disk is the test's. */
  function slowLog() {
    let seq = 0;
    const syncs: ((failure: Error | null) => void)[] = [];
    const commits: string[] = [];
    let data = '{}';
    const row = (): EventRow => ({ seq, at: NOVEMBER, type: 'login.failed', data, hash: '' });
    const slow = auditTail(
      db,
      {
        added: () => [row()],
        commit: () => void commits.push('waits'),
        commitAhead: () => void commits.push('ahead'),
        syncBeside: (done) => {
          const at = seq;
          syncs.push((failure) => done(failure, at));
        },
      },
      (cause) => failures.push(cause.message),
    );
    const failures: string[] = [];
    const commit = (size = 2) => {
      seq += 1;
      data = 'x'.repeat(size);
      slow.commitLog();
    };
    /** What the log itself gets onto the disk, as it does an event that months were removed. */
    const addItself = () => {
      seq += 1;
    };
    return { commit, addItself, syncs, commits, failures };
  }

  it('goes when the log has it on disk, with the next batch', () => {
    const { commit, syncs } = slowLog();
    commit();
    commit();
    expect(kept()).toEqual([1, 2]);
    // Begun when there was the first only.
    syncs.shift()?.(null);
    commit();
    expect(kept()).toEqual([2, 3]);
    vi.advanceTimersByTime(100);
    syncs.shift()?.(null);
    commit();
    expect(kept()).toEqual([4]);
  });

  it('goes onto the disk once for what comes within a moment', () => {
    const { commit, syncs } = slowLog();
    commit();
    syncs.shift()?.(null);
    commit();
    commit();
    vi.advanceTimersByTime(99);
    expect(syncs).toHaveLength(0);
    vi.advanceTimersByTime(1);
    expect(syncs).toHaveLength(1);
    commit();
    vi.advanceTimersByTime(1000);
    // One at a time, and none for nothing.
    expect(syncs).toHaveLength(1);
    syncs.shift()?.(null);
    expect(syncs).toHaveLength(1);
    syncs.shift()?.(null);
    vi.advanceTimersByTime(1000);
    expect(syncs).toHaveLength(0);
    commit();
    expect(syncs).toHaveLength(1);
  });

  it('goes onto the disk once, too, where the log has a newer event that was never kept', () => {
    const { commit, addItself, syncs } = slowLog();
    commit();
    syncs.shift()?.(null);
    commit();
    addItself();
    vi.advanceTimersByTime(100);
    expect(syncs).toHaveLength(1);
    syncs.shift()?.(null);
    vi.advanceTimersByTime(1000);
    expect(syncs).toHaveLength(0);
    commit();
    expect(kept()).toEqual([4]);
  });

  it('goes onto the disk sooner where much comes', () => {
    const { commit, syncs } = slowLog();
    commit();
    syncs.shift()?.(null);
    for (let n = 0; n < 15; n++) commit();
    expect(syncs).toHaveLength(0);
    commit();
    expect(syncs).toHaveLength(1);
    for (let n = 0; n < 16; n++) commit();
    syncs.shift()?.(null);
    expect(syncs).toHaveLength(1);
  });

  it('stays where a sync failed, and that is told once', () => {
    const { commit, syncs, failures } = slowLog();
    commit();
    syncs.shift()?.(new Error('EIO'));
    commit();
    vi.advanceTimersByTime(1000);
    expect(kept()).toEqual([1, 2]);
    expect(failures).toEqual(['EIO']);
    expect(syncs).toEqual([]);
  });

  it('is not more than so many batches: the next one waits for the disk', () => {
    const { commit, commits } = slowLog();
    for (let n = 0; n < 65; n++) commit();
    expect(commits.slice(-2)).toEqual(['ahead', 'waits']);
    expect(kept()).toEqual([]);
  });

  it('is not more than so much, whether of one batch or of several', () => {
    const { commit, commits } = slowLog();
    commit(50_000_000);
    expect(commits).toEqual(['waits']);
    expect(kept()).toEqual([]);
    for (let n = 0; n < 5; n++) commit(5_000_000);
    expect(commits.slice(1)).toEqual(['ahead', 'ahead', 'ahead', 'waits', 'ahead']);
    expect(kept()).toEqual([6]);
  });
});
