import { spawn } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventHash } from '../../src/audit/chain.js';
import { isClosedToOthers, otherUser } from '../support/other-user.js';
import { type CommandResult, type RelayHome, relayHome, runCommand } from '../support/relay-process.js';
import { type Sink, startSink } from '../support/sink.js';
import { submit } from '../support/submit.js';
import { untilState } from '../support/until-state.js';

/*
 * Somebody with all rights on the machine changes the log of a real relay behind its back. The command that an auditor
 * runs says so, and where.
 */

interface Row {
  readonly seq: number;
  readonly at: number;
  readonly type: string;
  readonly data: string;
  readonly hash: string;
}

/** Events between checkpoints. */
const EVERY = 5;

let home: RelayHome;
let sink: Sink;
/** A folder outside the relay's, as an auditor has one. */
let elsewhere: string;
/** The log as the relay left it. */
let original: string;
let publicKey: string;
/** A signed checkpoint kept elsewhere, taken while the relay ran. */
let checkpoint: string;
let snapshot: string;

beforeAll(async () => {
  sink = await startSink({});
  home = await relayHome({
    audit: { syslog: false, checkpoint_every_events: EVERY, checkpoint_every: '1s' },
    delivery: {
      routes: [
        { name: 'sink', domains: ['*'], host: '127.0.0.1', port: sink.port, kind: 'recipient-server' },
      ],
    },
  });
  elsewhere = mkdtempSync(join(tmpdir(), 'sallyport-auditor-'));
  const relay = await home.start();
  for (let i = 0; i < 4; i++) {
    const id = await submit(relay, { to: [`r${i}@shop.example`] });
    await untilState(home, id, `r${i}@shop.example`, 'delivered');
  }
  snapshot = join(elsewhere, 'snapshot');
  const exported = await home.run(['audit', 'export', '--snapshot', snapshot]);
  if (exported.status !== 0) throw new Error(exported.stderr);
  checkpoint = (await home.run(['audit', 'checkpoint'])).stdout.trim();
  await relay.kill('SIGTERM');
  original = join(home.dataDir, 'audit');
  publicKey = join(elsewhere, 'key.pem');
  writeFileSync(publicKey, readFileSync(join(original, 'public-key.pem')));
});

afterAll(async () => {
  await home?.remove();
  await sink?.close();
  rmSync(elsewhere, { recursive: true, force: true });
});

describe('the log as the relay left it', () => {
  it('verifies, with a key and a checkpoint kept elsewhere', async () => {
    const result = await verify(original, ['--checkpoint', checkpoint]);
    expect(result.stderr).toBe('');
    expect(result.status).toBe(0);
    expect(result.stdout).toContain('The audit log verifies');
    const report = await reportOf(original, ['--checkpoint', checkpoint]);
    expect(report).toMatchObject({ ok: true, problems: [], problemCount: 0, checkpoints: { elsewhere: 1 } });
    expect(report.events).toBe(rows(original).length);
  });

  it('cannot be changed without taking its guards off', () => {
    const copy = copyOf();
    for (const sql of [
      'UPDATE event SET at = 0 WHERE seq = 3',
      'DELETE FROM event WHERE seq = 3',
      'INSERT OR REPLACE INTO event SELECT seq, 0, type, data, hash FROM event WHERE seq = 3',
    ])
      expect(() => execute(copy, sql)).toThrow(/append-only/);
  });
});

