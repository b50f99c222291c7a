import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { withLoopField } from '../../../src/deliver/loop-field.js';
import { readLoopToken } from '../../../src/shared/loop-token.js';

const KEY = Buffer.alloc(32, 7);
const ID = '01jcr3qz8abcdefghjkmnp';
const copyOf = (open: () => Readable) => ({
  kind: 'smtp' as const,
  open,
  size: 8,
  eightBitMime: false,
  smtpUtf8: false,
});

describe('the loop field', () => {
  it('stands on top of the content, which stays as it is, at each reading', async () => {
    const copy = withLoopField(
      copyOf(() => Readable.from([Buffer.from('A: '), Buffer.from('b\r\n\r\n')])),
      ID,
      KEY,
    );
    for (let i = 0; i < 2; i++) {
      const bytes = await buffer(copy.open());
      const [, value, rest] = /^X-Sallyport-Loop: (\S+)\r\n([\s\S]*)$/.exec(bytes.toString()) ?? [];
      expect(readLoopToken(KEY, value ?? '')).toBe(ID);
      expect(rest).toBe('A: b\r\n\r\n');
      expect(copy.size).toBe(bytes.length);
    }
  });

  it('fails when the content fails, and lets go of it when the reader goes away', async () => {
    const broken = withLoopField(
      copyOf(() =>
        Readable.from(
          (function* () {
            yield Buffer.from('A');
            throw new Error('damaged');
          })(),
        ),
      ),
      ID,
      KEY,
    );
    await expect(buffer(broken.open())).rejects.toThrow('damaged');

    const source = Readable.from(['a', 'b', 'c']);
    const stream = withLoopField(
      copyOf(() => source),
      ID,
      KEY,
    ).open();
    for await (const chunk of stream) if (String(chunk) === 'a') break;
    expect(source.destroyed).toBe(true);
  });
});
