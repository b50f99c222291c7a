import { describe, expect, it } from 'vitest';
import { gatherFor, type LastBatch } from '../../../src/store/gathering.js';

const batch = (more: Partial<LastBatch> = {}): LastBatch => ({
  requests: 20,
  took: 3,
  endedAt: 1000,
  ...more,
});

describe('a batch is begun at once', () => {
  it.each<[string, LastBatch | undefined, number]>([
    ['when it is the first', undefined, 1000],
    ['behind one of a single message', batch({ requests: 2 }), 1000],
    ['when the load is over', batch(), 1020],
  ])('%s', (_what, last, now) => {
    expect(gatherFor(last, now)).toBe(0);
  });
});

describe('under load a batch gathers', () => {
  it.each<[string, Partial<LastBatch>, number]>([
    ['as long as the last one took', { took: 3 }, 3],
    ['never long, however slow the disk is', { took: 200 }, 5],
    ['a little, however fast it is', { took: 0.1 }, 1],
  ])('%s', (_what, last, wait) => {
    expect(gatherFor(batch(last), 1000)).toBe(wait);
  });
});
