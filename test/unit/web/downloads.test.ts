import { EventEmitter } from 'node:events';
import { describe, expect, it, vi } from 'vitest';
import { createDownloads } from '../../../src/web/downloads.js';

class Response extends EventEmitter {
  destroy(): this {
    this.emit('close');
    return this;
  }
}

describe('downloads', () => {
  it('are six at a time for one recipient, whatever others do, and end with their connection', () => {
    const begin = createDownloads();
    const mine = Array.from({ length: 6 }, () => new Response());
    const start = (recipient: string, response: Response) => begin(recipient, response as never);
    expect(mine.map((one) => start('a@mail.test', one))).toEqual(Array(6).fill(true));
    expect(start('a@mail.test', new Response())).toBe(false);
    expect(start('b@mail.test', new Response())).toBe(true);
    mine[0]?.emit('close');
    expect(start('a@mail.test', new Response())).toBe(true);
    expect(start('a@mail.test', new Response())).toBe(false);
  });

  it('are cut after twenty minutes', () => {
    vi.useFakeTimers();
    try {
      const begin = createDownloads();
      const cut: number[] = [];
      for (let i = 0; i < 6; i++) {
        const response = new Response();
        response.on('close', () => cut.push(i));
        begin('a@mail.test', response as never);
      }
      vi.advanceTimersByTime(19 * 60_000);
      expect(cut).toEqual([]);
      vi.advanceTimersByTime(2 * 60_000);
      expect(cut).toHaveLength(6);
      expect(begin('a@mail.test', new Response() as never)).toBe(true);
    } finally {
      vi.useRealTimers();
    }
  });
});
