import { describe, expect, it } from 'vitest';
import { END_STATES, RECIPIENT_STATES, type RecipientState } from '../../../../src/model/message.js';
import { applyChange } from '../../../../src/store/operations/apply-change.js';
import * as portalReads from '../../../../src/store/operations/portal-reads.js';
import { putCode } from '../../../../src/store/operations/portal-writes.js';
import * as reads from '../../../../src/store/operations/queue-reads.js';
import * as writes from '../../../../src/store/operations/queue-writes.js';
import { putSuppression } from '../../../../src/store/operations/suppressions.js';
import { highestTls, resetTls } from '../../../../src/store/operations/tls-memory.js';
import type { RelayDb } from '../../../../src/store/relay-db.js';
import { decision, INLINE, newMessage, portalItem, queued, recipient, temporaryDb } from '../fixtures.js';

const key = (messageId: string, index = 0) => ({ messageId, index });
const states = (db: RelayDb, id: string) => reads.recipients(db, id).map((one) => one.state);

/** Moves recipient 0 of a message into a state, by allowed steps. */
function moveTo(db: RelayDb, messageId: string, state: RecipientState): void {
  if (state === 'received') return;
  const set =
    state === 'pending'
      ? { state, decision: decision('ada@hospital.example'), method: 'tls' as const, nextAttemptAt: 10 }
      : { state, expiresAt: 500 };
  applyChange(db, { recipients: [{ key: key(messageId), from: ['received'], set }] });
}

describe('a message', () => {
  it('comes back as it was put', () => {
    const db = temporaryDb();
    const input = newMessage(
      'm1',
      [{ ...recipient('ada@hospital.example'), notify: ['FAILURE', 'DELAY'], orcpt: 'rfc822;ada@x.example' }],
      { aboutMessage: 'm0', aboutPortalItem: 'p0' },
    );
    writes.insertMessage(db, input);
    const back = reads.message(db, 'm1');
    expect(back).toEqual({
      ...input.message,
      state: 'received',
      inspectAttempts: 0,
      subjectShowable: false,
    });
    expect(reads.recipients(db, 'm1')).toEqual([
      {
        messageId: 'm1',
        index: 0,
        address: 'ada@hospital.example',
        domain: 'hospital.example',
        notify: ['FAILURE', 'DELAY'],
        orcpt: 'rfc822;ada@x.example',
        state: 'received',
        attempts: 0,
      },
    ]);
    expect(reads.message(db, 'none')).toBeUndefined();
  });

  it('of our own is queued at once, with its decision', () => {
    const db = temporaryDb();
    writes.insertMessage(db, newMessage('m1', [queued('ada@hospital.example', 1000)], { origin: 'dsn' }));
    expect(reads.message(db, 'm1')?.state).toBe('decided');
    expect(reads.undecided(db, 10)).toEqual([]);
    expect(reads.recipients(db, 'm1')[0]).toMatchObject({
      state: 'pending',
      method: 'plain',
      nextAttemptAt: 1000,
      decision: decision('ada@hospital.example'),
    });
  });

  it('counts its inspections while it is received, oldest first', () => {
    const db = temporaryDb();
    writes.insertMessage(db, newMessage('b', undefined, { receivedAt: 2 }));
    writes.insertMessage(db, newMessage('a', undefined, { receivedAt: 3 }));
    writes.insertMessage(db, newMessage('c', undefined, { receivedAt: 1 }));
    expect(reads.undecided(db, 10).map((one) => one.id)).toEqual(['c', 'b', 'a']);
    expect(writes.beginInspection(db, 'a')).toBe(1);
    expect(writes.beginInspection(db, 'a')).toBe(2);
    applyChange(db, { decided: { messageId: 'a', subjectShowable: true } });
    expect(reads.undecided(db, 10).map((one) => one.id)).toEqual(['c', 'b']);
    expect(reads.message(db, 'a')).toMatchObject({ state: 'decided', subjectShowable: true });
    expect(() => writes.beginInspection(db, 'a')).toThrow('not waiting');
  });
});

