import { describe, expect, it } from 'vitest';
import { findTargets } from '../../../src/deliver/targets.js';
import { tlsAvailability } from '../../../src/deliver/tls-availability.js';
import { isPublicAddress } from '../../../src/shared/address-guard.js';
import { loadedConfig, tableResolver } from './harness.js';

type Table = Parameters<typeof tableResolver>[0];

const find = (table: Table, options: { readonly domain?: string; readonly random?: () => number } = {}) =>
  findTargets(
    options.domain ?? 'peer.test',
    undefined,
    loadedConfig({ port: 25, resolver: tableResolver({}), privateTargets: false }).config,
    tableResolver(table),
    options.random ?? (() => 0.5),
  );

const hosts = async (...parameters: Parameters<typeof find>) => {
  const found = await find(...parameters);
  return found.kind === 'targets' ? found.targets.map((target) => target.host) : found;
};

describe('where mail for a domain goes', () => {
  it('to the MX of lowest preference first', async () => {
    const table: Table = {
      mx: {
        'peer.test': [
          [20, 'b.peer.test'],
          [10, 'a.peer.test'],
        ],
      },
      addresses: { 'a.peer.test': ['9.9.9.9'], 'b.peer.test': ['9.9.9.10'] },
    };
    expect(await hosts(table)).toEqual(['a.peer.test', 'b.peer.test']);
  });

  it('in random order among equals', async () => {
    const table: Table = {
      mx: {
        'peer.test': [
          [10, 'a.peer.test'],
          [10, 'b.peer.test'],
        ],
      },
      addresses: { 'a.peer.test': ['9.9.9.9'], 'b.peer.test': ['9.9.9.10'] },
    };
    const draws = (values: number[]) => () => values.shift() ?? 0;
    expect(await hosts(table, { random: draws([0.1, 0.9]) })).toEqual(['a.peer.test', 'b.peer.test']);
    expect(await hosts(table, { random: draws([0.9, 0.1]) })).toEqual(['b.peer.test', 'a.peer.test']);
  });

  it('to the address of the domain itself where there is no MX', async () => {
    expect(await find({ addresses: { 'peer.test': ['9.9.9.9', '2620:fe::fe'] } })).toEqual({
      kind: 'targets',
      targets: [{ name: 'peer.test', host: 'peer.test', port: 25, addresses: ['9.9.9.9', '2620:fe::fe'] }],
    });
  });

  it.each<[string, Table, object]>([
    ['a null MX', { mx: { 'peer.test': [[0, '']] } }, { kind: 'impossible', status: '5.1.10' }],
    ['no such domain', { mx: { 'peer.test': 'no-domain' } }, { kind: 'impossible', status: '5.1.2' }],
    ['a failed look-up of MX', { mx: { 'peer.test': 'failed' } }, { kind: 'failed', status: '4.4.3' }],
    [
      'a failed look-up of addresses',
      { mx: { 'peer.test': [[10, 'mx.peer.test']] }, addresses: { 'mx.peer.test': 'failed' } },
      { kind: 'failed', status: '4.4.3' },
    ],
    ['MX hosts without addresses', { mx: { 'peer.test': [[10, 'mx.peer.test']] } }, { kind: 'impossible' }],
    [
      'an MX that is an address literal or no host name',
      {
        mx: {
          'peer.test': [
            [10, '9.9.9.9'],
            [10, 'localhost'],
            [10, 'a b.test'],
          ],
        },
        addresses: { localhost: ['127.0.0.1'] },
      },
      { kind: 'impossible', status: '5.4.4' },
    ],
    [
      'only private addresses',
      { mx: { 'peer.test': [[10, 'mx.peer.test']] }, addresses: { 'mx.peer.test': ['10.0.0.1', '::1'] } },
      { kind: 'impossible', status: '5.4.4' },
    ],
    [
      'this relay itself as best MX',
      {
        mx: {
          'peer.test': [
            [10, 'relay.clinic.example'],
            [10, 'other.test'],
            [20, 'mx.peer.test'],
          ],
        },
        addresses: { 'mx.peer.test': ['9.9.9.9'], 'other.test': ['9.9.9.9'] },
      },
      { kind: 'impossible', status: '5.4.6' },
    ],
  ])('nowhere with %s', async (_, table, expected) => {
    expect(await find(table)).toMatchObject(expected);
  });

  it('to what is nearer than this relay, and to public addresses of a mixed answer', async () => {
    const table: Table = {
      mx: {
        'peer.test': [
          [10, 'mx.peer.test'],
          [20, 'relay.clinic.example'],
          [30, 'far.test'],
        ],
      },
      addresses: { 'mx.peer.test': ['192.168.1.1', '9.9.9.9'], 'far.test': ['9.9.9.9'] },
    };
    expect(await find(table)).toMatchObject({
      targets: [{ host: 'mx.peer.test', addresses: ['9.9.9.9'] }],
    });
  });

  it('to a bounded number of servers', async () => {
    const records = Array.from({ length: 500 }, (_, i) => [i, `mx${i}.peer.test`] as const);
    const addresses = Object.fromEntries(records.map(([, host]) => [host, Array(50).fill('9.9.9.9')]));
    const found = await find({ mx: { 'peer.test': records }, addresses });
    expect(found.kind === 'targets' && found.targets.flatMap((target) => target.addresses).length).toBe(40);
  });
});

describe('an address found in DNS', () => {
  it.each([
    '127.0.0.1',
    '0.0.0.0',
    '10.1.2.3',
    '172.16.0.1',
    '192.168.0.1',
    '169.254.169.254',
    '100.64.0.1',
    '198.18.0.1',
    '192.0.2.1',
    '224.0.0.1',
    '240.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::ffff:127.0.0.1',
    '::ffff:9.9.9.9',
    '::7f00:1',
    '64:ff9b::7f00:1',
    '2002:7f00:1::1',
    '2001::1',
    '2001:db8::1',
    'fe80::1',
    'fc00::1',
    'fd12::1',
    'ff02::1',
    '127.1',
    '0x7f000001',
    '2130706433',
    'localhost',
    '',
  ])('%s is not dialled', (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });

  it.each(['9.9.9.9', '8.8.4.4', '2620:fe::fe', '2a00:1450:4001::1a'])('%s is', (address) => {
    expect(isPublicAddress(address)).toBe(true);
  });
});

describe('tls over a route', () => {
  const config = loadedConfig({
    port: 25,
    resolver: tableResolver({}),
    delivery: [
      'routes:',
      '  - { name: lab, domains: [lab.test], host: mx.lab.test, kind: recipient-server }',
      '  - { name: kept, domains: [kept.test], host: out.test, onward_tls: guaranteed, onward_tls_owner: "Contract 7" }',
      '  - { name: out, domains: [vague.test], host: out.test }',
    ],
  }).config;

  it.each([
    ['elsewhere.test', { available: true }],
    ['lab.test', { available: true }],
    ['kept.test', { available: true, note: expect.stringContaining('Contract 7') }],
    ['vague.test', { available: false, reason: expect.stringContaining('onward_tls') }],
  ])('%s: %j', (domain, expected) => {
    expect(tlsAvailability(config, domain)).toMatchObject(expected);
  });
});
