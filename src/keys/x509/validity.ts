import type { Certificate } from './certificate.js';

/**
 * RFC 5280 4.1.2.5: both ends are part of the period.
 * @param now epoch milliseconds
 * @returns `expired on 2026-03-01` or `not yet valid (from 2026-03-01)`
 */
export function expiryFlaw(certificate: Certificate, now: number): string | undefined {
  // notAfter is to the second, and that whole second belongs to it.
  if (now >= certificate.notAfter + 1000) return `expired on ${day(certificate.notAfter)}`;
  if (now < certificate.notBefore) return `not yet valid (from ${day(certificate.notBefore)})`;
  return undefined;
}

function day(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}
