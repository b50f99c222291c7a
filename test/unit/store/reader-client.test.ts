import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { migrate } from '../../../src/store/migrations.js';
import { withReader } from '../../../src/store/reader-client.js';
import { openRelayDb, type RelayDb } from '../../../src/store/relay-db.js';
import type { WriterClient } from '../../../src/store/writer-client.js';

let folder: string;
let db: RelayDb;
let client: WriterClient;
let asked: string[];
let failures: Error[];
/** What the writer says. */
let answer: () => Promise<never>;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-reader-'));
  const file = join(folder, 'relay.db');
  db = openRelayDb(file);
  migrate(db, file);
  asked = [];
  failures = [];
  const never = () => Promise.reject(new Error('not asked here'));
  answer = never;
  const writer: WriterClient = {
    call: (name) => {
      asked.push(name);
      return answer();
    },
    auditHead: never,
    pruneAudit: never,
    tick: () => undefined,
    fail: (cause) => failures.push(cause),
    unansweredFor: () => 0,
    expectAnswers: () => undefined,
    failed: new Promise(() => undefined),
    close: async () => undefined,
  };
  client = await withReader(writer, { file, now: () => 1 });
});
afterEach(async () => {
  await client.close();
  db.close();
  rmSync(folder, { recursive: true, force: true });
});

it('answers what only reads while a write is under way, and sees what is committed', async () => {
  const listed = () => client.call('bodyFiles', null);
  db.exec('BEGIN IMMEDIATE');
  db.exec("INSERT INTO tls_memory (domain, level, at) VALUES ('partner.example', 'verified', 1)");
  expect(await listed()).toEqual([]);
  expect(await client.call('listTls', null)).toEqual([]);
  db.exec('COMMIT');
  expect(await client.call('listTls', null)).toMatchObject([
    { domain: 'partner.example', level: 'verified' },
  ]);
  expect(asked).toEqual([]);
});

it('leaves to the writer what writes, and what is recorded', async () => {
  await expect(client.call('recordOnly', null)).rejects.toThrow('not asked here');
  const event = { type: 'relay.stopped', data: { reason: 'test' } } as const;
  await expect(client.call('bodyFiles', null, [event])).rejects.toThrow('not asked here');
  expect(asked).toEqual(['recordOnly', 'bodyFiles']);
});

it('tells of no write before what was read earlier: nobody takes an older state for the newest', async () => {
  const order: string[] = [];
  const told = (name: string) => () => void order.push(name);
  // As if the disk had been quicker than the reader.
  answer = () => Promise.reject(new Error('refused at once'));
  await Promise.all([
    client.call('due', { now: 1, limit: 1, filter: {} }).then(told('read before')),
    client.call('recordOnly', null).catch(told('written')),
  ]);
  expect(order).toEqual(['read before', 'written']);
  await client.call('recordOnly', null).catch(told('written with nothing to read'));
  expect(order).toHaveLength(3);
});

it('asks the writer for the level that mail to a domain may not fall below, behind what is being written', async () => {
  await expect(client.call('highestTls', 'partner.example')).rejects.toThrow('not asked here');
  expect(asked).toEqual(['highestTls']);
});

it('holds nothing back for ever when the reader ends', async () => {
  const read = client.call('bodyFiles', null);
  const written = client.call('recordOnly', null).catch((error: unknown) => error);
  await client.close();
  await expect(read).resolves.toEqual([]);
  await expect(written).resolves.toMatchObject({ message: 'not asked here' });
});

it('holds no write back behind a read that could not be asked for', async () => {
  const unfit = Object.assign({ now: 1, limit: 1, filter: {} }, { made: () => undefined });
  const read = client.call('due', unfit);
  const written = client.call('recordOnly', null);
  await expect(read).rejects.toThrow('cannot be passed to the reader thread');
  await expect(written).rejects.toThrow('not asked here');
});

it('makes a damaged database a failure of the store', async () => {
  db.truncateWal();
  const file = join(folder, 'relay.db');
  const bytes = readFileSync(file);
  // All pages but the first, which names them.
  writeFileSync(file, bytes.fill(0xff, 4096), { flag: 'r+' });
  await expect(client.call('message', 'm1')).rejects.toThrow('damaged');
  await expect.poll(() => failures.length).toBe(1);
  await expect(client.call('bodyFiles', null)).rejects.toThrow('the store has failed');
});
