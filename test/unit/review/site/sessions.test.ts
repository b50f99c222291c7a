import { describe, expect, it } from 'vitest';
import { reviewSessions } from '../../../../src/review/site/sessions.js';

const MINUTE = 60_000;
const TIMES = { idle: 15 * MINUTE, lifetime: 8 * 60 * MINUTE };
const START = Date.UTC(2026, 10, 22);

describe('sessions of the review page', () => {
  it.each([
    ['just before the idle time', TIMES.idle - 1, true],
    ['at the idle time', TIMES.idle, false],
    ['when the clock was set back', -1, false],
  ])('%s', (_, later, alive) => {
    const sessions = reviewSessions(TIMES);
    const token = sessions.open('rita', START);
    expect(sessions.use(token, START + later) !== undefined).toBe(alive);
  });

  it('go on while they are used, and end after their lifetime all the same', () => {
    const sessions = reviewSessions(TIMES);
    const token = sessions.open('rita', START);
    let last = START;
    for (let at = START; at < START + TIMES.lifetime; at += 10 * MINUTE) {
      expect(sessions.use(token, at)?.operator).toBe('rita');
      last = at;
    }
    expect(last).toBeGreaterThan(START + TIMES.lifetime - 15 * MINUTE);
    expect(sessions.use(token, START + TIMES.lifetime)).toBeUndefined();
    expect(sessions.use(token, START + 1)).toBeUndefined();
  });

  it('are found by their token alone, which is nowhere in them', () => {
    const sessions = reviewSessions(TIMES);
    const token = sessions.open('rita', START);
    const other = sessions.open('rita', START);
    expect(token).not.toBe(other);
    const found = sessions.use(token, START);
    expect(JSON.stringify(found)).not.toContain(token);
    for (const guess of [undefined, '', 'A'.repeat(43), found?.id, `${token} `, token.toLowerCase()])
      expect(sessions.use(guess, START)).toBeUndefined();
    sessions.close(found?.id ?? '');
    expect(sessions.use(token, START)).toBeUndefined();
    expect(sessions.use(other, START)?.operator).toBe('rita');
  });

  it('of one operator are five at most; one more ends the oldest, and nobody else’s', () => {
    const sessions = reviewSessions(TIMES);
    const robs = sessions.open('rob', START);
    const tokens = Array.from({ length: 6 }, (_, i) => sessions.open('rita', START + i));
    expect(tokens.map((token) => sessions.use(token, START + 10) !== undefined)).toEqual([
      false,
      true,
      true,
      true,
      true,
      true,
    ]);
    expect(sessions.use(robs, START + 10)?.operator).toBe('rob');
  });
});
