import type { Clock } from '../../shared/clock.js';
import { type SafeFetch, SourceFailed } from '../types.js';
import type { Certificate } from '../x509/certificate.js';
import { BadCertificate } from '../x509/der.js';
import { keyUsageOf } from '../x509/extensions.js';
import { type Crl, readCrl } from './crl.js';
import { createExpiringCache } from './expiring-cache.js';
import { keptUntil, stalenessOf } from './finding.js';
import { FAILURE_MS, type RevocationLimits } from './limits.js';
import { isSignedBy } from './signed.js';
import { createTurns } from './turns.js';

/** A CRL with how long what it says may be used, epoch milliseconds; counted from when it was fetched. */
export interface KeptCrl {
  readonly crl: Crl;
  readonly until: number;
}

/** CRLs whose signature was checked; each is fetched once for all who wait for it, and kept as bytes, not as objects. */
export interface CrlStore {
  /**
   * A CRL signed by this CA. It may be stale, or of another scope: a revocation counts even then.
   * @param signal ends the waiting; others may still wait for the same CRL
   * @throws SourceFailed
   */
  get(url: string, ca: Certificate, signal: AbortSignal): Promise<KeptCrl>;
  /** The same if it is here already. */
  known(url: string, ca: Certificate): KeptCrl | undefined;
}

const REDIRECTS = 3;
/** So many are fetched at a time, because each may be of `max_crl_size`. */
const AT_ONCE = 3;
/** Bytes of all that are kept. */
const KEPT_BYTES = 64 * 1024 * 1024;
const KEPT = 1000;

export function createCrlStore(options: {
  readonly fetch: SafeFetch;
  readonly limits: RevocationLimits;
  readonly clock: Clock;
}): CrlStore {
  const { fetch, limits, clock } = options;
  const kept = createExpiringCache<KeptCrl | SourceFailed>({
    clock,
    maxEntries: KEPT,
    maxWeight: Math.max(KEPT_BYTES, limits.max_crl_size),
  });
  const underWay = new Map<string, Promise<KeptCrl>>();
  const inTurn = createTurns(AT_ONCE);

  const download = async (url: string, ca: Certificate): Promise<Crl> => {
    const answer = await fetch({
      url,
      method: 'GET',
      maxSize: limits.max_crl_size,
      // Its own time: who asked first may give up earlier than those who joined.
      signal: AbortSignal.timeout(limits.timeout),
      redirects: REDIRECTS,
      allowHttp: true,
    });
    if (answer.status !== 200) throw new SourceFailed(`the server answered with status ${answer.status}`);
    return verified(answer.body, ca);
  };
  const fetchAndKeep = async (key: string, url: string, ca: Certificate): Promise<KeptCrl> => {
    try {
      const crl = await inTurn(() => download(url, ca));
      const now = clock.now();
      const until =
        stalenessOf(crl, now) === undefined ? keptUntil(crl, now, limits.max_age) : now + FAILURE_MS;
      kept.set(key, { crl, until }, until, crl.size);
      return { crl, until };
    } catch (error) {
      const failure = error instanceof SourceFailed ? error : new SourceFailed('the CRL could not be read');
      kept.set(key, failure, clock.now() + FAILURE_MS);
      throw failure;
    } finally {
      underWay.delete(key);
    }
  };
  return {
    get(url, ca, signal) {
      const key = keyOf(url, ca);
      const known = kept.get(key);
      if (known instanceof SourceFailed) return Promise.reject(known);
      if (known !== undefined) return Promise.resolve(known);
      let fetching = underWay.get(key);
      if (fetching === undefined) {
        fetching = fetchAndKeep(key, url, ca);
        underWay.set(key, fetching);
      }
      return unlessAborted(fetching, signal);
    },
    known(url, ca) {
      const found = kept.get(keyOf(url, ca));
      return found instanceof SourceFailed ? undefined : found;
    },
  };
}

function keyOf(url: string, ca: Certificate): string {
  return `${ca.fingerprint} ${url}`;
}

/** RFC 5280 6.3.3 (b) (1), (f) and (g): issued and signed by the CA, which may sign CRLs. */
async function verified(bytes: Uint8Array, ca: Certificate): Promise<Crl> {
  let crl: Crl;
  try {
    crl = readCrl(bytes);
  } catch (error) {
    if (error instanceof BadCertificate) throw new SourceFailed('what the server gave is not a CRL');
    throw error;
  }
  if (crl.issuer.key !== ca.subject.key) throw new SourceFailed('the CRL is of another CA');
  if (keyUsageOf(ca)?.has('cRLSign') === false)
    throw new SourceFailed('the CA may not sign CRLs (key usage)');
  if (!(await isSignedBy(crl, ca.publicKey))) throw new SourceFailed('the CRL is not signed by the CA');
  return crl;
}

function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = () => reject(new SourceFailed('the server did not answer in time'));
    if (signal.aborted) late();
    signal.addEventListener('abort', late, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', late));
  });
}
