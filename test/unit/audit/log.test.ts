import { chmodSync, existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type AuditEvent, auditEvent } from '../../../src/audit/events.js';
import { type AuditLog, openAuditLog } from '../../../src/audit/log.js';
import { openAuditReader, readHead } from '../../../src/audit/reader.js';
import { loadOrCreateSigningKey } from '../../../src/audit/signing-key.js';
import { openSqlite } from '../../../src/shared/open-sqlite.js';
import { type Bench, bench, failedLogin, messageEvents, NOVEMBER, tamper, verify, write } from './support.js';

let at: Bench;
beforeEach(() => {
  at = bench();
});
afterEach(() => at.remove());

const DAY = 86_400_000;

function rows(name = '2026-11.db') {
  const db = openSqlite(join(at.dir, name), { readonly: true });
  const found = db
    .prepare<[], { seq: number; at: number; type: string }>('SELECT seq, at, type FROM event')
    .all();
  db.close();
  return found;
}

describe('appending', () => {
  it('numbers events without a gap and across openings', () => {
    const log = at.open();
    log.begin();
    expect(log.append(failedLogin(1), NOVEMBER)).toEqual({ seq: 1 });
    expect(log.append(failedLogin(2), NOVEMBER)).toEqual({ seq: 2 });
    expect(log.head().seq).toBe(0);
    log.commit();
    expect(log.head().seq).toBe(2);
    const { hash } = log.head();
    log.close();
    const again = at.open();
    expect(again.head()).toEqual({ seq: 2, hash });
    write(again, [failedLogin(3)], NOVEMBER);
    expect(again.head().seq).toBe(3);
    expect(again.close()).toBe(true);
    expect(verify(at.dir)).toMatchObject({ ok: true, events: 3, signedSeq: 3 });
  });

  it('leaves no trace of what was rolled back', () => {
    const log = at.open();
    write(log, [failedLogin(1)], NOVEMBER);
    log.begin();
    log.append(failedLogin(2), NOVEMBER);
    log.rollback();
    write(log, [failedLogin(3)], NOVEMBER);
    expect(log.head().seq).toBe(2);
    log.close();
    expect(verify(at.dir)).toMatchObject({ ok: true, events: 2 });
  });

  it.each([
    ['a time before 1970', failedLogin(1), -1],
    ['a fraction of a millisecond', failedLogin(1), NOVEMBER + 0.5],
    ['no number', failedLogin(1), Number.NaN],
    [
      'data without a JSON form',
      auditEvent('policy.loaded', { policyHash: 'x', rules: Number.NaN, enforcement: 'enforce' }),
      NOVEMBER,
    ],
  ])('refuses %s, and then only a rollback is possible', (_name, event, time) => {
    const log = at.open();
    log.begin();
    log.append(failedLogin(0), NOVEMBER);
    expect(() => log.append(event, time)).toThrow();
    expect(() => log.append(failedLogin(1), NOVEMBER)).toThrow(/broken/);
    expect(() => log.commit()).toThrow(/broken/);
    log.rollback();
    expect(log.head().seq).toBe(0);
    write(log, [failedLogin(1)], NOVEMBER);
    log.close();
    expect(verify(at.dir)).toMatchObject({ ok: true, events: 1 });
  });

  it('records text that is no Unicode, instead of failing because of it', () => {
    const log = at.open();
    write(log, [auditEvent('relay.stopped', { reason: 'a\ud800b' })], NOVEMBER);
    log.close();
    expect(verify(at.dir)).toMatchObject({ ok: true, events: 1 });
  });

  it('keeps files from other users', () => {
    const log = at.open();
    write(log, [failedLogin(1)], NOVEMBER);
    const modes = readdirSync(at.dir).map((name) => [name, statSync(join(at.dir, name)).mode & 0o077]);
    log.close();
    expect(modes.filter(([name, mode]) => mode !== 0 && name !== 'public-key.pem')).toEqual([]);
    expect(statSync(at.dir).mode & 0o077).toBe(0);
  });
});

