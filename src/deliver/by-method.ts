import { streamSettings } from '../config/streams.js';
import type { StoredMessage, StoredRecipient } from '../model/message.js';
import type { Method, ReachedTlsLevel } from '../model/method.js';
import { DEFAULT_STREAM } from '../model/stream.js';
import type { OutboundCopy } from '../protect/types.js';
import { oneByOne } from './apply-plans.js';
import { conclude, orWait } from './conclude.js';
import { holdAll } from './hold.js';
import { logInternalError } from './internal-error.js';
import type { JobDeps } from './job-deps.js';
import { withLoopField } from './loop-field.js';
import type { Outcome } from './outcome.js';
import { placedNotice } from './placed-notice.js';
import type { Place } from './places.js';
import { merged, type Planned } from './planned.js';
import type { Recheck } from './recheck.js';
import { reportOutcome } from './report-outcome.js';
import { connectionKey, routeFor } from './routes.js';
import { type SeenTls, servesRecipients } from './seen-tls.js';
import type { Settled } from './settle.js';
import { tlsAvailability } from './tls-availability.js';
import { floorOf, opensPortal, raisedFloor } from './tls-floor.js';
import { stricter } from './tls-levels.js';
import { ship } from './transport.js';

/** What an attempt has while it acts. */
export interface Underway {
  readonly place: Place;
  readonly recheck: Recheck;
  readonly seen: SeenTls;
}

/**
 * Makes what leaves by a method, and sends it or places it in the portal. An error inside leaves these recipients to
 * wait, and no others, who may have got it already.
 * @param recipients those of one message, destination and copy, who all have this method
 */
export function byMethod(
  deps: JobDeps,
  message: StoredMessage,
  recipients: readonly StoredRecipient[],
  method: Method,
  underway: Underway,
): Promise<readonly Planned[]> {
  return orWait(deps, message, recipients, underway.seen, () =>
    unguarded(deps, message, recipients, method, underway),
  );
}

async function unguarded(
  deps: JobDeps,
  message: StoredMessage,
  recipients: readonly StoredRecipient[],
  method: Method,
  underway: Underway,
): Promise<readonly Planned[]> {
  const { seen } = underway;
  const loaded = deps.loaded();
  const [first] = recipients;
  if (first === undefined) return [];
  // Asked for mail that opens the portal alone: nothing else depends on it.
  const remembered = async () =>
    (opensPortal(message) ? await deps.tlsMemory.highest(first.domain) : undefined) ?? 'none';
  const floor = floorOf(message, first, method, await remembered(), loaded.config);
  /** Never falls during the attempt, whoever sees a higher level meanwhile. */
  const newest = async () =>
    opensPortal(message) ? raisedFloor(floor, stricter(seen.highest(), await remembered())) : floor;
  const outcomes = (outcome: Outcome) =>
    conclude(
      deps,
      message,
      method,
      floor,
      seen,
      recipients.map((recipient) => ({ recipient, outcome })),
    );
  const unusable = (reason: string, keepStrength?: true) =>
    outcomes({ kind: 'unusable', why: 'method', reason, ...(keepStrength && { keepStrength }) });

  if (method === 'portal' && loaded.config.portal === undefined) return unusable('no portal is configured');
  const copy = await deps.protect(message, recipients, method);
  switch (copy.kind) {
    case 'impossible':
      // One recipient without a key must not take the others' method from them.
      if (recipients.length > 1)
        return oneByOne(deps, recipients, (one) => byMethod(deps, message, [one], method, underway));
      return unusable(copy.reason, copy.shortOfDemand);
    case 'not-now':
      return outcomes({ kind: 'deferred', status: copy.status, reason: copy.reason });
    case 'portal':
      // Never for another method: what was to be sent sealed would else wait where nobody decided it should.
      if (method !== 'portal') return unusable('the content could not be made for this method');
      return intoPortal(deps, message, recipients);
    case 'smtp': {
      if (method === 'portal') return unusable('the content could not be made for this method');
      if (method === 'tls') {
        const counts = tlsAvailability(loaded.config, first.domain, first.stream);
        if (!counts.available) return unusable(counts.reason);
      }
      const least = async () => (await newest()).least;
      const results = await overSmtp(deps, message, recipients, { first, method, copy, underway, least });
      if (results.length === 0) return [];
      return conclude(deps, message, method, await newest(), seen, results);
    }
  }
}

