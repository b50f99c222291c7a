import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { LoadedConfig } from '../../../src/config/load.js';
import { createSessionPool } from '../../../src/deliver/session-pool.js';
import { NO_CAPABILITIES } from '../../../src/deliver/smtp-reply.js';
import type { SmtpSession } from '../../../src/deliver/smtp-session.js';
import type { Wire } from '../../../src/deliver/smtp-wire.js';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const CONFIG = {} as LoadedConfig;
const ANY = { least: 'none', configuredTls: false } as const;

const unused = () => {
  throw new Error('a pool does no more than look after connections');
};
const UNUSED = { reply: unused, post: unused, message: unused, content: unused, release: unused };

function session(level: 'none' | 'verified' = 'none') {
  const said: string[] = [];
  let gone = false;
  const wire: Wire = {
    ...UNUSED,
    usable: () => !gone,
    destroy: () => {
      gone = true;
    },
    send: async (line: string) => {
      said.push(line);
      return { code: 250, lines: [] };
    },
  };
  const one: SmtpSession = {
    host: 'mx.peer.test',
    address: '127.0.0.1',
    facts: { level },
    configuredTls: false,
    server: { ...NO_CAPABILITIES, pipelining: true },
    wire,
    timeouts: { connect: 1000, command: 1000 },
  };
  return { one, said, isGone: () => gone, lose: () => wire.destroy() };
}

describe('idle connections', () => {
  it('are given out again, the one used last first, each once', async () => {
    const pool = createSessionPool(() => CONFIG);
    const [a, b] = [session(), session()];
    for (const { one } of [a, b]) {
      pool.opened(one, CONFIG);
      pool.give('mx:peer.test', one);
    }
    expect(await pool.take('mx:other.test', ANY)).toBeUndefined();
    expect(await pool.take('mx:peer.test', ANY)).toBe(b.one);
    expect(await pool.take('mx:peer.test', ANY)).toBe(a.one);
    expect(await pool.take('mx:peer.test', ANY)).toBeUndefined();
  });

  it('are closed five seconds after each was used last', async () => {
    const pool = createSessionPool(() => CONFIG);
    const [a, b] = [session(), session()];
    for (const { one } of [a, b]) pool.opened(one, CONFIG);
    pool.give('mx:peer.test', a.one);
    await vi.advanceTimersByTimeAsync(3000);
    pool.give('mx:peer.test', b.one);
    await vi.advanceTimersByTimeAsync(2001);
    expect([a.isGone(), b.isGone()]).toEqual([true, false]);
    expect(a.said).toEqual(['QUIT']);
    await vi.advanceTimersByTimeAsync(3000);
    expect(b.isGone()).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('that were used meanwhile stay', async () => {
    const pool = createSessionPool(() => CONFIG);
    const { one, isGone } = session();
    pool.opened(one, CONFIG);
    pool.give('mx:peer.test', one);
    await vi.advanceTimersByTimeAsync(4000);
    expect(await pool.take('mx:peer.test', ANY)).toBe(one);
    await vi.advanceTimersByTimeAsync(2000);
    pool.give('mx:peer.test', one);
    await vi.advanceTimersByTimeAsync(4000);
    expect(isGone()).toBe(false);
  });

  it('are passed over where they reached too little or have died', async () => {
    const pool = createSessionPool(() => CONFIG);
    const [good, dead, weak] = [session('verified'), session('verified'), session()];
    for (const { one } of [good, dead, weak]) {
      pool.opened(one, CONFIG);
      pool.give('mx:peer.test', one);
    }
    dead.lose();
    expect(await pool.take('mx:peer.test', { least: 'verified', configuredTls: false })).toBe(good.one);
    expect(await pool.take('mx:peer.test', { least: 'none', configuredTls: true })).toBeUndefined();
    expect(await pool.take('mx:peer.test', ANY)).toBe(weak.one);
  });

  it('dialled by a configuration that was replaced are not kept', async () => {
    let loaded = CONFIG;
    const pool = createSessionPool(() => loaded);
    const [a, b, c] = [session(), session(), session()];
    for (const { one } of [a, b]) pool.opened(one, CONFIG);
    pool.give('mx:peer.test', a.one);
    loaded = { ...CONFIG };
    await pool.closeAll();
    pool.opened(c.one, CONFIG);
    for (const { one } of [b, c]) pool.give('mx:peer.test', one);
    await vi.advanceTimersByTimeAsync(0);
    expect([a.isGone(), b.isGone(), c.isGone()]).toEqual([true, true, true]);
    expect(await pool.take('mx:peer.test', ANY)).toBeUndefined();
  });

  it('carry a hundred messages, and are closed before anybody may open another in their place', async () => {
    const pool = createSessionPool(() => CONFIG);
    const { one, said, isGone } = session();
    pool.opened(one, CONFIG);
    for (let n = 1; n < 100; n++) {
      await pool.give('mx:peer.test', one);
      expect(await pool.take('mx:peer.test', ANY)).toBe(one);
    }
    expect(isGone()).toBe(false);
    await pool.give('mx:peer.test', one);
    expect(said).toEqual(['QUIT']);
    expect(isGone()).toBe(true);
  });
});
