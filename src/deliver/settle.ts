import { type AuditEvent, auditEvent } from '../audit/events.js';
import type { LoadedConfig } from '../config/load.js';
import type { RouteConfig } from '../config/schema.js';
import type { StoredMessage, StoredRecipient } from '../model/message.js';
import type { Method, ReachedTlsLevel } from '../model/method.js';
import type { BodyStore, RecipientChange } from '../store/ports.js';
import { type Bounced, bounceAll, notify } from './bounce.js';
import type { DsnReport } from './dsn.js';
import { dsnWanted } from './dsn-wanted.js';
import { type Held, holdAll } from './hold.js';
import { noticeTarget } from './notice-target.js';
import type { Outcome } from './outcome.js';
import { nextMethod } from './permit.js';
import { merged, type Planned } from './planned.js';
import { retryDelay } from './schedule.js';
import { suppressing } from './suppressed.js';
import { CODE_HELD, type Floor } from './tls-floor.js';

export interface Settled {
  readonly recipient: StoredRecipient;
  readonly outcome: Outcome;
}

export interface SettleInput {
  readonly loaded: LoadedConfig;
  readonly bodies: Pick<BodyStore, 'seal' | 'open'>;
  readonly message: StoredMessage;
  readonly method: Method;
  readonly route: RouteConfig | undefined;
  readonly floor: Floor;
  /** The highest TLS level that the attempt saw at servers of the recipients' domains, whatever came of it. */
  readonly seen: ReachedTlsLevel;
  readonly results: readonly Settled[];
  readonly now: number;
  readonly random: () => number;
}

/** What becomes of each recipient. `bounced` is given back, because a bounced pickup notice has consequences. */
export interface Settlement extends Planned {
  readonly bounced: readonly Bounced[];
}

/** Where the recipients of one attempt go; filled one by one. */
interface Sorted {
  readonly plain: Planned[];
  readonly bounced: Bounced[];
  readonly held: Held[];
  readonly reports: DsnReport[];
}

/** Turns the outcomes of an attempt into one change, its events and the mail that tells of it. */
export async function settle(input: SettleInput): Promise<Settlement> {
  const { message, now } = input;
  const out: Sorted = { plain: [], bounced: [], held: [], reports: [] };
  const { plain, bounced, held, reports } = out;
  for (const { recipient, outcome } of input.results) {
    switch (outcome.kind) {
      case 'delivered':
        plain.push(delivered(input, recipient, outcome));
        if (
          !outcome.dsnPassedOn &&
          dsnWanted(noticeTarget(input.loaded.config, message), recipient, 'relayed')
        )
          reports.push({
            recipient,
            action: 'relayed',
            status: '2.0.0',
            reason: 'handed on',
            host: outcome.host,
          });
        break;
      case 'refused':
        bounced.push({ recipient, ...outcome });
        break;
      case 'unusable':
        leaveMethod(input, recipient, outcome, out);
        break;
      case 'deferred':
        if (tlsFailedTooLong(input, recipient, outcome))
          leaveMethod(input, recipient, { ...outcome, kind: 'unusable', why: 'tls' }, out);
        else deferOrGiveUp(input, recipient, withLevel(input.floor, outcome), out);
        break;
    }
  }
  if (bounced.length > 0) plain.push(await bounceAll({ ...input, bounced, from: ['pending'] }));
  plain.push(suppressing(input.loaded, message, input.results.flatMap(refusedOnly), now));
  if (held.length > 0) {
    // A code is of no use once it expired, so its hold ends with it; other holds last as configured.
    const until = message.origin === 'access-code' ? (held[0]?.recipient.expiresAt ?? now) : undefined;
    plain.push(
      await holdAll({ ...input, held, from: ['pending'], ...(until === undefined ? {} : { until }) }),
    );
  }
  if (reports.length > 0) {
    const notice = await notify(input, reports);
    plain.push({ change: { create: notice.create }, events: [...notice.events] });
  }
  const { change, events } = merged([...plain, remembered(input)]);
  return { change, events, bounced };
}

