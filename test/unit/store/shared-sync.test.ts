import { expect, it } from 'vitest';
import { sharedSync } from '../../../src/store/shared-sync.js';

/** Syncs that end when the test says so. */
function setUp() {
  const begun: { readonly done: () => void; readonly fail: (error: Error) => void }[] = [];
  const sync = sharedSync(() => new Promise((done, fail) => begun.push({ done, fail })));
  return { begun, sync };
}

/** Lets everything happen that waits for nothing else. */
const turn = () => new Promise((resolve) => setImmediate(resolve));

it('who asks while a sync runs waits for one that begins afterwards, with all others', async () => {
  const { begun, sync } = setUp();
  const ended: string[] = [];
  const ask = (name: string) => sync().then(() => ended.push(name));
  const all = [ask('first'), ask('second'), ask('third')];
  expect(begun).toHaveLength(1);
  begun[0]?.done();
  await turn();
  expect(ended).toEqual(['first']);
  expect(begun).toHaveLength(2);
  // The second sync has begun without it.
  all.push(ask('fourth'));
  begun[1]?.done();
  await turn();
  expect(ended).toEqual(['first', 'second', 'third']);
  begun[2]?.done();
  await Promise.all(all);
  expect(ended).toEqual(['first', 'second', 'third', 'fourth']);
  expect(begun).toHaveLength(3);
});

it('after a failure no sync is taken for a success', async () => {
  const { begun, sync } = setUp();
  const all = [sync(), sync()];
  begun[0]?.fail(new Error('the disk is broken'));
  for (const one of [...all, sync()]) await expect(one).rejects.toThrow('the disk is broken');
  await expect(sync()).rejects.toThrow('the disk is broken');
  expect(begun).toHaveLength(1);
});
