import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { SealedBody } from '../../../src/model/message.js';
import { freshBodies } from '../../../src/store/fresh-bodies.js';

const LIMITS = { mostOfOne: 1000, mostKept: 2000, most: 2500, stays: 10_000 };

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

let bodies = 0;
function sealed(size: number, kind: 'file' | 'inline' = 'file'): SealedBody {
  const name = `${String(bodies++).padStart(32, '0')}.body`;
  const content = kind === 'file' ? { kind, name } : { kind, bytes: randomBytes(size + 16) };
  return { wrappedKey: randomBytes(77), size, content };
}
const plain = (...sizes: number[]) => sizes.map((size) => new Uint8Array(size));
/** As a row gives it. */
const copyOf = (body: SealedBody): SealedBody => structuredClone(body);

describe('what was received a moment ago', () => {
  it.each(['file', 'inline'] as const)('is found by its row (%s)', (kind) => {
    const fresh = freshBodies(LIMITS);
    const body = sealed(700, kind);
    const parts = plain(500, 200);
    fresh.keep(body, parts, 0);
    expect(fresh.find(copyOf(body))).toBe(parts);
    expect(fresh.find(sealed(700, kind))).toBeUndefined();
  });

  it('is read where the row is not the one that was stored', () => {
    const fresh = freshBodies(LIMITS);
    const [file, inline] = [sealed(500), sealed(500, 'inline')];
    for (const body of [file, inline]) fresh.keep(body, plain(500), 0);
    for (const other of [
      { ...file, size: 499 },
      { ...file, content: inline.content },
      { ...file, content: sealed(500).content },
      { ...file, wrappedKey: randomBytes(77) },
      { ...inline, content: file.content },
      { ...inline, content: sealed(500, 'inline').content },
    ])
      expect(fresh.find(other)).toBeUndefined();
  });

  it('is read where somebody gave its memory away', () => {
    const fresh = freshBodies(LIMITS);
    const body = sealed(500);
    const parts = plain(200, 300);
    fresh.keep(body, parts, 0);
    structuredClone(parts[1], { transfer: [parts[1]?.buffer ?? new ArrayBuffer(0)] });
    expect(fresh.find(body)).toBeUndefined();
    expect(fresh.reserve(LIMITS.most, false)).toBe(true);
  });

  it('stays within its bounds, and goes after its time', () => {
    const fresh = freshBodies(LIMITS);
    const [first, second, third] = [sealed(900), sealed(900), sealed(900)];
    fresh.keep(first, plain(900), 0);
    vi.advanceTimersByTime(6000);
    fresh.keep(second, plain(900), 0);
    // There is no room; whoever comes later doesn't push anybody out.
    fresh.keep(third, plain(900), 0);
    expect([first, second, third].map((one) => fresh.find(one) !== undefined)).toEqual([true, true, false]);
    expect(fresh.reserve(201, true)).toBe(false);
    vi.advanceTimersByTime(4000);
    expect(fresh.find(first)).toBeUndefined();
    expect(fresh.find(second)).toBeDefined();
    vi.advanceTimersByTime(6000);
    expect(fresh.find(second)).toBeUndefined();
    expect(fresh.reserve(LIMITS.most, false)).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('takes the room that its writer had taken', () => {
    const fresh = freshBodies(LIMITS);
    expect(fresh.reserve(1500, true)).toBe(true);
    expect(fresh.reserve(600, true)).toBe(false);
    // There is still some for what is only written.
    expect(fresh.reserve(600, false)).toBe(true);
    expect(fresh.reserve(600, false)).toBe(false);
    fresh.release(600);
    const body = sealed(900);
    fresh.keep(body, plain(900), 1500);
    expect(fresh.reserve(1101, true)).toBe(false);
    expect(fresh.reserve(1100, true)).toBe(true);
    fresh.release(1100);
    fresh.forgetAll();
    expect(fresh.find(body)).toBeUndefined();
    expect(fresh.reserve(LIMITS.most, false)).toBe(true);
  });

  it('is forgotten by its message and by its file', () => {
    const fresh = freshBodies(LIMITS);
    const [a, b] = [sealed(500), sealed(500)];
    for (const body of [a, b]) fresh.keep(body, plain(500), 0);
    fresh.claim(a, 'm1');
    fresh.claim(b, 'm2');
    fresh.claim(sealed(5), 'm3');
    fresh.forgetMessage('m3');
    fresh.forgetMessage('m1');
    expect(fresh.find(a)).toBeUndefined();
    expect(fresh.find(b)).toBeDefined();
    if (b.content.kind === 'file') fresh.forgetFile(b.content.name);
    expect(fresh.find(b)).toBeUndefined();
    fresh.forgetMessage('m2');
    expect(fresh.reserve(LIMITS.most, false)).toBe(true);
  });
});
