import { describe, expect, it } from 'vitest';
import { createRoom } from '../../../src/web/gate.js';

/* Memory that waits for readers is counted. */

describe('room', () => {
  it('lets in what fits, in order of arrival, and nobody slips by', async () => {
    const enter = createRoom(10);
    const inside: string[] = [];
    const come = async (name: string, weight: number) => {
      const leave = await enter(weight);
      inside.push(name);
      return leave;
    };
    const first = await come('a', 6);
    const large = come('b', 6);
    const small = come('c', 1);
    await new Promise(setImmediate);
    expect(inside).toEqual(['a']);
    first();
    first();
    const [leaveB, leaveC] = await Promise.all([large, small]);
    expect(inside).toEqual(['a', 'b', 'c']);
    const after = come('d', 4);
    await new Promise(setImmediate);
    expect(inside).toHaveLength(3);
    leaveC();
    (await after)();
    leaveB();
  });

  it('lets something larger than itself in alone', async () => {
    const enter = createRoom(10);
    const leave = await enter(100);
    let next = false;
    const waiting = enter(1).then((leaveNext) => {
      next = true;
      leaveNext();
    });
    await new Promise(setImmediate);
    expect(next).toBe(false);
    leave();
    await waiting;
    expect(next).toBe(true);
  });
});
