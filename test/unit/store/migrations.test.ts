import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { StoredKey } from '../../../src/model/key.js';
import { MESSAGE_ORIGINS } from '../../../src/model/message.js';
import { checkMasterKey } from '../../../src/store/key-check.js';
import { MIGRATIONS, migrate, schemaVersion } from '../../../src/store/migrations.js';
import { applyChange } from '../../../src/store/operations/apply-change.js';
import { keysFor, listKeys } from '../../../src/store/operations/key-reads.js';
import { putKey } from '../../../src/store/operations/key-writes.js';
import { putReply } from '../../../src/store/operations/portal-people.js';
import { closedItemsWithContent, code, item, reply } from '../../../src/store/operations/portal-reads.js';
import { destroyItemContent } from '../../../src/store/operations/portal-writes.js';
import { finished, message } from '../../../src/store/operations/queue-reads.js';
import { destroyContent, insertMessage } from '../../../src/store/operations/queue-writes.js';
import { openRelayDb } from '../../../src/store/relay-db.js';
import { INLINE, newMessage, portalItem, recipient, temporaryDb, temporaryFolder } from './fixtures.js';

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

  it('keep the mail of a database of layout 1, and can hold keys then', () => {
    const { db, file } = emptyDb();
    migrate(db, file, MIGRATIONS.slice(0, 1));
    insertMessage(db, newMessage('m1'));
    migrate(db, file);
    expect(message(db, 'm1')).toMatchObject({ id: 'm1', state: 'received' });
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

describe('the step to items that know their notice', () => {
  it('gives each the newest that is known, and takes any where none is', () => {
    const { db, file } = emptyDb();
    migrate(db, file, MIGRATIONS.slice(0, 10));
    const put = (id: string, state = 'waiting') =>
      db.run(
        `INSERT INTO portal_items (id, message_id, recipient_idx, recipient, sender, link_hash, created_at, expires_at, state)
         VALUES (?, 'm1', 0, 'ada@hospital.example', 'ward3@clinic.example', ?, 200, 5000, ?)`,
        id,
        Buffer.from(id),
        state,
      );
    insertMessage(db, newMessage('m1'));
    for (const id of ['told', 'untold']) put(id);
    // Closed ones are final, and stay as they are.
    for (const state of ['expired', 'revoked', 'undeliverable']) {
      put(state, state);
      insertMessage(
        db,
        newMessage(`of-${state}`, undefined, { origin: 'pickup-notice', aboutPortalItem: state }),
      );
    }
    for (const id of ['n1', 'n3', 'n2'])
      insertMessage(db, newMessage(id, undefined, { origin: 'pickup-notice', aboutPortalItem: 'told' }));
    insertMessage(db, newMessage('n9', undefined, { origin: 'pickup-reminder', aboutPortalItem: 'told' }));
    migrate(db, file);
    expect(item(db, 'told')).toMatchObject({ noticeId: 'n3' });
    expect(item(db, 'untold')).not.toHaveProperty('noticeId');
    expect(item(db, 'expired')).toMatchObject({ state: 'expired' });
    const close = (id: string) =>
      applyChange(db, {
        onlyIfAllApply: true,
        changePortalItems: [{ id, from: ['waiting'], state: 'undeliverable', toldBy: 'n1' }],
      });
    expect(close('told')).toBe(false);
    expect(close('untold')).toEqual([]);
    db.close();
  });
});

describe('the step to a portal with accounts', () => {
  /** A database of layout 2 with rows of every kind, written as that version wrote them. */
  function layout2() {
    const { db, file } = emptyDb();
    migrate(db, file, MIGRATIONS.slice(0, 2));
    const item = (id: string, messageId: string, index: number, state: string) =>
      db.run(
        `INSERT INTO portal_items (id, message_id, recipient_idx, recipient, sender, link_hash, created_at, expires_at, state,
           first_read_at) VALUES (?, ?, ?, 'ada@hospital.example', 'ward3@clinic.example', ?, 200, 5000, ?, ?)`,
        id,
        messageId,
        index,
        Buffer.from(`link of ${id}`),
        state,
        state === 'picked-up' ? 300 : null,
      );
    const move = (
      messageId: string,
      index: number,
      state: 'in-portal' | 'picked-up' | 'held' | 'delivered',
    ) =>
      applyChange(db, {
        recipients: [
          {
            key: { messageId, index },
            from: ['received', 'in-portal'],
            set: { state, ...(state === 'held' ? { expiresAt: 900 } : {}) },
          },
        ],
      });
    for (const origin of ['submitted', 'dsn', 'pickup-notice', 'access-code', 'hold-notice'] as const)
      insertMessage(db, newMessage(`of-${origin}`, undefined, { origin, aboutMessage: 'waits' }));
    const two = [recipient('ada@hospital.example'), recipient('bo@hospital.example')];
    insertMessage(db, newMessage('waits', two));
    move('waits', 0, 'in-portal');
    item('p-waits', 'waits', 0, 'waiting');
    move('waits', 1, 'delivered');
    insertMessage(db, newMessage('read', two));
    move('read', 0, 'in-portal');
    item('p-read', 'read', 0, 'picked-up');
    move('read', 0, 'picked-up');
    move('read', 1, 'held');
    insertMessage(db, newMessage('over'));
    move('over', 0, 'delivered');
    applyChange(db, { decided: { messageId: 'over', subjectShowable: true } });
    db.run("INSERT INTO portal_codes VALUES ('p-waits', x'01', 210, 400, 1)");
    db.run("INSERT INTO portal_codes_issued VALUES ('p-waits', 210)");
    db.run("INSERT INTO portal_sessions VALUES (x'02', 'p-waits', 220, 9000)");
    db.run(`INSERT INTO accounts VALUES ('ward3', '$argon2id$made-up', '["clinic.example"]', 0, 1, 1)`);
    db.run("INSERT INTO tls_memory VALUES ('hospital.example', 'verified', 1)");
    putKey(db, KEY);
    return { db, file };
  }

  const UNCHANGED = [
    'bodies',
    'recipients',
    'recipient_counts',
    'portal_codes_issued',
    'accounts',
    'tls_memory',
    'recipient_keys',
    'own_keys',
    'meta',
  ];

  it('keeps every row and every reference', () => {
    const { db, file } = layout2();
    const everything = () => UNCHANGED.map((table) => [table, db.all(`SELECT * FROM ${table}`)]);
    const before = everything();
    const messages = db.all<{ id: string }>('SELECT * FROM messages ORDER BY id');
    // Later steps add columns.
    migrate(db, file, MIGRATIONS.slice(0, 4));
    expect(everything()).toEqual(before);
    expect(db.all('PRAGMA foreign_key_check')).toEqual([]);
    expect(db.all('PRAGMA integrity_check')).toEqual([{ integrity_check: 'ok' }]);
    expect(db.get('PRAGMA foreign_keys')).toEqual({ foreign_keys: 1 });
    expect(db.get('PRAGMA legacy_alter_table')).toEqual({ legacy_alter_table: 0 });
    // A recipient in the portal counts by its item now.
    expect(db.all('SELECT * FROM messages ORDER BY id')).toEqual(
      messages.map((row) => ({ ...row, unfinished: unfinishedAfter[row.id] ?? 1 })),
    );
    // Whoever was reading signs in again.
    expect(db.all('SELECT * FROM portal_sessions')).toEqual([]);
    expect(db.all("SELECT name FROM sqlite_schema WHERE sql LIKE '%messages_anew%'")).toEqual([]);
    db.close();
  });
  const unfinishedAfter: Record<string, number> = { waits: 1, read: 2, over: 0 };

  it('leaves items readable that have no content of their own, and their code', () => {
    const { db, file } = layout2();
    migrate(db, file);
    const waits = item(db, 'p-waits');
    expect(waits).toEqual(portalItem('p-waits', 'waits'));
    expect(item(db, 'p-read')).toMatchObject({ state: 'picked-up', firstReadAt: 300 });
    expect(message(db, 'waits')?.body).toEqual(INLINE);
    expect(code(db, 'p-waits')).toMatchObject({ way: 'mailbox', failedTries: 1 });
    expect(finished(db, 10)).toEqual(['over']);
    expect(() => destroyContent(db, 'waits')).toThrow('still needs');
    db.close();
  });

  it('lets them end, and their content with them', () => {
    const { db, file } = layout2();
    migrate(db, file);
    applyChange(db, {
      recipients: [{ key: { messageId: 'waits', index: 0 }, from: ['in-portal'], set: { state: 'expired' } }],
      changePortalItems: [{ id: 'p-waits', state: 'expired' }],
    });
    expect(code(db, 'p-waits')).toBeUndefined();
    expect(closedItemsWithContent(db, 10)).toEqual([]);
    expect(finished(db, 10)).toEqual(['over', 'waits']);
    destroyContent(db, 'waits');
    applyChange(db, { changePortalItems: [{ id: 'p-read', state: 'revoked' }] });
    expect(finished(db, 10)).toEqual(['over']);
    applyChange(db, {
      recipients: [{ key: { messageId: 'read', index: 1 }, from: ['held'], set: { state: 'bounced' } }],
    });
    expect(finished(db, 10)).toEqual(['over', 'read']);
    db.close();
  });

  it('keeps what the triggers of before held to', () => {
    const { db, file } = layout2();
    migrate(db, file);
    for (const sql of [
      "UPDATE messages SET state = 'received' WHERE id = 'over'",
      "DELETE FROM bodies WHERE message_id = 'read'",
      "UPDATE recipients SET state = 'held' WHERE message_id = 'over'",
      "DELETE FROM recipients WHERE message_id = 'waits' AND idx = 0",
      "UPDATE recipients SET state = 'held', expires_at = 1 WHERE message_id = 'waits' AND idx = 0",
      "INSERT INTO messages SELECT 'x', 'unknown', received_at, identity, sender, header_message_id, 0, 0, NULL, NULL, '', '', NULL, 'received', 0, 0, NULL, NULL, 0, 0 FROM messages LIMIT 1",
      "UPDATE portal_items SET message_id = 'none'",
      "DELETE FROM messages WHERE id = 'waits'",
    ])
      expect.soft(() => db.run(sql), sql).toThrow();
    for (const origin of MESSAGE_ORIGINS)
      insertMessage(db, newMessage(`new-${origin}`, undefined, { origin }));
    expect(message(db, 'new-portal-reply')?.origin).toBe('portal-reply');
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
  /** Every byte of the files in a folder, the log of the database among them. */
  const everything = (folder: string) =>
    Buffer.concat(readdirSync(folder).map((name) => readFileSync(join(folder, name))));

  it('of a portal item is in no byte of the files once the log was emptied', () => {
    const folder = temporaryFolder();
    const file = join(folder, 'relay.db');
    const db = openRelayDb(file);
    migrate(db, file);
    const own = Buffer.from('CANARY-KEY-OF-THE-ITEM-00');
    const ownBytes = Buffer.from('CANARY-BYTES-OF-THE-ITEM-');
    const ofReply = Buffer.from('CANARY-KEY-OF-THE-REPLY-0');
    const copyBytes = Buffer.from('CANARY-BYTES-OF-THE-REPLY');
    insertMessage(db, newMessage('m1'));
    applyChange(db, {
      recipients: [{ key: { messageId: 'm1', index: 0 }, from: ['received'], set: { state: 'in-portal' } }],
      createPortalItems: [
        portalItem('p1', 'm1', {
          body: { wrappedKey: own, size: 25, content: { kind: 'inline', bytes: ownBytes } },
        }),
      ],
    });
    putReply(db, {
      reply: {
        id: 'r1',
        itemId: 'p1',
        recipient: 'ada@hospital.example',
        messageId: 'reply',
        createdAt: 300,
        body: { wrappedKey: ofReply, size: 25, content: { kind: 'inline', bytes: copyBytes } },
      },
      message: newMessage('reply', undefined, { origin: 'portal-reply' }),
    });
    const canaries = [own, ownBytes, ofReply, copyBytes];
    const found = () => canaries.map((one) => everything(folder).includes(one));
    // In the log, and after this in the database too.
    expect(found()).toEqual([true, true, true, true]);
    db.truncateWal();
    expect(found()).toEqual([true, true, true, true]);
    expect(() => destroyItemContent(db, 'p1')).toThrow('open');
    applyChange(db, { changePortalItems: [{ id: 'p1', state: 'revoked' }] });
    expect(closedItemsWithContent(db, 9).map(({ id }) => id)).toEqual(['p1']);
    expect(destroyItemContent(db, 'p1')).toEqual([]);
    expect(closedItemsWithContent(db, 9)).toEqual([]);
    expect(db.truncateWal()).toBe(true);
    expect(found()).toEqual([false, false, false, false]);
    expect(item(db, 'p1')).not.toHaveProperty('body');
    expect(reply(db, 'r1')).not.toHaveProperty('body');
    db.close();
  });

  it('is in no byte of the files once the log was emptied', () => {
    const folder = temporaryFolder();
    const file = join(folder, 'relay.db');
    const db = openRelayDb(file);
    migrate(db, file);
    const canary = Buffer.from('CANARY-WRAPPED-KEY-0000');
    insertMessage(db, newMessage('m1', undefined, { body: { ...INLINE, wrappedKey: canary } }));
    db.truncateWal();
    expect(everything(folder).includes(canary)).toBe(true);
    applyChange(db, {
      recipients: [{ key: { messageId: 'm1', index: 0 }, from: ['received'], set: { state: 'ended' } }],
    });
    destroyContent(db, 'm1');
    expect(db.truncateWal()).toBe(true);
    expect(everything(folder).includes(canary)).toBe(false);
    db.close();
  });
});
