import { describe, expect, it } from 'vitest';
import type { PortalAccount, PortalPasskey, PortalReply } from '../../../../src/model/portal-item.js';
import { applyChange } from '../../../../src/store/operations/apply-change.js';
import * as people from '../../../../src/store/operations/portal-people.js';
import * as reads from '../../../../src/store/operations/portal-reads.js';
import * as writes from '../../../../src/store/operations/portal-writes.js';
import * as queue from '../../../../src/store/operations/queue-reads.js';
import { destroyContent, insertMessage } from '../../../../src/store/operations/queue-writes.js';
import type { RelayDb } from '../../../../src/store/relay-db.js';
import { INLINE, newMessage, portalItem, queued, temporaryDb } from '../fixtures.js';

const ADA = 'ada@hospital.example';
const BO = 'bo@hospital.example';

/** A message in the portal, as item `p1` with content of its own. */
function setUp(more: Parameters<typeof portalItem>[2] = {}): RelayDb {
  const db = temporaryDb();
  insertMessage(db, newMessage('m1'));
  applyChange(db, {
    recipients: [{ key: { messageId: 'm1', index: 0 }, from: ['received'], set: { state: 'in-portal' } }],
    createPortalItems: [portalItem('p1', 'm1', { body: INLINE, ...more })],
  });
  return db;
}
const close = (db: RelayDb) => applyChange(db, { changePortalItems: [{ id: 'p1', state: 'expired' }] });

const session = (token: number, recipient = ADA, createdAt = 1000) => ({
  tokenHash: Buffer.of(token),
  recipient,
  proofs: ['mailbox', 'totp'] as const,
  passphraseItems: ['p1'],
  createdAt,
  expiresAt: createdAt + 100,
});
const found = (db: RelayDb, token: number, now = 1001) =>
  reads.session(db, { tokenHash: Buffer.of(token), now });

