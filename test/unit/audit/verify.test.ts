import { copyFileSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type Database from 'better-sqlite3';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventHash, GENESIS } from '../../../src/audit/chain.js';
import { findCheckpoint, formatCheckpoint } from '../../../src/audit/checkpoint.js';
import { type AuditEvent, auditEvent } from '../../../src/audit/events.js';
import { openAuditLog } from '../../../src/audit/log.js';
import { reportLines } from '../../../src/audit/verify-text.js';
import { openSqlite } from '../../../src/shared/open-sqlite.js';
import {
  type Bench,
  bench,
  copyOf,
  failedLogin,
  messageEvents,
  NOVEMBER,
  tamper,
  tamperIndexTypes,
  verify,
  write,
} from './support.js';

const DAY = 86_400_000;

/** Three months: events 1–10, 11–20 and 21–30, a checkpoint each fourth event and at the end of each month. */
let log: Bench;
beforeAll(() => {
  log = bench();
  log.time = Date.parse('2026-09-10T00:00:00Z');
  const writer = log.open({ everyEvents: 4 });
  for (const id of ['m1', 'm2', 'm3']) {
    for (const event of messageEvents(id)) {
      write(writer, [event], log.time);
      log.time += 1000;
    }
    log.time += 30 * DAY;
  }
  writer.close();
});
afterAll(() => log.remove());

interface Row {
  seq: number;
  at: number;
  type: string;
  data: string;
  hash: string;
}

function allRows(db: Database.Database): Row[] {
  return db.prepare<[], Row>('SELECT * FROM event ORDER BY seq').all();
}

/** Makes all hashes of a file anew, as somebody without the signing key could. */
function rehash(db: Database.Database): void {
  let hash = db.prepare<[], string>('SELECT previous_hash FROM header').pluck().get() ?? GENESIS.hash;
  for (const row of allRows(db)) {
    hash = eventHash(hash, row);
    db.prepare('UPDATE event SET hash = ? WHERE seq = ?').run(hash, row.seq);
  }
}

/** Damages a copy and verifies it. */
function verified(damage: (dir: string) => void, checkpoint?: (dir: string) => string, publicKey?: string) {
  const copy = copyOf(log.dir);
  try {
    damage(copy.dir);
    return verify(copy.dir, checkpoint?.(copy.dir), publicKey);
  } finally {
    copy.remove();
  }
}

const edit = (name: string, sql: string) => (dir: string) => tamper(dir, name, (db) => db.exec(sql));

