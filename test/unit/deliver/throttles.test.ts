import { describe, expect, it } from 'vitest';
import { connectionKey, routeFor } from '../../../src/deliver/routes.js';
import { countersOf } from '../../../src/deliver/throttles.js';
import { tlsAvailability } from '../../../src/deliver/tls-availability.js';
import { loadedConfig, tableResolver } from './harness.js';

const configWith = (...delivery: string[]) =>
  loadedConfig({ port: 25, resolver: tableResolver({}), delivery }).config;

const counters = (lines: readonly string[], identity = 'ehr', domain = 'a.test', stream?: string) =>
  Object.fromEntries(
    countersOf(configWith(...lines), { identity }, { domain, ...(stream === undefined ? {} : { stream }) }),
  );

describe('what an attempt counts in', () => {
  it.each([
    ['nothing, unless somebody sets a throttle', [], {}],
    [
      'each destination by itself',
      ['throttles: [{ by: destination, recipients_per_hour: 9 }]'],
      { 'destination a.test': 9 },
    ],
    [
      'a destination that is named',
      ['throttles: [{ by: destination, names: [A.test], recipients_per_hour: 9 }]'],
      { 'destination a.test': 9 },
    ],
    [
      'not one that is not',
      ['throttles: [{ by: destination, names: [b.test], recipients_per_hour: 9 }]'],
      {},
    ],
    [
      'the identity',
      ['throttles: [{ by: identity, names: [ehr], recipients_per_hour: 9 }]'],
      { 'identity ehr': 9 },
    ],
    ['not a route where there is none', ['throttles: [{ by: route, recipients_per_hour: 9 }]'], {}],
    [
      'the strictest of two',
      [
        'throttles: [{ by: destination, recipients_per_hour: 9 }, { by: destination, names: [a.test], recipients_per_hour: 4 }]',
      ],
      { 'destination a.test': 4 },
    ],
    [
      'other streams not',
      [
        'streams: [{ name: bulk }]',
        'throttles: [{ by: destination, streams: [bulk], recipients_per_hour: 9 }]',
      ],
      {},
    ],
  ])('%s', (_, lines, expected) => {
    expect(counters(lines)).toEqual(expected);
  });

  it('keeps the count of a throttle for one stream apart', () => {
    const lines = [
      'streams: [{ name: bulk }]',
      'throttles: [{ by: destination, streams: [bulk], recipients_per_hour: 9 }, { by: stream, recipients_per_hour: 5 }]',
    ];
    expect(counters(lines, 'ehr', 'a.test', 'bulk')).toEqual({
      'destination a.test of bulk': 9,
      'stream bulk': 5,
    });
  });

  it('does not count mail of our own for identities, unless somebody says so', () => {
    expect(counters(['throttles: [{ by: identity, recipients_per_hour: 9 }]'], 'sallyport')).toEqual({});
  });
});

describe('the route of a stream', () => {
  const config = configWith(
    'streams: [{ name: bulk, route: mailer, source_addresses: [192.0.2.9] }]',
    'routes:',
    '  - { name: lab, domains: [lab.test], host: mx.lab.test, kind: recipient-server }',
    '  - { name: mailer, host: mailer.test }',
    '  - { name: out, domains: ["*"], host: out.test, kind: recipient-server }',
  );

  it.each([
    ['a.test', 'bulk', 'mailer'],
    ['a.test', 'default', 'out'],
    ['a.test', 'of-yesterday', 'out'],
    ['lab.test', 'bulk', 'lab'],
  ])('%s in %s goes by %s', (domain, stream, route) => {
    expect(routeFor(config, domain, stream)?.name).toBe(route);
  });

  it('decides whether TLS counts', () => {
    expect(tlsAvailability(config, 'a.test', 'bulk').available).toBe(false);
    expect(tlsAvailability(config, 'a.test').available).toBe(true);
  });

  it('keeps its connections apart by the address that they come from', () => {
    expect(connectionKey(config, 'lab.test', 'bulk')).not.toBe(connectionKey(config, 'lab.test'));
  });
});