describe('sessions', () => {
  it('come back as they were put, until their end', () => {
    const db = setUp();
    people.openPortalSession(db, session(1));
    expect(found(db, 1)).toEqual(session(1));
    expect(found(db, 1, 1100)).toBeUndefined();
    people.openPortalSession(db, session(2, ADA, 2000));
    expect(db.all('SELECT token_hash FROM portal_sessions')).toHaveLength(1);
  });

  it('are raised into another one, once, and only into the same recipient’s', () => {
    const db = setUp();
    people.openPortalSession(db, session(1));
    expect(people.raiseSession(db, { old: Buffer.of(1), session: session(2, BO) })).toBe(false);
    expect(people.raiseSession(db, { old: Buffer.of(9), session: session(2) })).toBe(false);
    expect(people.raiseSession(db, { old: Buffer.of(1), session: session(2, ADA, 1100) })).toBe(false);
    expect(people.raiseSession(db, { old: Buffer.of(1), session: session(2) })).toBe(true);
    expect(people.raiseSession(db, { old: Buffer.of(1), session: session(3) })).toBe(false);
    expect(found(db, 1)).toBeUndefined();
    expect(found(db, 2)).toBeDefined();
  });

  it('take an old one’s place by a code only while that lives', () => {
    const db = setUp();
    const code = { itemId: 'p1', codeHash: Buffer.of(1), createdAt: 900, expiresAt: 2000, failedTries: 0 };
    writes.putCode(db, { code: { ...code, way: 'mailbox' }, mail: undefined });
    people.openPortalSession(db, session(1));
    people.closeSessionsOf(db, ADA);
    const next = { itemId: 'p1', session: session(2) };
    expect(people.openSessionWithCode(db, { ...next, old: Buffer.of(1) })).toBe(false);
    people.openPortalSession(db, session(3));
    expect(people.openSessionWithCode(db, { ...next, old: Buffer.of(3) })).toBe(true);
    expect([2, 3].map((token) => found(db, token) !== undefined)).toEqual([true, false]);
  });

  it('end when the passphrase that they gave is replaced', () => {
    const db = setUp();
    people.openPortalSession(db, { ...session(1), recipient: reads.item(db, 'p1')!.recipient });
    people.openPortalSession(db, {
      ...session(2),
      recipient: reads.item(db, 'p1')!.recipient,
      passphraseItems: [],
    });
    const change = (set: Parameters<typeof writes.setItem>[1]['set']) =>
      writes.setItem(db, { id: 'p1', set, mail: [], from: ['waiting'] });
    change({ passphraseTries: 0 });
    expect([1, 2].map((token) => found(db, token) !== undefined)).toEqual([true, true]);
    change({ passphraseHash: Buffer.of(5), passphraseTries: 0 });
    expect([1, 2].map((token) => found(db, token) !== undefined)).toEqual([false, true]);
  });

  it('are found by every spelling of the address, as accounts, devices and items are', () => {
    const db = setUp();
    people.openPortalSession(db, session(1, 'ADA@hospital.example'));
    expect(found(db, 1)?.recipient).toBe(ADA);
    people.putPortalAccount(db, {
      account: { ...account, recipient: 'Ada@hospital.example' },
      expected: undefined,
    });
    expect(reads.portalAccount(db, 'aDa@hospital.example')?.recipient).toBe(ADA);
    people.putPasskey(db, passkey(1, 'aDA@hospital.example'));
    expect(reads.passkeys(db, ADA)).toHaveLength(1);
    const item = reads.item(db, 'p1')!;
    const upper = item.recipient.toUpperCase().replace(/@.*/, (domain) => domain.toLowerCase());
    expect(reads.items(db, { recipient: upper, limit: 9 }).map(({ id }) => id)).toEqual(['p1']);
    expect(reads.portalUsage(db, upper).items).toBe(1);
    expect(reads.writtenAddress(db, upper)).toBe(item.recipient);
    expect(reads.writtenAddress(db, BO)).toBeUndefined();
    people.closeSessionsOf(db, 'Ada@hospital.example');
    expect(found(db, 1)).toBeUndefined();
  });

  it('end all at once with the devices of a recipient, and of nobody else', () => {
    const db = setUp();
    for (const [token, recipient] of [
      [1, ADA],
      [2, ADA],
      [3, BO],
    ] as const) {
      people.openPortalSession(db, session(token, recipient));
      const device = {
        tokenHash: Buffer.of(token),
        recipient,
        client: 'Firefox, Android',
        createdAt: 1,
        expiresAt: 5000,
      };
      expect(people.putDevice(db, { device, session: Buffer.of(9) })).toBe(false);
      expect(people.putDevice(db, { device, session: Buffer.of(token) })).toBe(true);
    }
    people.closeSessionsOf(db, ADA);
    expect([1, 2, 3].map((token) => found(db, token) !== undefined)).toEqual([false, false, true]);
    const device = (token: number) => reads.device(db, { tokenHash: Buffer.of(token), now: 2 });
    expect([1, 2, 3].map((token) => device(token)?.recipient)).toEqual([undefined, undefined, BO]);
    expect(reads.device(db, { tokenHash: Buffer.of(3), now: 5000 })).toBeUndefined();
  });

  it('end but one with a device that is forgotten, by its owner alone', () => {
    const db = setUp();
    for (const [token, recipient] of [
      [1, ADA],
      [2, ADA],
      [3, BO],
    ] as const) {
      people.openPortalSession(db, session(token, recipient));
      const tokenHash = Buffer.of(token);
      const device = { tokenHash, recipient, client: `Browser ${token}`, createdAt: token, expiresAt: 5000 };
      people.putDevice(db, { device, session: tokenHash });
    }
    const listed = (recipient: string) =>
      reads.devices(db, { recipient, now: 2, limit: 9 }).map(({ client }) => client);
    expect(listed('Ada@hospital.example')).toEqual(['Browser 2', 'Browser 1']);
    expect(reads.devices(db, { recipient: ADA, now: 5000, limit: 9 })).toEqual([]);
    const forget = (token: number, recipient: string, asks: number) =>
      people.removeDevice(db, {
        tokenHash: Buffer.of(token),
        recipient,
        session: Buffer.of(asks),
        now: 2,
      });
    expect([forget(3, ADA, 1), forget(1, ADA, 3), forget(1, ADA, 9), forget(8, ADA, 1)]).toEqual(
      Array(4).fill(false),
    );
    expect([1, 2, 3].map((token) => found(db, token) !== undefined)).toEqual([true, true, true]);
    expect(forget(1, 'ADA@hospital.example', 2)).toBe(true);
    expect([listed(ADA), listed(BO)]).toEqual([['Browser 2'], ['Browser 3']]);
    expect([1, 2, 3].map((token) => found(db, token) !== undefined)).toEqual([false, true, true]);
  });
});

const account: PortalAccount = {
  recipient: ADA,
  passwordHash: '$argon2id$made-up',
  totp: { sealed: Buffer.from('sealed'), enrolledBy: 'organisation', confirmed: true, lastStep: 7 },
  language: 'es',
  createdAt: 1,
  changedAt: 2,
  failures: 3,
  lockedUntil: 9,
};

