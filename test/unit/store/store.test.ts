import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import { afterEach, describe, expect, it } from 'vitest';
import { auditEvent } from '../../../src/audit/events.js';
import { openAuditLog } from '../../../src/audit/log.js';
import { openAuditReader } from '../../../src/audit/reader.js';
import { searchAudit } from '../../../src/audit/search.js';
import { loadOrCreateSigningKey } from '../../../src/audit/signing-key.js';
import { openSqlite } from '../../../src/shared/open-sqlite.js';
import {
  loadMasterKey,
  openStore,
  type Store,
  type StoreOptions,
  StoreUnavailable,
} from '../../../src/store/index.js';
import { lockDataDir } from '../../../src/store/lock.js';
import { openReadOnly } from '../../../src/store/read-only.js';
import { accepted, newMessage, portalItem, queued, temporaryFolder } from './fixtures.js';

const opened: Store[] = [];
afterEach(async () => {
  for (const store of opened.splice(0)) await store.close();
});

async function open(dataDir: string, more: Partial<StoreOptions> = {}): Promise<Store> {
  const store = await openStore({
    dataDir,
    masterKey: loadMasterKey({ file: 'master.key' }, dataDir, { createIfMissing: true }),
    clock: { now: () => 1_800_000_000_000 },
    log: pino({ level: 'silent' }),
    audit: { checkpointEveryEvents: 1000, checkpointEveryMs: 60_000 },
    ...more,
  });
  opened.push(store);
  return store;
}