describe('the files', () => {
  it('is one a month by UTC, each beginning with the end of the one before', () => {
    at.time = Date.parse('2026-11-30T23:59:59.999Z');
    const log = at.open();
    write(log, [failedLogin(1), failedLogin(2)], at.time);
    const november = log.head();
    at.time += 1;
    write(log, [failedLogin(3)], at.time);
    at.time = Date.parse('2027-02-03T00:00:00Z');
    write(log, [failedLogin(4)], at.time);
    log.close();
    expect(readdirSync(at.dir).filter((name) => name.endsWith('.db'))).toEqual([
      '2026-11.db',
      '2026-12.db',
      '2027-02.db',
    ]);
    const reader = openAuditReader(at.dir);
    expect(reader.months[1]?.header).toEqual({ format: 1, month: '2026-12', previous: november });
    expect(readHead(reader).seq).toBe(4);
    reader.close();
    expect(verify(at.dir)).toMatchObject({ ok: true, events: 4, checkpoints: { inLog: 3 } });
  });

  it('does not go back to an older file when the clock does, and says so', () => {
    at.time = Date.parse('2026-12-01T00:10:00Z');
    const log = at.open();
    write(log, [failedLogin(1)], at.time);
    at.time = NOVEMBER;
    write(log, [failedLogin(2)], at.time);
    log.close();
    const again = at.open();
    write(again, [failedLogin(3)], at.time);
    again.close();
    expect(rows('2026-12.db').map((row) => [row.seq, row.at])).toEqual([
      [1, Date.parse('2026-12-01T00:10:00Z')],
      [2, NOVEMBER],
      [3, NOVEMBER],
    ]);
    expect(existsSync(join(at.dir, '2026-11.db'))).toBe(false);
    const report = verify(at.dir);
    expect(report.ok).toBe(true);
    expect(report.notes).toContainEqual(
      expect.objectContaining({ code: 'clock-moved-back', seq: 2, at: NOVEMBER, file: '2026-12.db' }),
    );
  });

  it('removes the half of a file that a crash left', () => {
    const log = at.open();
    write(log, [failedLogin(1)], NOVEMBER);
    log.close();
    writeFileSync(join(at.dir, '2026-12.db.new'), 'half');
    const again = at.open();
    at.time += 20 * DAY;
    write(again, [failedLogin(2)], at.time);
    again.close();
    expect(verify(at.dir)).toMatchObject({ ok: true, events: 2, files: ['2026-11.db', '2026-12.db'] });
  });

  it('removes what a crash left of a month that retention removed, and nothing of one that may be missed', () => {
    const log = at.open();
    write(log, [failedLogin(1)], NOVEMBER);
    for (const end of ['db-wal', 'db-shm']) {
      for (const month of ['2026-10', '2026-12']) writeFileSync(join(at.dir, `${month}.${end}`), 'events');
    }
    log.close();
    at.open().close();
    expect(readdirSync(at.dir).filter((name) => /wal|shm/.test(name))).toEqual([
      '2026-12.db-shm',
      '2026-12.db-wal',
    ]);
  });
});

