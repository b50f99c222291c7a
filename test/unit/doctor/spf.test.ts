import { describe, expect, it } from 'vitest';
import type { Lookup } from '../../../src/deliver/resolver.js';
import type { DoctorDns } from '../../../src/doctor/dns.js';
import { spfResult } from '../../../src/doctor/spf.js';

const ZONE: Readonly<Record<string, { txt?: string[]; a?: string[]; mx?: string[] }>> = {
  'relay.clinic.test': { a: ['192.0.2.10'] },
  'mx.clinic.test': { a: ['192.0.2.25'] },
  'provider.test': { txt: ['v=spf1 ip4:198.51.100.0/24 -all'] },
  'no-spf.test': { txt: ['something else'] },
  'six.test': { a: ['2001:db8::10'] },
  'loop.test': { txt: ['v=spf1 include:loop.test -all'] },
};

function dns(zone: typeof ZONE): DoctorDns {
  const found = <T>(records: readonly T[] | undefined): Lookup<T> =>
    records === undefined ? { kind: 'no-domain' } : { kind: 'found', records };
  return {
    addresses: async (host) => found(zone[host]?.a),
    mx: async (domain) => found(zone[domain]?.mx),
    txt: async (name) => found(zone[name]?.txt?.map((one) => [one])),
    reverse: async () => ({ kind: 'no-domain' }),
  };
}

describe('the forecast of SPF', () => {
  it.each([
    ['v=spf1 a:relay.clinic.test -all', '192.0.2.10', 'pass'],
    ['v=spf1 a:relay.clinic.test -all', '192.0.2.11', 'fail'],
    ['v=spf1 a:relay.clinic.test/24 ~all', '192.0.2.11', 'pass'],
    ['v=spf1 mx ~all', '192.0.2.25', 'pass'],
    ['v=spf1 mx ~all', '192.0.2.10', 'softfail'],
    ['v=spf1 ip4:192.0.2.0/28 ?all', '192.0.2.10', 'pass'],
    ['v=spf1 ip6:2001:db8::/32 -all', '2001:db8::10', 'pass'],
    ['v=spf1 a:six.test//64 -all', '2001:db8::99', 'pass'],
    ['v=spf1 include:provider.test -all', '198.51.100.7', 'pass'],
    // A fail of what is included is no match.
    ['v=spf1 include:provider.test a:relay.clinic.test -all', '192.0.2.10', 'pass'],
    ['v=spf1 redirect=provider.test', '192.0.2.10', 'fail'],
    ['v=spf1 a:relay.clinic.test', '192.0.2.99', 'neutral'],
    ['v=spf1 include:no-spf.test -all', '192.0.2.10', 'permerror'],
    ['v=spf1 include:loop.test -all', '192.0.2.10', 'permerror'],
    ['v=spf1 exists:%{i}.list.test -all', '192.0.2.10', 'depends'],
    ['v=spf1 ip4:nonsense -all', '192.0.2.10', 'permerror'],
    ['V=SPF1 +ALL', '192.0.2.10', 'pass'],
    ['v=spf10 -all', '192.0.2.10', 'none'],
  ])('%s for %s: %s', async (record, address, expected) => {
    const zone = { ...ZONE, 'clinic.test': { txt: [record], mx: ['mx.clinic.test'] } };
    expect(await spfResult(dns(zone), 'clinic.test', address)).toBe(expected);
  });

  it('takes two records for an error', async () => {
    const zone = { ...ZONE, 'clinic.test': { txt: ['v=spf1 +all', 'v=spf1 -all'] } };
    expect(await spfResult(dns(zone), 'clinic.test', '192.0.2.10')).toBe('permerror');
  });
});
