import type { Clock } from '../../shared/clock.js';
import type { SafeFetch } from '../types.js';
import type { Certificate } from '../x509/certificate.js';
import { createCrlAsker } from './ask-crls.js';
import { type AskAboutResponder, createOcspAsker } from './ask-ocsp.js';
import { createCrlStore } from './crl-store.js';
import type { Finding } from './finding.js';
import type { RevocationLimits } from './limits.js';
import { pointersOf } from './pointers.js';

export type CertificateChecker = (subject: Certificate, ca: Certificate) => Promise<Finding | 'no-pointers'>;

/**
 * Asks what the certificate points to, within `limits.timeout` for all of it.
 * The returned function throws BadCertificate when the pointers can't be read.
 */
export function createCertificateChecker(options: {
  readonly fetch: SafeFetch;
  readonly limits: RevocationLimits;
  readonly clock: Clock;
}): CertificateChecker {
  const { limits } = options;
  const askOcsp = createOcspAsker(options);
  const crls = createCrlAsker({ ...options, store: createCrlStore(options) });
  return async (subject, ca) => {
    const pointers = pointersOf(subject);
    if (!pointers.any) return 'no-pointers';
    const hasCrls = pointers.crls.some((point) => point.urls.length > 0);
    const end = AbortSignal.timeout(limits.timeout);
    // A responder that doesn't answer must leave time for the CRLs.
    const endOfOcsp = hasCrls ? AbortSignal.timeout(Math.ceil(limits.timeout / 2)) : end;
    // RFC 6960 4.2.2.2.1. Its own CRLs, else those of the certificate in question: they come from the same CA, so that
    // it would be listed there. Never OCSP, which could go round in circles.
    const aboutResponder: AskAboutResponder = (responder, signal) => {
      const own = pointersOf(responder).crls;
      const points = own.length > 0 ? own : pointers.crls;
      if (points.length === 0)
        return Promise.resolve({ kind: 'unknown', why: 'it has neither nocheck nor a CRL' });
      return crls.ask(responder, ca, points, signal);
    };
    const failures: string[] = [];
    for (const url of pointers.ocsp) {
      const finding = await askOcsp(url, subject, ca, aboutResponder, endOfOcsp);
      if (finding.kind === 'revoked') return finding;
      if (finding.kind === 'good') return (await crls.known(subject, ca, pointers.crls)) ?? finding;
      failures.push(`OCSP: ${finding.why}`);
    }
    if (pointers.crls.length > 0) {
      const finding = await crls.ask(subject, ca, pointers.crls, end);
      if (finding.kind !== 'unknown') return finding;
      failures.push(`CRL: ${finding.why}`);
    }
    return {
      kind: 'unknown',
      why: failures.join('; ') || 'it names neither a CRL nor a responder that can be asked',
    };
  };
}
