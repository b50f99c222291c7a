import { describe, expect, it } from 'vitest';
import { type Network, readNetwork, tooWide } from '../../../src/shared/network.js';

const all = (texts: readonly string[]): readonly Network[] =>
  texts.map((text) => {
    const network = readNetwork(text);
    if (network === undefined) throw new Error(text);
    return network;
  });
const blocks = (count: number, of: (i: number) => string) => Array.from({ length: count }, (_, i) => of(i));

describe('networks that together open the relay', () => {
  it.each<[name: string, networks: readonly string[], wide: boolean]>([
    ['one /8', ['8.0.0.0/8'], false],
    ['one /7', ['8.0.0.0/7'], true],
    ['a /8 and one address more', ['8.0.0.0/8', '9.1.2.3'], true],
    ['a /8 and what lies within it', ['8.0.0.0/8', '8.1.0.0/16', '8.1.2.3'], false],
    ['the same /8 twice', ['8.0.0.0/8', '8.9.9.9/8'], false],
    ['every /8', blocks(256, (i) => `${i}.0.0.0/8`), true],
    ['256 /16 of one /8', blocks(256, (i) => `8.${i}.0.0/16`), false],
    ['257 /16', [...blocks(256, (i) => `8.${i}.0.0/16`), '9.0.0.0/16'], true],
    [
      'all private networks, and a /16',
      ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '8.8.0.0/16'],
      false,
    ],
    ['a network that holds a private one', ['172.0.0.0/8', '8.8.8.8'], true],
    ['a private one written as IPv6, and a /8', ['::ffff:10.0.0.0/104', '8.0.0.0/8'], false],
    ['all of IPv4 written as IPv6', ['::ffff:0:0/96'], true],
    ['more than IPv4 written as IPv6', ['::ffff:0:0/90'], true],
    ['one IPv6 /32', ['2001:db8::/32'], false],
    ['one IPv6 /31', ['2001:db8::/31'], true],
    ['two IPv6 /32', ['2001:db8::/32', '2001:db9::/32'], true],
    ['an IPv6 /32 and one address more', ['2001:db8::/32', '2001:db9::1'], true],
    ['IPv6 of one’s own, and a /48', ['fc00::/7', 'fe80::/10', '::1', '2001:db8:1::/48'], false],
    ['none', [], false],
  ])('%s', (_name, networks, wide) => {
    expect(tooWide(all(networks))).toBe(wide);
    expect(tooWide(all(networks.toReversed()))).toBe(wide);
  });

  it.each(['', '10.1', '10.1/16', '10.0.0.0/33', '10.0.0.0/', '10.0.0.0/8/8', '::/129', 'clinic.example'])(
    '%j is no network',
    (text) => expect(readNetwork(text)).toBeUndefined(),
  );
});
