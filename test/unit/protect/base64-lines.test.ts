import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { base64Lines, encodeLines } from '../../../src/protect/base64-lines.js';

/** In pieces of these sizes, all in one buffer that is overwritten for each. */
async function* reusing(bytes: Uint8Array, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  const buffer = Buffer.alloc(Math.max(1, ...sizes));
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const taken = Math.min(sizes[turn % sizes.length] ?? 1, bytes.length - at);
    buffer.fill(0);
    buffer.set(bytes.subarray(at, at + taken));
    yield buffer.subarray(0, taken);
    at += taken;
  }
}

async function encoded(source: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of base64Lines(source)) chunks.push(chunk);
  return Buffer.concat(chunks).toString('latin1');
}

/** As MIME says it, in the plainest code. */
function expected(bytes: Uint8Array): string {
  const lines =
    Buffer.from(bytes)
      .toString('base64')
      .match(/.{1,76}/g) ?? [];
  return lines.map((line) => `${line}\r\n`).join('');
}

describe('base64Lines', () => {
  const border = 57 * 1024;
  it.each([0, 1, 2, 3, 56, 57, 58, 114, border - 1, border, border + 1, 3 * border + 30])(
    'breaks %i bytes into lines of 76 characters',
    async (size) => {
      const bytes = Buffer.from(Array.from({ length: size }, (_, at) => (at * 7) & 0xff));
      expect(await encoded(reusing(bytes, [65_536]))).toBe(expected(bytes));
      expect(encodeLines(bytes).toString('latin1')).toBe(expected(bytes));
    },
  );

  it('gives the same for any pieces, also from a source that uses its buffer again', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 2000 }),
        fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 5 }),
        async (bytes, sizes) => {
          expect(await encoded(reusing(bytes, sizes))).toBe(expected(bytes));
        },
      ),
      { numRuns: 100 },
    );
  });
});