describe('due', () => {
  it('gives pending recipients by time, within the filter', () => {
    const db = temporaryDb();
    const add = (id: string, address: string, at: number) =>
      writes.insertMessage(db, newMessage(id, [queued(address, at)]));
    add('m1', 'a@one.example', 300);
    add('m2', 'b@two.example', 100);
    add('m3', 'c@two.example', 200);
    add('m4', 'd@three.example', 900);
    writes.insertMessage(db, newMessage('m5'));
    const ids = (now: number, limit: number, filter = {}) =>
      reads.due(db, { now, limit, filter }).map((one) => one.messageId);
    expect(ids(300, 10)).toEqual(['m2', 'm3', 'm1']);
    expect(ids(299, 10)).toEqual(['m2', 'm3']);
    expect(ids(300, 1)).toEqual(['m2']);
    expect(ids(300, 10, { exceptDomains: ['two.example'] })).toEqual(['m1']);
    expect(ids(300, 10, { onlyDomains: ['two.example'] })).toEqual(['m2', 'm3']);
    expect(ids(300, 10, { onlyDomains: ['two.example'], exceptDomains: ['two.example'] })).toEqual([]);
    expect(reads.nextDueAt(db, null)).toBe(100);
  });

  it('moves on with an attempt, which only a pending row can begin', () => {
    const db = temporaryDb();
    writes.insertMessage(db, newMessage('m1', [queued('a@one.example', 10), queued('b@one.example', 10)]));
    applyChange(db, {
      recipients: [{ key: key('m1', 1), from: ['pending'], set: { state: 'delivered' } }],
    });
    const keys = [key('m1', 0), key('m1', 1), key('m9', 0)];
    expect(writes.beginAttempt(db, { keys, nextAttemptAt: 700 })).toEqual([key('m1', 0)]);
    expect(reads.recipients(db, 'm1').map((one) => one.attempts)).toEqual([1, 0]);
    expect(reads.due(db, { now: 699, limit: 10, filter: {} })).toEqual([]);
    expect(reads.nextDueAt(db, null)).toBe(700);
  });

  it.each([
    { what: 'nobody stops', suppressed: [], begun: [true, true] },
    {
      what: 'one is on the suppression list',
      suppressed: [{ address: 'b@one.example', addedAt: 1, reason: 'gone', expiresAt: 51 }],
      begun: [true, undefined],
    },
    {
      what: 'one was on the suppression list',
      suppressed: [{ address: 'b@one.example', addedAt: 1, reason: 'gone', expiresAt: 50 }],
      begun: [true, true],
    },
  ])('can begin an attempt with the change that makes it pending: $what', ({ suppressed, begun }) => {
    const db = temporaryDb();
    writes.insertMessage(db, newMessage('m1', [recipient('a@one.example'), recipient('B@one.example')]));
    for (const one of suppressed) putSuppression(db, one);
    const changed = applyChange(db, {
      recipients: ['a@one.example', 'B@one.example'].map((address, index) => ({
        key: key('m1', index),
        from: ['received'],
        set: {
          state: 'pending',
          decision: decision(address),
          method: 'tls',
          attempts: 0,
          nextAttemptAt: 50,
          expiresAt: 900,
        },
        begins: { address, now: 50, attempts: 1, nextAttemptAt: 700 },
      })),
    });
    expect(changed).toEqual(begun.map((one, index) => ({ ...key('m1', index), ...(one && { begun: one }) })));
    expect(reads.recipients(db, 'm1').map((one) => [one.attempts, one.nextAttemptAt])).toEqual(
      begun.map((one) => (one ? [1, 700] : [0, 50])),
    );
  });

  it('begins none with a change that came too late', () => {
    const db = temporaryDb();
    writes.insertMessage(db, newMessage('m1'));
    moveTo(db, 'm1', 'ended');
    const changed = applyChange(db, {
      recipients: [
        {
          key: key('m1'),
          from: ['received'],
          set: { state: 'pending' },
          begins: { address: 'a@one.example', now: 50, attempts: 1, nextAttemptAt: 700 },
        },
      ],
    });
    expect(changed).toEqual([]);
    expect(reads.recipients(db, 'm1')[0]).toMatchObject({ state: 'ended', attempts: 0 });
  });

  it('counts the end of a hold among the next times', () => {
    const db = temporaryDb();
    expect(reads.nextDueAt(db, null)).toBeUndefined();
    writes.insertMessage(db, newMessage('m1'));
    moveTo(db, 'm1', 'held');
    expect(reads.nextDueAt(db, null)).toBe(500);
    expect(reads.expiredHolds(db, { now: 499, limit: 10 })).toEqual([]);
    expect(reads.expiredHolds(db, { now: 500, limit: 10 })).toHaveLength(1);
    writes.insertMessage(db, newMessage('m2', [queued('a@one.example', 400)]));
    expect(reads.nextDueAt(db, null)).toBe(400);
  });
});

