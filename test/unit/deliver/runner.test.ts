import { describe, expect, it } from 'vitest';
import { createRunner, type Runner } from '../../../src/deliver/runner.js';
import type { StoredRecipient } from '../../../src/model/message.js';
import type { QueueStore } from '../../../src/store/ports.js';
import { loadedConfig, START, tableResolver } from './harness.js';

const { config } = loadedConfig({ port: 25, resolver: tableResolver({}) });

/** A queue in memory whose rows are gone once they ran, and sweeps whose ends the test gives. */
function world() {
  let looks = 0;
  let reconsidered = 0;
  let now = START;
  const rows: StoredRecipient[] = [];
  const ran: string[] = [];
  const failures: unknown[] = [];
  const sweeps: { end(changed: boolean): void; fail(error: Error): void }[] = [];
  const waiting: (() => void)[] = [];
  const queue: Pick<QueueStore, 'due' | 'dueStreams' | 'nextDueAt'> = {
    due: async (_now, limit) => rows.slice(0, limit),
    dueStreams: async () => {
      looks++;
      return rows.length > 0 ? ['default'] : [];
    },
    nextDueAt: async () => undefined,
  };
  const happened = () => {
    for (const resolve of waiting.splice(0)) resolve();
  };
  const runner: Runner = createRunner({
    queue,
    config: () => config,
    run: async (job) => {
      ran.push(job.messageId);
      rows.splice(0, rows.length, ...rows.filter((row) => row.messageId !== job.messageId));
      happened();
      return false;
    },
    sweep: () =>
      new Promise((resolve, reject) => {
        sweeps.push({ end: resolve, fail: reject });
        happened();
      }),
    reconsider: async () => {
      reconsidered++;
      happened();
    },
    clock: { now: () => now },
    onFailure: (error) => {
      failures.push(error);
      happened();
    },
  });
  return {
    runner,
    ran,
    sweeps,
    failures,
    looks: () => looks,
    reconsidered: () => reconsidered,
    later: (ms: number) => {
      now += ms;
    },
    add(messageId: string): StoredRecipient {
      const row: StoredRecipient = {
        messageId,
        index: 0,
        address: 'a@a.test',
        domain: 'a.test',
        state: 'pending',
        attempts: 0,
      };
      rows.push(row);
      return row;
    },
    async until(condition: () => boolean) {
      while (!condition()) await new Promise<void>((resolve) => waiting.push(resolve));
    },
  };
}

describe('the runner', () => {
  it('delivers while a sweep is under way', async () => {
    const { runner, ran, sweeps, add, until } = world();
    runner.wake();
    await until(() => sweeps.length === 1);
    add('result-1');
    runner.wake();
    await until(() => ran.length === 1);
    expect(ran).toEqual(['result-1']);
    sweeps[0]?.end(false);
  });

  it('is idle only after a sweep that found nothing to change', async () => {
    const { runner, sweeps, until } = world();
    let idle = false;
    const done = runner.idle().then(() => {
      idle = true;
    });
    await until(() => sweeps.length === 1);
    sweeps[0]?.end(true);
    await until(() => sweeps.length === 2);
    expect(idle).toBe(false);
    sweeps[1]?.end(false);
    await done;
  });

  it('sweeps again when mail has ended since a sweep began', async () => {
    const { runner, ran, sweeps, add, until } = world();
    runner.wake();
    await until(() => sweeps.length === 1);
    add('result-1');
    const done = runner.idle();
    await until(() => ran.length === 1);
    sweeps[0]?.end(false);
    await until(() => sweeps.length === 2);
    sweeps[1]?.end(false);
    await done;
    expect(sweeps).toHaveLength(2);
  });

  it('ends only when a sweep that was begun has ended', async () => {
    const { runner, sweeps, until } = world();
    runner.wake();
    await until(() => sweeps.length === 1);
    let drained = false;
    const done = runner.drain().then(() => {
      drained = true;
    });
    await new Promise(setImmediate);
    expect(drained).toBe(false);
    sweeps[0]?.end(true);
    await done;
    expect(sweeps).toHaveLength(1);
  });

  it('stops all delivery when a sweep could not be recorded', async () => {
    const { runner, ran, sweeps, failures, add, until } = world();
    runner.wake();
    await until(() => sweeps.length === 1);
    sweeps[0]?.fail(new Error('the disk is gone'));
    await until(() => failures.length === 1);
    add('result-1');
    runner.wake();
    await runner.idle();
    expect(ran).toEqual([]);
  });

  it('takes what has just become due without looking for it, once', async () => {
    const { runner, ran, sweeps, looks, add, until } = world();
    runner.wake();
    await until(() => sweeps.length === 1);
    const before = looks();
    const row = add('result-1');
    expect(runner.take([row])).toBe(true);
    expect(ran).toEqual(['result-1']);
    expect(looks()).toBe(before);
    // Still in hand.
    expect(runner.take([row])).toBe(false);
    await new Promise(setImmediate);
    expect(ran).toEqual(['result-1']);
    sweeps[0]?.end(false);
  });

  it('looks for other work too while all that comes is handed over', async () => {
    const { runner, sweeps, looks, later, add, until } = world();
    runner.wake();
    await until(() => sweeps.length === 1);
    const before = looks();
    later(1001);
    expect(runner.take([add('result-1')])).toBe(true);
    await expect.poll(looks).toBeGreaterThan(before);
    sweeps[0]?.end(false);
  });

  it('has what waits for times of old looked at again when the clock was set back, once', async () => {
    const { runner, sweeps, looks, reconsidered, later, until } = world();
    runner.wake();
    await until(() => sweeps.length === 1);
    expect(reconsidered()).toBe(0);
    later(-24 * 60 * 60_000);
    runner.wake();
    await until(() => reconsidered() === 1);
    const before = looks();
    runner.wake();
    await expect.poll(looks).toBeGreaterThan(before);
    expect(reconsidered()).toBe(1);
    sweeps[0]?.end(false);
  });

  it('is not idle while it has what was handed over', async () => {
    const { runner, ran, sweeps, add, until } = world();
    const first = runner.idle();
    await until(() => sweeps.length === 1);
    sweeps[0]?.end(false);
    await first;
    expect(runner.take([add('result-1')])).toBe(true);
    const done = runner.idle().then(() => true);
    for (let i = 1; !(await Promise.race([done, until(() => sweeps.length > i)])); i++) sweeps[i]?.end(false);
    expect(ran).toEqual(['result-1']);
    expect(sweeps.length).toBeGreaterThan(1);
  });

  it('leaves to the store what it has no room for, and takes nothing more after its end', async () => {
    const { runner, add } = world();
    const rows = Array.from({ length: 26 }, (_, index) => ({ ...add('campaign-1'), index }));
    expect(runner.take(rows)).toBe(false);
    await runner.drain();
    expect(runner.take([add('result-1')])).toBe(false);
  });
});
