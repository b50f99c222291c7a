import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createJudgeQueue } from '../../../src/decide/judge-queue.js';
import { StoreUnavailable } from '../../../src/store/ports.js';
import { PATIENT } from '../../support/patience.js';

/** What the store gives of these, all in one stream. */
const stored = (waiting: ReadonlySet<string>, limit: number) =>
  [...waiting].slice(0, limit).map((id) => ({ id, stream: 'default' }));

/** A store of IDs that wait, and a judge that takes them out of it. */
function setup(over: Partial<Parameters<typeof createJudgeQueue>[0]> = {}) {
  const waiting = new Set<string>();
  const judged: string[] = [];
  const failures: Error[] = [];
  const queue = (more: Partial<Parameters<typeof createJudgeQueue>[0]> = {}) =>
    createJudgeQueue({
      judge: async (id) => {
        if (!waiting.delete(id)) return false;
        judged.push(id);
        return true;
      },
      undecided: async (limit) => stored(waiting, limit),
      concurrency: 4,
      ocrConcurrency: 1,
      log: pino({ level: 'silent' }),
      onDecided: () => undefined,
      onFailure: (error) => failures.push(error),
      ...over,
      ...more,
    });
  return { waiting, judged, failures, queue };
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});

afterEach(() => {
  vi.useRealTimers();
});

