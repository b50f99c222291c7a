import { expect, it } from 'vitest';
import { doctorDns, reverseName } from '../../../src/doctor/dns.js';
import { startDnsServer } from '../../support/dns-server.js';

it.each([
  ['192.0.2.10', '10.2.0.192.in-addr.arpa'],
  ['::ffff:192.0.2.10', '10.2.0.192.in-addr.arpa'],
  ['2001:db8::1f', `f.1.${'0.'.repeat(22)}8.b.d.0.1.0.0.2.ip6.arpa`],
])('%s has its PTR record at %s', (address, expected) => {
  expect(reverseName(address)).toBe(expected);
});

it('takes the name of an address from DNS, whatever the hosts file says', async () => {
  const server = await startDnsServer({ '1.0.0.127.in-addr.arpa': { ptr: ['relay.clinic.test'] } });
  const [host = '', port] = server.address.split(':');
  const dns = doctorDns({
    servers: [{ host, port: Number(port) }],
    timeout: 2_000,
    allow_private_targets: true,
  });
  expect(await dns.reverse('127.0.0.1')).toEqual({ kind: 'found', records: ['relay.clinic.test'] });
  server.setZone({});
  expect(await dns.reverse('127.0.0.1')).toEqual({ kind: 'no-domain' });
  await server.close();
});