describe('accounts of the portal', () => {
  it('change only over what whoever changes them has seen', () => {
    const db = temporaryDb();
    expect(people.putPortalAccount(db, { account, expected: account })).toBe(false);
    expect(people.putPortalAccount(db, { account, expected: undefined })).toBe(true);
    expect(reads.portalAccount(db, ADA)).toEqual(account);
    expect(people.putPortalAccount(db, { account, expected: undefined })).toBe(false);
    const next = { recipient: ADA, createdAt: 1, changedAt: 5, failures: 0 };
    // As it comes through the thread, where other bytes hold the same.
    const seen = structuredClone({
      ...account,
      totp: { ...account.totp!, sealed: new Uint8Array([...Buffer.from('sealed')]) },
    });
    expect(people.putPortalAccount(db, { account: next, expected: { ...seen, failures: 2 } })).toBe(false);
    expect(people.putPortalAccount(db, { account: next, expected: seen })).toBe(true);
    expect(reads.portalAccount(db, ADA)).toEqual(next);
  });

  it('are removed with passkeys, devices and sessions', () => {
    const db = temporaryDb();
    people.putPortalAccount(db, { account, expected: undefined });
    people.putPasskey(db, passkey(1));
    people.putPasskey(db, passkey(2, BO));
    people.openPortalSession(db, session(1));
    expect(people.removePortalAccount(db, ADA)).toBe(true);
    expect(people.removePortalAccount(db, ADA)).toBe(false);
    expect(reads.portalAccount(db, ADA)).toBeUndefined();
    expect(reads.passkeys(db, ADA)).toEqual([]);
    expect(reads.passkeys(db, BO)).toHaveLength(1);
    expect(found(db, 1)).toBeUndefined();
  });
});

function passkey(id: number, recipient = ADA): PortalPasskey {
  return {
    recipient,
    credentialId: Buffer.of(id),
    publicKey: Buffer.from('cose'),
    counter: 0,
    name: 'Made-up telephone',
    enrolledBy: 'mailbox',
    createdAt: id,
  };
}

describe('passkeys', () => {
  it('count on from the number that was seen, once', () => {
    const db = temporaryDb();
    people.putPasskey(db, passkey(1));
    const use = (before: number, counter: number) =>
      people.usePasskey(db, { credentialId: Buffer.of(1), before, counter, at: 50 });
    expect(use(1, 2)).toBe(false);
    expect(use(0, 2)).toBe(true);
    expect(use(0, 3)).toBe(false);
    expect(reads.passkey(db, Buffer.of(1))).toEqual({ ...passkey(1), counter: 2, lastUsedAt: 50 });
  });

  it('are somebody’s own: of an ID there is one, and others can’t remove it', () => {
    const db = temporaryDb();
    people.putPasskey(db, passkey(1));
    expect(() => people.putPasskey(db, passkey(1, BO))).toThrow();
    expect(people.removePasskey(db, { credentialId: Buffer.of(1), recipient: BO })).toBe(false);
    expect(people.removePasskey(db, { credentialId: Buffer.of(1), recipient: ADA })).toBe(true);
    expect(people.removePasskey(db, { credentialId: Buffer.of(1), recipient: ADA })).toBe(false);
  });
});

const reply = (id: string, more: Partial<PortalReply> = {}): PortalReply => ({
  id,
  itemId: 'p1',
  recipient: ADA,
  messageId: `message-${id}`,
  createdAt: 300,
  ...more,
});
const inFile = (name: string) =>
  ({ wrappedKey: Buffer.of(1), size: 9, content: { kind: 'file', name } }) as const;
const put = (db: RelayDb, one: PortalReply) =>
  people.putReply(db, {
    reply: one,
    message: newMessage(one.messageId, undefined, { origin: 'portal-reply' }),
  });

