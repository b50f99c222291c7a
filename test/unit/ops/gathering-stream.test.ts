import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { gathering } from '../../../src/ops/gathering-stream.js';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function setUp() {
  const writes: string[] = [];
  const stream = gathering({ write: (text) => writes.push(text) });
  const log = pino({ base: null, timestamp: false, level: 'debug' }, stream);
  const said = () =>
    writes.map((text) =>
      text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line).msg),
    );
  return { log, stream, said };
}

describe('the log', () => {
  it('writes lines that tell of nothing wrong together, a moment later', () => {
    const { log, said } = setUp();
    log.info('one');
    log.debug('two');
    expect(said()).toEqual([]);
    vi.advanceTimersByTime(20);
    expect(said()).toEqual([['one', 'two']]);
    log.info('three');
    vi.advanceTimersByTime(20);
    expect(said()).toEqual([['one', 'two'], ['three']]);
  });

  it.each(['warn', 'error', 'fatal'] as const)('writes what is of level %s at once, in order', (level) => {
    const { log, said } = setUp();
    log.info('before');
    log[level]('trouble');
    expect(said()).toEqual([['before', 'trouble']]);
    vi.advanceTimersByTime(1000);
    expect(said()).toHaveLength(1);
  });

  it('never holds much, and nothing back when it is asked to write', () => {
    const { log, stream, said } = setUp();
    log.info('x'.repeat(70_000));
    expect(said()).toHaveLength(1);
    log.info('last');
    stream.flushSync();
    expect(said().at(-1)).toEqual(['last']);
  });
});
