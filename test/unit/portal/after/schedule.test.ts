import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { currentLink, firstLink, linkSecret, nextLink } from '../../../../src/portal/after/link.js';
import { dueReminders, nextReminderAt } from '../../../../src/portal/after/schedule.js';
import { newSecret, secretHash } from '../../../../src/web/secrets.js';

const DAY = 86_400_000;
const item = { createdAt: 0, expiresAt: 14 * DAY };
const reminders = { recipient_after: [3 * DAY, 7 * DAY], sender_after: 5 * DAY, before_expiry: 2 * DAY };

describe('when to remind', () => {
  it('goes from one time to the next, and ends before the item does', () => {
    const times: number[] = [];
    for (
      let at = nextReminderAt(reminders, item, 0);
      at !== undefined;
      at = nextReminderAt(reminders, item, at)
    )
      times.push(at / DAY);
    expect(times).toEqual([3, 5, 7, 12]);
  });

  it.each([
    ['nothing before its time', 3, 2.9, []],
    ['the recipient at its time', 3, 3, ['remind']],
    ['the sender at its time', 5, 5.5, ['tell-sender']],
    ['each once, however long nobody looked', 3, 8, ['remind', 'tell-sender']],
    ['only of the end where both are due', 3, 13, ['ends-soon', 'tell-sender']],
    ['nobody of what has ended', 3, 14, []],
    ['nobody twice', 7, 7, ['remind']],
  ])('reminds %s', (_, dueAt, now, kinds) => {
    const due = dueReminders(reminders, { ...item, nextReminderAt: dueAt * DAY }, now * DAY);
    expect([...due].sort()).toEqual([...kinds].sort());
  });

  it('does every thing once at most, at any times of looking, for any times of reminding', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 400 }), { maxLength: 5 }),
        fc.integer({ min: 1, max: 400 }),
        fc.integer({ min: 1, max: 400 }),
        fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 60 }),
        (recipient_after, sender_after, before_expiry, steps) => {
          const config = { recipient_after, sender_after, before_expiry };
          const times = { createdAt: 0, expiresAt: 300 };
          let next = nextReminderAt(config, times, 0);
          let now = 0;
          const done = { remind: 0, 'ends-soon': 0, 'tell-sender': 0 };
          for (const step of steps) {
            now += step;
            if (next === undefined || next > now) continue;
            for (const kind of dueReminders(config, { ...times, nextReminderAt: next }, now)) done[kind]++;
            next = nextReminderAt(config, times, now);
          }
          expect(done.remind).toBeLessThanOrEqual(new Set(recipient_after).size);
          expect(done['ends-soon']).toBeLessThanOrEqual(1);
          expect(done['tell-sender']).toBeLessThanOrEqual(1);
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe('links', () => {
  const key = new Uint8Array(32).fill(1);

  it('are secrets of 256 bits, of their item and their turn alone', () => {
    const all = ['a', 'b'].flatMap((id) => [0, 1, 2].map((turn) => linkSecret(key, id, turn)));
    expect(new Set([...all, linkSecret(new Uint8Array(32), 'a', 0)]).size).toBe(7);
    for (const one of all) expect(secretHash(one)).toBeDefined();
  });

  it('can be made again while they lead to the item, and no more once there is another', () => {
    const first = firstLink(key, 'a');
    const before = { id: 'a', linkHash: first.hash };
    expect(currentLink(key, before)?.secret).toBe(first.secret);
    const second = nextLink(key, before);
    const after = { id: 'a', linkHash: second.hash };
    expect(second.secret).not.toBe(first.secret);
    expect(currentLink(key, after)).toMatchObject({ secret: second.secret, generation: 1 });
    expect(currentLink(key, { id: 'b', linkHash: first.hash })).toBeUndefined();
  });

  it('go on where the one before was drawn at random', () => {
    const item = { id: 'a', linkHash: secretHash(newSecret()) ?? new Uint8Array() };
    expect(currentLink(key, item)).toBeUndefined();
    expect(nextLink(key, item).secret).not.toBe(nextLink(key, item).secret);
  });
});