describe('verify', () => {
  it('finds a good log good', () => {
    expect(verify(log.dir)).toMatchObject({
      ok: true,
      events: 30,
      head: { seq: 30 },
      signedSeq: 30,
      problems: [],
      files: ['2026-09.db', '2026-10.db', '2026-11.db'],
    });
  });

  it('says that nothing was compared with a checkpoint kept elsewhere, and takes that back when one was', () => {
    expect(verify(log.dir).notes).toContainEqual(
      expect.objectContaining({ code: 'no-checkpoint-elsewhere' }),
    );
    const report = verify(log.dir, log.lines[2]);
    expect(report).toMatchObject({ ok: true, checkpoints: { elsewhere: 1 }, notes: [] });
  });

  const cases: [string, (dir: string) => void, object][] = [
    [
      'an edited event',
      edit('2026-10.db', `UPDATE event SET data = replace(data, 'clinic', 'climic') WHERE seq = 11`),
      { code: 'event-changed', file: '2026-10.db', seq: 11, at: Date.parse('2026-10-10T00:00:10Z') },
    ],
    [
      'a changed time',
      edit('2026-09.db', 'UPDATE event SET at = at + 1 WHERE seq = 4'),
      { code: 'event-changed', seq: 4 },
    ],
    [
      'a changed type',
      edit('2026-09.db', `UPDATE event SET type = 'recipient.ended' WHERE seq = 8`),
      { code: 'event-changed', seq: 8 },
    ],
    [
      'a changed hash',
      edit('2026-09.db', `UPDATE event SET hash = '${'0'.repeat(64)}' WHERE seq = 5`),
      { code: 'event-changed', seq: 5 },
    ],
    [
      'a deleted event',
      edit('2026-10.db', 'DELETE FROM event WHERE seq = 15'),
      { code: 'event-missing', file: '2026-10.db', seq: 15 },
    ],
    [
      'a deleted event with all later ones moved up',
      edit(
        '2026-09.db',
        'DELETE FROM event WHERE seq = 3; UPDATE event SET seq = -(seq - 1) WHERE seq > 3; UPDATE event SET seq = -seq WHERE seq < 0',
      ),
      { code: 'event-changed', seq: 3 },
    ],
    [
      'two events swapped',
      edit(
        '2026-09.db',
        'UPDATE event SET seq = -1 WHERE seq = 6; UPDATE event SET seq = 6 WHERE seq = 7; UPDATE event SET seq = 7 WHERE seq = -1',
      ),
      { code: 'event-changed', seq: 6 },
    ],
    [
      'an event put before the first',
      edit('2026-10.db', `INSERT INTO event SELECT 10, at, type, data, hash FROM event WHERE seq = 11`),
      { code: 'event-out-of-place', seq: 10 },
    ],
    [
      'the end cut off',
      edit('2026-11.db', 'DELETE FROM event WHERE seq > 26; DELETE FROM term WHERE seq > 26'),
      { code: 'truncated', seq: 27 },
    ],
    [
      'a month rewritten with all its hashes',
      (dir) =>
        tamper(dir, '2026-10.db', (db) => {
          db.exec(`UPDATE event SET data = replace(data, 'clinic', 'climic') WHERE seq = 12`);
          db.exec(`UPDATE event SET data = replace(data, '1234', '4321') WHERE seq = 12`);
          rehash(db);
        }),
      { code: 'history-rewritten', file: '2026-10.db', seq: 14 },
    ],
    [
      'a month taken out',
      (dir) => rmSync(join(dir, '2026-10.db')),
      { code: 'month-missing', file: '2026-11.db', seq: 11 },
    ],
    [
      'the first month taken out',
      (dir) => rmSync(join(dir, '2026-09.db')),
      { code: 'month-missing', file: '2026-10.db', seq: 1 },
    ],
    ['the last month taken out', (dir) => rmSync(join(dir, '2026-11.db')), { code: 'truncated', seq: 21 }],
    [
      'a month under another name',
      (dir) => renameSync(join(dir, '2026-11.db'), join(dir, '2026-12.db')),
      { code: 'file-does-not-follow', file: '2026-12.db' },
    ],
    [
      'a month twice',
      (dir) => copyFileSync(join(dir, '2026-10.db'), join(dir, '2026-12.db')),
      { code: 'file-does-not-follow', file: '2026-12.db' },
    ],
    [
      'a changed header',
      edit('2026-10.db', `UPDATE header SET previous_hash = '${'1'.repeat(64)}'`),
      { code: 'file-does-not-follow', file: '2026-10.db' },
    ],
    [
      'a moved checkpoint',
      edit('2026-10.db', 'UPDATE checkpoint SET at = at - 1000 WHERE seq = 18'),
      { code: 'signature-invalid', seq: 18 },
    ],
    [
      'a replaced signature',
      edit(
        '2026-10.db',
        'UPDATE checkpoint SET signature = (SELECT signature FROM checkpoint WHERE seq = 14) WHERE seq = 18',
      ),
      { code: 'signature-invalid', seq: 18 },
    ],
    [
      'a checkpoint of another key',
      edit('2026-10.db', `UPDATE checkpoint SET key = '${'a'.repeat(64)}' WHERE seq = 18`),
      { code: 'wrong-key', seq: 18 },
    ],
    [
      'the checkpoint that closes a month removed',
      edit('2026-10.db', 'DELETE FROM checkpoint WHERE seq = 20'),
      { code: 'checkpoint-missing', file: '2026-10.db', seq: 20 },
    ],
    [
      'an index entry removed',
      edit('2026-10.db', `DELETE FROM term WHERE kind = 3 AND seq = 17`),
      { code: 'index-changed', file: '2026-10.db', seq: 17 },
    ],
    [
      'an index entry changed',
      edit('2026-10.db', `UPDATE term SET value = 'nobody@lab.example' WHERE kind = 3 AND seq = 13`),
      { code: 'index-changed', seq: 13 },
    ],
    [
      'an index entry given to another event',
      edit('2026-10.db', `UPDATE term SET seq = 12 WHERE kind = 7 AND seq = 13`),
      { code: 'index-changed', seq: 12 },
    ],
    [
      'an index entry for no event',
      edit('2026-11.db', `INSERT INTO term VALUES (3, 'bob@lab.example', 99)`),
      { code: 'index-changed', seq: 99 },
    ],
    [
      'a file that is no database',
      (dir) => writeFileSync(join(dir, '2026-10.db'), 'x'.repeat(5000)),
      { code: 'unreadable', file: '2026-10.db' },
    ],
    [
      'an empty file',
      (dir) => writeFileSync(join(dir, '2026-10.db'), ''),
      { code: 'unreadable', file: '2026-10.db' },
    ],
    [
      'events without their JSON',
      edit('2026-10.db', `UPDATE event SET data = 'none' WHERE seq = 19`),
      { code: 'event-changed', seq: 19 },
    ],
    [
      'a line of checkpoints.log damaged',
      (dir) =>
        writeFileSync(
          join(dir, 'checkpoints.log'),
          readFileSync(join(dir, 'checkpoints.log'), 'utf8').replace(' hash=', ' hash=z'),
        ),
      { code: 'checkpoint-damaged' },
    ],
  ];

  it.each(cases)('finds %s, and names the place', (_name, damage, expected) => {
    const report = verified(damage);
    expect(report.ok).toBe(false);
    expect(report.problems).toContainEqual(expect.objectContaining(expected));
  });

  it.each([
    ['a trigger removed', 'DROP TRIGGER event_no_delete', 'event_no_delete'],
    [
      'a trigger weakened',
      `DROP TRIGGER event_no_delete; CREATE TRIGGER event_no_delete BEFORE DELETE ON event BEGIN SELECT 1; END`,
      'event_no_delete',
    ],
    ['a table added', 'CREATE TABLE event2 (seq INTEGER)', 'event2'],
    ['a view added', 'CREATE VIEW latest AS SELECT 1', 'latest'],
  ])('finds %s', (_name, sql, object) => {
    const report = verified((dir) => {
      const db = openSqlite(join(dir, '2026-10.db'));
      db.exec(sql);
      db.close();
    });
    expect(report.problems).toEqual([
      expect.objectContaining({ code: 'schema-changed', text: expect.stringContaining(object) }),
    ]);
  });

  it('finds bytes changed in the file itself, in the index too', () => {
    const report = verified((dir) => {
      const file = join(dir, '2026-10.db');
      const bytes = readFileSync(file);
      const at = bytes.lastIndexOf('phi-sealed');
      bytes[at] = 0x71;
      writeFileSync(file, bytes);
    });
    expect(report.ok).toBe(false);
  });

  it('says which key is wrong', () => {
    const other = bench();
    const report = verified(() => undefined, undefined, join(other.dir, 'public-key.pem'));
    other.remove();
    expect(report.ok).toBe(false);
    expect(report.problems[0]?.code).toBe('wrong-key');
  });
});

