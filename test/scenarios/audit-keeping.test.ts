import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type Database from 'better-sqlite3';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventHash } from '../../src/audit/chain.js';
import { auditEvent } from '../../src/audit/events.js';
import { openAuditLog } from '../../src/audit/log.js';
import { loadOrCreateSigningKey } from '../../src/audit/signing-key.js';
import { termsOf } from '../../src/audit/terms.js';
import { canonicalJson } from '../../src/shared/canonical-json.js';
import { openSqlite } from '../../src/shared/open-sqlite.js';
import { type RelayHome, type RunningRelay, relayHome } from '../support/relay-process.js';
import { type Sink, startSink } from '../support/sink.js';
import { submit } from '../support/submit.js';
import { untilState } from '../support/until-state.js';

/*
 * What is kept, and for how long: a legal hold keeps sealed content and old months of the log until it is removed; a
 * message is found by its Subject, which the log does not hold; events leave for another system and go on leaving.
 */

let home: RelayHome;
let relay: RunningRelay;
let sink: Sink;

beforeAll(async () => {
  sink = await startSink({});
  home = await relayHome({
    audit: { syslog: false, retention: '12 months' },
    delivery: {
      routes: [
        { name: 'sink', domains: ['*'], host: '127.0.0.1', port: sink.port, kind: 'recipient-server' },
      ],
    },
  });
  writeOldMonths();
  relay = await home.start();
});
afterAll(async () => {
  await home?.remove();
  await sink?.close();
});

it('a month whose time is over goes by itself, one at a time; a hold stops it, its end lets it go', async () => {
  await relay.until(/a month of the audit log was removed/);
  expect(months()).not.toContain('2019-01.db');
  expect(months()).toContain('2019-02.db');
  await output([
    'audit',
    'hold',
    'add',
    'matter-1',
    '--reason',
    'claim 17',
    '--address',
    'Ward2@clinic.example',
  ]);
  expect(await output(['audit', 'prune', '--dry-run'])).toContain('legal hold matter-1');
  await output(['audit', 'prune']);
  expect(months()).toContain('2019-02.db');
  const [hold] = JSON.parse(await output(['audit', 'hold', 'list', '--json']));
  expect(hold).toMatchObject({ name: 'matter-1', address: 'ward2@clinic.example' });
  await output(['audit', 'hold', 'remove', 'matter-1', '--reason', 'settled']);
  expect(await output(['audit', 'prune'])).toContain('removed 2019-02, 2019-03');
  expect(await output(['audit', 'verify'])).toMatch(
    /^The audit log verifies from \S+ on: .*\n.* were removed by retention/,
  );
});

it('content under a legal hold is not destroyed', async () => {
  await output(['audit', 'hold', 'add', 'matter-2', '--reason', 'claim 18', '--address', '@lab.example']);
  const kept = await submit(relay, { to: ['kept@lab.example'] });
  const gone = await submit(relay, { to: ['gone@home.example'] });
  await untilState(home, kept, 'kept@lab.example', 'delivered');
  await untilState(home, gone, 'gone@home.example', 'delivered');
  const destroyed = async (id: string) =>
    JSON.parse(await output(['audit', 'search', '--id', id, '--type', 'content.destroyed', '--json']))
      .length === 1;
  while (!(await destroyed(gone))) await delay(50);
  expect(await destroyed(kept)).toBe(false);
  await output(['audit', 'hold', 'remove', 'matter-2', '--reason', 'settled']);
  while (!(await destroyed(kept))) await delay(50);
});

it('mail is found by its Subject, which nowhere stands in the log', async () => {
  const id = await submit(relay, { to: ['sam@home.example'], subject: 'Re: Xylophone lessons' });
  await untilState(home, id, 'sam@home.example', 'delivered');
  const found = JSON.parse(await output(['audit', 'search', '--subject', 'xylophone  LESSONS', '--json']));
  expect(found.map((one: { messageId: string }) => one.messageId)).toContain(id);
  expect(JSON.parse(await output(['audit', 'search', '--subject', 'xylophone', '--json']))).toEqual([]);
  for (const name of readdirSync(join(home.dataDir, 'audit')))
    expect(readFileSync(join(home.dataDir, 'audit', name)).toString('latin1')).not.toMatch(/xylophone/i);
});

