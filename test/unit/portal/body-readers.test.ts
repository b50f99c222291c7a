import { once } from 'node:events';
import { mkdirSync, readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { bodyKey, createBodyReaders } from '../../../src/portal/body-readers.js';
import { createBodyStore } from '../../../src/store/body-store.js';
import { systemFiles } from '../../../src/store/file-ops.js';
import { temporaryFolder } from '../store/fixtures.js';

/* While content is destroyed, nobody has its file open, and nobody gets at it anew. */

async function sealedBody() {
  const folder = join(temporaryFolder(), 'bodies');
  mkdirSync(folder);
  const bodies = createBodyStore({
    folder,
    wrappingKey: Buffer.alloc(32, 7),
    files: systemFiles,
    onSyncFailure: () => undefined,
  });
  const body = await bodies.seal(Buffer.alloc(2_000_000, 'x'));
  const openFiles = () =>
    readdirSync('/proc/self/fd').filter((one) => {
      try {
        return readlinkSync(`/proc/self/fd/${one}`).startsWith(folder);
      } catch {
        return false;
      }
    }).length;
  return {
    readers: createBodyReaders(bodies),
    body,
    other: await bodies.seal(Buffer.alloc(100_000)),
    openFiles,
  };
}

it.runIf(process.platform === 'linux')(
  'cuts who reads, and closes the file, before the task begins',
  async () => {
    const { readers, body, other, openFiles } = await sealedBody();
    const slow = new PassThrough();
    const stream = readers.open(body);
    stream.pipe(slow);
    await once(slow, 'data');
    slow.pause();
    const another = readers.open(other);
    await once(another, 'readable');
    expect(openFiles()).toBe(2);
    const seen = await readers.without([bodyKey(body)], async () => {
      const late = readers.open(body);
      await expect(late.toArray()).rejects.toThrow('the content is being destroyed');
      return openFiles();
    });
    expect(seen).toBe(1);
    expect([stream.destroyed, another.destroyed]).toEqual([true, false]);
    another.destroy();
  },
);

it.runIf(process.platform === 'linux')('cuts who goes through the content chunk by chunk, too', async () => {
  const { readers, body, openFiles } = await sealedBody();
  const chunks = readers.open(body)[Symbol.asyncIterator]();
  await chunks.next();
  expect(openFiles()).toBe(1);
  expect(await readers.without([bodyKey(body)], async () => openFiles())).toBe(0);
  await expect(
    (async () => {
      for (;;) if ((await chunks.next()).done === true) return;
    })(),
  ).rejects.toThrow('the content is being destroyed');
});

it('keeps nothing of who has read all of it', async () => {
  const { readers, body } = await sealedBody();
  const stream = readers.open(body);
  for await (const chunk of stream) expect(chunk).toBeInstanceOf(Uint8Array);
  expect(stream.destroyed).toBe(true);
});

it('lets readers in again when the content was not destroyed', async () => {
  const { readers, body } = await sealedBody();
  await expect(
    readers.without([bodyKey(body)], () => Promise.reject(new Error('something still needs it'))),
  ).rejects.toThrow('something still needs it');
  expect((await readers.open(body).toArray()).length).toBeGreaterThan(1);
});
