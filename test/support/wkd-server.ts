import type { CertificateAndKey } from '../../src/keys/certificates.js';
import { createFetchWithin } from '../../src/keys/fetch/index.js';
import { type SafeFetch, SourceFailed } from '../../src/keys/types.js';
import { isPublicAddress } from '../../src/shared/address-guard.js';
import { createTestCa } from './certificates.js';
import { type Behaviour, type HostileHttp, startHostileHttp } from './hostile-http.js';

export interface WkdServer {
  /** The product's own guarded fetch, for which the hosts are this server; all other loopback is out of reach. */
  readonly fetch: SafeFetch;
  /** PEM certificate of the CA of its certificate. */
  readonly ca: string;
  readonly requests: HostileHttp['requests'];
  close(): Promise<void>;
}

/**
 * A web server on loopback that is the given hosts, over https, behaving by path.
 * @param broken hosts whose addresses can't be looked up
 */
export async function startWkdServer(
  hosts: readonly string[],
  behaviours: Readonly<Record<string, Behaviour>>,
  broken: readonly string[] = [],
): Promise<WkdServer> {
  const { ca, leaf } = await certified(hosts);
  const server = await startHostileHttp(behaviours, leaf);
  const fetch = createFetchWithin({
    resolve: async (host) => {
      if (broken.includes(host))
        throw new SourceFailed('the address of the host could not be looked up (ESERVFAIL)');
      if (hosts.includes(host)) return ['127.0.0.1'];
      throw new SourceFailed('the host has no address in DNS', { code: 'no-such-host' });
    },
    allows: (address, port) => port === server.port || isPublicAddress(address),
    anyPort: true,
  });
  return {
    // The directory's URLs have no port; this server can't have 443.
    fetch: (request) =>
      fetch({ ...request, url: request.url.replace(/^https:\/\/([^/:]+)\//, `https://$1:${server.port}/`) }),
    ca,
    requests: server.requests,
    close: () => server.close(),
  };
}

const made = new Map<string, Promise<{ readonly ca: string; readonly leaf: CertificateAndKey }>>();

/** Keys take a while to make: hosts share theirs within a test file. */
function certified(hosts: readonly string[]) {
  const known = made.get(hosts.join());
  if (known !== undefined) return known;
  const fresh = createTestCa().then(async (ca) => ({
    ca: ca.pem,
    leaf: await ca.leaf(hosts[0] ?? '', { names: hosts }),
  }));
  made.set(hosts.join(), fresh);
  return fresh;
}
