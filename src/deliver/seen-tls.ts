import type { RouteConfig } from '../config/schema.js';
import type { ReachedTlsLevel } from '../model/method.js';
import { stricter } from './tls-levels.js';

/** The highest TLS level of one attempt, over all its connections; `none` until a session was established and judged. */
export interface SeenTls {
  see(level: ReachedTlsLevel): void;
  highest(): ReachedTlsLevel;
}

/**
 * Kept apart from the outcomes, because a level counts as seen however the attempt ended: put off, refused, cut off,
 * or failed inside the relay.
 */
export function seenTls(): SeenTls {
  let highest: ReachedTlsLevel = 'none';
  return {
    see(level) {
      highest = stricter(highest, level);
    },
    highest: () => highest,
  };
}

/** A smarthost's TLS says nothing about the recipient's domain. */
export function servesRecipients(route: RouteConfig | undefined): boolean {
  return route === undefined || route.kind === 'recipient-server';
}