describe('apply', () => {
  it('sets, keeps and clears', () => {
    const db = temporaryDb();
    writes.insertMessage(db, newMessage('m1', [queued('a@one.example')]));
    const change = (set: object) =>
      applyChange(db, { recipients: [{ key: key('m1'), from: ['pending'], set }] });
    change({ tlsFailingSince: 5, delayWarnedAt: 6, lastStatus: '4.7.5', lastReason: 'certificate expired' });
    expect(reads.recipients(db, 'm1')[0]).toMatchObject({
      tlsFailingSince: 5,
      delayWarnedAt: 6,
      lastStatus: '4.7.5',
      attempts: 0,
      nextAttemptAt: 1000,
    });
    change({ tlsFailingSince: null, attempts: 3 });
    const [row] = reads.recipients(db, 'm1');
    expect(row).not.toHaveProperty('tlsFailingSince');
    expect(row).toMatchObject({ attempts: 3, delayWarnedAt: 6, lastReason: 'certificate expired' });
  });

  it('changes only rows that are in one of the states named', () => {
    const db = temporaryDb();
    writes.insertMessage(db, newMessage('m1', [queued('a@one.example'), queued('b@one.example')]));
    applyChange(db, {
      recipients: [{ key: key('m1', 1), from: ['pending'], set: { state: 'ended' } }],
    });
    const changed = applyChange(db, {
      recipients: [0, 1].map((index) => ({
        key: key('m1', index),
        from: ['pending', 'held'] as const,
        set: { state: 'bounced' as const },
      })),
      create: [newMessage('dsn', [queued('ward3@clinic.example')], { origin: 'dsn' })],
    });
    expect(changed).toEqual([key('m1', 0)]);
    expect(states(db, 'm1')).toEqual(['bounced', 'ended']);
    expect(reads.message(db, 'dsn')).toBeDefined();
  });

  it('makes nothing when it was overtaken, but still marks the message decided', () => {
    const db = temporaryDb();
    writes.insertMessage(db, newMessage('m1'));
    moveTo(db, 'm1', 'ended');
    const changed = applyChange(db, {
      recipients: [{ key: key('m1'), from: ['received'], set: { state: 'in-portal' } }],
      createPortalItems: [portalItem('p1', 'm1')],
      create: [newMessage('notice', [queued('ada@hospital.example')], { aboutPortalItem: 'p1' })],
      decided: { messageId: 'm1', subjectShowable: false },
    });
    expect(changed).toEqual([]);
    expect(reads.message(db, 'notice')).toBeUndefined();
    expect(db.all('SELECT * FROM portal_items')).toEqual([]);
    expect(reads.undecided(db, 10)).toEqual([]);
  });

  it('leaves out the portal item and notice of just the recipient that was overtaken', () => {
    const db = temporaryDb();
    writes.insertMessage(db, newMessage('m1', [queued('a@one.example'), queued('b@one.example')]));
    applyChange(db, { recipients: [{ key: key('m1', 0), from: ['pending'], set: { state: 'ended' } }] });
    applyChange(db, {
      recipients: [0, 1].map((index) => ({
        key: key('m1', index),
        from: ['pending'] as const,
        set: { state: 'in-portal' as const },
      })),
      createPortalItems: [portalItem('p0', 'm1'), portalItem('p1', 'm1', { recipientIndex: 1 })],
      create: ['p0', 'p1'].map((item) =>
        newMessage(`notice-${item}`, [queued('x@one.example')], { aboutPortalItem: item }),
      ),
    });
    expect(db.all('SELECT id FROM portal_items')).toEqual([{ id: 'p1' }]);
    expect(reads.message(db, 'notice-p0')).toBeUndefined();
    expect(reads.message(db, 'notice-p1')).toBeDefined();
  });

  it('does nothing at all when all rows must apply and one does not', () => {
    const db = temporaryDb();
    writes.insertMessage(db, newMessage('m1', [queued('a@one.example'), queued('b@one.example')]));
    applyChange(db, { recipients: [{ key: key('m1', 1), from: ['pending'], set: { state: 'delivered' } }] });
    const expire = (indexes: number[]) =>
      applyChange(db, {
        onlyIfAllApply: true,
        recipients: indexes.map((index) => ({
          key: key('m1', index),
          from: ['pending', 'delivered'] as const,
          set: { state: 'bounced' as const },
        })),
        rememberTls: [{ domain: 'one.example', level: 'verified', at: 1 }],
      });
    expect(expire([0, 1])).toBe(false);
    expect(states(db, 'm1')).toEqual(['pending', 'delivered']);
    expect(highestTls(db, 'one.example')).toBeUndefined();
    expect(expire([0])).toEqual([key('m1', 0)]);
  });

  it.each<{ what: string; set: object; why: string }>([
    {
      what: 'pending without a next time',
      set: { state: 'pending', nextAttemptAt: null },
      why: 'next_attempt',
    },
    { what: 'pending without a method', set: { method: null }, why: 'pending_needs_decision' },
    { what: 'held without an end', set: { state: 'held', expiresAt: null }, why: 'held_needs_expiry' },
    { what: 'an unknown state', set: { state: 'lost' }, why: 'known_recipient_state' },
    { what: 'received again', set: { state: 'received' }, why: 'not received again' },
  ])('refuses $what', ({ set, why }) => {
    const db = temporaryDb();
    writes.insertMessage(db, newMessage('m1', [queued('a@one.example')]));
    expect(() => applyChange(db, { recipients: [{ key: key('m1'), from: ['pending'], set }] })).toThrow(why);
  });

  it('remembers the highest TLS level of a domain until it is reset', () => {
    const db = temporaryDb();
    const see = (level: 'none' | 'encrypted' | 'verified' | 'authenticated') =>
      applyChange(db, { rememberTls: [{ domain: 'one.example', level, at: 7 }] });
    see('none');
    expect(highestTls(db, 'one.example')).toBeUndefined();
    see('verified');
    see('encrypted');
    expect(highestTls(db, 'one.example')).toBe('verified');
    see('authenticated');
    expect(highestTls(db, 'one.example')).toBe('authenticated');
    expect(resetTls(db, 'one.example')).toBe(true);
    expect(resetTls(db, 'one.example')).toBe(false);
    expect(highestTls(db, 'one.example')).toBeUndefined();
  });
});