/** Each of these would be met for ever, or read as something that it isn't. */
describe('a file whose values are not of their types', () => {
  const index = (sql: string) => (dir: string) => tamperIndexTypes(dir, '2026-11.db', sql);
  const last =
    'WHERE (kind, value, seq) = (SELECT kind, value, seq FROM term ORDER BY 1 DESC, 2 DESC, 3 DESC)';

  const cases: [string, (dir: string) => void, object][] = [
    ['text for an event in the index', index(`UPDATE term SET seq = '/' ${last}`), { code: 'index-changed' }],
    ['a fraction there', index(`UPDATE term SET seq = seq + 0.5 ${last}`), { code: 'index-changed' }],
    ['text for a kind', index(`UPDATE term SET kind = 'x' ${last}`), { code: 'index-changed' }],
    ['bytes for a value', index(`UPDATE term SET value = x'00ff' ${last}`), { code: 'index-changed' }],
    [
      'a value that is no UTF-8',
      edit('2026-11.db', `UPDATE term SET value = CAST(x'ff' AS TEXT) ${last}`),
      { code: 'index-changed' },
    ],
    [
      'a kind beyond what JavaScript counts to',
      edit('2026-11.db', `INSERT INTO term VALUES (9007199254740993, 'x', 21)`),
      { code: 'index-changed', seq: 21 },
    ],
    [
      'an event beyond that in the index',
      edit('2026-11.db', `INSERT INTO term VALUES (99, 'x', 9007199254740993)`),
      { code: 'index-changed', file: '2026-11.db' },
    ],
    [
      'an event with such a number',
      edit('2026-11.db', `INSERT INTO event VALUES (9007199254740993, 1, 'relay.stopped', '{}', 'x')`),
      { code: 'event-out-of-place', file: '2026-11.db' },
    ],
    [
      'an event at no time',
      edit('2026-11.db', 'UPDATE event SET at = 9007199254740993 WHERE seq = 25'),
      { code: 'event-changed', file: '2026-11.db', seq: 25 },
    ],
  ];

  it.each(cases)('is read to an end: %s', (_name, damage, expected) => {
    const report = verified(damage);
    expect(report.ok).toBe(false);
    expect(report.problems).toContainEqual(expect.objectContaining(expected));
    expect(report.problemCount).toBeLessThan(10);
    expect(reportLines(report, true).join('\n')).toContain('does NOT verify');
  });
});

