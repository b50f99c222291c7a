import { pino } from 'pino';
import { expect, it } from 'vitest';
import { createMetrics } from '../../../src/ops/metrics.js';
import { watchStoreFailure } from '../../../src/relay/store-failure.js';
import { StoreUnavailable } from '../../../src/store/ports.js';

const watched = () =>
  watchStoreFailure(
    { failed: new Promise<Error>(() => undefined) },
    { log: pino({ level: 'silent' }), metrics: createMetrics() },
  );

it('does once what is to be done when the store fails, whoever finds out', async () => {
  const failure = watched();
  const done: string[] = [];
  failure.whenFailed(() => done.push('cut'));
  failure.report(new Error('something else'));
  expect([failure.happened(), done]).toEqual([false, []]);
  const why = new StoreUnavailable('the disk is full');
  failure.report(why);
  failure.report(new StoreUnavailable('again'));
  expect([failure.happened(), done]).toEqual([true, ['cut']]);
  await expect(failure.failed).resolves.toBe(why);
});

it('does it at once for a part that is made when the store has failed already', () => {
  const failure = watched();
  failure.report(new StoreUnavailable('the disk is full'));
  const done: string[] = [];
  failure.whenFailed(() => done.push('cut'));
  expect(done).toEqual(['cut']);
});