describe('the judge queue', () => {
  it('logs the store’s own words, and of another error nothing that could be the mail’s', async () => {
    const lines: string[] = [];
    const log = pino({ base: null }, { write: (line: string) => lines.push(line) });
    const { queue } = setup({ log });
    const errors = [new Error('MRN 00482913'), new StoreUnavailable('the disk is full')];
    const running = queue({
      judge: async () => {
        throw errors.shift();
      },
    });
    running.add('m1');
    await running.idle();
    running.add('m2');
    await running.idle();
    expect(lines.join('')).not.toContain('00482913');
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { id: 'm1', error: 'Error', at: expect.any(Array) },
      { id: 'm2', reason: 'the disk is full' },
    ]);
  });

  it.each(['needs-ocr', 'begun-before'] as const)(
    'comes back to the store when the oldest of its mail fills memory and is %s',
    async (slow) => {
      const { waiting, judged, queue } = setup();
      for (let i = 0; i < 6000; i++) waiting.add(`m${i}`);
      let asked = 0;
      let go: () => void = () => undefined;
      const gate = new Promise<void>((resolve) => {
        go = resolve;
      });
      const running = queue({
        undecided: async (limit) => {
          asked++;
          return stored(waiting, limit);
        },
        judge: async (id, lane) => {
          if (lane === 'quick') return slow;
          await gate;
          waiting.delete(id);
          judged.push(id);
          return true;
        },
      });
      await vi.waitFor(() => expect(asked).toBeGreaterThan(1), PATIENT);
      for (let i = 0; i < 3; i++) await new Promise((resolve) => setImmediate(resolve));
      go();
      await running.idle();
      expect(judged).toHaveLength(6000);
      expect(asked).toBeLessThan(10);
    },
  );

  it('lets new mail pass while what was begun before is judged, one after the other', async () => {
    const { waiting, judged, queue } = setup();
    const ends: (() => void)[] = [];
    let most = 0;
    const running = queue({
      concurrency: 2,
      judge: async (id, lane) => {
        if (!waiting.has(id)) return false;
        if (lane === 'quick' && id.startsWith('begun')) return 'begun-before';
        if (lane === 'alone') {
          await new Promise<void>((resolve) => {
            most = Math.max(most, ends.push(resolve));
          });
        }
        waiting.delete(id);
        judged.push(id);
        return true;
      },
    });
    for (const id of ['begun1', 'begun2', 'begun3', 'new1', 'new2', 'new3']) {
      waiting.add(id);
      running.add(id);
    }
    await expect.poll(() => judged).toEqual(['new1', 'new2', 'new3']);
    const idle = running.idle();
    for (let n = 0; n < 3; n++) {
      await expect.poll(() => ends.length).toBe(1);
      ends.shift()?.();
    }
    await idle;
    expect(judged.slice(3)).toEqual(['begun1', 'begun2', 'begun3']);
    expect(most).toBe(1);
  });

  it('sends nothing from lane to lane for ever', async () => {
    const { waiting, failures, queue } = setup();
    const lanes: string[] = [];
    waiting.add('round');
    const running = queue({
      judge: async (_id, lane) => {
        lanes.push(lane);
        return lane === 'quick' ? 'needs-ocr' : 'begun-before';
      },
    });
    await running.idle();
    expect(lanes).toEqual(['quick', 'ocr']);
    expect(failures.map(({ message }) => message)).toEqual(['from ocr there is no begun-before']);
  });

  it('lets mail pass that waits for nothing while scans are recognised, one after the other', async () => {
    const { waiting, judged, queue } = setup();
    const recognising: (() => void)[] = [];
    const running = queue({
      concurrency: 1,
      judge: async (id, lane) => {
        if (!waiting.has(id)) return false;
        if (lane === 'quick' && id.startsWith('scan')) return 'needs-ocr';
        if (lane === 'ocr') await new Promise<void>((resolve) => recognising.push(resolve));
        waiting.delete(id);
        judged.push(id);
        return true;
      },
    });
    for (const id of ['scan1', 'scan2', 'scan3', 'note1', 'note2']) {
      waiting.add(id);
      running.add(id);
    }
    await vi.waitFor(() => expect(judged).toEqual(['note1', 'note2']), PATIENT);
    expect(recognising).toHaveLength(1);
    // One that is being recognised isn't taken up beside itself; afterwards there is nothing left to decide.
    running.add('scan1');
    while (judged.length < 5) {
      recognising.shift()?.();
      await new Promise(setImmediate);
    }
    await running.idle();
    expect(judged).toEqual(['note1', 'note2', 'scan1', 'scan2', 'scan3']);
  });

  it('judges anew what is received again in the moment when it was decided', async () => {
    const { waiting, judged, queue } = setup();
    waiting.add('m1');
    const running = queue({
      judge: async (id) => {
        if (!waiting.delete(id)) return false;
        judged.push(id);
        // A person has it decided again before the first answer is through.
        if (judged.length === 1) {
          waiting.add(id);
          running.add(id);
        }
        return true;
      },
    });
    running.add('m1');
    await running.idle();
    expect(judged).toEqual(['m1', 'm1']);
  });

  it('tries again later what failed while it was recognised', async () => {
    const { waiting, judged, failures, queue } = setup();
    let broken = true;
    waiting.add('scan');
    const running = queue({
      judge: async (id, lane) => {
        if (!waiting.has(id)) return false;
        if (lane === 'quick') return 'needs-ocr';
        if (broken) throw new Error('no process');
        waiting.delete(id);
        judged.push(id);
        return true;
      },
    });
    await running.idle();
    expect(failures).toHaveLength(1);
    broken = false;
    await vi.advanceTimersByTimeAsync(60_000);
    await running.idle();
    expect(judged).toEqual(['scan']);
  });

  it('takes up what an earlier run left behind', async () => {
    const { waiting, judged, queue } = setup();
    for (let n = 0; n < 12_000; n++) waiting.add(`old${n}`);
    await queue().idle();
    expect(judged).toHaveLength(12_000);
  });

  it('judges each of more messages than it keeps in memory, whenever they come', async () => {
    const { waiting, judged, queue } = setup();
    let asked = 0;
    const running = queue({
      undecided: async (limit) => {
        await Promise.resolve();
        const page = stored(waiting, limit);
        // A flood while the store is being asked: the last ones find no room in memory.
        if (asked++ === 0) {
          for (let n = 0; n < 6000; n++) {
            waiting.add(`new${n}`);
            running.add(`new${n}`);
          }
          return stored(waiting, limit);
        }
        return page;
      },
    });
    await running.idle();
    expect(judged).toHaveLength(6000);
    expect(waiting.size).toBe(0);
  });

  it('asks the store again when it could not be asked', async () => {
    const { waiting, judged, failures, queue } = setup();
    waiting.add('left behind');
    let asked = 0;
    const running = queue({
      undecided: async (limit) => {
        if (asked++ === 0) throw new Error('the database is locked');
        return stored(waiting, limit);
      },
    });
    await running.idle();
    expect(failures).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(60_000);
    await running.idle();
    expect(judged).toEqual(['left behind']);
  });

  it('tries a message again that could not be judged, and the others meanwhile', async () => {
    const { waiting, judged, failures, queue } = setup();
    let tries = 0;
    waiting.add('bad').add('good');
    const running = queue({
      judge: async (id) => {
        if (id === 'bad' && tries++ === 0) throw new Error('refused');
        waiting.delete(id);
        judged.push(id);
        return true;
      },
    });
    await running.idle();
    expect(judged).toEqual(['good']);
    expect(failures).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(60_000);
    await running.idle();
    expect(judged).toEqual(['good', 'bad']);
  });

  it('says when the store failed', async () => {
    const { waiting, failures, queue } = setup();
    waiting.add('one');
    await queue({
      judge: async () => {
        throw new StoreUnavailable('the disk is full');
      },
    }).idle();
    expect(failures).toMatchObject([{ name: 'StoreUnavailable' }]);
  });

  it('stops when the running ones are done, and leaves the rest to the next start', async () => {
    const { waiting, queue } = setup();
    const begun: string[] = [];
    const finish: (() => void)[] = [];
    for (let n = 0; n < 10; n++) waiting.add(`m${n}`);
    const running = queue({
      judge: (id) => {
        begun.push(id);
        return new Promise((resolve) => finish.push(() => resolve(true)));
      },
    });
    await vi.waitUntil(() => begun.length === 4);
    let stopped = false;
    const stopping = running.stop().then(() => {
      stopped = true;
    });
    await Promise.resolve();
    expect(stopped).toBe(false);
    for (const one of finish) one();
    await stopping;
    expect(begun).toHaveLength(4);
  });

  describe('with streams', () => {
    const streams = {
      priority: (stream: string) => (stream === 'clinical' ? 90 : 10),
      streams: () => ['clinical', 'bulk'],
    };

    it('takes what is urgent next, however much else came before it', async () => {
      const { waiting, judged, queue } = setup();
      const running = queue({ ...streams, concurrency: 1 });
      for (let n = 0; n < 500; n++) {
        waiting.add(`bulk${n}`);
        running.add(`bulk${n}`, 'bulk');
      }
      waiting.add('result');
      running.add('result', 'clinical');
      await running.idle();
      expect(judged.indexOf('result')).toBeLessThanOrEqual(1);
      expect(judged).toHaveLength(501);
    });

    it('keeps a place for each, so that neither waits for the other’s long messages', async () => {
      const { queue } = setup();
      const begun: string[] = [];
      const running = queue({
        ...streams,
        concurrency: 4,
        undecided: async () => [],
        judge: async (id) => {
          begun.push(id);
          return new Promise(() => undefined);
        },
      });
      for (let n = 0; n < 10; n++) running.add(`bulk${n}`, 'bulk');
      expect(begun).toEqual(['bulk0', 'bulk1', 'bulk2']);
      for (let n = 0; n < 10; n++) running.add(`result${n}`, 'clinical');
      expect(begun).toEqual(['bulk0', 'bulk1', 'bulk2', 'result0']);
    });

    it('takes turns between senders of a stream, so that none waits behind another one’s flood', async () => {
      const { waiting, judged, queue } = setup();
      const running = queue({ ...streams, concurrency: 2 });
      // More than memory has room for.
      for (let n = 0; n < 6000; n++) {
        waiting.add(`flood${n}`);
        running.add(`flood${n}`, 'bulk', 'newsletter');
      }
      for (let n = 0; n < 10; n++) {
        waiting.add(`letter${n}`);
        running.add(`letter${n}`, 'bulk', 'ward3');
      }
      await running.idle();
      expect(judged).toHaveLength(6010);
      expect(judged.filter((id) => id.startsWith('letter'))).toEqual(
        Array.from({ length: 10 }, (_, n) => `letter${n}`),
      );
      expect(judged.indexOf('letter9')).toBeLessThan(30);
    });

    it('takes turns between senders of what an earlier run left behind', async () => {
      const { judged, queue } = setup();
      const left = [
        ...Array.from({ length: 100 }, (_, n) => ({ id: `flood${n}`, stream: 'bulk', sender: 'newsletter' })),
        { id: 'letter', stream: 'bulk', sender: 'ward3' },
      ];
      await queue({
        ...streams,
        concurrency: 1,
        undecided: async () => left,
        judge: async (id) => {
          judged.push(id);
          return true;
        },
      }).idle();
      expect(judged).toHaveLength(101);
      expect(judged.indexOf('letter')).toBeLessThan(5);
    });

    it('judges a flood of one stream that memory has no room for, and the other one before its end', async () => {
      const { judged, queue } = setup();
      const inStore = new Map<string, string>();
      for (let n = 0; n < 12_000; n++) inStore.set(`bulk${n}`, 'bulk');
      inStore.set('result', 'clinical');
      const running = queue({
        ...streams,
        judge: async (id) => {
          inStore.delete(id);
          judged.push(id);
          return true;
        },
        undecided: async (limit) =>
          ['bulk', 'clinical'].flatMap((stream) =>
            [...inStore]
              .filter(([, of]) => of === stream)
              .slice(0, limit)
              .map(([id]) => ({ id, stream })),
          ),
      });
      await running.idle();
      expect(judged).toHaveLength(12_001);
      expect(judged.indexOf('result')).toBeLessThan(10);
    });
  });
});
