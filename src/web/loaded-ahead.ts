import type { IncomingHttpHeaders } from 'node:http';

/**
 * Whether a browser loads a page ahead of the visit (`Sec-Purpose`, or `Purpose` of older ones): it has shown nothing to
 * anybody yet, so nothing may be done or recorded as seen.
 */
export function isLoadedAhead(headers: IncomingHttpHeaders): boolean {
  return /prefetch|prerender/i.test(`${headers['sec-purpose']} ${headers.purpose}`);
}
