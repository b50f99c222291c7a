import { describe, expect, it } from 'vitest';
import { createFairGate } from '../../../src/web/gate.js';

/* Whoever has the most to read, or what takes the longest, keeps only themselves waiting. */

const turn = () => new Promise(setImmediate);

/** Tasks that end when they are told to. */
function tasks(limit: number) {
  const gate = createFairGate(limit);
  const running: string[] = [];
  const ends = new Map<string, (error?: Error) => void>();
  const come = (whose: string, name: string) => {
    const result = gate(
      whose,
      () =>
        new Promise<string>((resolve, reject) => {
          running.push(name);
          ends.set(name, (error) => (error === undefined ? resolve(name) : reject(error)));
        }),
    );
    result.catch(() => undefined);
    return result;
  };
  const end = async (name: string, error?: Error) => {
    ends.get(name)?.(error);
    running.splice(running.indexOf(name), 1);
    await turn();
  };
  return { running, come, end };
}

describe('a fair gate', () => {
  it('runs one task of each owner, and owners in turns', async () => {
    const { running, come, end } = tasks(2);
    for (const name of ['a1', 'a2', 'a3', 'a4']) come('a', name);
    come('b', 'b1');
    come('b', 'b2');
    come('c', 'c1');
    await turn();
    expect(running).toEqual(['a1', 'b1']);
    await end('a1');
    expect(running).toEqual(['b1', 'c1']);
    await end('c1');
    expect(running).toEqual(['b1', 'a2']);
    await end('a2');
    expect(running).toEqual(['b1', 'a3']);
    await end('b1');
    expect(running).toEqual(['a3', 'b2']);
    await end('b2');
    expect(running).toEqual(['a3']);
    await end('a3');
    expect(running).toEqual(['a4']);
  });

  it('gives the place on when a task fails, and the failure to who asked', async () => {
    const { running, come, end } = tasks(1);
    const first = come('a', 'a1');
    const second = come('b', 'b1');
    await turn();
    await end('a1', new Error('it failed'));
    await expect(first).rejects.toThrow('it failed');
    expect(running).toEqual(['b1']);
    await end('b1');
    expect(await second).toBe('b1');
  });
});
