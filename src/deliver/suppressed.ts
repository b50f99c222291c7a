import { auditEvent } from '../audit/events.js';
import type { LoadedConfig } from '../config/load.js';
import type { MessageOrigin, StoredMessage, StoredRecipient } from '../model/message.js';
import type { Suppression } from '../model/suppression.js';
import type { Clock } from '../shared/clock.js';
import { foldAddress } from '../shared/fold-address.js';
import { isOwnDomain } from '../shared/own-domain.js';
import type { SuppressionStore } from '../store/ports.js';
import type { Outcome } from './outcome.js';
import type { Planned } from './planned.js';

/**
 * Statuses that say of the address itself that it takes no mail (RFC 3463 3.2, RFC 7505): no such mailbox, no such domain,
 * moved away, a domain without mail. Not 5.1.0 (other), 5.1.3 (syntax, which may be our mistake), 5.1.7 and 5.1.8 (the
 * sender's address), 5.2.x (full or switched off, which ends), nor anything about policy or content.
 */
const GONE: ReadonlySet<string> = new Set(['5.1.1', '5.1.2', '5.1.6', '5.1.10']);

export function saysGone(status: string): boolean {
  return GONE.has(status);
}

/**
 * Mail that the list stops. Of our own only what invites to the portal: a code or a DSN goes to somebody who has just
 * shown that the address works, or is our own sender, and one mistaken refusal must not silence them.
 */
const STOPPED: ReadonlySet<MessageOrigin> = new Set([
  'submitted',
  'portal-reply',
  'pickup-notice',
  'pickup-reminder',
]);

/** What the suppression list says of recipients. */
export function listedOf(
  deps: {
    readonly suppressions: Pick<SuppressionStore, 'suppressed'>;
    readonly clock: Clock;
  },
  recipients: readonly StoredRecipient[],
): Promise<readonly Suppression[]> {
  return deps.suppressions.suppressed(
    recipients.map((one) => one.address),
    deps.clock.now(),
  );
}

/** Recipients that are not to be tried, by index, each with what the list (`listed`) says of it. */
export function suppressedOf(
  listed: readonly Suppression[],
  message: Pick<StoredMessage, 'origin'>,
  recipients: readonly StoredRecipient[],
): ReadonlyMap<number, Suppression> {
  if (!STOPPED.has(message.origin)) return new Map();
  const byAddress = new Map(listed.map((one) => [one.address, one]));
  return new Map(
    recipients.flatMap((recipient) => {
      const one = byAddress.get(foldAddress(recipient.address));
      return one === undefined ? [] : [[recipient.index, one]];
    }),
  );
}

/** What the sender is told. */
export function suppressedOutcome(
  one: Suppression,
  postmaster: string,
): Extract<Outcome, { kind: 'refused' }> {
  const since = new Date(one.addedAt).toISOString().slice(0, 10);
  return {
    kind: 'refused',
    // Without a refusal to repeat: not allowed here (RFC 3463 3.8, 5.7.1).
    status: one.status ?? '5.7.1',
    reason: `it was not tried, because the address is on the gateway's suppression list since ${since} (${one.reason}); if it is right, ask ${postmaster} to take it off`,
    untried: true,
  };
}

/**
 * Puts addresses on the list of which their servers said that they take no mail. Never those of the organisation itself
 * or a subdomain: a slip of its own server must not cut its people off.
 */
export function suppressing(
  loaded: LoadedConfig,
  message: Pick<StoredMessage, 'id'>,
  refused: readonly {
    readonly recipient: StoredRecipient;
    readonly outcome: Extract<Outcome, { kind: 'refused' }>;
  }[],
  now: number,
): Planned {
  const { delivery, organisation } = loaded.config;
  const { enabled, lasts } = delivery.suppression;
  const suppress = refused.flatMap(({ recipient, outcome }): Suppression[] => {
    if (!enabled || outcome.addressGone !== true || !saysGone(outcome.status)) return [];
    if (isOwnDomain(organisation.domains, recipient.domain)) return [];
    return [
      {
        address: foldAddress(recipient.address),
        reason: outcome.reason,
        status: outcome.status,
        ...(outcome.host === undefined ? {} : { host: outcome.host }),
        messageId: message.id,
        addedAt: now,
        expiresAt: now + lasts,
      },
    ];
  });
  return {
    change: { suppress },
    events: suppress.map((one) =>
      auditEvent('suppression.added', {
        messageId: message.id,
        recipient: one.address,
        reason: one.reason,
        ...(one.status === undefined ? {} : { status: one.status }),
        ...(one.host === undefined ? {} : { host: one.host }),
        ...(one.expiresAt === undefined ? {} : { expiresAt: one.expiresAt }),
      }),
    ),
  };
}
