import { describe, expect, it } from 'vitest';
import { type Begun, createWaitingJobs } from '../../../src/deliver/waiting-jobs.js';
import type { StoredRecipient } from '../../../src/model/message.js';
import { loadedConfig, tableResolver } from './harness.js';

const { config } = loadedConfig({
  port: 25,
  resolver: tableResolver({}),
  delivery: [
    'max_connections: 12',
    'connections_per_destination: 3',
    'streams:',
    '  - { name: clinical, priority: 90, reserved_connections: 2 }',
    '  - { name: bulk, priority: 10, connections: 8, reserved_connections: 1 }',
    '  - { name: default, reserved_connections: 1 }',
  ],
});

function jobs(count: number, destination = 'mx:a.test') {
  return Array.from({ length: count }, (_, i) => {
    const recipient: StoredRecipient = {
      messageId: `${destination} ${i}`,
      index: 0,
      address: 'a@a.test',
      domain: 'a.test',
      state: 'pending',
      attempts: 0,
    };
    return { messageId: recipient.messageId, destination, recipients: [recipient] };
  });
}

type Waiting = ReturnType<typeof createWaitingJobs>;

/** Begins whatever may begin. */
function beginAll(waiting: Waiting) {
  const begun = [];
  for (let next = waiting.begin(config); next !== undefined; next = waiting.begin(config)) begun.push(next);
  return begun;
}

describe('jobs that wait', () => {
  it('of the urgent stream are next, however late they came', () => {
    const waiting = createWaitingJobs();
    waiting.add('bulk', jobs(50));
    waiting.add('clinical', jobs(2));
    expect(beginAll(waiting).map((one) => one.stream)).toEqual([
      'clinical',
      'clinical',
      'bulk',
      'bulk',
      'bulk',
    ]);
  });

  it('have places of their own, for each destination and of all', () => {
    const waiting = createWaitingJobs();
    for (let n = 0; n < 6; n++) waiting.add('bulk', jobs(9, `mx:d${n}.test`));
    const bulk = beginAll(waiting);
    expect(bulk).toHaveLength(8);
    waiting.add('clinical', jobs(9, 'mx:d0.test'));
    expect(beginAll(waiting)).toHaveLength(3);
    waiting.add('default', jobs(9, 'mx:d0.test'));
    expect(beginAll(waiting)).toHaveLength(1);
    expect(waiting.active()).toBe(12);
  });

  it('are begun at once where they would be, and else left alone', () => {
    const waiting = createWaitingJobs();
    const atOnce = (stream: string, destination: string) => {
      const [job] = jobs(1, destination);
      return job && waiting.beginAtOnce(stream, job, config)?.job === job;
    };
    // Three places for the destination in each stream.
    expect([1, 2, 3, 4].map(() => atOnce('bulk', 'mx:a.test'))).toEqual([true, true, true, false]);
    expect(atOnce('default', 'mx:a.test')).toBe(true);
    // Whoever waits goes first, and keeps nobody else waiting.
    waiting.add('bulk', jobs(2, 'mx:a.test'));
    expect(beginAll(waiting)).toEqual([]);
    expect(atOnce('bulk', 'mx:a.test')).toBe(false);
    expect(atOnce('bulk', 'mx:b.test')).toBe(true);
    expect(waiting.waiting('bulk')).toBe(2);
    // Eight of a stream, and what others have reserved.
    expect([1, 2, 3, 4, 5].map((n) => atOnce('bulk', `mx:c${n}.test`))).toEqual([
      true,
      true,
      true,
      true,
      false,
    ]);
    expect(waiting.active()).toBe(9);
    expect(waiting.isEmpty('bulk', 'mx:c5.test')).toBe(true);
  });

  it('take turns among destinations, and are forgotten when they ended', () => {
    const waiting = createWaitingJobs();
    waiting.add('bulk', [...jobs(2, 'mx:a.test'), ...jobs(2, 'mx:b.test')]);
    const begun = beginAll(waiting);
    expect(begun.map((one) => one.job.destination)).toEqual([
      'mx:a.test',
      'mx:b.test',
      'mx:a.test',
      'mx:b.test',
    ]);
    for (const one of begun) waiting.ended(one);
    expect(waiting.isQuiet()).toBe(true);
    expect(waiting.waiting('bulk')).toBe(0);
  });

  it('fill a destination until few are left', () => {
    const waiting = createWaitingJobs();
    waiting.add('bulk', jobs(100));
    const ended: number[] = [];
    for (let left = 100; left > 0; left--) {
      const begun = waiting.begin(config);
      if (begun === undefined) throw new Error('no place');
      waiting.ended(begun);
      if (waiting.full('bulk').size === 0) ended.push(waiting.waiting('bulk'));
    }
    expect(ended[0]).toBe(25);
  });
});

/** As an attempt that acts for so long, in milliseconds, and whose outcome is on disk at once. */
function run(waiting: Waiting, begun: Begun, took = 1) {
  expect(waiting.ready(begun)).toBe(true);
  waiting.talked(begun, took, config);
  waiting.ended(begun);
}

function beginOne(waiting: Waiting): Begun {
  const begun = waiting.begin(config);
  if (begun === undefined) throw new Error('nothing may begin');
  return begun;
}

