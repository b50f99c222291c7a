import { describe, expect, it } from 'vitest';
import { createWaitingJobs } from '../../../src/deliver/waiting-jobs.js';
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

/** Begins whatever may begin. */
function beginAll(waiting: ReturnType<typeof createWaitingJobs>) {
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