describe('append-only', () => {
  const statements: [string, string][] = [
    ['an update of an event', "UPDATE event SET data = '{}' WHERE seq = 2"],
    ['a deletion of an event', 'DELETE FROM event WHERE seq = 3'],
    ['a replaced event', "INSERT OR REPLACE INTO event VALUES (2, 1, 'x', '{}', 'h')"],
    ['REPLACE INTO', "REPLACE INTO event VALUES (3, 1, 'x', '{}', 'h')"],
    [
      'an upsert',
      "INSERT INTO event VALUES (2, 1, 'x', '{}', 'h') ON CONFLICT (seq) DO UPDATE SET data = excluded.data",
    ],
    ['an update that replaces', 'UPDATE OR REPLACE event SET seq = 2 WHERE seq = 3'],
    ['an event out of order', "INSERT INTO event VALUES (9, 1, 'x', '{}', 'h')"],
    ['an event before the first', "INSERT INTO event VALUES (0, 1, 'x', '{}', 'h')"],
    ['an update of a checkpoint', 'UPDATE checkpoint SET at = 1'],
    ['a deletion of checkpoints', 'DELETE FROM checkpoint'],
    ['a replaced checkpoint', "INSERT OR REPLACE INTO checkpoint VALUES (3, 1, 'h', 'k', 's')"],
    ['an update of the header', 'UPDATE header SET previous_seq = 1'],
    ['a deletion of the header', 'DELETE FROM header'],
    ['a replaced header', "INSERT OR REPLACE INTO header VALUES (1, 1, '2026-11', 5, 'h')"],
    ['an update of the index', "UPDATE term SET value = 'x'"],
    ['a deletion in the index', 'DELETE FROM term WHERE seq = 1'],
    ['an index entry for an older event', "INSERT INTO term VALUES (1, 'x', 1)"],
    ['a replaced index entry', 'REPLACE INTO term SELECT * FROM term WHERE seq = 1'],
  ];

  it.each(statements)('stops %s', (_name, sql) => {
    const log = at.open();
    write(log, [failedLogin(1), failedLogin(2), failedLogin(3)], NOVEMBER);
    log.close();
    for (const recursive of ['ON', 'OFF']) {
      const db = openSqlite(join(at.dir, '2026-11.db'));
      db.pragma(`recursive_triggers = ${recursive}`);
      expect(() => db.exec(sql)).toThrow(/append-only/);
      db.close();
    }
    expect(verify(at.dir)).toMatchObject({ ok: true, events: 3 });
  });
});

/** Appends events in one transaction that the disk may not have yet. */
function ahead(log: AuditLog, events: readonly AuditEvent[]): void {
  log.begin();
  for (const event of events) log.append(event, NOVEMBER);
  log.commitAhead();
}

/** Resolves with the newest event that is on disk. */
function synchronised(log: AuditLog): Promise<number> {
  return new Promise((done, fail) => {
    log.syncBeside((failure, seq) => (failure === null ? done(seq) : fail(failure)));
  });
}