function refusedOnly({ recipient, outcome }: Settled) {
  return outcome.kind === 'refused' ? [{ recipient, outcome }] : [];
}

/** In the same change as the outcomes: no later attempt may find less than this one saw. */
function remembered({ seen, results, now }: SettleInput): Planned {
  const domains = seen === 'none' ? [] : [...new Set(results.map(({ recipient }) => recipient.domain))];
  return {
    change: { rememberTls: domains.map((domain) => ({ domain, level: seen, at: now })) },
    events: [],
  };
}

function delivered(
  input: SettleInput,
  recipient: StoredRecipient,
  outcome: Extract<Outcome, { kind: 'delivered' }>,
): Planned {
  const { route } = input;
  return {
    change: {
      recipients: [
        changed(recipient, {
          state: 'delivered',
          nextAttemptAt: null,
          expiresAt: null,
          tlsFailingSince: null,
          lastStatus: null,
          lastReason: null,
        }),
      ],
    },
    events: [
      auditEvent('recipient.delivered', {
        messageId: input.message.id,
        recipient: recipient.address,
        method: input.method,
        host: outcome.host,
        hostAddress: outcome.hostAddress,
        replyCode: outcome.replyCode,
        tls: outcome.tls,
        ...(route === undefined ? {} : { route: route.name }),
        ...(route?.onward_tls_owner === undefined ? {} : { onwardTlsOwner: route.onward_tls_owner }),
        attempt: recipient.attempts + 1,
        ...(recipient.throttledMs === undefined ? {} : { throttledMs: recipient.throttledMs }),
      }),
    ],
  };
}

/** A reason of key, encryption or TLS policy: the next allowed method, else a hold (DESIGN "Deciding"). */
function leaveMethod(
  input: SettleInput,
  recipient: StoredRecipient,
  outcome: Extract<Outcome, { kind: 'unusable' }>,
  out: Sorted,
): void {
  const { message, method, floor, now } = input;
  const about = outcome.host === undefined ? {} : { host: outcome.host };
  if (outcome.why === 'tls' && floor.short === 'hold-code') {
    const { decision } = recipient;
    out.held.push({
      recipient,
      reason: `${CODE_HELD}: ${outcome.reason}`,
      ...(decision === undefined ? {} : { decision: { ...decision, holdReason: CODE_HELD } }),
    });
    return;
  }
  // Methods without a demand of TLS are never left for reasons of TLS, whatever is in the order.
  if (outcome.why === 'tls' && floor.short === 'defer') {
    const { reason } = outcome;
    const deferred = withLevel(floor, {
      kind: 'deferred',
      status: '4.7.5',
      reason,
      tlsFailing: true,
      ...about,
    });
    deferOrGiveUp(input, recipient, deferred, out);
    return;
  }
  const next =
    recipient.decision === undefined
      ? undefined
      : nextMethod(recipient.decision, method, { keepStrength: outcome.keepStrength === true });
  if (next === undefined) {
    out.held.push({ recipient, reason: `no allowed method is left: ${outcome.reason}`, status: '4.7.5' });
    return;
  }
  out.plain.push({
    change: {
      recipients: [
        changed(recipient, {
          method: next,
          nextAttemptAt: now,
          tlsFailingSince: null,
          lastStatus: '4.7.5',
          lastReason: outcome.reason,
        }),
      ],
    },
    events: [
      auditEvent('recipient.method-changed', {
        messageId: message.id,
        recipient: recipient.address,
        from: method,
        to: next,
        reason: outcome.reason,
      }),
    ],
  });
}

type Deferred = Extract<Outcome, { kind: 'deferred' }>;

/** Says that a level seen before keeps our own mail back, so that a reader knows what resetting it would change. */
function withLevel(floor: Floor, outcome: Deferred): Deferred {
  if (outcome.tlsFailing !== true || floor.short !== 'defer' || floor.least === 'none') return outcome;
  return { ...outcome, reason: `below the TLS level seen before (${floor.least}); ${outcome.reason}` };
}

