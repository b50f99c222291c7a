import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { endOfText, wordsOf } from '../../../src/shared/text-run.js';

const octets = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom(0x0e, 0x20, 0x61, 0x7f, 0x80, 0x8d, 0xff) },
  { weight: 1, arbitrary: fc.constantFrom(0x00, 0x01, 0x09, 0x0a, 0x0d) },
);

describe('the end of text', () => {
  it('is the first octet up to CR, wherever the buffer lies in memory and the search begins', () => {
    fc.assert(
      fc.property(
        fc.array(octets, { maxLength: 60 }),
        fc.nat(3),
        fc.nat(3),
        fc.nat(60),
        (content, before, behind, from) => {
          // What lies around it must not be taken for a part of it.
          const memory = Buffer.alloc(before + content.length + behind);
          const buffer = memory.subarray(before, before + content.length);
          buffer.set(content);
          const start = Math.min(from, content.length);
          const at = content.findIndex((octet, i) => i >= start && octet <= 0x0d);
          expect(endOfText(buffer, wordsOf(buffer), start)).toBe(at < 0 ? content.length : at);
        },
      ),
      { numRuns: 200 },
    );
  });
});