describe('checkpoints', () => {
  it('are signed after so many events, and handed out as they stand in the file', () => {
    const log = at.open({ everyEvents: 3 });
    for (let n = 1; n <= 7; n++) write(log, [failedLogin(n)], NOVEMBER);
    expect(at.lines.map((line) => /seq=(\d+)/.exec(line)?.[1])).toEqual(['3', '6']);
    log.close();
    expect(at.lines.map((line) => /seq=(\d+)/.exec(line)?.[1])).toEqual(['3', '6', '7']);
    expect(readFileSync(join(at.dir, 'checkpoints.log'), 'utf8')).toBe(`${at.lines.join('\n')}\n`);
  });

  it('are signed after so much time, but not when nothing happened', () => {
    const log = at.open({ everyMs: 60_000 });
    write(log, [failedLogin(1)], NOVEMBER);
    log.checkpointIfDue();
    expect(at.lines).toEqual([]);
    at.time += 60_000;
    log.checkpointIfDue();
    expect(at.lines).toHaveLength(1);
    at.time += 3_600_000;
    log.checkpointIfDue();
    log.close();
    expect(at.lines).toHaveLength(1);
  });

  it('are not put off by a clock that was moved back', () => {
    const log = at.open({ everyMs: 60_000 });
    at.time -= 10 * DAY;
    write(log, [failedLogin(1)], at.time);
    log.checkpointIfDue();
    expect(at.lines).toHaveLength(1);
    log.close();
  });

  it('that a crash kept from being handed out are handed out at the next opening', () => {
    const log = at.open({ everyEvents: 1 });
    write(log, [failedLogin(1)], NOVEMBER);
    log.close();
    const [line] = at.lines;
    writeFileSync(join(at.dir, 'checkpoints.log'), line?.slice(0, 40) ?? '');
    at.lines.length = 0;
    at.open().close();
    expect(at.lines).toEqual([line]);
    expect(verify(at.dir, line)).toMatchObject({ ok: true, notes: [{ code: 'line-cut-off' }] });
  });

  it('are handed out when what they cover is on disk, and told before to who keeps the events', async () => {
    const log = at.open({ everyEvents: 2 });
    write(log, [failedLogin(1)], NOVEMBER);
    ahead(log, [failedLogin(2), failedLogin(3)]);
    expect(at.signed.map((line) => /seq=(\d+)/.exec(line)?.[1])).toEqual(['3']);
    expect(at.lines).toEqual([]);
    expect(existsSync(join(at.dir, 'checkpoints.log'))).toBe(false);
    const synced = synchronised(log);
    ahead(log, [failedLogin(4), failedLogin(5)]);
    // The sync was begun before the second.
    await expect(synced).resolves.toBe(3);
    expect(at.lines).toEqual(at.signed.slice(0, 1));
    await synchronised(log);
    expect(at.lines).toEqual(at.signed);
    expect(readFileSync(join(at.dir, 'checkpoints.log'), 'utf8')).toBe(`${at.lines.join('\n')}\n`);
    log.close();
    expect(at.lines).toHaveLength(2);
    expect(verify(at.dir, at.lines[1])).toMatchObject({ ok: true, signedSeq: 5, checkpoints: { inLog: 2 } });
  });

  it.each([
    ['closing', (log: AuditLog) => void log.close()],
    ['a commit that waits for the disk', (log: AuditLog) => write(log, [failedLogin(9)], NOVEMBER)],
    [
      'a new month',
      (log: AuditLog) => {
        at.time += 30 * DAY;
        ahead(log, [failedLogin(9)]);
      },
    ],
  ])('that wait for the disk are handed out by %s', (_name, act) => {
    const log = at.open({ everyEvents: 2, everyMs: 90 * DAY });
    write(log, [failedLogin(1)], NOVEMBER);
    ahead(log, [failedLogin(2), failedLogin(3)]);
    expect(at.lines).toEqual([]);
    act(log);
    expect(at.lines).toEqual(at.signed);
    expect(readFileSync(join(at.dir, 'checkpoints.log'), 'utf8')).toBe(`${at.lines.join('\n')}\n`);
    log.close();
    expect(verify(at.dir, at.lines[0]).problems).toEqual([]);
  });

  it('that cannot be handed out behind a sync are told as its failure', async () => {
    const log = at.open({ everyEvents: 2 });
    ahead(log, [failedLogin(1), failedLogin(2)]);
    at.lines.push = () => {
      throw new Error('no system log');
    };
    await expect(synchronised(log)).rejects.toThrow('no system log');
    log.close();
  });

  it('that cannot be handed out stop the log', () => {
    const log = at.open({ everyEvents: 2 });
    write(log, [failedLogin(1)], NOVEMBER);
    at.lines.push = () => {
      throw new Error('no system log');
    };
    expect(() => write(log, [failedLogin(2)], NOVEMBER)).toThrow('no system log');
    expect(() => log.begin()).toThrow(/failed/);
    // The relay may not take it for on disk.
    expect(log.close()).toBe(false);
    delete (at.lines as { push?: unknown }).push;
    expect(verify(at.dir)).toMatchObject({ ok: true, events: 2 });
  });
});

