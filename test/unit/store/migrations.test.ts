import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { StoredKey } from '../../../src/model/key.js';
import { checkMasterKey } from '../../../src/store/key-check.js';
import { MIGRATIONS, migrate, schemaVersion } from '../../../src/store/migrations.js';
import { applyChange } from '../../../src/store/operations/apply-change.js';
import { keysFor, listKeys } from '../../../src/store/operations/key-reads.js';
import { putKey } from '../../../src/store/operations/key-writes.js';
import { destroyContent, insertMessage } from '../../../src/store/operations/queue-writes.js';
import { openRelayDb } from '../../../src/store/relay-db.js';
import { INLINE, newMessage, portalItem, temporaryDb, temporaryFolder } from './fixtures.js';

const KEY: StoredKey = {
  kind: 'openpgp',
  address: 'ada@hospital.example',
  fingerprint: 'A'.repeat(40),
  source: 'imported',
  state: 'active',
  pinned: false,
  firstSeenAt: 1,
  confirmedAt: 1,
  material: Buffer.from('public key'),
  chain: [],
};

function emptyDb() {
  const file = join(temporaryFolder(), 'relay.db');
  return { file, db: openRelayDb(file) };
}

describe('migrations', () => {
  it('bring an empty database to the newest layout, once', () => {
    const { db, file } = emptyDb();
    expect(schemaVersion(db)).toBe(0);
    migrate(db, file);
    migrate(db, file);
    expect(schemaVersion(db)).toBe(MIGRATIONS.length);
    expect(db.all('PRAGMA integrity_check')).toEqual([{ integrity_check: 'ok' }]);
    db.close();
  });

  it('do only the steps that are missing', () => {
    const { db, file } = emptyDb();
    migrate(db, file, ['CREATE TABLE one (a ANY) STRICT']);
    db.run('INSERT INTO one VALUES (1)');
    migrate(db, file, ['not run again', 'ALTER TABLE one ADD COLUMN b TEXT']);
    expect(db.all('SELECT * FROM one')).toEqual([{ a: 1, b: null }]);
    db.close();
  });

  it('leave the database as it was when a step fails', () => {
    const { db, file } = emptyDb();
    expect(() => migrate(db, file, ['CREATE TABLE one (a TEXT) STRICT', 'nonsense'])).toThrow();
    expect(schemaVersion(db)).toBe(0);
    expect(db.all("SELECT name FROM sqlite_schema WHERE type = 'table'")).toEqual([]);
    db.close();
  });

  it('keep the mail, accounts and portal items of a database of layout 1', () => {
    const { db, file } = emptyDb();
    migrate(db, file, MIGRATIONS.slice(0, 1));
    insertMessage(db, newMessage('m1'));
    applyChange(db, {
      recipients: [{ key: { messageId: 'm1', index: 0 }, from: ['received'], set: { state: 'in-portal' } }],
      createPortalItems: [portalItem('p1', 'm1')],
    });
    const tables = ['messages', 'bodies', 'recipients', 'recipient_counts', 'portal_items', 'accounts'];
    const everything = () => tables.map((table) => db.all(`SELECT * FROM ${table}`));
    const before = everything();
    migrate(db, file);
    expect(schemaVersion(db)).toBe(MIGRATIONS.length);
    expect(everything()).toEqual(before);
    expect(listKeys(db, { limit: 10 })).toEqual([]);
    expect(putKey(db, KEY)).toBe(true);
    expect(keysFor(db, KEY.address)).toEqual([KEY]);
    db.close();
  });

  it('refuse a database that a newer version made', () => {
    const { db, file } = emptyDb();
    db.exec('PRAGMA user_version = 99');
    expect(() => migrate(db, file)).toThrow(/layout 99.*install the newer version/);
    db.close();
  });
});

describe('relay.db', () => {
  it('is opened so that commits and deletions are real', () => {
    const db = temporaryDb();
    const pragma = (name: string) =>
      Object.values(db.get<Record<string, unknown>>(`PRAGMA ${name}`) ?? {})[0];
    expect({
      journal: pragma('journal_mode'),
      synchronous: pragma('synchronous'),
      foreignKeys: pragma('foreign_keys'),
      secureDelete: pragma('secure_delete'),
      recursiveTriggers: pragma('recursive_triggers'),
    }).toEqual({ journal: 'wal', synchronous: 2, foreignKeys: 1, secureDelete: 1, recursiveTriggers: 1 });
  });

  it('has strict tables only', () => {
    const db = temporaryDb();
    const tables = db.all<{ name: string; strict: number }>(
      "SELECT name, strict FROM pragma_table_list WHERE schema = 'main' AND name NOT LIKE 'sqlite_%'",
    );
    expect(tables.length).toBeGreaterThan(5);
    expect(tables.filter((table) => table.strict === 0)).toEqual([]);
  });

  it('remembers which master key it was made with', () => {
    const db = temporaryDb();
    checkMasterKey(db, Buffer.alloc(32, 1), 'master.key', 'relay.db');
    checkMasterKey(db, Buffer.alloc(32, 1), 'master.key', 'relay.db');
    expect(() => checkMasterKey(db, Buffer.alloc(32, 2), 'master.key', 'relay.db')).toThrow(/not the one/);
  });
});

describe('destroyed content', () => {
  it('is in no byte of the files once the log was emptied', () => {
    const folder = temporaryFolder();
    const file = join(folder, 'relay.db');
    const db = openRelayDb(file);
    migrate(db, file);
    const canary = Buffer.from('CANARY-WRAPPED-KEY-0000');
    insertMessage(db, newMessage('m1', undefined, { body: { ...INLINE, wrappedKey: canary } }));
    db.truncateWal();
    const everything = () =>
      Buffer.concat(readdirSync(folder).map((name) => readFileSync(join(folder, name))));
    expect(everything().includes(canary)).toBe(true);
    applyChange(db, {
      recipients: [{ key: { messageId: 'm1', index: 0 }, from: ['received'], set: { state: 'ended' } }],
    });
    destroyContent(db, 'm1');
    expect(db.truncateWal()).toBe(true);
    expect(everything().includes(canary)).toBe(false);
    db.close();
  });
});
