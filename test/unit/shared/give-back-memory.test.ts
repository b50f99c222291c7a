import { getHeapStatistics } from 'node:v8';
import { expect, it } from 'vitest';
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