describe('what the report says of events that no checkpoint signs', () => {
  const headline = (report: Parameters<typeof reportLines>[0]) => reportLines(report, true)[0];

  it('says how far the signatures reach', () => {
    const fresh = bench();
    try {
      const writer = fresh.open({ everyEvents: 4 });
      const [first, ...rest] = messageEvents('m1');
      if (first === undefined) throw new Error('no events');
      write(writer, [first], fresh.time);
      expect(headline(verify(fresh.dir))).toMatch(
        /^The audit log verifies in itself, but no checkpoint signs any/,
      );
      for (const event of rest.slice(0, 5)) write(writer, [event], fresh.time);
      const report = verify(fresh.dir);
      expect([report.signedSeq, report.head.seq]).toEqual([4, 6]);
      expect(headline(report)).toBe(
        'The audit log verifies: nothing up to event 4 was changed, removed or reordered; the events behind it are not signed yet.',
      );
      writer.close();
    } finally {
      fresh.remove();
    }
  });

  it('says that another log went before, whose events are not in this one', () => {
    const fresh = bench();
    try {
      const before = { lastSeq: 812, lastHash: 'a'.repeat(64), key: 'b'.repeat(64) };
      const writer = fresh.open();
      write(writer, [auditEvent('audit.begun-anew', before), ...messageEvents('m1')], fresh.time);
      writer.close();
      const report = verify(fresh.dir);
      expect(report).toMatchObject({
        ok: true,
        before: { seq: 812, hash: before.lastHash, key: before.key },
        notes: [{ code: 'begun-anew', seq: 1 }, { code: 'no-checkpoint-elsewhere' }],
      });
      expect(reportLines(report, true)[1]).toMatch(/in place of another log .* at least 812 event/);
    } finally {
      fresh.remove();
    }
  });

  it('says it of all where all are signed', () => {
    expect(headline(verify(log.dir))).toBe(
      'The audit log verifies: nothing in it was changed, removed or reordered.',
    );
  });
});

