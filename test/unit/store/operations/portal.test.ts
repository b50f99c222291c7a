import { describe, expect, it } from 'vitest';
import type { PortalItem } from '../../../../src/model/portal-item.js';
import { account, accounts, putAccount } from '../../../../src/store/operations/accounts.js';
import { applyChange } from '../../../../src/store/operations/apply-change.js';
import * as people from '../../../../src/store/operations/portal-people.js';
import * as reads from '../../../../src/store/operations/portal-reads.js';
import * as writes from '../../../../src/store/operations/portal-writes.js';
import { insertMessage } from '../../../../src/store/operations/queue-writes.js';
import type { RelayDb } from '../../../../src/store/relay-db.js';
import { newMessage, portalItem, queued, temporaryDb } from '../fixtures.js';

const CLOSED = ['expired', 'revoked', 'undeliverable'] as const;

/** A message in the portal, as item `p1`. */
function setUp(): RelayDb {
  const db = temporaryDb();
  insertMessage(db, newMessage('m1'));
  applyChange(db, {
    recipients: [{ key: { messageId: 'm1', index: 0 }, from: ['received'], set: { state: 'in-portal' } }],
    createPortalItems: [portalItem('p1', 'm1')],
  });
  return db;
}

let mails = 0;
function sendCode(db: RelayDb, createdAt: number): void {
  writes.putCode(db, {
    code: {
      itemId: 'p1',
      codeHash: Buffer.from(`code ${createdAt}`),
      createdAt,
      expiresAt: createdAt + 100,
      failedTries: 0,
      way: 'mailbox',
    },
    mail: newMessage(`code-${++mails}`, [queued('ada@hospital.example')], { origin: 'access-code' }),
  });
}

const session = (createdAt: number, token = 1) => ({
  tokenHash: Buffer.of(token),
  recipient: 'ada@hospital.example',
  proofs: ['mailbox' as const],
  passphraseItems: [],
  createdAt,
  expiresAt: createdAt + 50,
});

const change = (db: RelayDb, state: PortalItem['state'], more: object = {}) =>
  applyChange(db, { changePortalItems: [{ id: 'p1', state, ...more }] });

describe('portal items', () => {
  it('are found by id, link, message and recipient', () => {
    const db = setUp();
    const item = portalItem('p1', 'm1');
    expect(reads.item(db, 'p1')).toEqual(item);
    expect(reads.itemByLink(db, item.linkHash)).toEqual(item);
    expect(reads.itemByLink(db, Buffer.from('another'))).toBeUndefined();
    expect(reads.items(db, { limit: 10 })).toHaveLength(1);
    expect(reads.items(db, { messageId: 'm1', recipient: 'ada@hospital.example', limit: 10 })).toHaveLength(
      1,
    );
    expect(reads.items(db, { messageId: 'm1', recipient: 'bo@hospital.example', limit: 10 })).toEqual([]);
  });

  it('expire whether or not they were picked up', () => {
    const db = setUp();
    expect(reads.expiredItems(db, { now: 4999, limit: 10 })).toEqual([]);
    expect(reads.expiredItems(db, { now: 5000, limit: 10 })).toHaveLength(1);
    change(db, 'picked-up', { firstReadAt: 300 });
    expect(reads.expiredItems(db, { now: 5000, limit: 10 })).toHaveLength(1);
    change(db, 'expired');
    expect(reads.expiredItems(db, { now: 5000, limit: 10 })).toEqual([]);
  });

  it('keep the time of the first reading, and do not wait again', () => {
    const db = setUp();
    change(db, 'picked-up', { firstReadAt: 300 });
    change(db, 'picked-up', { firstReadAt: 400 });
    change(db, 'waiting');
    expect(reads.item(db, 'p1')).toMatchObject({ state: 'picked-up', firstReadAt: 300 });
  });

  it('change only from the states named', () => {
    const db = setUp();
    change(db, 'undeliverable', { from: ['picked-up'] });
    expect(reads.item(db, 'p1')?.state).toBe('waiting');
    change(db, 'undeliverable', { from: ['waiting'] });
    expect(reads.item(db, 'p1')?.state).toBe('undeliverable');
  });

  it.each(CLOSED)('stay %s, lose their code, and open no more sessions', (closed) => {
    const db = setUp();
    sendCode(db, 1000);
    people.openSessionWithCode(db, { itemId: 'p1', session: session(1001) });
    sendCode(db, 1002);
    change(db, closed);
    for (const state of ['waiting', 'picked-up', ...CLOSED] as const) change(db, state);
    expect(reads.item(db, 'p1')?.state).toBe(closed);
    expect(reads.code(db, 'p1')).toBeUndefined();
    // Of the recipient, who may have other messages: what it opens is asked at each request.
    expect(reads.session(db, { tokenHash: Buffer.of(1), now: 1002 })).toBeDefined();
    expect(people.openSessionWithCode(db, { itemId: 'p1', session: session(1003, 2) })).toBe(false);
    expect(() => sendCode(db, 1004)).toThrow('closed');
    expect(() => db.run("UPDATE portal_items SET state = 'waiting'")).toThrow('final');
  });
});