describe('a change behind the relay’s back', () => {
  it.each<[name: string, sql: string, code: string, seq: number]>([
    [
      'a word in an event',
      `UPDATE event SET data = replace(data, 'shop.example', 'shoq.example') WHERE seq = 7`,
      'event-changed',
      7,
    ],
    ['the time of an event', 'UPDATE event SET at = at - 1000 WHERE seq = 8', 'event-changed', 8],
    ['the type of an event', `UPDATE event SET type = 'recipient.ended' WHERE seq = 9`, 'event-changed', 9],
    ['an event that is gone', 'DELETE FROM event WHERE seq = 10', 'event-missing', 10],
    ['the first event', 'DELETE FROM event WHERE seq = 1', 'event-missing', 1],
    [
      'two events in another order',
      'UPDATE event SET seq = -1 WHERE seq = 6; UPDATE event SET seq = 6 WHERE seq = 7; UPDATE event SET seq = 7 WHERE seq = -1',
      'event-changed',
      6,
    ],
    [
      'an event put in between',
      `INSERT INTO event SELECT 1000, at, type, data, hash FROM event WHERE seq = 4`,
      'event-missing',
      -1,
    ],
    [
      'a checkpoint’s hash',
      `UPDATE checkpoint SET hash = '${'0'.repeat(64)}' WHERE seq = (SELECT min(seq) FROM checkpoint)`,
      'signature-invalid',
      -1,
    ],
    ['the search index', `DELETE FROM term WHERE value = 'r1@shop.example'`, 'index-changed', -1],
  ])('%s is found, with its place', async (_name, sql, code, seq) => {
    const copy = copyOf();
    unguarded(copy, sql);
    const report = await reportOf(copy);
    expect(report.ok).toBe(false);
    const first = report.problems.find((one: { code: string }) => one.code === code);
    expect(first).toBeDefined();
    if (seq > 0) expect(first.seq).toBe(seq);
    const words = await verify(copy);
    expect(words.status).toBe(1);
    expect(words.stdout).toContain('The audit log does NOT verify');
    if (seq > 0) expect(words.stdout).toMatch(new RegExp(`event ${seq} .*\\[${code}\\]`));
    expect(words.stderr).toContain('does not verify');
  });

  it('guards that were taken off are missed', async () => {
    const copy = copyOf();
    execute(copy, 'DROP TRIGGER event_no_update');
    const report = await reportOf(copy);
    expect(report.problems).toMatchObject([
      { code: 'schema-changed', text: expect.stringContaining('event_no_update') },
    ]);
  });

  it('an event changed and all hashes after it made anew: the next checkpoint gives it away', async () => {
    const copy = copyOf();
    unguarded(copy, rewritten(copy, 7));
    const report = await reportOf(copy);
    expect(report.problems).toEqual(
      expect.arrayContaining([expect.objectContaining({ code: 'history-rewritten' })]),
    );
    const seqs = report.problems.map((one: { seq: number }) => one.seq);
    expect(Math.min(...seqs)).toBeLessThanOrEqual(7 + EVERY);
  });

  it('a file of another kind, or half of one, is no log that verifies', async () => {
    const copy = copyOf();
    const file = join(copy, monthFile(copy));
    const bytes = readFileSync(file);
    writeFileSync(file, bytes.subarray(0, Math.floor(bytes.length / 2 / 4096) * 4096));
    expect((await verify(copy)).status).toBe(1);
    writeFileSync(file, 'not a database');
    const result = await verify(copy);
    expect(result.status).toBe(1);
    expect(result.stdout + result.stderr).not.toMatch(/\n +at /);
    expect((await verify(mkdtempSync(join(elsewhere, 'empty-')))).status).not.toBe(0);
  });
});

describe('an end that was cut off, with all that belongs to it', () => {
  it('cannot be seen from the files alone, and is found by a checkpoint kept elsewhere', async () => {
    const copy = copyOf();
    const last = rows(original).length;
    const cut = last - 8;
    unguarded(
      copy,
      ['event', 'checkpoint', 'term'].map((table) => `DELETE FROM ${table} WHERE seq > ${cut}`).join(';'),
    );
    const file = join(copy, 'checkpoints.log');
    const lines = readFileSync(file, 'utf8').split('\n');
    writeFileSync(file, lines.filter((line) => Number(/ seq=(\d+) /.exec(line)?.[1] ?? 0) <= cut).join('\n'));
    const alone = await verify(copy);
    expect(alone.status).toBe(0);
    expect(alone.stdout).toContain('[no-checkpoint-elsewhere]');

    const kept = join(elsewhere, 'syslog');
    writeFileSync(
      kept,
      `Nov  2 09:00:00 gateway other[1]: something else\nNov  2 09:00:01 gateway sallyport[2]: ${checkpoint}\n`,
    );
    for (const evidence of [checkpoint, kept]) {
      const compared = await verify(copy, ['--checkpoint', evidence]);
      expect(compared.status).toBe(1);
      expect(compared.stdout).toMatch(new RegExp(`event ${cut + 1} .*\\[truncated\\]`));
    }
  });

  it('what the checkpoints in the log speak of is missed at once', async () => {
    const copy = copyOf();
    const cut = rows(original).length - 8;
    unguarded(copy, `DELETE FROM event WHERE seq > ${cut}; DELETE FROM term WHERE seq > ${cut}`);
    const report = await reportOf(copy);
    expect(report.problems).toEqual(
      expect.arrayContaining([expect.objectContaining({ code: 'truncated', seq: cut + 1 })]),
    );
  });
});

describe('keys and evidence', () => {
  it('another key verifies nothing', async () => {
    const other = await relayHome();
    try {
      await (await other.start()).kill('SIGTERM');
      const key = join(other.dataDir, 'audit', 'public-key.pem');
      const result = await runCommand(['audit', 'verify', '--audit-dir', original, '--public-key', key]);
      expect(result.status).toBe(1);
      expect(result.stdout).toMatch(/\[wrong-key\]|\[signature-invalid\]/);
    } finally {
      await other.remove();
    }
  });

  it.each([
    [['--checkpoint', '/nonexistent/file'], 2, /cannot read/],
    [['--checkpoint', 'sallyport-audit-checkpoint v1 seq=3'], 2, /not whole/],
    [['--public-key', '/nonexistent/key.pem'], 2, /key\.pem/],
  ])('%j ends with exit status %i', async (args, status, complaint) => {
    const result = await runCommand(['audit', 'verify', '--audit-dir', original, ...args]);
    expect(result.stderr).toMatch(complaint);
    expect(result.status).toBe(status);
  });
});

