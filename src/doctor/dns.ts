import { Resolver } from 'node:dns/promises';
import ipaddr from 'ipaddr.js';
import type { Config } from '../config/schema.js';
import { type Lookup, lookedUp } from '../deliver/resolver.js';

/** What the world sees of names. */
export interface DoctorDns {
  addresses(host: string): Promise<Lookup<string>>;
  /** TXT records, each as its character-strings. */
  txt(name: string): Promise<Lookup<readonly string[]>>;
  mx(domain: string): Promise<Lookup<string>>;
  /** Names of an address. */
  reverse(address: string): Promise<Lookup<string>>;
}

/** Asks `dns.servers`, or the system's resolvers where there are none. */
export function doctorDns(options: Config['dns']): DoctorDns {
  const resolver = new Resolver({ timeout: Math.max(1, Math.floor(options.timeout / 2)), tries: 2 });
  if (options.servers.length > 0)
    resolver.setServers(
      options.servers.map(({ host, port }) => (host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`)),
    );
  const within = <T>(answer: Promise<readonly T[]>) => lookedUp(answer, options.timeout * 2);
  return {
    async addresses(host) {
      const both = await Promise.all([within(resolver.resolve4(host)), within(resolver.resolve6(host))]);
      const records = both.flatMap((one) => (one.kind === 'found' ? one.records : []));
      if (records.length > 0) return { kind: 'found', records };
      return both.find((one) => one.kind === 'failed') ?? both[0];
    },
    txt: (name) => within(resolver.resolveTxt(name)),
    mx: (domain) => within(resolver.resolveMx(domain).then((all) => all.map((one) => one.exchange))),
    // Not `reverse()`, which believes this machine's hosts file before it asks.
    reverse: (address) => within(resolver.resolvePtr(reverseName(address))),
  };
}

/** Where an address has its PTR record: RFC 1035 3.5, RFC 3596 2.5. */
export function reverseName(text: string): string {
  const address = ipaddr.process(text);
  const bytes = address.toByteArray().reverse();
  if (address.kind() === 'ipv4') return `${bytes.join('.')}.in-addr.arpa`;
  return `${bytes.flatMap((byte) => [byte & 15, byte >> 4].map((half) => half.toString(16))).join('.')}.ip6.arpa`;
}