describe('opening', () => {
  function written() {
    const log = at.open({ everyEvents: 2 });
    write(log, [failedLogin(1), failedLogin(2)], NOVEMBER);
    write(log, [failedLogin(3)], NOVEMBER);
    log.close();
  }

  it.each([
    [
      'an event after the last checkpoint was changed',
      () =>
        tamper(at.dir, '2026-11.db', (db) => {
          db.exec("DELETE FROM checkpoint WHERE seq = 3; UPDATE event SET data = '{}' WHERE seq = 3");
        }),
    ],
    [
      'the end was cut off',
      () =>
        tamper(at.dir, '2026-11.db', (db) => {
          db.exec(
            'DELETE FROM event WHERE seq = 3; DELETE FROM checkpoint WHERE seq = 3; DELETE FROM term WHERE seq = 3',
          );
        }),
    ],
    ['all files were removed but the checkpoints', () => rmSync(join(at.dir, '2026-11.db'))],
    [
      'the checkpoint was changed',
      () => tamper(at.dir, '2026-11.db', (db) => db.exec('UPDATE checkpoint SET at = at + 1')),
    ],
  ])('refuses to go on when %s', (_name, damage) => {
    written();
    damage();
    expect(() => {
      const log = at.open();
      write(log, [failedLogin(4)], NOVEMBER);
      log.close();
    }).toThrow(/audit log does not fit/);
  });

  it('refuses another signing key', () => {
    written();
    const other = bench();
    expect(() =>
      openAuditLog({
        dir: at.dir,
        signingKeyPem: other.key.privateKeyPem,
        now: () => NOVEMBER,
        checkpointEveryEvents: 2,
        checkpointEveryMs: 1000,
        onCheckpoint: () => undefined,
      }),
    ).toThrow(/signed by another key/);
    other.remove();
  });
});

describe('the signing key', () => {
  it('is made once and then read', () => {
    expect(loadOrCreateSigningKey(at.dataDir, { createIfMissing: false })).toEqual(at.key);
    expect(statSync(join(at.dir, 'signing-key.pem')).mode & 0o777).toBe(0o600);
    expect(readFileSync(join(at.dir, 'public-key.pem'), 'utf8')).toBe(at.key.publicKeyPem);
  });

  it('is not made when that is not allowed', () => {
    rmSync(at.dir, { recursive: true });
    expect(() => loadOrCreateSigningKey(at.dataDir, { createIfMissing: false })).toThrow(/missing/);
  });

  it('is not silently made anew beside a log that an older one signed', () => {
    at.open().close();
    rmSync(join(at.dir, 'signing-key.pem'));
    expect(() => loadOrCreateSigningKey(at.dataDir, { createIfMissing: true })).toThrow(/restore the key/);
  });

  it('is refused when others may read it', () => {
    chmodSync(join(at.dir, 'signing-key.pem'), 0o640);
    expect(() => loadOrCreateSigningKey(at.dataDir, { createIfMissing: true })).toThrow(/chmod 600/);
  });

  it('is refused when the public half is of another one', () => {
    const other = bench();
    writeFileSync(join(at.dir, 'public-key.pem'), other.key.publicKeyPem);
    other.remove();
    expect(() => loadOrCreateSigningKey(at.dataDir, { createIfMissing: true })).toThrow(
      /not the public half/,
    );
  });

  it('is refused, without being quoted, when it is damaged', () => {
    const file = join(at.dir, 'signing-key.pem');
    writeFileSync(file, at.key.privateKeyPem.replace(/[A-Za-z]/g, '!'));
    expect(() => loadOrCreateSigningKey(at.dataDir, { createIfMissing: true })).toThrow(
      /cannot read the audit signing key/,
    );
  });
});

describe('a reader beside the writer', () => {
  it('sees every commit', () => {
    const log = at.open();
    write(log, [failedLogin(1)], NOVEMBER);
    const reader = openAuditReader(at.dir);
    expect(readHead(reader).seq).toBe(1);
    write(log, messageEvents('m1'), NOVEMBER);
    expect(readHead(reader).seq).toBe(11);
    expect(verify(at.dir)).toMatchObject({ ok: true, events: 11 });
    at.time += 20 * DAY;
    write(log, [failedLogin(2)], at.time);
    expect(reader.refresh()).toBe(true);
    expect(readHead(reader).seq).toBe(12);
    reader.close();
    log.close();
    expect(verify(at.dir)).toMatchObject({ ok: true, events: 12 });
  });
});