it('events leave once each, run after run, and the export itself is on record', async () => {
  const cursor = join(home.folder, 'cursor');
  const seqs = async () =>
    (await output(['audit', 'export', '--format', 'jsonl', '--cursor', cursor]))
      .split('\n')
      .filter((line) => line !== '')
      .map((line): number => JSON.parse(line).seq);
  const first = await seqs();
  await submit(relay, { to: ['last@home.example'] });
  const second = await seqs();
  expect(existsSync(cursor)).toBe(true);
  const all = [...first, ...second];
  expect(second.length).toBeGreaterThan(1);
  expect(all).toEqual(Array.from(all, (_, i) => (all[0] ?? 0) + i));
  const exported = JSON.parse(await output(['audit', 'search', '--type', 'audit.exported', '--json']));
  expect(exported).toMatchObject([{ data: { format: 'jsonl', target: 'standard output' } }, {}]);
});

it('a removal that somebody wrote into the log by hand is not signed by the next start', async () => {
  await relay.kill('SIGTERM');
  const dir = join(home.dataDir, 'audit');
  const [old = '', newest = ''] = months().toSorted().slice(-2);
  const gone = openSqlite(join(dir, old), { readonly: true });
  const end = lastEvent(gone);
  gone.close();
  const db = openSqlite(join(dir, newest));
  const before = lastEvent(db);
  const data = canonicalJson({
    actor: 'retention',
    months: [{ month: old.slice(0, 7), lastSeq: end.seq, lastHash: end.hash }],
  });
  const row = { seq: before.seq + 1, at: Date.now(), type: 'audit.pruned', data };
  db.prepare('INSERT INTO event VALUES (?, ?, ?, ?, ?)').run(
    row.seq,
    row.at,
    row.type,
    data,
    eventHash(before.hash, row),
  );
  for (const { kind, value } of termsOf(row.type, row.at, JSON.parse(data)))
    db.prepare('INSERT INTO term VALUES (?, ?, ?)').run(kind, value, row.seq);
  db.close();
  rmSync(join(dir, old));
  const refused = await home.run(['start']);
  expect(refused.status).toBe(1);
  expect(refused.stderr).toContain('audit.pruned');
  const verified = await home.run(['audit', 'verify']);
  expect(verified.status).toBe(1);
  expect(verified.stdout).toContain('[month-missing]');
  expect(verified.stdout).toContain('[removal-doubtful]');
});

function lastEvent(db: Database.Database): { readonly seq: number; readonly hash: string } {
  const last = db
    .prepare<[], { seq: number; hash: string }>('SELECT seq, hash FROM event ORDER BY seq DESC LIMIT 1')
    .get();
  if (last === undefined) throw new Error('no event');
  return last;
}

/** A log that begins long ago, made before the relay's first start. */
function writeOldMonths(): void {
  mkdirSync(home.dataDir, { recursive: true, mode: 0o700 });
  const { privateKeyPem } = loadOrCreateSigningKey(home.dataDir, { createIfMissing: true });
  let now = 0;
  const log = openAuditLog({
    dir: join(home.dataDir, 'audit'),
    signingKeyPem: privateKeyPem,
    now: () => now,
    checkpointEveryEvents: 10,
    checkpointEveryMs: 1000,
    onCheckpoint: () => undefined,
  });
  const recent = new Date(Date.now() - 31 * 86_400_000).toISOString().slice(0, 7);
  for (const month of ['2019-01', '2019-02', '2019-03', recent]) {
    now = Date.parse(`${month}-10T12:00Z`);
    log.begin();
    log.append(
      auditEvent('message.accepted', {
        messageId: `old-${month}`,
        identity: 'clinic',
        listener: 'submission',
        clientAddress: '192.0.2.7',
        sender: `ward${Number(month.slice(5))}@clinic.example`,
        recipients: ['sam@home.example'],
        size: 10,
        headerMessageId: `<${month}@clinic.example>`,
      }),
      now,
    );
    log.commit();
  }
  log.close();
}

function months(): readonly string[] {
  return readdirSync(join(home.dataDir, 'audit')).filter((name) => name.endsWith('.db'));
}

async function output(args: readonly string[]): Promise<string> {
  const done = await home.run(args);
  expect(done).toMatchObject({ status: 0, stderr: '' });
  return done.stdout;
}
