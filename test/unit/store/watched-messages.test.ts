import { describe, expect, it } from 'vitest';
import type { Suppression } from '../../../src/model/suppression.js';
import { type Watched, watchedMessages } from '../../../src/store/watched-messages.js';

function setup() {
  const waiting: ((done: boolean) => void)[] = [];
  /** Is asked, and waits for `finish`. */
  const ask = () =>
    new Promise<never>((resolve, reject) => {
      waiting.push((done) => (done ? resolve(undefined as never) : reject(new Error('refused'))));
    });
  const inner = {
    queue: { apply: ask, destroyContent: ask },
    masterKeys: { rewrap: ask, finish: ask },
    suppressions: { put: ask },
  };
  const finish = (done: boolean) => {
    for (const one of waiting.splice(0)) one(done);
  };
  return { ...watchedMessages<typeof inner & Watched>(inner), finish };
}

const ADA = { index: 0, address: 'ada@hospital.example' };
const BEA = { index: 1, address: 'Bea@hospital.example' };
const refusal = (address: string): Suppression => ({ address, addedAt: 1, reason: 'gone' });
const ended = (messageId: string, index = 0) => ({
  recipients: [{ key: { messageId, index }, from: ['pending' as const], set: { state: 'ended' as const } }],
});
const begun = (messageId: string) => ({
  decided: { messageId, subjectShowable: false },
  recipients: ended(messageId).recipients.map((one) => ({
    ...one,
    begins: { address: ADA.address, now: 1, attempts: 1, nextAttemptAt: 2 },
  })),
});
const quietly = (asked: unknown) => void Promise.resolve(asked).catch(() => undefined);

describe('recipients that are watched', () => {
  it.each<[string, (store: Watched) => unknown]>([
    ['to end one', ({ queue }) => queue.apply(ended('m1'), [])],
    [
      'to decide it',
      ({ queue }) => queue.apply({ decided: { messageId: 'm1', subjectShowable: false } }, []),
    ],
    ['to decide it again', ({ queue }) => queue.apply({ decideAgain: { messageId: 'm1' } }, [])],
    ['to suppress an address', ({ suppressions }) => suppressions.put(refusal('ADA@hospital.example'), [])],
    [
      'to suppress an address that was refused',
      ({ queue }) => queue.apply({ suppress: [refusal(ADA.address)] }, []),
    ],
  ])('are touched as soon as somebody asks %s, before it is done', (_name, ask) => {
    const { store, watch } = setup();
    const [one, other] = [watch('m1', [ADA]), watch('m1', [BEA, ADA])];
    expect(one.isTouched()).toBe(false);
    quietly(ask(store));
    expect([one.isTouched(), other.isTouched()]).toEqual([true, true]);
  });

  it('are not touched by what is asked of others, nor when their watch has ended', () => {
    const { store, watch } = setup();
    const ends = watch('m1', [ADA]);
    const stays = watch('m1', [ADA, BEA]);
    const others = [watch('m2', [ADA]), watch('m1', [BEA])];
    ends.end();
    quietly(store.queue.apply(ended('m1'), []));
    quietly(store.suppressions.put(refusal('eve@hospital.example'), []));
    expect([ends, stays, ...others].map((one) => one.isTouched())).toEqual([false, true, false, false]);
    stays.end();
    stays.end();
    expect(watch('m1', [ADA]).isTouched()).toBe(false);
    ends.end();
    quietly(store.suppressions.put(refusal(BEA.address), []));
    expect(others.map((one) => one.isTouched())).toEqual([false, true]);
  });

  it('are not touched by a rotation of the master key, which would never let them go', () => {
    const { store, watch } = setup();
    const one = watch('m1', [ADA]);
    quietly(store.masterKeys.rewrap());
    quietly(store.masterKeys.finish());
    expect(one.isTouched()).toBe(false);
  });

  it('are not touched by the commit that begins their attempt', () => {
    const { store, watch } = setup();
    const one = watch('m1', [ADA]);
    quietly(store.queue.apply(begun('m1'), []));
    expect(one.isTouched()).toBe(false);
  });

  it.each([true, false])('are settled when what was asked for is answered (done: %s)', async (done) => {
    const { store, watch, finish } = setup();
    const one = watch('m1', [ADA]);
    quietly(store.queue.apply(ended('m1'), []));
    let settled = false;
    const waiting = one.settled().then(() => {
      settled = true;
    });
    expect(one.isTouched()).toBe(false);
    await new Promise(setImmediate);
    expect(settled).toBe(false);
    finish(done);
    await waiting;
    quietly(store.queue.apply(ended('m1'), []));
    expect(one.isTouched()).toBe(true);
  });

  it.each([true, false])(
    'are touched by what was asked of their address before, until that is answered (done: %s)',
    async (done) => {
      const { store, watch, finish } = setup();
      quietly(store.suppressions.put(refusal(BEA.address), []));
      expect([watch('m1', [ADA]).isTouched(), watch('m1', [ADA, BEA]).isTouched()]).toEqual([false, true]);
      finish(done);
      await new Promise(setImmediate);
      expect(watch('m1', [ADA, BEA]).isTouched()).toBe(false);
    },
  );

  it('are touched by what another watch had heard that goes on as theirs', async () => {
    const { store, watch, finish } = setup();
    const before = watch('m1', [ADA]);
    quietly(store.queue.apply(ended('m1'), []));
    const one = watch('m1', [ADA], before.asked());
    before.end();
    expect(one.isTouched()).toBe(true);
    finish(true);
    await one.settled();
    expect(one.isTouched()).toBe(false);
  });
});
