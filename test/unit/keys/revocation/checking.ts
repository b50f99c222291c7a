import { createSafeFetch } from '../../../../src/keys/fetch/index.js';
import { createRevocationChecker } from '../../../../src/keys/revocation/index.js';
import type { RevocationChecker } from '../../../../src/keys/types.js';
import { type Behaviour, type HostileHttp, startHostileHttp } from '../../../support/hostile-http.js';
import {
  authorityInfoAccess,
  crlDistributionPoints,
  TEST_NOW,
  type TestAuthority,
  type TestCertificate,
  type TestLeafRequest,
} from '../../../support/x509-authority.js';

/** A server for CRLs and OCSP answers whose behaviour is set when a certificate is issued. */
export interface Publisher {
  readonly server: HostileHttp;
  /** A certificate that points to these, each under a path of its own. */
  issue(
    ca: TestAuthority,
    what: { readonly ocsp?: MadeFor; readonly crl?: MadeFor; readonly request?: TestLeafRequest },
  ): TestCertificate;
  /** Serves something and says where. */
  serve(behaviour: Behaviour): string;
  close(): Promise<void>;
}

/** What is served, once the certificate that points there is known. */
export type MadeFor = (leaf: TestCertificate, url: string) => Behaviour;

export async function startPublisher(): Promise<Publisher> {
  const behaviours: Record<string, Behaviour> = {};
  const server = await startHostileHttp(behaviours);
  let count = 0;
  const serve = (behaviour: Behaviour) => {
    count += 1;
    const path = `/${count}`;
    behaviours[path] = behaviour;
    return `${server.origin}${path}`;
  };
  return {
    server,
    serve,
    issue(ca, { ocsp, crl, request = {} }) {
      const place = (made: MadeFor) => {
        const url = serve((socket, seen) => made(leaf, url)(socket, seen));
        return url;
      };
      const leaf: TestCertificate = ca.issue({
        ...request,
        extensions: [
          ...(ocsp === undefined ? [] : [authorityInfoAccess({ ocsp: [place(ocsp)] })]),
          ...(crl === undefined ? [] : [crlDistributionPoints([place(crl)])]),
          ...(request.extensions ?? []),
        ],
      });
      return leaf;
    },
    close: () => server.close(),
  };
}

/** A checker at `TEST_NOW`, or where the clock says, that may ask loopback. */
export function makeChecker(
  options: {
    readonly timeout?: number;
    readonly maxCrlSize?: number;
    readonly clock?: { now(): number };
    readonly maxAge?: number;
  } = {},
): RevocationChecker {
  return createRevocationChecker({
    fetch: createSafeFetch({ servers: [], timeout: 1000, allow_private_targets: true }),
    limits: {
      timeout: options.timeout ?? 20_000,
      max_crl_size: options.maxCrlSize ?? 1_000_000,
      max_age: options.maxAge ?? 86_400_000,
    },
    clock: options.clock ?? { now: () => TEST_NOW },
  });
}
