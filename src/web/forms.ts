import { createHmac } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { sameBytes } from './secrets.js';

/**
 * What a form is bound to: before signing in to the browser that fetched it (by its form cookie), afterwards to the
 * session. A token of one browser or session is worth nothing in another.
 */
export interface FormOwner {
  readonly kind: 'browser' | 'session';
  readonly holder: string;
}

/** The hidden token of a form, against requests forged by other sites. */
export function formToken(key: Uint8Array, { kind, holder }: FormOwner): string {
  return createHmac('sha256', key).update(`${kind}\n${holder}`).digest('base64url');
}

export function formTokenValid(key: Uint8Array, owner: FormOwner, given: string | undefined): boolean {
  return given !== undefined && sameBytes(Buffer.from(formToken(key, owner)), Buffer.from(given));
}

/**
 * Whether the browser says that a POST comes from our own pages.
 *
 * Our pages have `Referrer-Policy: no-referrer`, so honest forms carry `Origin: null` (Fetch standard, "append a
 * request Origin header"): that value proves nothing either way and `Sec-Fetch-Site` decides. A browser too old to
 * send it is left to the token.
 */
export function fromOurPages(headers: IncomingHttpHeaders, origin: string): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin') return false;
  const from = headers.origin;
  return from === undefined || from === 'null' || from === origin;
}

/** One field of a submitted form; undefined when it is missing, repeated or longer than `most` characters. */
export function formField(body: unknown, name: string, most = 200): string | undefined {
  if (typeof body !== 'object' || body === null) return undefined;
  const value: unknown = Object.getOwnPropertyDescriptor(body, name)?.value;
  return typeof value === 'string' && value.length <= most ? value : undefined;
}