function tlsFailedTooLong(input: SettleInput, recipient: StoredRecipient, outcome: Deferred): boolean {
  const patience = tlsPatience(input, recipient);
  if (outcome.tlsFailing !== true || patience === undefined) return false;
  return input.now - (recipient.tlsFailingSince ?? input.now) >= patience;
}

/** Milliseconds that TLS may fail in ways that may pass before it counts as not offered; undefined: without end. */
function tlsPatience(
  { floor, loaded, message }: SettleInput,
  recipient: StoredRecipient,
): number | undefined {
  const { tls_fallback_after } = loaded.config.delivery;
  switch (floor.short) {
    case 'next-method':
      return tls_fallback_after;
    case 'hold-code': {
      // A code soon expires: a person must hear of it while it is still of use.
      const lifetime = (recipient.expiresAt ?? message.receivedAt) - message.receivedAt;
      return Math.min(tls_fallback_after, lifetime / 3);
    }
    case 'defer':
      return undefined;
  }
}

function deferOrGiveUp(input: SettleInput, recipient: StoredRecipient, outcome: Deferred, out: Sorted): void {
  const { message, now } = input;
  const { delivery } = input.loaded.config;
  const attempt = recipient.attempts + 1;
  const expiresAt = recipient.expiresAt ?? message.receivedAt + delivery.lifetime;
  if (now >= expiresAt) {
    out.bounced.push({
      recipient,
      status: '4.4.7',
      reason: `given up after ${attempt} attempts; the last: ${outcome.reason}`,
      ...(outcome.host === undefined ? {} : { host: outcome.host }),
    });
    return;
  }
  const failingSince = outcome.tlsFailing === true ? (recipient.tlsFailingSince ?? now) : undefined;
  // Tried once more at the very end, and when the patience with failing TLS ends.
  const bounds = [now + retryDelay(attempt, delivery, input.random), expiresAt];
  const patience = tlsPatience(input, recipient);
  if (failingSince !== undefined && patience !== undefined) bounds.push(failingSince + patience);
  const nextAttemptAt = Math.max(now + 1, Math.min(...bounds));
  // Time that a throttle took is no delay that anybody must be warned of.
  const tried = now - message.receivedAt - (recipient.throttledMs ?? 0);
  const warn = recipient.delayWarnedAt === undefined && tried >= delivery.delay_warning;
  if (warn && dsnWanted(noticeTarget(input.loaded.config, message), recipient, 'delayed')) {
    const { status, reason, host } = outcome;
    out.reports.push({
      recipient,
      action: 'delayed',
      status,
      reason,
      ...(host === undefined ? {} : { host }),
      retriedUntil: expiresAt,
    });
  }
  const events: AuditEvent[] = [
    auditEvent('recipient.deferred', {
      messageId: message.id,
      recipient: recipient.address,
      method: input.method,
      attempt,
      nextAttemptAt,
      status: outcome.status,
      reason: outcome.reason,
      ...(outcome.tls === undefined ? {} : { tls: outcome.tls }),
      ...(outcome.host === undefined ? {} : { host: outcome.host }),
    }),
  ];
  out.plain.push({
    change: {
      recipients: [
        changed(recipient, {
          nextAttemptAt,
          lastStatus: outcome.status,
          lastReason: outcome.reason,
          ...tlsTrouble(outcome, failingSince),
          ...(warn ? { delayWarnedAt: now } : {}),
        }),
      ],
    },
    events,
  });
}

/** Where it was put off inside TLS of the level wanted, no trouble of before lasts; where TLS wasn't reached, nothing is known. */
function tlsTrouble(outcome: Deferred, failingSince: number | undefined): RecipientChange['set'] {
  if (failingSince !== undefined) return { tlsFailingSince: failingSince };
  return outcome.tls === undefined ? {} : { tlsFailingSince: null };
}

function changed(recipient: StoredRecipient, set: RecipientChange['set']): RecipientChange {
  return { key: { messageId: recipient.messageId, index: recipient.index }, from: ['pending'], set };
}