describe('replies', () => {
  it('are queued as received mail, and listed without their content', () => {
    const db = setUp();
    put(db, reply('r1', { body: INLINE }));
    put(db, reply('r2', { createdAt: 400 }));
    expect(queue.message(db, 'message-r1')).toMatchObject({ origin: 'portal-reply', state: 'received' });
    expect(reads.replies(db, { recipient: ADA, limit: 9 })).toEqual([
      reply('r2', { createdAt: 400 }),
      reply('r1', { body: { ...INLINE, content: { kind: 'inline', bytes: new Uint8Array() } } }),
    ]);
    expect(reads.replies(db, { recipient: BO, limit: 9 })).toEqual([]);
    expect(reads.reply(db, 'r1')).toEqual(reply('r1', { body: INLINE }));
  });

  it('are refused, and nothing queued, when the item is closed', () => {
    const db = setUp();
    close(db);
    expect(() => put(db, reply('r1'))).toThrow('closed');
    expect(queue.message(db, 'message-r1')).toBeUndefined();
  });

  it('lose their copy with the item, also one that has no content of its own', () => {
    const db = temporaryDb();
    insertMessage(db, newMessage('m1'));
    applyChange(db, {
      recipients: [{ key: { messageId: 'm1', index: 0 }, from: ['received'], set: { state: 'in-portal' } }],
      createPortalItems: [portalItem('p1', 'm1')],
    });
    const name = `${'a'.repeat(32)}.body`;
    put(db, reply('r1', { body: inFile(name) }));
    expect(queue.bodyFiles(db, null)).toContain(name);
    close(db);
    expect(reads.closedItemsWithContent(db, 9)).toEqual([{ id: 'p1', messageId: 'm1', recipient: ADA }]);
    expect(writes.destroyItemContent(db, 'p1')).toEqual([name]);
    expect(queue.bodyFiles(db, null)).not.toContain(name);
    expect(reads.closedItemsWithContent(db, 9)).toEqual([]);
    expect(reads.reply(db, 'r1')).toEqual(reply('r1'));
  });

  it('lose their copy alone by their writer’s word', () => {
    const db = setUp();
    put(db, reply('r1', { body: INLINE }));
    expect(people.dropReplyCopy(db, { id: 'r1', recipient: BO })).toBe(false);
    expect(people.dropReplyCopy(db, { id: 'r1', recipient: ADA })).toEqual([]);
    expect(people.dropReplyCopy(db, { id: 'r1', recipient: ADA })).toBe(false);
  });
});

describe('the content of an item', () => {
  it('is its own: the message’s may go as soon as nobody else needs it', () => {
    const db = temporaryDb();
    insertMessage(
      db,
      newMessage('m1', [
        { address: ADA, domain: 'hospital.example' },
        { address: BO, domain: 'hospital.example' },
      ]),
    );
    const place = (index: number) =>
      applyChange(db, {
        recipients: [{ key: { messageId: 'm1', index }, from: ['received'], set: { state: 'in-portal' } }],
        createPortalItems: [
          portalItem(`p${index}`, 'm1', {
            recipientIndex: index,
            body: inFile(`${String(index).repeat(32)}.body`),
          }),
        ],
      });
    place(0);
    expect(queue.finished(db, 9)).toEqual([]);
    place(1);
    expect(queue.finished(db, 9)).toEqual(['m1']);
    destroyContent(db, 'm1');
    expect(queue.message(db, 'm1')).not.toHaveProperty('body');
    expect(reads.item(db, 'p0')?.body).toEqual(inFile(`${'0'.repeat(32)}.body`));
    expect(queue.bodyFiles(db, null)).toHaveLength(2);
    expect(() => db.run('DELETE FROM portal_bodies')).toThrow('still needed');
    expect(() => db.run("UPDATE recipients SET state = 'held', expires_at = 1")).toThrow('does not go back');
  });

  it('counts for its recipient while it is open', () => {
    const db = setUp();
    expect(reads.portalUsage(db, ADA)).toEqual({ items: 1, bytes: 3 });
    expect(reads.portalUsage(db, BO)).toEqual({ items: 0, bytes: 0 });
    close(db);
    expect(reads.portalUsage(db, ADA)).toEqual({ items: 0, bytes: 0 });
  });

  it('is not listed with items', () => {
    const db = setUp();
    expect(reads.item(db, 'p1')?.body).toEqual(INLINE);
    const [listed] = reads.items(db, { limit: 9 });
    expect(listed?.body).toMatchObject({ size: 3, content: { kind: 'inline', bytes: new Uint8Array() } });
  });
});

