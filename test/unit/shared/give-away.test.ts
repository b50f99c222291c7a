import { expect, test } from 'vitest';
import { giveAway } from '../../../src/shared/give-away.js';

const MB = 1024 * 1024;

test('memory that is given away is there for others at once', () => {
  const bytes = new Uint8Array(64 * MB).fill(1);
  const before = process.memoryUsage.rss();
  giveAway(bytes);
  expect(bytes).toHaveLength(0);
  expect(process.memoryUsage.rss()).toBeLessThan(before - 48 * MB);
});

test('what is a view of something larger stays as it is', () => {
  const all = new Uint8Array(8).fill(1);
  giveAway(all.subarray(2, 6));
  giveAway(Buffer.from('in the memory that small buffers share'));
  expect(all).toEqual(new Uint8Array(8).fill(1));
  expect(Buffer.from('a')).toHaveLength(1);
});

test('shared memory stays with the others who have it', () => {
  const bytes = new Uint8Array(new SharedArrayBuffer(4));
  giveAway(bytes);
  expect(bytes).toHaveLength(4);
});

test('nothing, and what was given away before, is none the worse for it', () => {
  const bytes = new Uint8Array(4);
  giveAway(bytes);
  giveAway(bytes);
  giveAway(new Uint8Array(0));
  expect(bytes).toHaveLength(0);
});