describe('jobs ahead of their place', () => {
  it('are none before attempts were quick', () => {
    const waiting = createWaitingJobs();
    waiting.add('clinical', jobs(20));
    expect(beginAll(waiting)).toHaveLength(3);
  });

  const cases: readonly {
    readonly name: string;
    readonly took: readonly number[];
    readonly begun: number;
  }[] = [
    { name: 'one more for each attempt that was quick', took: [1, 249], begun: 5 },
    { name: 'at most twice as many as there are places', took: Array(50).fill(1), begun: 9 },
    { name: 'half as many after a slow one', took: [...Array(9).fill(1), 250, 5000], begun: 5 },
    { name: 'none where all are slow', took: [250, 300, 400], begun: 3 },
  ];
  for (const { name, took, begun } of cases) {
    it(`are ${name}`, () => {
      const waiting = createWaitingJobs();
      waiting.add('clinical', jobs(90));
      for (const ms of took) run(waiting, beginOne(waiting), ms);
      expect(beginAll(waiting)).toHaveLength(begun);
    });
  }

  it('act one after another as places become free, never more at once than there are places', () => {
    const waiting = createWaitingJobs();
    waiting.add('clinical', jobs(90));
    for (let n = 0; n < 9; n++) run(waiting, beginOne(waiting));
    const begun = beginAll(waiting);
    expect(begun.map((one) => waiting.ready(one))).toEqual([true, true, true, ...Array(6).fill(false)]);
    const [first, second, , fourth, fifth, sixth] = begun;
    expect(waiting.next(first!, config)).toBeUndefined();
    waiting.talked(second!, 1, config);
    expect(waiting.next(second!, config)).toBe(fourth);
    expect(waiting.next(second!, config)).toBeUndefined();
    waiting.talked(fourth!, 1, config);
    // Who has waited in vain is passed over.
    waiting.gaveUp(fifth!);
    expect(waiting.next(fourth!, config)).toBe(sixth);
    expect(waiting.next(fourth!, config)).toBeUndefined();
  });

  it('are begun no more once one has waited in vain, until attempts are quick again', () => {
    const waiting = createWaitingJobs();
    waiting.add('clinical', jobs(90));
    for (let n = 0; n < 9; n++) run(waiting, beginOne(waiting));
    const begun = beginAll(waiting);
    for (const one of begun) waiting.ready(one);
    for (const one of begun.slice(3)) {
      waiting.gaveUp(one);
      waiting.ended(one);
    }
    expect(beginAll(waiting)).toEqual([]);
    waiting.talked(begun[0]!, 1, config);
    waiting.ended(begun[0]!);
    // Into the place that is free, and one ahead.
    expect(beginAll(waiting)).toHaveLength(2);
  });

  it('are none while others are in line', () => {
    const waiting = createWaitingJobs();
    waiting.add('clinical', jobs(90));
    for (let n = 0; n < 9; n++) run(waiting, beginOne(waiting));
    const begun = Array.from({ length: 5 }, () => beginOne(waiting));
    for (const one of begun) waiting.ready(one);
    expect(waiting.begin(config)).toBeUndefined();
    waiting.gaveUp(begun[4]!);
    waiting.talked(begun[0]!, 1, config);
    expect(waiting.next(begun[0]!, config)).toBe(begun[3]);
    expect(waiting.begin(config)).toBeDefined();
  });

  it('are none of a stream while there is a more urgent one', () => {
    const waiting = createWaitingJobs();
    waiting.add('bulk', jobs(90));
    for (let n = 0; n < 9; n++) run(waiting, beginOne(waiting));
    expect(beginAll(waiting)).toHaveLength(3);
  });

  it('take no room that another stream or destination could use', () => {
    const waiting = createWaitingJobs();
    waiting.add('clinical', jobs(90));
    for (let n = 0; n < 9; n++) run(waiting, beginOne(waiting));
    waiting.add('clinical', jobs(3, 'mx:b.test'));
    waiting.add('bulk', jobs(9));
    const begun = beginAll(waiting);
    // All have their places; nobody is ahead, because nine of twelve are taken.
    const acting = begun.map(({ stream, job }) => `${stream} ${job.destination}`).toSorted();
    expect(acting).toEqual([
      ...Array(3).fill('bulk mx:a.test'),
      ...Array(3).fill('clinical mx:a.test'),
      ...Array(3).fill('clinical mx:b.test'),
    ]);
    expect(begun.map((one) => waiting.ready(one))).not.toContain(false);
    // What is kept for `default` is still there for it.
    waiting.add('default', jobs(1, 'mx:c.test'));
    expect(waiting.begin(config)?.stream).toBe('default');
  });
});

describe('jobs that are concluding', () => {
  it('hold no place, and are no more than three for each', () => {
    const waiting = createWaitingJobs();
    waiting.add('bulk', jobs(50));
    const concluding: Begun[] = [];
    for (let begun = waiting.begin(config); begun !== undefined; begun = waiting.begin(config)) {
      waiting.ready(begun);
      waiting.talked(begun, 1, config);
      concluding.push(begun);
    }
    expect(concluding).toHaveLength(9);
    expect(waiting.active()).toBe(9);
    // Other destinations have nothing to do with it.
    waiting.add('bulk', jobs(1, 'mx:b.test'));
    expect(waiting.begin(config)?.job.destination).toBe('mx:b.test');
    waiting.ended(concluding[0]!);
    expect(waiting.begin(config)?.job.destination).toBe('mx:a.test');
  });

  it('are forgotten when they ended, wherever they were', () => {
    const waiting = createWaitingJobs();
    waiting.add('clinical', jobs(25));
    for (let n = 0; n < 9; n++) run(waiting, beginOne(waiting));
    const begun = beginAll(waiting);
    for (const one of begun.slice(4)) waiting.ready(one);
    for (const one of begun) waiting.ended(one);
    // Nobody is left whom the line could hold up.
    for (const one of beginAll(waiting)) waiting.ended(one);
    while (waiting.waiting('clinical') > 0) run(waiting, beginOne(waiting));
    expect(waiting.active()).toBe(0);
    expect(waiting.isQuiet()).toBe(true);
  });
});
