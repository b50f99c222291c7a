import { afterEach, describe, expect, it } from 'vitest';
import { createResolver } from '../../../src/deliver/resolver.js';
import { type DnsServer, startDnsServer } from '../../support/dns-server.js';

let server: DnsServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

async function resolverFor(zone: Parameters<typeof startDnsServer>[0]) {
  server = await startDnsServer(zone);
  const [host = '', port = ''] = server.address.split(':');
  return createResolver({
    servers: [{ host, port: Number(port) }],
    timeout: 1000,
    allow_private_targets: true,
  });
}

describe('the resolver', () => {
  it('tells an answer, an empty answer, no such name and no answer apart', async () => {
    const resolver = await resolverFor({
      'good.test': { mx: [{ preference: 10, exchange: 'mx.good.test' }], a: ['9.9.9.9'] },
      'null.test': { mx: [{ preference: 0, exchange: '.' }] },
      'empty.test': {},
      'broken.test': { fails: 'SERVFAIL' },
      'silent.test': { fails: 'silent' },
    });
    expect(await resolver.mx('good.test')).toEqual({
      kind: 'found',
      records: [{ preference: 10, exchange: 'mx.good.test' }],
    });
    expect(await resolver.addresses('good.test')).toEqual({ kind: 'found', records: ['9.9.9.9'] });
    expect(await resolver.mx('null.test')).toEqual({
      kind: 'found',
      records: [{ preference: 0, exchange: '' }],
    });
    expect(await resolver.mx('empty.test')).toEqual({ kind: 'no-data' });
    expect(await resolver.mx('nowhere.test')).toEqual({ kind: 'no-domain' });
    expect(await resolver.addresses('nowhere.test')).toEqual({ kind: 'no-domain' });
    expect(await resolver.mx('broken.test')).toEqual({ kind: 'failed', reason: 'ESERVFAIL' });
    expect(await resolver.mx('silent.test')).toMatchObject({ kind: 'failed' });
    expect(await resolver.addresses('silent.test')).toMatchObject({ kind: 'failed' });
  });
});
