import type { Clock } from '../../shared/clock.js';
import { SourceFailed } from '../types.js';
import type { Certificate } from '../x509/certificate.js';
import { searchCrl } from './crl-entries.js';
import { ALL_REASONS, isSignedByCa, scopeOf } from './crl-scope.js';
import type { CrlStore, KeptCrl } from './crl-store.js';
import { type Finding, stalenessOf } from './finding.js';
import { FAILURE_MS } from './limits.js';
import type { DistributionPoint } from './pointers.js';

export interface CrlAsker {
  /** What the CRLs of its distribution points say of a certificate. @throws BadCertificate */
  ask(
    certificate: Certificate,
    ca: Certificate,
    points: readonly DistributionPoint[],
    signal: AbortSignal,
  ): Promise<Finding>;
  /** A revocation in those that are here already; nothing is fetched. */
  known(
    certificate: Certificate,
    ca: Certificate,
    points: readonly DistributionPoint[],
  ): Promise<Finding | undefined>;
}

const CERTIFICATE_HOLD = 6;
const REMOVE_FROM_CRL = 8;

/** What one CRL says: a revocation, or for which reasons there is none and how long that may be kept. */
type Said =
  | Extract<Finding, { kind: 'revoked' }>
  | { readonly kind: 'not-listed'; readonly reasons: number; readonly until: number; readonly why?: string };

/** RFC 5280 6.3.3, for complete CRLs signed by the CA that issued the certificate. */
export function createCrlAsker(options: { readonly store: CrlStore; readonly clock: Clock }): CrlAsker {
  const { store, clock } = options;
  const read = async (
    { crl, until }: KeptCrl,
    from: DistributionPoint,
    certificate: Certificate,
  ): Promise<Said> => {
    const now = clock.now();
    const serial = Buffer.from(certificate.serial, 'hex');
    const { entry, unknownCritical } = await searchCrl(crl, serial, certificate.issuer.key);
    // Whatever else is wrong with it: its CA has signed that this certificate is revoked. Only a list of changes takes
    // somebody off a list (RFC 5280 5.3.1).
    if (entry !== undefined && !(crl.isDelta && entry.reason === REMOVE_FROM_CRL))
      return { kind: 'revoked', at: entry.at, hold: entry.reason === CERTIFICATE_HOLD, by: 'CRL', until };
    const stale = stalenessOf(crl, now);
    const scope = scopeOf(crl, from, certificate);
    const why =
      stale ??
      (unknownCritical
        ? 'it has a critical extension that is not known'
        : 'why' in scope
          ? scope.why
          : undefined);
    if (why !== undefined) return { kind: 'not-listed', reasons: 0, until: now + FAILURE_MS, why };
    return { kind: 'not-listed', reasons: scope.reasons, until };
  };
  const askPoint = async (
    certificate: Certificate,
    ca: Certificate,
    point: DistributionPoint,
    signal: AbortSignal,
  ): Promise<Said> => {
    const none = (why: string): Said => ({ kind: 'not-listed', reasons: 0, until: 0, why });
    if (!isSignedByCa(point, ca))
      return none('it is signed by somebody else than the CA, which is not supported');
    let last = none('it has no http or https address');
    for (const url of point.urls) {
      try {
        const said = await read(await store.get(url, ca, signal), point, certificate);
        if (said.kind === 'revoked' || said.reasons !== 0) return said;
        last = said;
      } catch (error) {
        if (!(error instanceof SourceFailed)) throw error;
        last = none(error.message);
      }
    }
    return last;
  };
  return {
    async ask(certificate, ca, points, signal) {
      let covered = 0;
      let until = Number.POSITIVE_INFINITY;
      let why: string | undefined;
      for (const point of points) {
        const said = await askPoint(certificate, ca, point, signal);
        if (said.kind === 'revoked') return said;
        if (said.reasons === 0) why ??= said.why;
        else {
          covered |= said.reasons;
          until = Math.min(until, said.until);
        }
        // RFC 5280 6.3.3 (l): no more is needed once every reason is covered.
        if (covered === ALL_REASONS) return { kind: 'good', until };
      }
      return { kind: 'unknown', why: why ?? 'it covers only some reasons of revocation' };
    },
    async known(certificate, ca, points) {
      for (const point of points.filter((one) => isSignedByCa(one, ca))) {
        for (const url of point.urls) {
          const crl = store.known(url, ca);
          if (crl === undefined) continue;
          const said = await read(crl, point, certificate);
          if (said.kind === 'revoked') return said;
        }
      }
      return undefined;
    },
  };
}
