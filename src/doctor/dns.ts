import { Resolver } from 'node:dns/promises';
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
    reverse: (address) => within(resolver.reverse(address)),
  };
}