describe('ends are final', () => {
  const moves = END_STATES.flatMap((end) => RECIPIENT_STATES.map((to) => ({ end, to })));

  it.each(moves)('$end does not become $to, whatever is asked', ({ end, to }) => {
    const db = temporaryDb();
    writes.insertMessage(db, newMessage('m1'));
    moveTo(db, 'm1', end);
    const changed = applyChange(db, {
      recipients: [
        { key: key('m1'), from: [...RECIPIENT_STATES], set: { state: to, nextAttemptAt: 1, expiresAt: 1 } },
      ],
    });
    expect(changed).toEqual([]);
    expect(states(db, 'm1')).toEqual([end]);
  });

  it.each([
    "UPDATE recipients SET state = 'received'",
    'UPDATE recipients SET attempts = 0',
    "INSERT OR REPLACE INTO recipients (message_id, idx, received_at, address, domain, state) SELECT message_id, idx, received_at, address, domain, 'received' FROM recipients",
  ])('the database itself refuses: %s', (sql) => {
    const db = temporaryDb();
    writes.insertMessage(db, newMessage('m1'));
    moveTo(db, 'm1', 'delivered');
    expect(() => db.run(sql)).toThrow();
    expect(states(db, 'm1')).toEqual(['delivered']);
  });

  it('the database itself refuses to lose a recipient without an end', () => {
    const db = temporaryDb();
    writes.insertMessage(db, newMessage('m1'));
    expect(() => db.run('DELETE FROM recipients')).toThrow('without an end');
  });
});

