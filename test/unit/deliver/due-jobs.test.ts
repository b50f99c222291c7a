import { describe, expect, it } from 'vitest';
import { filterFor, jobsOf } from '../../../src/deliver/due-jobs.js';
import { destinationOf } from '../../../src/deliver/routes.js';
import { retryDelay } from '../../../src/deliver/schedule.js';
import type { StoredRecipient } from '../../../src/model/message.js';
import { systemDecision } from '../../../src/model/system-decision.js';
import { loadedConfig, tableResolver } from './harness.js';

const configWith = (delivery: string[]) =>
  loadedConfig({ port: 25, resolver: tableResolver({}), delivery }).config;
const byMx = configWith(['recipients_per_transaction: 2']);
const routed = configWith([
  'routes:',
  '  - { name: lab, domains: [lab.test, lab2.test], host: mx.lab.test, kind: recipient-server }',
  '  - { name: out, domains: ["*"], host: out.test }',
]);

function row(address: string, change: Partial<StoredRecipient> = {}): StoredRecipient {
  return {
    messageId: 'm1',
    index: 0,
    address,
    domain: address.slice(address.indexOf('@') + 1),
    state: 'pending',
    attempts: 0,
    method: 'tls',
    decision: systemDecision(address),
    ...change,
  };
}

const addresses = (rows: readonly StoredRecipient[], config = byMx) =>
  jobsOf(rows, config).map((job) => job.recipients.map((one) => one.address));

describe('sealed copies', () => {
  const rows = [
    row('a@a.test', { index: 0, method: 'pgp' }),
    row('b@a.test', { index: 1, method: 'pgp' }),
    row('c@a.test', { index: 2, method: 'smime' }),
    row('d@a.test', { index: 3, method: 'smime' }),
  ];

  it('are made for each recipient alone, so that none tells of another', () => {
    expect(addresses(rows)).toEqual([['a@a.test'], ['b@a.test'], ['c@a.test'], ['d@a.test']]);
  });

  it('are shared by PGP recipients where key IDs are hidden', () => {
    const pgp = { ...byMx.protect.pgp, copies: 'hidden-key-ids' as const };
    const hidden = { ...byMx, protect: { ...byMx.protect, pgp } };
    expect(addresses(rows, hidden)).toEqual([['a@a.test', 'b@a.test'], ['c@a.test'], ['d@a.test']]);
  });
});

describe('due recipients travel together', () => {
  it('when message, domain, method and demand are the same, up to the size of a transaction', () => {
    const decision = systemDecision('d@a.test');
    const stricter = { ...decision, demand: { ...decision.demand, tls: 'verified' as const } };
    expect(
      addresses([
        row('a@a.test'),
        row('b@a.test'),
        row('c@a.test'),
        row('a@b.test'),
        row('e@a.test', { method: 'plain' }),
        row('d@a.test', { decision: stricter }),
        row('f@a.test', { messageId: 'm2' }),
      ]),
    ).toEqual([
      ['a@a.test', 'b@a.test'],
      ['c@a.test'],
      ['a@b.test'],
      ['e@a.test'],
      ['d@a.test'],
      ['f@a.test'],
    ]);
  });

  it('over one route, whatever their domains', () => {
    expect(
      addresses([row('a@a.test'), row('b@b.test'), row('c@lab.test'), row('d@lab2.test')], routed),
    ).toEqual([
      ['a@a.test', 'b@b.test'],
      ['c@lab.test', 'd@lab2.test'],
    ]);
  });
});

describe('a busy destination does not hide the others', () => {
  const full = (config: typeof byMx, ...domains: string[]) =>
    new Set(domains.map((domain) => destinationOf(config, domain)));

  it.each([
    ['nothing is left out while nobody is busy', byMx, [], { stream: 'default' }],
    ['a domain by MX', byMx, ['a.test'], { stream: 'default', exceptDomains: ['a.test'] }],
    [
      'the domains of a route',
      routed,
      ['lab.test'],
      { stream: 'default', exceptDomains: ['lab.test', 'lab2.test'] },
    ],
    [
      'everything but other routes',
      routed,
      ['far.test'],
      { stream: 'default', onlyDomains: ['lab.test', 'lab2.test'] },
    ],
    ['everything', routed, ['far.test', 'lab.test'], undefined],
  ])('%s', (_, config, busy, expected) => {
    expect(filterFor(config, full(config, ...busy))).toEqual(expected);
  });
});

describe('the wait between attempts', () => {
  it('doubles to the longest, with a fifth of jitter', () => {
    const delivery = { first_retry: 120_000, max_retry: 7_200_000 };
    expect(retryDelay(1, delivery, () => 0.5)).toBe(120_000);
    expect(retryDelay(3, delivery, () => 0)).toBe(384_000);
    expect(retryDelay(3, delivery, () => 1)).toBe(576_000);
    expect(retryDelay(10_000, delivery, () => 0.5)).toBe(7_200_000);
  });
});
