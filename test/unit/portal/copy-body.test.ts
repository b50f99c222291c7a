import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, describe, expect, it } from 'vitest';
import { copyBody } from '../../../src/portal/copy-body.js';
import { createBodyStore } from '../../../src/store/body-store.js';
import { systemFiles } from '../../../src/store/file-ops.js';
import { plainBody } from '../../support/memory-portal.js';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function store() {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-copy-'));
  folders.push(folder);
  const bodies = createBodyStore({
    folder,
    wrappingKey: randomBytes(32),
    files: systemFiles,
    onSyncFailure: () => undefined,
  });
  return { folder, bodies };
}

async function digest(stream: Readable): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of stream) hash.update(chunk);
  return hash.digest('hex');
}

describe('copying sealed content', () => {
  it.each([0, 1, 1000, 65_536, 65_537, 3_000_000])(
    'of %i bytes gives the same under another key',
    async (size) => {
      const { folder, bodies } = store();
      const original = await bodies.seal(randomBytes(size));
      const copy = await copyBody(bodies, original);
      expect(copy.size).toBe(size);
      expect(copy.wrappedKey).not.toEqual(original.wrappedKey);
      expect(copy.content).not.toEqual(original.content);
      const before = await digest(bodies.open(original));
      // The original may go.
      if (original.content.kind === 'file') await bodies.remove(original.content.name);
      expect(await digest(bodies.open(copy))).toBe(before);
      expect(readdirSync(folder)).toHaveLength(copy.content.kind === 'file' ? 1 : 0);
    },
  );

  it('reads no further than it has written', async () => {
    const chunk = Buffer.alloc(65_536);
    const total = 500;
    let read = 0;
    let written = 0;
    let most = 0;
    const copy = await copyBody(
      {
        open: () =>
          new Readable({
            highWaterMark: chunk.length,
            read() {
              read++;
              most = Math.max(most, read - written);
              this.push(read > total ? null : chunk);
            },
          }),
        create: () => ({
          write: async (bytes) => {
            await new Promise(setImmediate);
            written += bytes.length / chunk.length;
          },
          finish: async () => plainBody('done'),
          abort: async () => undefined,
        }),
      },
      plainBody('x'),
    );
    expect(copy.size).toBe(4);
    expect(written).toBe(total);
    expect(most).toBeLessThanOrEqual(5);
  });

  it('leaves nothing behind when the original is damaged', async () => {
    const { folder, bodies } = store();
    const original = await bodies.seal(randomBytes(500_000));
    const other = await bodies.seal(randomBytes(500_000));
    await expect(copyBody(bodies, { ...original, content: other.content })).rejects.toMatchObject({
      name: 'BodyDamaged',
    });
    expect(readdirSync(folder)).toHaveLength(2);
  });
});