describe('content', () => {
  it('is destroyed when every recipient has its end, not before', () => {
    const db = temporaryDb();
    const file = { kind: 'file', name: `${'0'.repeat(32)}.body` } as const;
    writes.insertMessage(
      db,
      newMessage('m1', [queued('a@one.example'), queued('b@one.example')], {
        body: { wrappedKey: Buffer.of(1), size: 9, content: file },
      }),
    );
    const end = (index: number) =>
      applyChange(db, {
        recipients: [{ key: key('m1', index), from: ['pending'], set: { state: 'delivered' } }],
      });
    end(0);
    expect(reads.finished(db, 10)).toEqual([]);
    expect(() => writes.destroyContent(db, 'm1')).toThrow('still needs');
    expect(() => db.run('DELETE FROM bodies')).toThrow('still needed');
    end(1);
    expect(reads.finished(db, 10)).toEqual(['m1']);
    expect(reads.bodyFiles(db, null)).toEqual([file.name]);
    expect(reads.contentKey(db, 'm1')).toEqual(reads.message(db, 'm1')?.body?.wrappedKey);
    expect(writes.destroyContent(db, 'm1')).toEqual([file.name]);
    expect(reads.contentKey(db, 'm1')).toBeUndefined();
    expect(reads.finished(db, 10)).toEqual([]);
    expect(reads.bodyFiles(db, null)).toEqual([]);
    expect(reads.message(db, 'm1')).toBeDefined();
    expect(reads.message(db, 'm1')).not.toHaveProperty('body');
    expect(writes.destroyContent(db, 'm1')).toEqual([]);
  });

  it('has its rewritten copies with it, from the decision to the end', () => {
    const db = temporaryDb();
    const file = { kind: 'file', name: `${'1'.repeat(32)}.body` } as const;
    const rewritten = [
      { copy: 'aa', body: { wrappedKey: Buffer.of(2), size: 3, content: file } },
      { copy: 'bb', body: { ...INLINE, wrappedKey: Buffer.of(3) } },
    ];
    writes.insertMessage(db, newMessage('m1'));
    applyChange(db, { decided: { messageId: 'm1', subjectShowable: false, rewritten } });
    expect(reads.message(db, 'm1')?.rewritten?.map(({ copy, body }) => [copy, body.content.kind])).toEqual([
      ['aa', 'file'],
      ['bb', 'inline'],
    ]);
    expect(reads.bodyFiles(db, null)).toEqual([file.name]);
    expect(() => db.run('DELETE FROM rewritten_bodies')).toThrow('still needed');
    applyChange(db, { recipients: [{ key: key('m1'), from: ['received'], set: { state: 'ended' } }] });
    expect(writes.destroyContent(db, 'm1')).toEqual([file.name]);
    expect(db.all('SELECT * FROM rewritten_bodies')).toEqual([]);
    expect(reads.message(db, 'm1')).not.toHaveProperty('rewritten');
  });

  it('gets no copies once it was destroyed', () => {
    const db = temporaryDb();
    writes.insertMessage(db, newMessage('m1'));
    moveTo(db, 'm1', 'ended');
    writes.destroyContent(db, 'm1');
    const rewritten = [{ copy: 'aa', body: INLINE }];
    applyChange(db, { decided: { messageId: 'm1', subjectShowable: false, rewritten } });
    expect(db.all('SELECT * FROM rewritten_bodies')).toEqual([]);
  });

  it('stays while a portal item without content of its own is open, even one that was picked up', () => {
    const db = temporaryDb();
    writes.insertMessage(db, newMessage('m1'));
    applyChange(db, {
      recipients: [{ key: key('m1'), from: ['received'], set: { state: 'in-portal' } }],
      createPortalItems: [portalItem('p1', 'm1')],
    });
    putCode(db, {
      code: {
        itemId: 'p1',
        codeHash: Buffer.of(1),
        createdAt: 1,
        expiresAt: 100,
        failedTries: 0,
        way: 'mailbox',
      },
      mail: newMessage('code', [queued('ada@hospital.example')]),
    });
    applyChange(db, {
      recipients: [{ key: key('m1'), from: ['in-portal'], set: { state: 'picked-up' } }],
      changePortalItems: [{ id: 'p1', state: 'picked-up', firstReadAt: 3 }],
    });
    expect(reads.finished(db, 10)).toEqual([]);
    expect(() => writes.destroyContent(db, 'm1')).toThrow('still needs');
    applyChange(db, { changePortalItems: [{ id: 'p1', state: 'expired' }] });
    expect(reads.finished(db, 10)).toEqual(['m1']);
    expect(db.all('SELECT * FROM portal_codes')).toEqual([]);
  });
});