describe('a snapshot', () => {
  it.skipIf(isClosedToOthers)(
    'verifies, is searched and told by another user, read-only, when the relay and its folder are gone',
    async () => {
      const events = rows(snapshot);
      const accepted = events.find((one) => one.type === 'message.accepted');
      const id: string = JSON.parse(accepted?.data ?? '{}').messageId;
      const gone = `${home.dataDir}-gone`;
      renameSync(home.dataDir, gone);
      for (const name of readdirSync(snapshot)) chmodSync(join(snapshot, name), 0o444);
      for (const folder of [elsewhere, snapshot]) chmodSync(folder, 0o555);
      const files = readdirSync(snapshot).sort();
      try {
        const verified = await asNobody([
          'audit',
          'verify',
          '--audit-dir',
          snapshot,
          '--public-key',
          publicKey,
          '--checkpoint',
          newestOf(snapshot),
        ]);
        expect(verified).toMatchObject({ status: 0, stderr: '' });
        expect(verified.stdout).toContain('The audit log verifies');
        const found = await asNobody([
          'audit',
          'search',
          '--audit-dir',
          snapshot,
          '--recipient',
          'r2@shop.example',
          '--json',
        ]);
        expect(found).toMatchObject({ status: 0, stderr: '' });
        expect(JSON.parse(found.stdout).length).toBeGreaterThan(1);
        const story = await asNobody(['audit', 'show', id, '--audit-dir', snapshot]);
        expect(story).toMatchObject({ status: 0, stderr: '' });
        expect(story.stdout).toContain('r0@shop.example');
        expect(readdirSync(snapshot).sort()).toEqual(files);
      } finally {
        for (const folder of [elsewhere, snapshot]) chmodSync(folder, 0o755);
        renameSync(gone, home.dataDir);
      }
    },
  );

  it('that was changed afterwards does not verify', async () => {
    const copy = copyOf(snapshot);
    unguarded(copy, `UPDATE event SET data = replace(data, 'clinic', 'climic') WHERE seq = 5`);
    const report = await reportOf(copy);
    expect(report.problems[0]).toMatchObject({ code: 'event-changed', seq: 5 });
  });

  it('is not written over another', async () => {
    const again = await home.run(['audit', 'export', '--snapshot', snapshot]);
    expect(again.status).toBe(2);
    expect(again.stderr).toContain('is not empty');
  });
});

function verify(dir: string, more: readonly string[] = []): Promise<CommandResult> {
  return runCommand(['audit', 'verify', '--audit-dir', dir, '--public-key', publicKey, ...more]);
}

async function reportOf(dir: string, more: readonly string[] = []) {
  const result = await verify(dir, [...more, '--json']);
  const report = JSON.parse(result.stdout);
  expect(result.status).toBe(report.ok ? 0 : 1);
  return report;
}

function copyOf(from = original): string {
  const copy = mkdtempSync(join(elsewhere, 'copy-'));
  cpSync(from, copy, { recursive: true });
  for (const name of readdirSync(copy)) chmodSync(join(copy, name), 0o600);
  return copy;
}

function monthFile(dir: string): string {
  const name = readdirSync(dir).find((one) => /^\d{4}-\d\d\.db$/.test(one));
  if (name === undefined) throw new Error(`no month in ${dir}`);
  return name;
}

function withDb<T>(dir: string, use: (db: Database.Database) => T): T {
  const db = new Database(join(dir, monthFile(dir)));
  try {
    return use(db);
  } finally {
    db.close();
  }
}

function rows(dir: string): readonly Row[] {
  return withDb(dir, (db) => db.prepare<[], Row>('SELECT * FROM event ORDER BY seq').all());
}

function execute(dir: string, sql: string): void {
  withDb(dir, (db) => db.exec(sql));
}

/** Takes the triggers off, changes, and puts them back as they were, as a careful forger would. */
function unguarded(dir: string, sql: string): void {
  withDb(dir, (db) => {
    const triggers = db
      .prepare<[], { name: string; sql: string }>(
        "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'",
      )
      .all();
    for (const { name } of triggers) db.exec(`DROP TRIGGER ${name}`);
    db.exec(sql);
    for (const trigger of triggers) db.exec(trigger.sql);
  });
}

/** SQL that changes one event and gives it and all after it hashes that fit together. */
function rewritten(dir: string, from: number): string {
  let previous = '';
  const statements: string[] = [];
  for (const row of rows(dir)) {
    if (row.seq >= from) {
      const at = row.seq === from ? row.at + 1 : row.at;
      const hash = eventHash(previous, { ...row, at });
      statements.push(`UPDATE event SET at = ${at}, hash = '${hash}' WHERE seq = ${row.seq}`);
      previous = hash;
    } else previous = row.hash;
  }
  return statements.join(';');
}

function newestOf(dir: string): string {
  return readFileSync(join(dir, 'checkpoints.log'), 'utf8').trim().split('\n').at(-1) ?? '';
}

/** Runs a command as a user who owns nothing here, where we may; root could write to read-only files. */
function asNobody(args: readonly string[]): Promise<CommandResult> {
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, [resolve('dist/main.js'), ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      cwd: '/',
      ...otherUser,
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text) => {
      stderr += text;
    });
    child.on('error', fail);
    child.on('close', (status) => done({ status, stdout, stderr }));
  });
}
