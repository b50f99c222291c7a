import { X509Certificate } from 'node:crypto';
import type { TLSSocket } from 'node:tls';

/** A client certificate that the TLS library verified against the certificate authorities of its listener. */
export interface ClientCertificate {
  readonly leaf: X509Certificate;
  /** What the client sent along. */
  readonly intermediates: readonly X509Certificate[];
}

/** A rule of an identity: whom it takes for itself. */
export interface CertificateRule {
  readonly authorities: readonly X509Certificate[];
  readonly subject?: RegExp;
  readonly san?: RegExp;
}

const MAX_CHAIN = 8;

/**
 * The verified certificate of a TLS session; undefined when there is none or it was not verified. To be asked once a
 * session: Node's socket gives the chain only the first time.
 */
export function clientCertificate(socket: TLSSocket): ClientCertificate | undefined {
  if (!socket.authorized || socket.destroyed) return undefined;
  let next = socket.getPeerCertificate(true);
  if (next.raw === undefined) return undefined;
  const leaf = new X509Certificate(next.raw);
  const intermediates: X509Certificate[] = [];
  // The last certificate of the chain names itself as its issuer.
  while (intermediates.length < MAX_CHAIN) {
    const issuer = next.issuerCertificate;
    if (issuer === undefined || issuer.raw === undefined || issuer.raw.equals(next.raw)) break;
    intermediates.push(new X509Certificate(issuer.raw));
    next = issuer;
  }
  return { leaf, intermediates };
}

/**
 * Whether the rule takes the certificate. The TLS library has verified a chain to one of the listener's authorities;
 * here the chain must lead to this rule's own, or an authority of one partner could issue for another.
 * @param now epoch milliseconds
 */
export function matchesRule(rule: CertificateRule, certificate: ClientCertificate, now: number): boolean {
  if (!chainsTo(rule.authorities, certificate, now)) return false;
  if (rule.subject !== undefined) {
    const names = commonNames(certificate.leaf);
    const [name] = names;
    if (names.length !== 1 || name === undefined || !rule.subject.test(name)) return false;
  }
  const { san } = rule;
  if (san !== undefined && !alternativeNames(certificate.leaf).some((name) => san.test(name))) return false;
  return rule.subject !== undefined || san !== undefined;
}

/** A pattern of the configuration, for whole names: `*` is any run of characters but a dot (and but an @). */
export function namePattern(pattern: string): RegExp {
  const parts = pattern.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&'));
  return new RegExp(`^${parts.join('[^.@]*')}$`, 'i');
}

function chainsTo(
  authorities: readonly X509Certificate[],
  certificate: ClientCertificate,
  now: number,
): boolean {
  let current = certificate.leaf;
  for (let depth = 0; depth < MAX_CHAIN; depth++) {
    if (!isValidAt(current, now)) return false;
    const subject = current;
    if (authorities.some((one) => isValidAt(one, now) && issued(one, subject))) return true;
    const issuer = certificate.intermediates.find((one) => one.ca && issued(one, subject));
    if (issuer === undefined || issuer.raw.equals(current.raw)) return false;
    current = issuer;
  }
  return false;
}

function issued(issuer: X509Certificate, subject: X509Certificate): boolean {
  return subject.checkIssued(issuer) && subject.verify(issuer.publicKey);
}

function isValidAt(certificate: X509Certificate, now: number): boolean {
  return Date.parse(certificate.validFrom) <= now && now <= Date.parse(certificate.validTo);
}

/** The common names of the subject; Node writes one attribute a line. */
function commonNames(certificate: X509Certificate): readonly string[] {
  return certificate.subject
    .split('\n')
    .filter((line) => line.startsWith('CN='))
    .map((line) => line.slice(3));
}

/** DNS and mail names. A name that Node had to quote holds something that no such name has; it matches nothing. */
function alternativeNames(certificate: X509Certificate): readonly string[] {
  return (certificate.subjectAltName ?? '')
    .split(', ')
    .map((entry) => /^(?:DNS|email):([^"\\\s,]+)$/.exec(entry)?.[1])
    .filter((name) => name !== undefined);
}
