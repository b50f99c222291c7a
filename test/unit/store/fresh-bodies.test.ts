import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { SealedBody } from '../../../src/model/message.js';
import { type FreshBodies, freshBodies } from '../../../src/store/fresh-bodies.js';

const PLACE = 8 * 1024;
const LIMITS = { mostOfOne: 5 * PLACE, mostKept: 10 * PLACE, mostGathered: 1000, stays: 10_000 };

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
/** As a row gives it. */
const copyOf = (body: SealedBody): SealedBody => structuredClone(body);

/** What of a body is there, from the first byte on. */
function readAll(fresh: FreshBodies, body: SealedBody, start = 0, end = body.size): Buffer {
  const pieces: Buffer[] = [];
  let at = start;
  for (let piece = fresh.read(body, at, end); piece !== undefined; piece = fresh.read(body, at, end)) {
    pieces.push(piece);
    at += piece.length;
  }
  return Buffer.concat(pieces);
}
const isThere = (fresh: FreshBodies, body: SealedBody) => fresh.read(body, 0, body.size) !== undefined;

describe('what was received a moment ago', () => {
  it.each(['file', 'inline'] as const)('is found by its row (%s)', (kind) => {
    const fresh = freshBodies(LIMITS);
    const body = sealed(700, kind);
    const plain = randomBytes(700);
    fresh.keep(body, [plain.subarray(0, 200), plain.subarray(200)]);
    expect(readAll(fresh, copyOf(body)).equals(plain)).toBe(true);
    expect(isThere(fresh, sealed(700, kind))).toBe(false);
  });

  it('is always its own, whatever comes, goes and changes what it was given', () => {
    const steps = fc.array(
      fc.record({
        size: fc.integer({ min: 1, max: 5 * PLACE }),
        cut: fc.integer({ min: 0, max: 5 * PLACE }),
        forget: fc.integer({ min: 0, max: 9 }),
      }),
      { maxLength: 30 },
    );
    fc.assert(
      fc.property(steps, (all) => {
        const fresh = freshBodies(LIMITS);
        const stored: { readonly body: SealedBody; readonly plain: Buffer }[] = [];
        for (const { size, cut, forget } of all) {
          const one = { body: sealed(size), plain: randomBytes(size) };
          const given = Buffer.from(one.plain);
          fresh.keep(one.body, [given.subarray(0, cut), given.subarray(cut)]);
          given.fill(0);
          stored.push(one);
          fresh.claim(one.body, String(stored.length - 1));
          fresh.forgetMessage(String(forget));
          for (const { body, plain } of stored) {
            const read = readAll(fresh, body);
            if (read.length > 0) expect(read.equals(plain)).toBe(true);
            read.fill(1);
            const part = readAll(fresh, body, Math.min(cut, body.size));
            if (read.length > 0) expect(part.equals(plain.subarray(cut))).toBe(true);
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  it('is read where the row is not the one that was stored', () => {
    const fresh = freshBodies(LIMITS);
    const [file, inline] = [sealed(500), sealed(500, 'inline')];
    for (const body of [file, inline]) fresh.keep(body, [randomBytes(500)]);
    for (const other of [
      { ...file, size: 499 },
      { ...file, content: inline.content },
      { ...file, content: sealed(500).content },
      { ...file, wrappedKey: randomBytes(77) },
      { ...inline, content: file.content },
      { ...inline, content: sealed(500, 'inline').content },
    ])
      expect(isThere(fresh, other)).toBe(false);
  });

  it('stays within its bounds, and goes after its time', () => {
    const fresh = freshBodies(LIMITS);
    const size = 4 * PLACE + 1;
    const [first, second, third] = [sealed(size), sealed(size), sealed(size)];
    fresh.keep(first, [randomBytes(size)]);
    vi.advanceTimersByTime(6000);
    fresh.keep(second, [randomBytes(size)]);
    // There is no room; whoever comes later doesn't push anybody out.
    fresh.keep(third, [randomBytes(size)]);
    expect([first, second, third].map((one) => isThere(fresh, one))).toEqual([true, true, false]);
    vi.advanceTimersByTime(4000);
    expect(isThere(fresh, first)).toBe(false);
    expect(isThere(fresh, second)).toBe(true);
    fresh.keep(third, [randomBytes(size)]);
    expect(isThere(fresh, third)).toBe(true);
    vi.advanceTimersByTime(10_000);
    expect([second, third].map((one) => isThere(fresh, one))).toEqual([false, false]);
  });

  it('has its memory once while mail comes, wiped behind each message, and gives it back after ten minutes', () => {
    const taken = vi.spyOn(Buffer, 'allocUnsafeSlow');
    try {
      const fresh = freshBodies(LIMITS);
      for (let message = 0; message < 20; message++) {
        const body = sealed(2 * PLACE);
        fresh.keep(body, [Buffer.alloc(2 * PLACE, 'x')]);
        expect(isThere(fresh, body)).toBe(true);
        vi.advanceTimersByTime(30_000);
      }
      const memories = taken.mock.results.map(({ value }) => value as Buffer);
      expect(memories).toHaveLength(1);
      expect(memories[0]?.includes('x'.repeat(PLACE))).toBe(false);
      vi.advanceTimersByTime(600_000);
      expect(vi.getTimerCount()).toBe(0);
      fresh.keep(sealed(1), [Buffer.from('y')]);
      expect(taken).toHaveBeenCalledTimes(2);
    } finally {
      taken.mockRestore();
    }
  });

  it('leaves some room for what is only written', () => {
    const fresh = freshBodies(LIMITS);
    expect(fresh.reserve(500, true)).toBe(true);
    expect(fresh.reserve(1, true)).toBe(false);
    expect(fresh.reserve(500, false)).toBe(true);
    expect(fresh.reserve(1, false)).toBe(false);
    fresh.release(1000);
    expect(fresh.reserve(1000, false)).toBe(true);
  });

  it('is forgotten by its message and by its file', () => {
    const fresh = freshBodies(LIMITS);
    const [a, b, c] = [sealed(500), sealed(500), sealed(500)];
    for (const body of [a, b, c]) fresh.keep(body, [randomBytes(500)]);
    fresh.claim(a, 'm1');
    fresh.claim(b, 'm2');
    fresh.claim(sealed(5), 'm3');
    fresh.forgetMessage('m3');
    fresh.forgetMessage('m1');
    expect([a, b, c].map((one) => isThere(fresh, one))).toEqual([false, true, true]);
    if (b.content.kind === 'file') fresh.forgetFile(b.content.name);
    expect([a, b, c].map((one) => isThere(fresh, one))).toEqual([false, false, true]);
    fresh.forgetAll();
    expect(isThere(fresh, c)).toBe(false);
  });
});
