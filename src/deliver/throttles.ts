import type { Config, ThrottleConfig } from '../config/schema.js';
import type { StoredMessage, StoredRecipient } from '../model/message.js';
import { RELAY_IDENTITY } from '../model/own-identity.js';
import { DEFAULT_STREAM } from '../model/stream.js';
import { canonicalDomain } from '../shared/address.js';
import type { ThrottledAttempt } from '../store/ports.js';
import { routeFor } from './routes.js';

/**
 * The counters that an attempt for a recipient counts in, with their limits: none where no throttle fits. Throttles of
 * the same kind and name count in the same counter when they are for the same streams; the strictest holds.
 */
export function countersOf(
  config: Config,
  message: Pick<StoredMessage, 'identity'>,
  recipient: Pick<StoredRecipient, 'domain' | 'stream'>,
): ReadonlyMap<string, number> {
  const stream = recipient.stream ?? DEFAULT_STREAM;
  const counters = new Map<string, number>();
  for (const throttle of config.delivery.throttles) {
    if (throttle.streams !== undefined && !throttle.streams.includes(stream)) continue;
    const name = countedName(config, throttle, message.identity, recipient.domain, stream);
    if (name === undefined || !isFor(throttle, name)) continue;
    const only = throttle.streams === undefined ? '' : ` of ${throttle.streams.toSorted().join(', ')}`;
    const counter = `${throttle.by} ${name}${only}`;
    counters.set(
      counter,
      Math.min(throttle.recipients_per_hour, counters.get(counter) ?? Number.POSITIVE_INFINITY),
    );
  }
  return counters;
}

function countedName(
  config: Config,
  { by, names }: ThrottleConfig,
  identity: string,
  domain: string,
  stream: string,
): string | undefined {
  switch (by) {
    case 'destination':
      return domain;
    case 'route':
      return routeFor(config, domain, stream)?.name;
    case 'identity':
      // DSNs and notices are nobody's quota, unless somebody says so.
      return identity === RELAY_IDENTITY && names === undefined ? undefined : identity;
    case 'stream':
      return stream;
  }
}

function isFor({ by, names }: ThrottleConfig, name: string): boolean {
  if (names === undefined) return true;
  return names.some((one) => (by === 'destination' ? canonicalDomain(one) === name : one === name));
}

/** What a row that a throttle kept waiting becomes when it is tried: the wait is no part of its lifetime. */
export function afterWaiting(
  message: Pick<StoredMessage, 'origin'>,
  recipient: StoredRecipient,
  now: number,
): { readonly throttledMs: number; readonly expiresAt?: number } | undefined {
  const { throttledSince, expiresAt } = recipient;
  if (throttledSince === undefined) return undefined;
  const waited = Math.max(0, now - throttledSince);
  const throttledMs = (recipient.throttledMs ?? 0) + waited;
  // A code is of no use after its time, however long it had to wait.
  if (expiresAt === undefined || message.origin === 'access-code') return { throttledMs };
  return { throttledMs, expiresAt: expiresAt + waited };
}

/**
 * Everything that an attempt within limits needs; undefined where no limit holds and nobody had to wait.
 * @param sends whether a recipient may get mail of this attempt; others count nowhere
 */
export function throttledAttempt(
  config: Config,
  message: Pick<StoredMessage, 'identity' | 'origin'>,
  recipients: readonly StoredRecipient[],
  nextAttemptAt: number,
  now: number,
  sends: (recipient: StoredRecipient) => boolean,
): ThrottledAttempt | undefined {
  const limits: Record<string, number> = {};
  const attempts = recipients.map((one) => {
    // What goes into the portal is no mail; its notice is.
    const counted = one.method !== 'portal' && sends(one);
    const counters = counted ? countersOf(config, message, one) : new Map<string, number>();
    for (const [counter, limit] of counters) limits[counter] = limit;
    const waited = afterWaiting(message, one, now);
    return {
      key: { messageId: one.messageId, index: one.index },
      counters: [...counters.keys()],
      ...(waited === undefined ? {} : { afterWaiting: waited }),
    };
  });
  const plain = attempts.every((one) => one.counters.length === 0 && one.afterWaiting === undefined);
  return plain ? undefined : { attempts, limits, nextAttemptAt, now };
}
