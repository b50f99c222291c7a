import { describe, expect, it } from 'vitest';
import { coversMail, type LegalHold } from '../../../../src/model/legal-hold.js';
import { applyChange } from '../../../../src/store/operations/apply-change.js';
import * as holds from '../../../../src/store/operations/legal-holds.js';
import { dropReplyCopy, putReply } from '../../../../src/store/operations/portal-people.js';
import { closedItemsWithContent, replies, reply } from '../../../../src/store/operations/portal-reads.js';
import { destroyItemContent } from '../../../../src/store/operations/portal-writes.js';
import { bodyFiles, finished } from '../../../../src/store/operations/queue-reads.js';
import { destroyContent, insertMessage } from '../../../../src/store/operations/queue-writes.js';
import { INLINE, newMessage, portalItem, queued, recipient, temporaryDb } from '../fixtures.js';

const ADA = 'ada@hospital.example';
const WARD = 'ward3@clinic.example';

function hold(name: string, more: Partial<LegalHold> = {}): LegalHold {
  return { name, reason: 'a claim', actor: 'kim', createdAt: 1, ...more };
}

describe('whom a hold covers', () => {
  it.each<[Partial<LegalHold>, number, boolean]>([
    [{}, 100, true],
    [{ since: 100 }, 100, true],
    [{ since: 101 }, 100, false],
    [{ until: 100 }, 100, false],
    [{ until: 101 }, 100, true],
    [{ address: ADA }, 100, true],
    [{ address: '@hospital.example' }, 100, true],
    [{ address: '@spital.example' }, 100, false],
    [{ address: 'bob@hospital.example' }, 100, false],
    [{ address: ADA, since: 200 }, 100, false],
  ])('%j at %i: %s', (scope, at, covered) => {
    expect(coversMail(hold('h', scope), at, ['Ada@Hospital.Example', WARD])).toBe(covered);
  });
});

describe('content of a message', () => {
  const delivered = (id: string) => {
    const db = temporaryDb();
    insertMessage(db, newMessage(id, [queued(ADA)]));
    applyChange(db, {
      recipients: [
        {
          key: { messageId: id, index: 0 },
          from: ['pending'],
          set: { state: 'delivered', nextAttemptAt: null },
        },
      ],
    });
    return db;
  };

  it('is kept as long as a hold covers it, and leaves the list of what is to be destroyed', () => {
    const db = delivered('m1');
    expect(holds.addLegalHold(db, hold('one', { address: ADA }))).toBe(true);
    expect(holds.addLegalHold(db, hold('one'))).toBe(false);
    holds.addLegalHold(db, hold('two', { address: '@clinic.example' }));
    expect(finished(db, 10)).toEqual(['m1']);
    expect(destroyContent(db, 'm1')).toBe(false);
    expect(finished(db, 10)).toEqual([]);
    // The other one still covers it.
    expect(holds.removeLegalHold(db, 'one')).toEqual([]);
    expect(finished(db, 10)).toEqual(['m1']);
    expect(destroyContent(db, 'm1')).toBe(false);
    holds.removeLegalHold(db, 'two');
    expect(destroyContent(db, 'm1')).toEqual([]);
    expect(finished(db, 10)).toEqual([]);
    expect(holds.removeLegalHold(db, 'two')).toBe(false);
    expect(holds.legalHolds(db, null)).toEqual([]);
  });

  it('goes where no hold covers it', () => {
    const db = delivered('m1');
    holds.addLegalHold(db, hold('other', { address: 'bob@hospital.example' }));
    holds.addLegalHold(db, hold('later', { since: 101 }));
    expect(destroyContent(db, 'm1')).toEqual([]);
  });
});

describe('content in the portal', () => {
  function closed() {
    const db = temporaryDb();
    insertMessage(db, newMessage('m1', [recipient(ADA)]));
    applyChange(db, { createPortalItems: [portalItem('i1', 'm1', { body: INLINE })] });
    putReply(db, {
      reply: {
        id: 'r1',
        itemId: 'i1',
        recipient: ADA,
        messageId: 'm2',
        createdAt: 300,
        body: { wrappedKey: Buffer.from('k'), size: 3, content: { kind: 'file', name: 'reply-file' } },
      },
      message: newMessage('m2', [recipient(WARD)], { sender: ADA }),
    });
    return db;
  }
  const close = (db: ReturnType<typeof closed>) =>
    applyChange(db, { changePortalItems: [{ id: 'i1', state: 'revoked' }] });

  it.each([[ADA], [WARD], ['@hospital.example']])('of %s is kept when the item is closed', (address) => {
    const db = closed();
    holds.addLegalHold(db, hold('one', { address }));
    close(db);
    expect(closedItemsWithContent(db, 10)).toHaveLength(1);
    expect(destroyItemContent(db, 'i1')).toBe(false);
    expect(closedItemsWithContent(db, 10)).toEqual([]);
    expect(bodyFiles(db, null)).toContain('reply-file');
    holds.removeLegalHold(db, 'one');
    expect(closedItemsWithContent(db, 10)).toHaveLength(1);
    expect(destroyItemContent(db, 'i1')).toEqual(['reply-file']);
  });

  it('a copy that its writer deletes is out of sight, and goes with the hold', () => {
    const db = closed();
    holds.addLegalHold(db, hold('one', { address: ADA }));
    expect(dropReplyCopy(db, { id: 'r1', recipient: ADA })).toEqual([]);
    expect(reply(db, 'r1')).not.toHaveProperty('body');
    expect(replies(db, { recipient: ADA, limit: 5 }).map((one) => 'body' in one)).toEqual([false]);
    expect(dropReplyCopy(db, { id: 'r1', recipient: ADA })).toBe(false);
    expect(bodyFiles(db, null)).toContain('reply-file');
    expect(holds.removeLegalHold(db, 'one')).toEqual(['reply-file']);
    expect(bodyFiles(db, null)).not.toContain('reply-file');
  });
});
