import { getHeapStatistics } from 'node:v8';
import { afterEach, expect, it, vi } from 'vitest';
import { giveBackMemory } from '../../../src/shared/give-back-memory.js';

it('gives back what nothing holds any more', async () => {
  const held = { garbage: Array.from({ length: 400_000 }, (_, i) => ({ text: `${i}` })) };
  const before = getHeapStatistics();
  held.garbage.length = 0;
  await giveBackMemory();
  await giveBackMemory();
  const after = getHeapStatistics();
  expect(before.used_heap_size - after.used_heap_size).toBeGreaterThan(10_000_000);
  expect(after.total_physical_size).toBeLessThan(before.total_physical_size);
});

afterEach(() => {
  vi.doUnmock('node:inspector');
});

it('leaves memory as it is where the engine may not be asked', async () => {
  vi.doMock('node:inspector', () => ({
    Session: class {
      connect(): void {
        throw new Error('Access to this API has been restricted');
      }
    },
  }));
  await expect(giveBackMemory()).resolves.toBeUndefined();
});