describe('changes of an item', () => {
  it('bring its end forward at the first reading, and never back', () => {
    const db = setUp();
    const read = (expiresAt: number) =>
      applyChange(db, {
        changePortalItems: [{ id: 'p1', from: ['waiting'], state: 'picked-up', firstReadAt: 300, expiresAt }],
      });
    read(9000);
    expect(reads.item(db, 'p1')).toMatchObject({ state: 'picked-up', expiresAt: 5000 });
    const other = setUp();
    applyChange(other, {
      changePortalItems: [
        { id: 'p1', from: ['waiting'], state: 'picked-up', firstReadAt: 300, expiresAt: 400 },
      ],
    });
    expect(reads.item(other, 'p1')).toMatchObject({ expiresAt: 400 });
  });

  it('for its time being over are not made where it was given more meanwhile, or is closed', () => {
    const db = setUp();
    const expire = (overAt: number, onlyIfAllApply: boolean) =>
      applyChange(db, { onlyIfAllApply, changePortalItems: [{ id: 'p1', state: 'expired', overAt }] });
    expect(expire(4999, true)).toBe(false);
    expect(expire(4999, false)).toEqual([]);
    expect(reads.item(db, 'p1')).toMatchObject({ state: 'waiting', expiresAt: 5000 });
    expect(expire(5000, true)).toEqual([]);
    expect(reads.item(db, 'p1')).toMatchObject({ state: 'expired' });
    expect(expire(5000, true)).toBe(false);
  });

  it('for its time being over are not made, nor recorded, where it was picked up meanwhile', () => {
    const db = setUp();
    applyChange(db, { changePortalItems: [{ id: 'p1', state: 'picked-up', firstReadAt: 300 }] });
    const expire = (from: 'waiting' | 'picked-up') =>
      applyChange(db, {
        onlyIfAllApply: true,
        changePortalItems: [{ id: 'p1', from: [from], state: 'expired', overAt: 5000 }],
      });
    expect(expire('waiting')).toBe(false);
    expect(expire('picked-up')).toEqual([]);
  });

  it('for its notice not arriving are not made, nor recorded, where another was sent meanwhile', () => {
    const db = setUp({ noticeId: 'n1' });
    const close = (toldBy: string) =>
      applyChange(db, {
        onlyIfAllApply: true,
        changePortalItems: [{ id: 'p1', from: ['waiting'], state: 'undeliverable', toldBy }],
      });
    writes.setItem(db, { id: 'p1', set: { noticeId: 'n2' }, mail: [], from: ['waiting'] });
    expect(reads.item(db, 'p1')).toMatchObject({ noticeId: 'n2' });
    expect(close('n1')).toBe(false);
    expect(reads.item(db, 'p1')).toMatchObject({ state: 'waiting' });
    expect(close('n2')).toEqual([]);
    expect(reads.item(db, 'p1')).toMatchObject({ state: 'undeliverable' });
  });

  it('for its notice know what else tells of it since, and what became of that', () => {
    const db = setUp({ noticeId: 'n2' });
    const about = { aboutMessage: 'm1', aboutPortalItem: 'p1' } as const;
    insertMessage(db, newMessage('n1', undefined, { ...about, origin: 'pickup-notice' }));
    insertMessage(db, newMessage('n2', undefined, { ...about, origin: 'pickup-notice' }));
    insertMessage(
      db,
      newMessage('n3', [queued('ada@hospital.example')], { ...about, origin: 'pickup-reminder' }),
    );
    insertMessage(db, newMessage('n4', undefined, { ...about, origin: 'access-code' }));
    insertMessage(db, newMessage('n5', undefined, { origin: 'pickup-notice', aboutPortalItem: 'p2' }));
    expect(queue.tellingOfItem(db, { itemId: 'p1', since: 'n2' })).toEqual([
      { id: 'n2', state: 'received' },
      { id: 'n3', state: 'pending' },
    ]);
  });

  it('are all or nothing, with their mail, and only while it is open', () => {
    const db = setUp({ passphraseHash: Buffer.of(1), nextReminderAt: 400 });
    const set = (from: readonly ('waiting' | 'picked-up')[], mail: string) =>
      writes.setItem(db, {
        id: 'p1',
        set: { passphraseHash: null, nextReminderAt: null, reminders: 1, expiresAt: 6000, language: 'es' },
        mail: [newMessage(mail, undefined, { origin: 'pickup-reminder' })],
        from,
      });
    expect(reads.itemsToRemind(db, { now: 400, limit: 9 })).toHaveLength(1);
    expect(set(['picked-up'], 'one')).toBe(false);
    expect(queue.message(db, 'one')).toBeUndefined();
    expect(set(['waiting'], 'two')).toBe(true);
    expect(reads.item(db, 'p1')).toEqual(
      portalItem('p1', 'm1', { body: INLINE, reminders: 1, expiresAt: 6000, language: 'es' }),
    );
    expect(reads.itemsToRemind(db, { now: 9999, limit: 9 })).toEqual([]);
    expect(writes.failPassphrase(db, 'p1')).toBe(1);
    close(db);
    expect(set(['waiting', 'picked-up'], 'three')).toBe(false);
    expect(queue.message(db, 'three')).toBeUndefined();
  });
});