/** Each by itself: in the portal, or held where it can't be placed there. */
async function intoPortal(
  deps: JobDeps,
  message: StoredMessage,
  recipients: readonly StoredRecipient[],
): Promise<readonly Planned[]> {
  const { bodies } = deps;
  const loaded = deps.loaded();
  const now = deps.clock.now();
  const plans: Planned[] = [];
  for (const recipient of recipients) {
    // First: what is made for the portal must not be left behind when this fails.
    const told = await placedNotice({ loaded, bodies, message, now }, recipient);
    const placed = await deps.placeInPortal(message, recipient, now);
    if (placed.kind === 'placed') {
      plans.push(merged([placed, told]));
      reportOutcome(deps, message, recipient, 'in-portal', 'placed in the portal');
    } else {
      const held = [{ recipient, reason: placed.reason }];
      plans.push(await holdAll({ loaded, bodies, message, held, now, from: ['pending'] }));
      reportOutcome(deps, message, recipient, 'held', placed.reason);
    }
  }
  return plans;
}

const NO_RESULT: Outcome = { kind: 'deferred', status: '4.3.0', reason: 'the attempt gave no result' };

interface OverSmtp {
  /** Of the recipients; the others share its domain, stream and protection. */
  readonly first: StoredRecipient;
  readonly method: Method;
  readonly copy: Extract<OutboundCopy, { readonly kind: 'smtp' }>;
  readonly underway: Underway;
  /** The least TLS level at the moment. */
  readonly least: () => Promise<ReachedTlsLevel>;
}

/** Sends the copy to the recipients' servers, and removes it. Leaves out who was overtaken or ended. */
async function overSmtp(
  deps: JobDeps,
  message: StoredMessage,
  recipients: readonly StoredRecipient[],
  { first, method, copy, underway, least }: OverSmtp,
): Promise<readonly Settled[]> {
  const { config } = deps.loaded();
  const { domain, stream } = first;
  const { dispose } = copy;
  const { place, recheck, seen } = underway;
  const route = routeFor(config, domain, stream);
  // That of the recipients before these, whose copy was another.
  await place.closed();
  const shipped = ship(deps.transport, {
    message,
    recipients,
    copy: withLoopField(copy, message.id, deps.loopKey),
    connectionKey: connectionKey(config, domain, stream),
    sourceAddresses: streamSettings(config, stream ?? DEFAULT_STREAM).sourceAddresses,
    domain,
    route,
    least,
    configuredTls: method === 'tls',
    onTls: servesRecipients(route) ? seen.see : () => undefined,
    onClosing: place.closing,
    overtaken: recheck.overtaken,
    headersOnly: method !== 'plain' || first.decision?.protected === true,
  });
  const results = await shipped.finally(() => dispose?.());
  const settled = recipients.flatMap((recipient, i): Settled[] => {
    const outcome = results[i] ?? NO_RESULT;
    return outcome === 'overtaken' ? [] : [{ recipient, outcome }];
  });
  return withoutEnded(deps, message, recheck, settled);
}

/** Of whom somebody has ended meanwhile nothing is recorded any more but that a server has taken the message. */
async function withoutEnded(
  deps: JobDeps,
  message: StoredMessage,
  recheck: Recheck,
  settled: readonly Settled[],
): Promise<readonly Settled[]> {
  const failed = settled.filter(({ outcome }) => outcome.kind !== 'delivered');
  if (failed.length === 0) return settled;
  try {
    const ended = await recheck.ended(failed.map(({ recipient }) => recipient));
    if (ended === undefined) return settled;
    return settled.filter(
      ({ recipient, outcome }) => outcome.kind === 'delivered' || !ended.includes(recipient),
    );
  } catch (error) {
    // What has arrived must be recorded all the same.
    logInternalError(deps.log, message.id, error);
    return settled;
  }
}
