import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { loadOrCreateSigningKey } from '../../../src/audit/signing-key.js';
import { openRelayDb, type RelayDb } from '../../../src/store/relay-db.js';
import { startWriter, type WriterClient } from '../../../src/store/writer-client.js';
import { accepted, newMessage, temporaryFolder } from './fixtures.js';

/*
 * What becomes of who waits for an answer of the writer thread when something outside it fails, such as the sync of a large
 * message's file. The thread goes on; another connection to the database keeps it from answering as long as it should.
 */

let client: WriterClient;
let dataDir: string;
let other: RelayDb;
let time = 2;
/** What keeps the thread from hanging. */
const held: number[] = [];

beforeEach(async () => {
  time = 2;
  dataDir = temporaryFolder();
  const file = join(dataDir, 'relay.db');
  mkdirSync(join(dataDir, 'audit'));
  client = await startWriter(
    {
      file,
      auditDir: join(dataDir, 'audit'),
      signingKeyPem: loadOrCreateSigningKey(dataDir, { createIfMissing: true }).privateKeyPem,
      keyCheckValue: Buffer.alloc(32),
      keySource: 'test',
      checkpointEveryEvents: 1000,
      checkpointEveryMs: 60_000,
      at: 1,
    },
    { now: () => time, onCheckpoint: () => undefined },
  );
  other = openRelayDb(file);
});
afterEach(async () => {
  vi.useRealTimers();
  if (other.inTransaction()) other.exec('ROLLBACK');
  await client.close();
  for (const fd of held.splice(0)) closeSync(fd);
  other.close();
});

const insert = (id: string) => client.call('insertMessage', newMessage(id), [accepted(id)]);
const ids = () => other.all<{ id: string }>('SELECT id FROM messages').map((one) => one.id);
/** So that what was asked is with the thread. */
const turns = async () => {
  for (let n = 0; n < 10; n++) await new Promise(setImmediate);
};
const DISK = new Error('the file could not be synced');

it('tells who had asked before a failure outside the thread what became of it, and takes nothing more', async () => {
  other.exec('BEGIN IMMEDIATE');
  const [stored, again] = [insert('m1'), insert('m1')];
  const head = client.auditHead();
  await turns();
  client.fail(DISK);
  const late = insert('m3');
  await expect(client.failed).resolves.toMatchObject({ name: 'StoreUnavailable', cause: DISK });
  await expect(late).rejects.toMatchObject({ name: 'StoreUnavailable' });
  await expect(client.auditHead()).rejects.toMatchObject({ name: 'StoreUnavailable' });
  other.exec('ROLLBACK');
  await stored;
  await expect(again).rejects.toMatchObject({ name: 'ChangeRefused' });
  await expect(head).resolves.toMatchObject({ seq: 1 });
  expect(ids()).toEqual(['m1']);
});

it('tells them no when the thread does not answer', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  other.exec('BEGIN IMMEDIATE');
  const asked = [insert('m1'), insert('m2')];
  let told = 0;
  for (const one of asked) one.catch(() => told++);
  await turns();
  client.fail(DISK);
  vi.advanceTimersByTime(19_000);
  await turns();
  expect(told).toBe(0);
  vi.advanceTimersByTime(1000);
  await turns();
  expect(told).toBe(2);
  for (const one of asked) await expect(one).rejects.toMatchObject({ name: 'StoreUnavailable', cause: DISK });
});

it('answers them while it is closed', async () => {
  other.exec('BEGIN IMMEDIATE');
  const asked = insert('m1');
  await turns();
  client.fail(DISK);
  const closed = client.close();
  other.exec('ROLLBACK');
  await asked;
  await expect(closed).resolves.toBeUndefined();
  expect(ids()).toEqual(['m1']);
});

/** A month of the log that the thread waits for ever to open; gives what lets it go on. */
function hangingMonth(): () => unknown {
  const file = join(dataDir, 'audit', '1970-01.db');
  execFileSync('mkfifo', ['-m', '600', file]);
  return () => held.push(openSync(file, 'r+'));
}
const prune = () => client.pruneAudit({ retention: 1, actor: 'grace', most: 1 });
const FAKED = ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'performance'] as const;

it('fails when its thread answers nothing any more and the relay is to end, not before', async () => {
  vi.useFakeTimers({ toFake: [...FAKED] });
  const goOn = hangingMonth();
  time = Date.UTC(2026, 10, 21);
  await insert('m1');
  const asked = [prune(), insert('m2')];
  let told = 0;
  for (const one of asked) one.catch(() => told++);
  expect(client.unansweredFor()).toBe(0);
  vi.advanceTimersByTime(60 * 60_000);
  expect(client.unansweredFor()).toBe(60 * 60_000);
  client.expectAnswers();
  await turns();
  expect(told).toBe(0);
  vi.advanceTimersByTime(1000);
  await expect(client.failed).resolves.toMatchObject({
    name: 'StoreUnavailable',
    message: expect.stringContaining('not known what became of 2 change(s)'),
  });
  await turns();
  expect(told).toBe(2);
  goOn();
});

it('does not wait for ever for a thread that does not end, and says what is not known', async () => {
  vi.useFakeTimers({ toFake: [...FAKED] });
  const goOn = hangingMonth();
  time = Date.UTC(2026, 10, 21);
  await insert('m1');
  const asked = [prune(), insert('m2')];
  const answers = Promise.allSettled(asked);
  await turns();
  const closed = expect(client.close()).rejects.toMatchObject({
    name: 'ThreadStuck',
    message: expect.stringContaining('what became of 2 unanswered request(s) is not known'),
  });
  vi.advanceTimersByTime(20_000);
  await closed;
  expect(await answers).toMatchObject(asked.map(() => ({ reason: { name: 'StoreUnavailable' } })));
  goOn();
});