describe('codes', () => {
  it('replace each other, and all count', () => {
    const db = setUp();
    sendCode(db, 1000);
    writes.failCode(db, 'p1');
    sendCode(db, 2000);
    expect(reads.code(db, 'p1')).toMatchObject({ codeHash: Buffer.from('code 2000'), failedTries: 0 });
    expect(reads.codesIssuedSince(db, { itemId: 'p1', since: 0 })).toBe(2);
    expect(reads.codesIssuedSince(db, { itemId: 'p1', since: 1001 })).toBe(1);
  });

  it('count failed tries', () => {
    const db = setUp();
    sendCode(db, 1000);
    expect(writes.failCode(db, 'p1')).toBe(1);
    expect(writes.failCode(db, 'p1')).toBe(2);
    expect(reads.code(db, 'p1')?.failedTries).toBe(2);
  });

  it('open one session each, before they expire', () => {
    const db = setUp();
    expect(people.openSessionWithCode(db, { itemId: 'p1', session: session(1000) })).toBe(false);
    sendCode(db, 1000);
    expect(people.openSessionWithCode(db, { itemId: 'p1', session: session(1100) })).toBe(false);
    expect(people.openSessionWithCode(db, { itemId: 'p1', session: session(1099) })).toBe(true);
    expect(people.openSessionWithCode(db, { itemId: 'p1', session: session(1099, 2) })).toBe(false);
    expect(reads.session(db, { tokenHash: Buffer.of(1), now: 1148 })).toEqual(session(1099));
    expect(reads.session(db, { tokenHash: Buffer.of(1), now: 1149 })).toBeUndefined();
    expect(reads.codesIssuedSince(db, { itemId: 'p1', since: 0 })).toBe(1);
    people.closeSession(db, Buffer.of(1));
    expect(reads.session(db, { tokenHash: Buffer.of(1), now: 1100 })).toBeUndefined();
  });
});

describe('accounts', () => {
  it('are put, changed and listed', () => {
    const db = temporaryDb();
    const ada = {
      name: 'ward3',
      passwordHash: '$argon2id$made-up',
      senders: ['ward3@clinic.example', 'clinic.example'],
      disabled: false,
      createdAt: 1,
      changedAt: 1,
    };
    putAccount(db, ada);
    putAccount(db, { ...ada, name: 'archive' });
    expect(account(db, 'ward3')).toEqual(ada);
    putAccount(db, { ...ada, disabled: true, createdAt: 9, changedAt: 9 });
    expect(account(db, 'ward3')).toEqual({ ...ada, disabled: true, changedAt: 9 });
    expect(accounts(db, null).map((one) => one.name)).toEqual(['archive', 'ward3']);
    expect(account(db, 'nobody')).toBeUndefined();
  });
});