describe('a checkpoint kept elsewhere', () => {
  const line = () => log.lines.at(-1) ?? '';

  it('finds an end that was cut off with everything that belongs to it', () => {
    const cut = (dir: string) => {
      edit(
        '2026-11.db',
        'DELETE FROM event WHERE seq > 26; DELETE FROM term WHERE seq > 26; DELETE FROM checkpoint WHERE seq > 26',
      )(dir);
      rmSync(join(dir, 'checkpoints.log'));
    };
    expect(verified(cut).ok).toBe(true);
    const report = verified(cut, line);
    expect(report.problems).toEqual([
      expect.objectContaining({ code: 'truncated', seq: 27, file: '2026-11.db' }),
    ]);
  });

  it('finds a log that was written anew with the right key', () => {
    const fork = (dir: string) => {
      for (const name of ['2026-09.db', '2026-10.db', '2026-11.db', 'checkpoints.log'])
        rmSync(join(dir, name));
      const writer = openAuditLog({
        dir,
        signingKeyPem: log.key.privateKeyPem,
        now: () => NOVEMBER,
        checkpointEveryEvents: 1000,
        checkpointEveryMs: 1000,
        onCheckpoint: () => undefined,
      });
      for (let n = 1; n <= 40; n++) write(writer, [failedLogin(n)], NOVEMBER);
      writer.close();
    };
    const kept = line();
    expect(verified(fork).ok).toBe(true);
    const report = verified(fork, () => kept);
    expect(report.problems).toEqual([expect.objectContaining({ code: 'fork', seq: 30 })]);
  });

  it('is found in a system log, behind its prefixes and between other lines', () => {
    const report = verified(
      () => undefined,
      (dir) => {
        const file = join(dir, 'syslog');
        const prefix = 'Nov 21 14:03:11 gw1 sallyport-audit[812]: ';
        writeFileSync(
          file,
          ['sshd: hello', ...log.lines.map((one) => prefix + one), 'cron: \xff bye'].join('\n'),
        );
        return file;
      },
    );
    expect(report).toMatchObject({ ok: true, notes: [] });
    expect(report.checkpoints.elsewhere).toBe(log.lines.length);
  });

  it('of another relay in the same system log is passed over, but only beside our own', () => {
    const other = bench();
    const writer = other.open();
    write(writer, [failedLogin(1)], NOVEMBER);
    writer.close();
    const both = (lines: readonly string[]) =>
      verified(
        () => undefined,
        (dir) => {
          writeFileSync(join(dir, 'syslog'), lines.join('\n'));
          return join(dir, 'syslog');
        },
      );
    expect(both([...other.lines, line()])).toMatchObject({ ok: true, notes: [{ code: 'other-key' }] });
    expect(both(other.lines)).toMatchObject({ ok: false, problems: [{ code: 'wrong-key' }] });
    other.remove();
  });

  it('with a forged signature is a problem', () => {
    const found = findCheckpoint(line());
    if (found === undefined || found === 'damaged') throw new Error('no checkpoint');
    const forged = formatCheckpoint({ ...found, seq: 29 });
    expect(
      verified(
        () => undefined,
        () => forged,
      ).problems,
    ).toEqual([expect.objectContaining({ code: 'signature-invalid', seq: 29 })]);
  });

  it.each([
    [
      'a file without one',
      (dir: string) => {
        writeFileSync(join(dir, 'none'), 'nothing\n');
        return join(dir, 'none');
      },
      /no checkpoint/,
    ],
    ['a file that is not there', () => '/nonexistent/file', /cannot read/],
    ['a line cut off', () => line().slice(0, -3), /not whole/],
  ])('is refused when it is %s', (_name, checkpoint, message) => {
    expect(() => verified(() => undefined, checkpoint)).toThrow(message);
  });
});

