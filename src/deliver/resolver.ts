import { lookup, Resolver as NodeResolver } from 'node:dns/promises';
import type { Config } from '../config/schema.js';
import { errorCode } from '../shared/errors.js';

/** What a look-up said. That a name doesn't exist is an answer; that nobody answered is not. */
export type Lookup<T> =
  | { readonly kind: 'found'; readonly records: readonly T[] }
  /** The name exists, without such records (NODATA). */
  | { readonly kind: 'no-data' }
  /** NXDOMAIN. */
  | { readonly kind: 'no-domain' }
  /** SERVFAIL, refused, timed out, unreadable: to be tried again. `reason` is the resolver's error code. */
  | { readonly kind: 'failed'; readonly reason: string };

export interface MxRecord {
  /** Host name as it came from DNS, so not to be trusted; `''` is the null MX (RFC 7505). */
  readonly exchange: string;
  readonly preference: number;
}

export interface Resolver {
  mx(domain: string): Promise<Lookup<MxRecord>>;
  /** IPv4 and IPv6 addresses of a name found in DNS. */
  addresses(host: string): Promise<Lookup<string>>;
  /** Addresses of a host named in the configuration: the system's own ways (hosts file) count too. */
  configuredHost(host: string): Promise<Lookup<string>>;
}

/** A resolver that asks `dns.servers`, or the system's where there are none. */
export function createResolver(options: Config['dns']): Resolver {
  // Two tries within the configured time, so that one lost datagram isn't a failed look-up.
  const resolver = new NodeResolver({ timeout: Math.max(1, Math.floor(options.timeout / 2)), tries: 2 });
  if (options.servers.length > 0) {
    resolver.setServers(
      options.servers.map(({ host, port }) => (host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`)),
    );
  }
  const within = <T>(answer: Promise<readonly T[]>): Promise<Lookup<T>> =>
    lookedUp(answer, options.timeout * 2);
  const addresses = async (host: string): Promise<Lookup<string>> =>
    joined(await Promise.all([within(resolver.resolve4(host)), within(resolver.resolve6(host))]));
  return {
    mx: (domain) =>
      within(
        resolver
          .resolveMx(domain)
          .then((records) => records.map(({ exchange, priority }) => ({ exchange, preference: priority }))),
      ),
    addresses,
    configuredHost: (host) =>
      options.servers.length > 0
        ? addresses(host)
        : within(lookup(host, { all: true }).then((found) => found.map((one) => one.address))),
  };
}

/** IPv4 first, because hosts without IPv6 connectivity would wait for nothing. */
function joined(answers: readonly Lookup<string>[]): Lookup<string> {
  const records = answers.flatMap((one) => (one.kind === 'found' ? one.records : []));
  if (records.length > 0) return { kind: 'found', records };
  const failed = answers.find((one) => one.kind === 'failed');
  if (failed !== undefined) return failed;
  return answers.find((one) => one.kind === 'no-data') ?? { kind: 'no-domain' };
}

/** An answer of the system's resolver, or that there was none in time. */
export async function lookedUp<T>(answer: Promise<readonly T[]>, timeoutMs: number): Promise<Lookup<T>> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Lookup<T>>((resolve) => {
    timer = setTimeout(() => resolve({ kind: 'failed', reason: 'ETIMEOUT' }), timeoutMs);
  });
  try {
    return await Promise.race([answer.then(found, unanswered), late]);
  } finally {
    clearTimeout(timer);
  }
}

function found<T>(records: readonly T[]): Lookup<T> {
  return records.length > 0 ? { kind: 'found', records } : { kind: 'no-data' };
}

/** c-ares says ENOTFOUND for NXDOMAIN and ENODATA for an empty answer; everything else is no answer. */
function unanswered(error: unknown): Lookup<never> {
  const code = errorCode(error) ?? 'error';
  if (code === 'ENODATA') return { kind: 'no-data' };
  if (code === 'ENOTFOUND') return { kind: 'no-domain' };
  return { kind: 'failed', reason: /^[A-Z0-9_]{1,40}$/.test(code) ? code : 'error' };
}
