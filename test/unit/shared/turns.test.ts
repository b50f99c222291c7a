import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createTurns } from '../../../src/shared/turns.js';

describe('turns', () => {
  it('serves one of each, in the order in which they came', () => {
    const turns = createTurns<string>();
    for (const one of ['a1', 'a2', 'a3', 'b1', 'b2']) turns.push(one.charAt(0), one);
    expect([turns.next(), turns.next()]).toEqual(['a1', 'b1']);
    turns.push('c', 'c1');
    expect([turns.next(), turns.next(), turns.next(), turns.next()]).toEqual(['a2', 'b2', 'c1', 'a3']);
    expect([turns.next(), turns.length()]).toEqual([undefined, 0]);
  });

  it('gives each thing once, each sender’s in order, and nobody waits for two of another', () => {
    fc.assert(
      fc.property(fc.array(fc.option(fc.constantFrom('a', 'b', 'c'))), (steps) => {
        const turns = createTurns<{ sender: string; number: number }>();
        const line: { sender: string; number: number }[] = [];
        const passed = new Map<string, Map<string, number>>();
        steps.forEach((sender, number) => {
          if (sender !== null) {
            const one = { sender, number };
            turns.push(sender, one);
            line.push(one);
            return;
          }
          const served = turns.next();
          const oldest = line.find((one) => one.sender === served?.sender);
          expect(served).toEqual(oldest);
          expect(served === undefined).toBe(line.length === 0);
          if (served === undefined) return;
          line.splice(line.indexOf(served), 1);
          passed.delete(served.sender);
          for (const waiting of new Set(line.map((one) => one.sender))) {
            if (waiting === served.sender) continue;
            const times = passed.get(waiting) ?? new Map<string, number>();
            passed.set(waiting, times.set(served.sender, (times.get(served.sender) ?? 0) + 1));
            expect(times.get(served.sender)).toBeLessThanOrEqual(1);
          }
        });
        expect(turns.length()).toBe(line.length);
        for (const sender of ['a', 'b', 'c'])
          expect(turns.length(sender)).toBe(line.filter((one) => one.sender === sender).length);
      }),
      { numRuns: 200 },
    );
  });
});