async function read(store: Store, id: string): Promise<string> {
  const message = await store.queue.message(id);
  if (message?.body === undefined) throw new Error('no content');
  const chunks: Buffer[] = [];
  for await (const chunk of store.bodies.open(message.body)) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

async function insert(store: Store, id: string, text: string): Promise<void> {
  const body = await store.bodies.seal(Buffer.from(text));
  await store.queue.insert(newMessage(id, undefined, { body }), [accepted(id)]);
}

describe('the store', () => {
  it('keeps what it acknowledged, over a restart', async () => {
    const dataDir = join(temporaryFolder(), 'data');
    const first = await open(dataDir);
    await Promise.all(Array.from({ length: 40 }, (_, i) => insert(first, `m${i}`, `made-up text ${i}`)));
    await insert(first, 'large', 'x'.repeat(200_000));
    const head = await first.auditHead();
    expect(head).toMatchObject({ seq: 41, hash: expect.stringMatching(/^[0-9a-f]{64}$/) });
    await first.close();
    const second = await open(dataDir);
    expect(await second.auditHead()).toEqual(head);
    expect(await second.queue.counts()).toMatchObject({ received: 41 });
    expect(await read(second, 'm7')).toBe('made-up text 7');
    expect(await read(second, 'large')).toHaveLength(200_000);
  });

  it('serves every port through its thread', async () => {
    const store = await open(temporaryFolder());
    const { queue, portal, accounts, tlsMemory, keys, audit } = store;
    await insert(store, 'm1', 'made-up text');
    expect(await queue.undecided(5)).toEqual([{ id: 'm1', stream: 'default', sender: 'ward3' }]);
    expect(await queue.beginInspection('m1')).toBe(1);
    const link = Buffer.from('link');
    const changed = await queue.apply(
      {
        decided: { messageId: 'm1', subjectShowable: false },
        recipients: [{ key: { messageId: 'm1', index: 0 }, from: ['received'], set: { state: 'in-portal' } }],
        createPortalItems: [portalItem('p1', 'm1', { linkHash: link, expiresAt: 100 })],
        create: [newMessage('notice', [queued('ada@hospital.example', 5)], { origin: 'pickup-notice' })],
        rememberTls: [{ domain: 'hospital.example', level: 'verified', at: 1 }],
      },
      [],
    );
    expect(changed).toEqual([{ messageId: 'm1', index: 0 }]);
    expect((await queue.due(5, 10)).map((one) => one.messageId)).toEqual(['notice']);
    expect(await queue.nextDueAt()).toBe(5);
    expect(await queue.beginAttempt([{ messageId: 'notice', index: 0 }], 50)).toHaveLength(1);
    expect(await queue.expiredHolds(5, 10)).toEqual([]);
    expect(await queue.list({ limit: 10, states: ['in-portal'] })).toHaveLength(1);
    expect(await queue.finished(10)).toEqual([]);
    expect((await queue.contentKey('m1'))?.length).toBeGreaterThan(0);
    expect((await portal.itemByLink(link))?.id).toBe('p1');
    const code = {
      itemId: 'p1',
      codeHash: Buffer.of(9),
      createdAt: 2,
      expiresAt: 50,
      failedTries: 0,
      way: 'mailbox',
    } as const;
    await portal.putCode(code, newMessage('code', [queued('ada@hospital.example', 9)]), []);
    expect(await portal.failCode('p1', [])).toBe(1);
    expect(Buffer.from((await portal.code('p1'))?.codeHash ?? [])).toEqual(Buffer.of(9));
    const session = {
      tokenHash: Buffer.of(3),
      recipient: 'ada@hospital.example',
      proofs: ['mailbox'],
      passphraseItems: [],
      createdAt: 3,
      expiresAt: 90,
    } as const;
    expect(await portal.openSessionWithCode('p1', session, [])).toBe(true);
    expect((await portal.session(Buffer.of(3), 4))?.recipient).toBe('ada@hospital.example');
    await portal.closeSession(Buffer.of(3), []);
    expect(await portal.session(Buffer.of(3), 4)).toBeUndefined();
    expect(await portal.expiredItems(100, 5)).toHaveLength(1);
    const account = {
      name: 'ward3',
      passwordHash: '$argon2id$made-up',
      senders: ['clinic.example'],
      disabled: false,
      createdAt: 1,
      changedAt: 1,
    };
    await accounts.put(account, []);
    expect(await accounts.account('ward3')).toEqual(account);
    expect(await tlsMemory.highest('hospital.example')).toBe('verified');
    expect(await tlsMemory.reset('hospital.example', [])).toBe(true);
    const key = {
      kind: 'openpgp',
      address: 'ada@hospital.example',
      fingerprint: 'A'.repeat(40),
      source: 'wkd',
      state: 'active',
      pinned: false,
      firstSeenAt: 1,
      confirmedAt: 1,
      material: new Uint8Array([1]),
      chain: [new Uint8Array([2])],
    } as const;
    const other = { ...key, fingerprint: 'B'.repeat(40), state: 'pending' } as const;
    const third = { ...key, fingerprint: 'C'.repeat(40), state: 'pending' } as const;
    expect(await keys.put(key, [])).toBe(true);
    // A refused put leaves no event behind.
    const refused = auditEvent('relay.stopped', { reason: 'never recorded' });
    expect(await keys.put({ ...other, state: 'active' }, [refused])).toBe(false);
    expect(await keys.put(other, [])).toBe(true);
    expect(await keys.put(third, [])).toBe(true);
    await keys.confirm(key, 5);
    expect(await keys.activate(other, { actor: 'ada', pinned: false }, [])).toBe(true);
    expect(await keys.reject(third, 'ada', [])).toBe(true);
    expect((await keys.keysFor('ADA@hospital.example')).map((one) => one.state)).toEqual([
      'active',
      'replaced',
      'rejected',
    ]);
    expect(await keys.list({ states: ['replaced'], limit: 5 })).toMatchObject([{ confirmedAt: 5 }]);
    expect(await keys.remove(key, [])).toBe(true);
    const own = {
      kind: 'x509',
      fingerprint: 'D'.repeat(64),
      addedAt: 1,
      actor: 'ada',
      material: new Uint8Array([1]),
      chain: [],
      sealedSecret: new Uint8Array([3]),
    } as const;
    await keys.putOwn(own, []);
    expect(await keys.ownKeys()).toMatchObject([{ fingerprint: 'D'.repeat(64) }]);
    expect(await keys.removeOwn('D'.repeat(64), [])).toBe(true);
    await audit.record([auditEvent('relay.stopped', { reason: 'test' })]);
    expect((await store.auditHead()).seq).toBe(2);
    await queue.apply(
      {
        recipients: [{ key: { messageId: 'm1', index: 0 }, from: ['in-portal'], set: { state: 'expired' } }],
        changePortalItems: [{ id: 'p1', state: 'expired' }],
      },
      [],
    );
    expect(await queue.finished(10)).toEqual(['m1']);
    expect(await queue.destroyContent('m1', [])).toEqual([]);
    expect(await queue.message('m1')).not.toHaveProperty('body');
  });

  it('forgets the key of a portal item in every file of the database, while it runs', async () => {
    const dataDir = temporaryFolder();
    const store = await open(dataDir);
    await insert(store, 'm1', 'made-up text');
    const small = await store.bodies.seal(Buffer.from('a copy of made-up text'));
    const large = await store.bodies.seal(Buffer.alloc(200_000, 'made-up text'));
    const place = (id: string, body: typeof small) =>
      store.queue.apply(
        {
          ...(id === 'p1'
            ? {
                recipients: [
                  {
                    key: { messageId: 'm1', index: 0 },
                    from: ['received'],
                    set: { state: 'in-portal' },
                  } as const,
                ],
              }
            : {}),
          createPortalItems: [portalItem(id, 'm1', { body })],
        },
        [],
      );
    await place('p1', small);
    await place('p2', large);
    const secrets = [small, large].map((body) => Buffer.from(body.wrappedKey));
    const inFiles = () => {
      const files = readdirSync(dataDir).filter((name) => name.startsWith('relay.db'));
      const bytes = Buffer.concat(files.map((name) => readFileSync(join(dataDir, name))));
      return secrets.map((secret) => bytes.includes(secret));
    };
    expect(inFiles()).toEqual([true, true]);
    await expect(store.portal.destroyItemContent('p1', [])).rejects.toMatchObject({ name: 'ChangeRefused' });
    await store.queue.apply(
      { changePortalItems: ['p1', 'p2'].map((id) => ({ id, state: 'revoked' as const })) },
      [],
    );
    const closed = await store.portal.closedItemsWithContent(9);
    expect(closed.map(({ id }) => id).sort()).toEqual(['p1', 'p2']);
    expect(await store.portal.destroyItemContent('p1', [])).toEqual([]);
    const [file] = await store.portal.destroyItemContent('p2', []);
    await store.bodies.remove(file ?? '');
    expect(readdirSync(join(dataDir, 'bodies'))).toEqual([]);
    // The write-ahead log is emptied soon after, by itself.
    await expect.poll(inFiles).toEqual([false, false]);
    expect((await store.portal.item('p1'))?.body).toBeUndefined();
  });

  it('refuses one request and goes on', async () => {
    const store = await open(temporaryFolder());
    await insert(store, 'm1', 'a');
    const results = await Promise.allSettled([insert(store, 'm1', 'b'), insert(store, 'm2', 'c')]);
    expect(results).toMatchObject([
      { status: 'rejected', reason: { name: 'ChangeRefused' } },
      { status: 'fulfilled' },
    ]);
    expect(await read(store, 'm1')).toBe('a');
  });

  it('is readable beside itself, and closed', async () => {
    const dataDir = temporaryFolder();
    expect(() => openReadOnly(dataDir, (store) => store.counts())).toThrow(/no database/);
    const store = await open(dataDir);
    await insert(store, 'm1', 'a');
    const ids = () => openReadOnly(dataDir, (all) => all.list({ limit: 5 }).map((one) => one.message.id));
    expect(ids()).toEqual(['m1']);
    expect(
      openReadOnly(dataDir, (all) => [all.accounts(), all.items({ limit: 1 }), all.tlsMemory()]),
    ).toEqual([[], [], []]);
    await store.close();
    expect(ids()).toEqual(['m1']);
  });

  it('answers what was asked before it was closed, and nothing after', async () => {
    const dataDir = temporaryFolder();
    const store = await open(dataDir);
    const body = await store.bodies.seal(Buffer.from('a'));
    const asked = store.queue.insert(newMessage('m1', undefined, { body }), [accepted('m1')]);
    await Promise.all([store.close(), store.close()]);
    await asked;
    await expect(store.queue.counts()).rejects.toMatchObject({ name: 'StoreUnavailable' });
    // The log of relay.db was moved into it, so a copy of the one file is whole.
    expect(existsSync(join(dataDir, 'relay.db-wal'))).toBe(false);
  });

  it('forgets at its start what a crash kept in the log of relay.db', async () => {
    const [dataDir, after] = [temporaryFolder(), temporaryFolder()];
    const store = await open(dataDir);
    await insert(store, 'm1', 'made-up text');
    const key = Buffer.from((await store.queue.contentKey('m1')) ?? []);
    const key0 = { messageId: 'm1', index: 0 };
    await store.queue.apply(
      {
        decided: { messageId: 'm1', subjectShowable: false },
        recipients: [{ key: key0, from: ['received'], set: { state: 'ended' } }],
      },
      [],
    );
    await store.queue.destroyContent('m1', []);
    // As a kill leaves it.
    cpSync(dataDir, after, { recursive: true });
    const holding = () =>
      ['relay.db', 'relay.db-wal'].filter(
        (name) => existsSync(join(after, name)) && readFileSync(join(after, name)).includes(key),
      );
    expect(holding()).toContain('relay.db-wal');
    const again = await open(after);
    expect(holding()).toEqual([]);
    await again.close();
    await store.close();
  });

  it('makes everything for its owner only', async () => {
    const dataDir = join(temporaryFolder(), 'data');
    const store = await open(dataDir);
    await insert(store, 'large', 'x'.repeat(100_000));
    const loose = readdirSync(dataDir, { recursive: true, encoding: 'utf8' }).filter(
      (name) => !name.endsWith('public-key.pem') && (statSync(join(dataDir, name)).mode & 0o077) !== 0,
    );
    expect(loose).toEqual([]);
  });

  it('hands out signed checkpoints', async () => {
    const lines: string[] = [];
    const audit = {
      checkpointEveryEvents: 2,
      checkpointEveryMs: 60_000,
      onCheckpoint: (line: string) => lines.push(line),
    };
    const store = await open(temporaryFolder(), { audit });
    for (const id of ['m1', 'm2', 'm3']) await insert(store, id, 'a');
    await store.close();
    expect(lines.length).toBeGreaterThanOrEqual(2);
    expect(lines.at(-1)).toContain('seq=3');
  });
});

describe('a store that must not start', () => {
  it('says which folder is in use', async () => {
    const dataDir = temporaryFolder();
    const store = await open(dataDir);
    await expect(open(dataDir)).rejects.toMatchObject({
      name: 'UserError',
      message: expect.stringContaining(`${dataDir} is in use`),
    });
    await store.close();
    const lock = lockDataDir(dataDir);
    await expect(open(dataDir)).rejects.toThrow('in use');
    lock.release();
    await open(dataDir);
  });

  it('refuses another master key, and takes the right one afterwards', async () => {
    const dataDir = temporaryFolder();
    await (await open(dataDir)).close();
    const masterKey = loadMasterKey({ file: 'master.key' }, temporaryFolder(), { createIfMissing: true });
    await expect(open(dataDir, { masterKey })).rejects.toMatchObject({
      name: 'UserError',
      message: expect.stringMatching(/master key from .* is not the one/),
    });
    await open(dataDir);
  });

  it('refuses a missing master key beside a database', async () => {
    const dataDir = temporaryFolder();
    await (await open(dataDir)).close();
    rmSync(join(dataDir, 'master.key'));
    await expect(open(dataDir)).rejects.toThrow(/restore it/);
  });

  it('refuses what a newer version made, and what is no database', async () => {
    const dataDir = temporaryFolder();
    await (await open(dataDir)).close();
    const db = openSqlite(join(dataDir, 'relay.db'));
    db.pragma('user_version = 99');
    db.close();
    await expect(open(dataDir)).rejects.toThrow(/install the newer version/);
    expect(() => openReadOnly(dataDir, (store) => store.counts())).toThrow(/install the newer version/);
    writeFileSync(join(dataDir, 'relay.db'), 'x'.repeat(5000));
    await expect(open(dataDir)).rejects.toMatchObject({ name: 'UserError' });
  });

  it('names the log when that is the one that is no database', async () => {
    const dataDir = temporaryFolder();
    const store = await open(dataDir);
    await insert(store, 'm1', 'a');
    await store.close();
    const audit = join(dataDir, 'audit');
    const [month = ''] = readdirSync(audit).filter((name) => name.endsWith('.db'));
    writeFileSync(join(audit, month), 'x'.repeat(5000));
    await expect(open(dataDir)).rejects.toThrow(/audit log in .*audit: .*restore the newest backup/);
  });

  it('refuses an audit log that is older than relay.db, or another, however well it fits together', async () => {
    const dataDir = temporaryFolder();
    const [audit, older] = [join(dataDir, 'audit'), join(dataDir, 'older')];
    const first = await open(dataDir);
    await insert(first, 'm1', 'a');
    await first.close();
    cpSync(audit, older, { recursive: true });
    const second = await open(dataDir);
    await insert(second, 'm2', 'b');
    await second.close();

    rmSync(audit, { recursive: true });
    cpSync(older, audit, { recursive: true });
    await expect(open(dataDir)).rejects.toThrow(
      /ends at event 1, but .*relay\.db remembers a checkpoint of event 2: .*older copy was put back/,
    );
    // Somebody else went on with that copy.
    const log = openAuditLog({
      dir: audit,
      signingKeyPem: readFileSync(join(audit, 'signing-key.pem'), 'utf8'),
      now: () => 1_800_000_000_000,
      checkpointEveryEvents: 1,
      checkpointEveryMs: 60_000,
      onCheckpoint: () => undefined,
    });
    log.begin();
    for (const id of ['x1', 'x2', 'x3']) log.append(accepted(id), 1_800_000_000_000);
    log.commit();
    log.close();
    await expect(open(dataDir)).rejects.toThrow(/event 2 is another than .*relay\.db remembers/);
    // Or put one of their own there.
    rmSync(audit, { recursive: true });
    loadOrCreateSigningKey(dataDir, { createIfMissing: true });
    await expect(open(dataDir)).rejects.toThrow(/signed by another key .* than .*relay\.db remembers/);
  });

  it('remembers each checkpoint with what is written next, however much waits', async () => {
    const dataDir = join(temporaryFolder(), 'data');
    const store = await open(dataDir, { audit: { checkpointEveryEvents: 1, checkpointEveryMs: 60_000 } });
    const month = readdirSync(join(dataDir, 'audit')).find((name) => name.endsWith('.db'));
    const failure = auditEvent('relay.stopped', { reason: 'made up' });
    await store.audit.record([failure]);
    const log = openSqlite(join(dataDir, 'audit', month ?? '2027-01.db'), { readonly: true });
    const queue = openSqlite(join(dataDir, 'relay.db'), { readonly: true });
    const behind = () => {
      const checkpoints = log.prepare<[], number>('SELECT seq FROM checkpoint').pluck().all();
      const line = queue
        .prepare<[], Buffer>("SELECT value FROM meta WHERE key = 'audit-checkpoint'")
        .pluck()
        .get();
      const seq = Number(/seq=(\d+)/.exec(String(line))?.[1] ?? 0);
      return checkpoints.filter((one) => one > seq).length;
    };
    const most: number[] = [];
    await Promise.all(
      Array.from({ length: 4000 }, async (_, i) => {
        await store.audit.record([failure]);
        if (i % 256 === 0) most.push(behind());
      }),
    );
    log.close();
    queue.close();
    expect(Math.max(...most)).toBeLessThanOrEqual(2);
  });

  it('says when relay.db is an older copy, whose mail may have been sent since', async () => {
    const dataDir = temporaryFolder();
    const [queue, older] = [join(dataDir, 'relay.db'), join(dataDir, 'older.db')];
    const said: string[] = [];
    const log = pino({}, { write: (line: string) => said.push(line) });
    for (let n = 0; n < 5; n++) {
      const store = await open(dataDir, { log });
      await insert(store, `m${n}`, 'a');
      await store.close();
      if (n === 0) cpSync(queue, older);
    }
    expect(said).toEqual([]);
    cpSync(older, queue);
    await (await open(dataDir, { log })).close();
    expect(JSON.parse(said.join(''))).toMatchObject({
      level: 50,
      missed: 4,
      msg: expect.stringContaining('may have been sent since'),
    });
  });

  it('knows the end of a log that a crash left, too', async () => {
    const dataDir = temporaryFolder();
    const store = await open(dataDir, { audit: { checkpointEveryEvents: 2, checkpointEveryMs: 60_000 } });
    for (const id of ['m1', 'm2', 'm3']) await insert(store, id, 'a');
    const [left, cut] = [temporaryFolder(), temporaryFolder()];
    cpSync(dataDir, left, { recursive: true });
    cpSync(dataDir, cut, { recursive: true });
    await (await open(left)).close();
    for (const name of readdirSync(join(cut, 'audit')))
      if (/^\d|^check/.test(name)) rmSync(join(cut, 'audit', name));
    await expect(open(cut)).rejects.toThrow(/ends at event 0, but event \d was in it/);
  });

  it('begins a new log where the folder of the old one was moved away as a whole, and says so', async () => {
    const dataDir = temporaryFolder();
    const audit = join(dataDir, 'audit');
    const first = await open(dataDir);
    for (const id of ['m1', 'm2']) await insert(first, id, 'a');
    const last = await first.auditHead();
    await first.close();
    const key = readFileSync(join(audit, 'public-key.pem'), 'utf8');
    renameSync(audit, join(dataDir, 'old'));
    const said: string[] = [];
    const second = await open(dataDir, { log: pino({}, { write: (line: string) => said.push(line) }) });
    await insert(second, 'm3', 'a');
    expect((await second.auditHead()).seq).toBe(2);
    // Commands that open the store themselves show errors only, and this happens once.
    expect(JSON.parse(said.join(''))).toMatchObject({
      level: 50,
      msg: expect.stringContaining('a new log begins'),
    });
    await second.close();
    const reader = openAuditReader(audit);
    const { events } = searchAudit(reader, { type: 'audit.begun-anew', limit: 9 });
    reader.close();
    expect(events).toMatchObject([{ seq: 1, data: { lastSeq: last.seq, lastHash: last.hash } }]);
    expect(readFileSync(join(audit, 'public-key.pem'), 'utf8')).not.toBe(key);
    await (await open(dataDir)).close();
    // Where a volume should be.
    rmSync(audit, { recursive: true });
    mkdirSync(audit);
    await expect(open(dataDir)).rejects.toThrow(/signing key .* is missing/);
  });

  it('begins it, too, where a crash left events that relay.db keeps for the old one', async () => {
    const dataDir = temporaryFolder();
    const first = await open(dataDir);
    for (const id of ['m1', 'm2', 'm3']) await insert(first, id, 'a');
    const left = temporaryFolder();
    cpSync(dataDir, left, { recursive: true });
    await first.close();
    const audit = join(left, 'audit');
    rmSync(audit, { recursive: true });
    const second = await open(left);
    await insert(second, 'm4', 'a');
    await second.close();
    const reader = openAuditReader(audit);
    const { events } = searchAudit(reader, { limit: 9 });
    reader.close();
    // With what the old one may not have had on disk, which is at least of the last batch.
    expect(events.slice(-2)).toMatchObject([{ data: { messageId: 'm3' } }, { data: { messageId: 'm4' } }]);
    await (await open(left)).close();
  });

  it('begins it at the next start where the first was refused in between', async () => {
    const dataDir = temporaryFolder();
    const audit = join(dataDir, 'audit');
    const first = await open(dataDir);
    for (const id of ['m1', 'm2']) await insert(first, id, 'a');
    await first.close();
    renameSync(audit, join(dataDir, 'old'));
    const another = loadMasterKey({ file: 'master.key' }, temporaryFolder(), { createIfMissing: true });
    await expect(open(dataDir, { masterKey: another })).rejects.toThrow(/master key/);
    await (await open(dataDir)).close();
    const reader = openAuditReader(audit);
    expect(searchAudit(reader, { limit: 9 }).events).toMatchObject([{ seq: 1, type: 'audit.begun-anew' }]);
    reader.close();
    expect(readdirSync(dataDir).filter((name) => name.includes('begins'))).toEqual([]);
  });

  it('goes on with it where the start was killed before relay.db had forgotten the one before', async () => {
    const dataDir = temporaryFolder();
    const first = await open(dataDir);
    for (const id of ['m1', 'm2']) await insert(first, id, 'a');
    await first.close();
    renameSync(join(dataDir, 'audit'), join(dataDir, 'old'));
    const before = join(temporaryFolder(), 'relay.db');
    cpSync(join(dataDir, 'relay.db'), before);
    await (await open(dataDir)).close();
    cpSync(before, join(dataDir, 'relay.db'));
    const again = await open(dataDir);
    await insert(again, 'm3', 'a');
    expect((await again.auditHead()).seq).toBe(2);
    await again.close();
    // With more behind it, this is the log of another relay.db.
    cpSync(before, join(dataDir, 'relay.db'));
    await expect(open(dataDir)).rejects.toThrow(/another key/);
  });

  it('refuses a missing audit signing key beside a database', async () => {
    const dataDir = temporaryFolder();
    await (await open(dataDir)).close();
    rmSync(join(dataDir, 'audit', 'signing-key.pem'));
    await expect(open(dataDir)).rejects.toThrow(/signing key/);
  });
});

describe('a store whose disk fails', () => {
  it('acknowledges nothing more and says that it failed', async () => {
    const dataDir = temporaryFolder();
    const store = await open(dataDir);
    await insert(store, 'm1', 'a');
    // A folder where the audit log's checkpoints go: the next one cannot be appended.
    const audit = join(dataDir, 'audit');
    await store.close();
    rmSync(join(audit, 'checkpoints.log'), { force: true });
    const failing = await open(dataDir, { audit: { checkpointEveryEvents: 1, checkpointEveryMs: 60_000 } });
    rmSync(join(audit, 'checkpoints.log'), { force: true });
    mkdirSync(join(audit, 'checkpoints.log'));
    // It and its event are on the disk before the checkpoint of it can be handed out.
    await insert(failing, 'm2', 'b');
    expect(await failing.failed).toBeInstanceOf(StoreUnavailable);
    await expect(insert(failing, 'm3', 'c')).rejects.toMatchObject({ name: 'StoreUnavailable' });
    await expect(failing.queue.counts()).rejects.toMatchObject({ name: 'StoreUnavailable' });
    await failing.close();
    const ids = openReadOnly(dataDir, (all) => all.list({ limit: 5 }).map((one) => one.message.id));
    expect(ids.toSorted()).toEqual(['m1', 'm2']);
  });
});

describe('a killed process', () => {
  it.each([1, 2])('loses nothing that it acknowledged, and leaves no lock (run %i)', async () => {
    const dataDir = temporaryFolder();
    const child = spawn(
      process.execPath,
      [fileURLToPath(new URL('./crash-child.mjs', import.meta.url)), dataDir],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const acknowledged: string[] = [];
    for await (const line of createInterface({ input: child.stdout })) {
      acknowledged.push(line);
      if (acknowledged.length === 200) child.kill('SIGKILL');
    }
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    expect(child.signalCode).toBe('SIGKILL');
    const orphansBefore = readdirSync(join(dataDir, 'bodies')).length;
    const store = await open(dataDir);
    for (const id of acknowledged) {
      const [count] = id.split('-').slice(1).map(Number);
      const text = await read(store, id);
      expect(text).toHaveLength((count ?? 0) % 3 === 0 ? 100_000 : 1000);
      expect(text.startsWith(id)).toBe(true);
    }
    const stored = await store.queue.undecided(100_000);
    expect(stored.length).toBeGreaterThanOrEqual(acknowledged.length);
    // Every act is on record: there may be an event more, never one less.
    expect((await store.auditHead()).seq).toBeGreaterThanOrEqual(stored.length);
    expect(readdirSync(join(dataDir, 'bodies')).length).toBeLessThanOrEqual(orphansBefore);
  });
});
