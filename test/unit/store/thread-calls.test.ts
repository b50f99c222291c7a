import { setImmediate as turn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { StoreUnavailable } from '../../../src/store/ports.js';
import { threadCalls } from '../../../src/store/thread-calls.js';

/** A thread that notes what comes, as it would arrive there. */
function setUp() {
  const posted: unknown[] = [];
  const calls = threadCalls<{ readonly kind: 'close' } | { readonly kind: 'head'; readonly id: number }>(
    { postMessage: (message: unknown) => posted.push(structuredClone(message)) },
    'writer',
  );
  const ask = (input: string) =>
    calls.ask<'beginInspection'>((id) => ({
      id,
      call: { name: 'beginInspection', input },
      events: [],
      at: 1,
    }));
  const requests = (...ids: readonly number[]) => ({ kind: 'requests', requests: ids.map((id) => ({ id })) });
  return { calls, ask, posted, requests };
}

it('passes what is asked in one turn together, in its order, and the next turn on its own', async () => {
  const { calls, ask, posted, requests } = setUp();
  const answers = Promise.all([ask('m1'), ask('m2')]);
  // Asked by what was waiting for something else in the same turn.
  const later = Promise.resolve().then(() => ask('m3'));
  expect(posted).toEqual([]);
  await turn();
  calls.settle([2, 1, 3].map((id) => ({ id, ok: true, value: id * 10 })));
  const last = ask('m4');
  await turn();
  expect(posted).toMatchObject([requests(1, 2, 3), requests(4)]);
  calls.settle([4].map((id) => ({ id, ok: true, value: id * 10 })));
  expect(await answers).toEqual([10, 20]);
  expect([await later, await last]).toEqual([30, 40]);
});

it('lets nothing wait for another turn while the thread has questions from before', async () => {
  const { ask, posted, requests } = setUp();
  for (const message of ['m1', 'm2', 'm3']) {
    void ask(message);
    await turn();
  }
  expect(posted).toMatchObject([requests(1), requests(2), requests(3)]);
});

it('refuses what cannot be passed, and nothing else of the turn', async () => {
  const { calls, ask, posted, requests } = setUp();
  const fine = ask('m1');
  const unfit = calls.ask<'beginInspection'>((id) => ({
    id,
    call: { name: 'beginInspection', input: 'm2' },
    events: [],
    at: 1,
    cannotBeCopied: () => undefined,
  }));
  const after = ask('m3');
  await expect(unfit).rejects.toMatchObject({ name: 'ChangeRefused' });
  expect(posted).toMatchObject([requests(1), requests(3)]);
  calls.settle([
    { id: 1, ok: true, value: 1 },
    { id: 3, ok: true, value: 1 },
  ]);
  expect(await Promise.all([fine, after])).toEqual([1, 1]);
});

it('says other things at once, behind what was asked before', async () => {
  const { calls, ask, posted, requests } = setUp();
  void ask('m1');
  const head = calls.askNow((id) => ({ kind: 'head', id }));
  void ask('m2');
  calls.tell({ kind: 'close' });
  await turn();
  expect(posted).toMatchObject([requests(1), { kind: 'head', id: 2 }, requests(3), { kind: 'close' }]);
  calls.settle([{ id: 2, ok: true, value: 'seven' }]);
  expect(await head).toBe('seven');
});

it('answers each by what came of it', async () => {
  const { calls, ask } = setUp();
  const asked = [ask('m1'), ask('m2'), ask('m3')];
  calls.settle([
    { id: 1, ok: false, why: 'refused', message: 'no' },
    { id: 2, ok: false, why: 'unavailable', message: 'disk' },
    { id: 3, ok: true, value: 5 },
    { id: 99, ok: true, value: 'never asked' },
  ]);
  expect(await Promise.allSettled(asked)).toMatchObject([
    { reason: { name: 'ChangeRefused' } },
    { reason: { name: 'StoreUnavailable' } },
    { value: 5 },
  ]);
});

it('asks nothing more after it is refused, and still gives the answers', async () => {
  const { calls, ask } = setUp();
  const before = ask('m1');
  await turn();
  calls.refuse(new StoreUnavailable('the store is closed'));
  await expect(ask('m2')).rejects.toThrow('the store is closed');
  calls.settle([{ id: 1, ok: true, value: 1 }]);
  expect(await before).toBe(1);
});

it('rejects everything after a failure, and what did not travel yet never does', async () => {
  const { calls, ask, posted } = setUp();
  const waits = ask('m1');
  calls.stop(new StoreUnavailable('the disk failed'));
  await expect(waits).rejects.toThrow('the disk failed');
  await expect(calls.askNow((id) => ({ kind: 'head', id }))).rejects.toThrow('the disk failed');
  await turn();
  expect(posted).toEqual([]);
});