describe('listings', () => {
  it('are newest first, by state or message, without inline content', () => {
    const db = temporaryDb();
    for (const [index, id] of ['m1', 'm2', 'm3'].entries()) {
      writes.insertMessage(
        db,
        newMessage(id, [recipient('a@one.example'), recipient('b@one.example')], { receivedAt: index }),
      );
    }
    applyChange(db, {
      recipients: [{ key: key('m1', 1), from: ['received'], set: { state: 'held', expiresAt: 5 } }],
    });
    const list = (filter: Partial<reads.ListFilter>) =>
      reads
        .listRecipients(db, { limit: 100, ...filter })
        .map((one) => `${one.message.id}/${one.recipient.index}`);
    expect(list({})).toEqual(['m3/1', 'm3/0', 'm2/1', 'm2/0', 'm1/1', 'm1/0']);
    expect(list({ limit: 3 })).toEqual(['m3/1', 'm3/0', 'm2/1']);
    expect(list({ states: ['held'] })).toEqual(['m1/1']);
    expect(list({ messageId: 'm1' })).toEqual(['m1/0', 'm1/1']);
    expect(list({ messageId: 'm1', states: ['received'] })).toEqual(['m1/0']);
    const [first] = reads.listRecipients(db, { limit: 1 });
    expect(first?.message.body).toMatchObject({ size: 3, content: { kind: 'inline', bytes: Buffer.of() } });
  });

  it('of what is held begin with what ends soonest, page by page', () => {
    const db = temporaryDb();
    for (const [index, [id, ends]] of (
      [
        ['m1', 30],
        ['m2', 10],
        ['m3', 20],
      ] as const
    ).entries()) {
      writes.insertMessage(db, newMessage(id, [recipient('a@one.example')], { receivedAt: index }));
      applyChange(db, {
        recipients: [{ key: key(id), from: ['received'], set: { state: 'held', expiresAt: ends } }],
      });
    }
    writes.insertMessage(db, newMessage('m4'));
    const page = (offset: number) => {
      const { rows, total } = reads.listHeld(db, { offset, limit: 2 });
      return [rows.map(({ message }) => message.id), total];
    };
    expect([page(0), page(2), page(4)]).toEqual([
      [['m2', 'm3'], 3],
      [['m1'], 3],
      [[], 3],
    ]);
  });

  it('counts every state', () => {
    const db = temporaryDb();
    writes.insertMessage(db, newMessage('m1', [queued('a@one.example'), queued('b@one.example')]));
    writes.insertMessage(db, newMessage('m2'));
    applyChange(db, { recipients: [{ key: key('m1'), from: ['pending'], set: { state: 'delivered' } }] });
    expect(reads.counts(db, null)).toEqual({
      received: 1,
      pending: 1,
      held: 0,
      'in-portal': 0,
      delivered: 1,
      'picked-up': 0,
      expired: 0,
      bounced: 0,
      ended: 0,
    });
  });
});

describe('what runs all the time', () => {
  it('uses an index and neither scans nor sorts', () => {
    const db = temporaryDb();
    const plans: string[] = [];
    const watched: RelayDb = {
      ...db,
      all<Row>(sql: string, ...values: readonly (string | number | null | Uint8Array)[]): Row[] {
        plans.push(
          ...db.all<{ detail: string }>(`EXPLAIN QUERY PLAN ${sql}`, ...values).map((r) => r.detail),
        );
        return db.all<Row>(sql, ...values);
      },
      get<Row>(sql: string, ...values: readonly (string | number | null | Uint8Array)[]): Row | undefined {
        return watched.all<Row>(sql, ...values)[0];
      },
    };
    reads.due(watched, { now: 1, limit: 1, filter: { stream: 'default' } });
    reads.dueStreams(watched, 1);
    reads.due(watched, {
      now: 1,
      limit: 1,
      filter: { stream: 'default', onlyDomains: ['a.example'], exceptDomains: [] },
    });
    reads.nextDueAt(watched, null);
    reads.expiredHolds(watched, { now: 1, limit: 1 });
    reads.undecided(watched, 1);
    reads.finished(watched, 1);
    portalReads.expiredItems(watched, { now: 1, limit: 1 });
    portalReads.itemsToRemind(watched, { now: 1, limit: 1 });
    portalReads.portalUsage(watched, 'ada@hospital.example');
    portalReads.codesIssuedToSince(watched, { recipient: 'ada@hospital.example', since: 1 });
    const own = plans.filter((detail) => !detail.includes('json_each'));
    expect(own.filter((detail) => detail.includes('TEMP B-TREE'))).toEqual([]);
    expect(own.filter((detail) => /^(SCAN|SEARCH)/.test(detail) && !detail.includes('INDEX'))).toEqual([]);
  });
});
