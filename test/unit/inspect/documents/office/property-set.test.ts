import { describe, expect, it } from 'vitest';
import { readPropertySet } from '../../../../../src/inspect/documents/office/compound/property-set.js';
import { TooLarge } from '../../../../../src/inspect/documents/types.js';

const u32 = (...values: readonly number[]): Buffer => {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [index, value] of values.entries()) bytes.writeUInt32LE(value, index * 4);
  return bytes;
};
/** A set of one section whose properties all have the given value. */
const setOf = (count: number, value: Buffer): Buffer => {
  const head = Buffer.alloc(48);
  head.writeUInt32LE(1, 24);
  head.writeUInt32LE(48, 44);
  const entries = Array.from({ length: count }, (_, index) => u32(index + 2, 8 + count * 8));
  return Buffer.concat([head, u32(0, count), ...entries, value]);
};
const words = Buffer.concat([u32(30, 8), Buffer.from('canary\0\0')]);
/** Text after text (VT_VECTOR). */
const list = (count: number) =>
  Buffer.concat([u32(0x101e, count), ...Array<Buffer>(count).fill(words.subarray(4))]);

describe('properties of a document', () => {
  it('are read', () => {
    expect(readPropertySet(setOf(3, words)).text).toBe('canary\ncanary\ncanary');
    expect(readPropertySet(setOf(1, list(2))).text).toBe('canary, canary');
  });

  it.each([
    ['properties', () => setOf(10_001, words)],
    ['values of one', () => setOf(1, list(10_001))],
  ])('are too large where there are too many %s', (_, bytes) => {
    expect(() => readPropertySet(bytes())).toThrow(TooLarge);
  });

  it('are left out where they are damaged', () => {
    expect(readPropertySet(setOf(1, u32(0x101e, 0x7fffffff))).text).toBe('');
  });
});
