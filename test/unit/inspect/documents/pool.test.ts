import { fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { configSchema } from '../../../../src/config/schema.js';
import type { OcrMode } from '../../../../src/inspect/documents/child-messages.js';
import { createDocumentPool, type DocumentPool } from '../../../../src/inspect/documents/pool.js';
import { createLog } from '../../../../src/ops/log.js';

const written: string[] = [];
const log = createLog({ level: 'info', addresses: 'domains' }, { write: (line) => void written.push(line) });
const pools: DocumentPool[] = [];

function start(documents: Readonly<Record<string, unknown>> = {}): DocumentPool {
  const limits = configSchema.shape.inspect.parse({ documents: { workers: 1, ...documents } });
  const entry = new URL('./fake-child.mjs', import.meta.url);
  const pool = createDocumentPool({ limits, cores: 2, log, entry });
  pools.push(pool);
  return pool;
}

function read(pool: DocumentPool, deed: string, options: { ocr?: OcrMode; deadline?: number } = {}) {
  const deadline = options.deadline ?? 300_000;
  const input = { bytes: Buffer.from(`%PDF-${deed}`), fileName: 'Jane-Sample.pdf' };
  return pool.read(input, { ocr: options.ocr ?? 'quick', deadlineMs: () => deadline });
}

async function pidOf(pool: DocumentPool): Promise<number> {
  return Number((await read(pool, 'pid')).parts[0]?.texts[0]?.text);
}

function isAlive(pid: number): boolean {
  return existsSync(`/proc/${pid}`);
}

afterEach(async () => {
  for (const pool of pools.splice(0)) await pool.close();
});

describe('the pool of processes that read documents', () => {
  it.each(['exit', 'abort', 'later', 'garbage', 'stranger', 'silent', 'heap'])(
    'calls a document corrupt whose process does this: %s',
    async (deed) => {
      const pool = start({ max_memory: '512MB' });
      const reading = await read(pool, deed);
      expect(reading.complete).toBe(false);
      expect(reading.parts.map((part) => part.status)).toEqual(['corrupt']);
      // The next one isn't harmed.
      expect(await pidOf(pool)).toBeGreaterThan(1);
    },
  );

  it('calls a document corrupt whose reader throws, and goes on with the same process', async () => {
    const pool = start();
    const before = await pidOf(pool);
    expect((await read(pool, 'throw')).parts).toMatchObject([{ path: '', status: 'corrupt' }]);
    expect(await pidOf(pool)).toBe(before);
  });

  it.each(['loop', 'slow'])('kills what is late: %s', async (deed) => {
    const pool = start();
    const before = await pidOf(pool);
    const reading = await read(pool, deed, { deadline: 300 });
    expect(reading.parts).toMatchObject([{ path: '', status: 'timed-out' }]);
    expect(await pidOf(pool)).not.toBe(before);
    await expect.poll(() => isAlive(before)).toBe(false);
  });

  it('kills what takes too much memory outside the heap', async () => {
    const pool = start({ max_memory: '300MB' });
    const reading = await read(pool, 'memory');
    expect(reading.parts).toMatchObject([{ path: '', status: 'corrupt' }]);
    expect(written.join('')).toContain('too-big');
  });

  it('replaces a process that keeps too much', async () => {
    const pool = start({ max_memory: '400MB' });
    const grown = await read(pool, 'grow');
    expect(grown.parts[0]?.status).toBe('read');
    expect(String(await pidOf(pool))).not.toBe(grown.parts[0]?.texts[0]?.text);
  });

  it('keeps what was read before the process died', async () => {
    const reading = await read(start(), 'dead', { deadline: 4000 });
    expect(reading.parts).toMatchObject([
      { path: '', status: 'timed-out', texts: [{ view: 'text', text: 'outside' }] },
      { path: '1', status: 'read', fileName: 'in.txt', entity: { kind: 'text' } },
    ]);
  });

  it('does not blame a document for what the one before left behind', async () => {
    const pool = start();
    await read(pool, 'spoil');
    expect((await read(pool, 'second')).parts).toMatchObject([
      { status: 'read', texts: [{ text: 'fresh' }] },
    ]);
  });

  it('has no way to the network, to files, to other processes or to the environment', async () => {
    const text = (await read(start(), 'escapes')).parts[0]?.texts[0]?.text;
    expect(text?.split('\n')).toEqual([
      'write ERR_ACCESS_DENIED',
      'read ERR_ACCESS_DENIED',
      'process ERR_ACCESS_DENIED',
      'connect there is no network here',
      'lookup there is no network here',
      'fetch there is no network here',
      'thread there is no thread here',
      'sameThread there is no thread here',
      'hooks there is no thread here',
      'signal there is no other process here',
      'restore Cannot redefine property: kill',
      'binding there is no native code here',
      expect.stringMatching(/^env (?:NODE_CHANNEL_[A-Z_]+,?)*$/),
    ]);
  });

  it('logs no content and no name', async () => {
    await read(start(), 'print');
    await read(start(), 'throw');
    await read(start(), 'exit');
    expect(written.join('')).not.toContain('Jane');
  });

  it('recognises text in the other lane, and knows it the next time', async () => {
    const pool = start();
    const first = await read(pool, 'picture');
    expect(first).toMatchObject({ complete: true, needsOcr: ['1'] });
    expect(first.parts[1]?.status).not.toBe('read');
    const recognised = await read(pool, 'picture', { ocr: 'ocr' });
    expect(recognised.parts[1]).toMatchObject({ status: 'read', texts: [{ text: 'recognised 1' }] });
    const known = await read(pool, 'picture');
    expect(known).toMatchObject({ needsOcr: [] });
    expect(known.parts[1]).toMatchObject({ status: 'read', texts: [{ text: 'recognised 1' }] });
  });

  it('leaves pictures unread where there is no OCR', async () => {
    const reading = await read(start(), 'picture', { ocr: 'none' });
    expect(reading).toMatchObject({ complete: true, needsOcr: [] });
    expect(reading.parts[1]?.status).toBe('unsupported');
  });

  it('reads documents while text is recognised, which hangs', async () => {
    const pool = start();
    const hanging = read(pool, 'hung', { ocr: 'ocr', deadline: 4000 });
    expect((await read(pool, 'print')).parts).toMatchObject([{ status: 'read' }]);
    expect((await hanging).parts[0]).toMatchObject({ status: 'timed-out', texts: [{ text: 'outside' }] });
  });

  it('rejects what it was at when it is closed, and ends its processes', async () => {
    const pool = start();
    const pid = await pidOf(pool);
    const looping = expect(read(pool, 'loop')).rejects.toThrow('closed');
    await pool.close();
    await looping;
    await expect(read(pool, 'print')).rejects.toThrow('closed');
    await expect.poll(() => isAlive(pid)).toBe(false);
  });

  it('leaves no process behind when the relay is killed, not even one in an endless loop', async () => {
    const relay = fork(fileURLToPath(new URL('./orphan.mjs', import.meta.url)));
    const pid = await new Promise<number>((resolve) =>
      relay.once('message', (sent) => resolve(Number(sent))),
    );
    expect(isAlive(pid)).toBe(true);
    relay.kill('SIGKILL');
    await expect.poll(() => isAlive(pid)).toBe(false);
  });

  it('rejects where processes cannot be started: that says nothing about a document', async () => {
    const limits = configSchema.shape.inspect.parse({});
    const entry = new URL('./no-such-child.mjs', import.meta.url);
    const pool = createDocumentPool({ limits, cores: 1, log, entry });
    pools.push(pool);
    await expect(read(pool, 'print')).rejects.toThrow('could not be started');
  });
});
