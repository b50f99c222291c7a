import { Resolver } from 'node:dns/promises';
import type { Config } from '../../config/schema.js';
import { errorCode } from '../../shared/errors.js';
import { SourceFailed } from '../types.js';

/** Every address of a name, IPv4 first. @throws SourceFailed */
export type ResolveHost = (host: string, signal: AbortSignal) => Promise<readonly string[]>;

/**
 * Asks `dns.servers`, or the system's where there are none; never the hosts file, whose names are ours alone. Each
 * call has a resolver of its own, because cancelling one ends all its questions.
 */
export function createResolveHost(options: Pick<Config['dns'], 'servers' | 'timeout'>): ResolveHost {
  return async (host, signal) => {
    // Two tries within the configured time, so that one lost datagram isn't a failure.
    const resolver = new Resolver({ timeout: Math.max(1, Math.floor(options.timeout / 2)), tries: 2 });
    if (options.servers.length > 0) {
      resolver.setServers(
        options.servers.map((one) =>
          one.host.includes(':') ? `[${one.host}]:${one.port}` : `${one.host}:${one.port}`,
        ),
      );
    }
    const cancel = () => resolver.cancel();
    // c-ares waits longer at the second try; with several servers the sum could be much longer.
    const timer = setTimeout(cancel, options.timeout * 2);
    signal.addEventListener('abort', cancel, { once: true });
    try {
      return addressesOf(await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)]));
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', cancel);
    }
  };
}

function addressesOf(answers: readonly PromiseSettledResult<string[]>[]): readonly string[] {
  const addresses = answers.flatMap((one) => (one.status === 'fulfilled' ? one.value : []));
  if (addresses.length > 0) return addresses;
  const codes = answers.flatMap((one) =>
    one.status === 'rejected' ? [errorCode(one.reason) ?? 'error'] : [],
  );
  const failure = codes.find((code) => code !== 'ENODATA' && code !== 'ENOTFOUND');
  if (failure === undefined)
    throw new SourceFailed('the host has no address in DNS', { code: 'no-such-host' });
  throw new SourceFailed(
    /^E[A-Z]{1,20}$/.test(failure)
      ? `the address of the host could not be looked up (${failure})`
      : 'the address of the host could not be looked up',
  );
}