describe('any log', () => {
  const text = fc.string({ unit: 'binary', maxLength: 20 });
  const event: fc.Arbitrary<AuditEvent> = fc.oneof(
    text.map((reason) => auditEvent('relay.stopped', { reason })),
    fc.record({ messageId: text, reason: text }).map((data) => auditEvent('content.destroyed', data)),
    fc
      .record({ clientAddress: text, reason: text, recipient: text })
      .map((data) => auditEvent('portal.refused', data)),
    fc.constantFrom(...messageEvents('m')),
  );
  const batches = fc.array(
    fc.record({
      events: fc.array(event, { maxLength: 6 }),
      pause: fc.constantFrom(-DAY, 0, 1, 5000, 40 * DAY),
      undo: fc.boolean(),
    }),
    { minLength: 1, maxLength: 6 },
  );

  /** Writes the batches to a log of its own and gives it closed. */
  function written(list: { events: AuditEvent[]; pause: number; undo: boolean }[]): {
    made: Bench;
    count: number;
  } {
    const made = bench();
    const writer = made.open({ everyEvents: 5 });
    let count = 0;
    for (const { events, pause, undo } of list) {
      made.time += pause;
      if (undo) {
        writer.begin();
        for (const one of events) writer.append(one, made.time);
        writer.rollback();
      } else {
        write(writer, events, made.time);
        count += events.length;
      }
    }
    writer.close();
    return { made, count };
  }

  it('verifies', () => {
    fc.assert(
      fc.property(batches, (list) => {
        const { made, count } = written(list);
        try {
          expect(verify(made.dir, made.lines.at(-1))).toMatchObject({
            ok: true,
            events: count,
            signedSeq: count,
            problems: [],
          });
        } finally {
          made.remove();
        }
      }),
      { numRuns: 25 },
    );
  });

  const damages = {
    'change a letter': (db: Database.Database, { seq, data }: Row, n: number) => {
      const i = n % data.length;
      const letter = data[i] === 'x' ? 'y' : 'x';
      db.prepare('UPDATE event SET data = ? WHERE seq = ?').run(
        data.slice(0, i) + letter + data.slice(i + 1),
        seq,
      );
    },
    'change the time': (db: Database.Database, { seq }: Row, n: number) =>
      db.prepare('UPDATE event SET at = at + ? WHERE seq = ?').run(1 + n, seq),
    delete: (db: Database.Database, { seq }: Row) => db.prepare('DELETE FROM event WHERE seq = ?').run(seq),
    'delete with its index': (db: Database.Database, { seq }: Row) => {
      db.prepare('DELETE FROM event WHERE seq = ?').run(seq);
      db.prepare('DELETE FROM term WHERE seq = ?').run(seq);
    },
    'cut off from here': (db: Database.Database, { seq }: Row) => {
      for (const table of ['event', 'term', 'checkpoint'])
        db.prepare(`DELETE FROM ${table} WHERE seq >= ?`).run(seq);
    },
    'insert a copy': (db: Database.Database, { seq }: Row) => {
      db.prepare('UPDATE event SET seq = -(seq + 1) WHERE seq >= ?').run(seq);
      db.exec('UPDATE event SET seq = -seq WHERE seq < 0');
      db.prepare('INSERT INTO event SELECT ?, at, type, data, hash FROM event WHERE seq = ?').run(
        seq,
        seq + 1,
      );
    },
    'drop an index entry': (db: Database.Database, { seq }: Row) =>
      db.prepare('DELETE FROM term WHERE kind = 9 AND seq = ?').run(seq),
  };

  it('does not verify after any damage, and the place is named', () => {
    fc.assert(
      fc.property(
        batches.filter((list) => list.some(({ events, undo }) => !undo && events.length > 0)),
        fc.constantFrom(...Object.entries(damages)),
        fc.nat(),
        (list, [name, damage], n) => {
          const { made } = written(list);
          try {
            const files = verify(made.dir).files;
            const places: { file: string; row: Row }[] = [];
            for (const file of files) {
              tamper(made.dir, file, (db) => places.push(...allRows(db).map((row) => ({ file, row }))));
            }
            const { file, row } = places[n % places.length]!;
            tamper(made.dir, file, (db) => damage(db, row, n % 7));
            const report = verify(made.dir, made.lines.at(-1));
            expect(report.ok, name).toBe(false);
            // A copy of the last event, put in before it, shows at the number behind it.
            const named = report.problems.map(({ seq }) => seq);
            expect(named.includes(row.seq) || named.includes(row.seq + 1), name).toBe(true);
          } finally {
            made.remove();
          }
        },
      ),
      { numRuns: 40 },
    );
  });
});
