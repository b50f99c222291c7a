import type { Clock } from '../../shared/clock.js';
import type { RevocationAnswer, RevocationChecker, SafeFetch } from '../types.js';
import type { Certificate } from '../x509/certificate.js';
import { knownCertificate } from '../x509/known-certificate.js';
import { createCertificateChecker } from './check-certificate.js';
import { createExpiringCache } from './expiring-cache.js';
import { dayOf, type Finding } from './finding.js';
import { FAILURE_MS, type RevocationLimits } from './limits.js';

/** Answers kept, each of some hundred bytes. */
const KEPT = 10_000;

/**
 * Finds out by OCSP (RFC 6960) and CRLs (RFC 5280) whether certificates were revoked. OCSP is asked first, CRLs where
 * that gave no answer; a revocation counts from any of them. Answers are kept in memory until their nextUpdate, no
 * longer than `limits.max_age`; what couldn't be found out for five minutes. Questions under way are shared.
 *
 * Not supported, so `undetermined`: CRLs signed by somebody else than the CA of the certificate, delta CRLs, ldap.
 */
export function createRevocationChecker(options: {
  readonly fetch: SafeFetch;
  readonly limits: RevocationLimits;
  readonly clock: Clock;
}): RevocationChecker {
  const { clock } = options;
  const checkOne = createCertificateChecker(options);
  const kept = createExpiringCache<Finding | 'no-pointers'>({ clock, maxEntries: KEPT, maxWeight: KEPT });
  const underWay = new Map<string, Promise<Finding | 'no-pointers'>>();

  const findOut = async (
    key: string,
    subject: Certificate,
    ca: Certificate,
  ): Promise<Finding | 'no-pointers'> => {
    const finding = await checkOne(subject, ca).catch((): Finding => UNREADABLE);
    const until =
      typeof finding === 'object' && 'until' in finding ? finding.until : clock.now() + FAILURE_MS;
    kept.set(key, finding, until);
    return finding;
  };
  const findOutOnce = (subject: Certificate, ca: Certificate): Promise<Finding | 'no-pointers'> => {
    const key = `${subject.fingerprint} ${ca.fingerprint}`;
    const known = kept.get(key);
    if (known !== undefined) return Promise.resolve(known);
    let finding = underWay.get(key);
    if (finding === undefined) {
      finding = findOut(key, subject, ca).finally(() => underWay.delete(key));
      underWay.set(key, finding);
    }
    return finding;
  };
  return {
    async check(path, mode) {
      const certificates = readPath(path);
      if (certificates === undefined) return { status: 'undetermined', detail: UNREADABLE.why };
      const findings = await Promise.all(
        certificates.slice(0, -1).map((subject, index) => {
          const ca = certificates[index + 1];
          return ca === undefined || subject.issuer.key !== ca.subject.key
            ? UNREADABLE
            : findOutOnce(subject, ca);
        }),
      );
      return answerFor(findings, mode);
    },
  };
}

const UNREADABLE = {
  kind: 'unknown',
  why: 'a certificate or what was said of it could not be read',
} as const;

function readPath(path: readonly Uint8Array[]): readonly Certificate[] | undefined {
  try {
    return path.length === 0 ? undefined : path.map((der) => knownCertificate(der));
  } catch {
    // Whatever is wrong with it: nothing is known of its revocation.
    return undefined;
  }
}

/** Revoked from anywhere, else undetermined from anywhere, else vouched from anywhere, else good. */
function answerFor(
  findings: readonly (Finding | 'no-pointers')[],
  mode: 'check' | 'not-published',
): RevocationAnswer {
  for (const [index, finding] of findings.entries()) {
    if (typeof finding === 'string' || finding.kind !== 'revoked') continue;
    const subject = index === 0 ? '' : 'a CA certificate above it was ';
    const verb = finding.hold ? 'suspended' : 'revoked';
    return {
      status: 'revoked',
      reason: `${subject}${verb} on ${dayOf(finding.at)} by its CA (${finding.by})`,
    };
  }
  for (const [index, finding] of findings.entries()) {
    const why =
      typeof finding === 'object'
        ? finding.kind === 'unknown'
          ? finding.why
          : undefined
        : mode === 'check'
          ? 'it names neither a CRL nor an OCSP responder'
          : undefined;
    if (why !== undefined)
      return { status: 'undetermined', detail: index === 0 ? why : `a CA certificate above it: ${why}` };
  }
  // An anchor alone was trusted by a person.
  const vouched = findings.length === 0 || findings.includes('no-pointers');
  return { status: vouched ? 'vouched' : 'good' };
}
