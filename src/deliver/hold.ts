import { type AuditEvent, auditEvent } from '../audit/events.js';
import type { LoadedConfig } from '../config/load.js';
import type { Decision } from '../model/decision.js';
import type { RecipientState, StoredMessage, StoredRecipient } from '../model/message.js';
import type { BodyStore } from '../store/ports.js';
import { holdNotices } from './hold-notice.js';
import type { Planned } from './planned.js';

/** One recipient to be held, and why (no PHI). */
export interface Held {
  readonly recipient: StoredRecipient;
  readonly reason: string;
  /** Kept with the row; absent: the row keeps its own. */
  readonly decision?: Decision;
  /** RFC 3463 status of what led here. */
  readonly status?: string;
  /** It was held for the same reason before: nobody is told again. */
  readonly told?: boolean;
  /** Its hold never outlives this (epoch milliseconds). */
  readonly until?: number;
}

/** The change, with events and notices, for decisions that hold recipients of one message. */
export function holdDecided(input: {
  readonly loaded: LoadedConfig;
  readonly bodies: Pick<BodyStore, 'seal'>;
  readonly message: StoredMessage;
  readonly held: readonly { readonly recipient: StoredRecipient; readonly decision: Decision }[];
  readonly now: number;
}): Promise<Planned> {
  const held = input.held.map(({ recipient, decision }) => ({
    recipient,
    decision,
    reason: decision.holdReason ?? 'no allowed method can reach this recipient',
    ...heldBefore(recipient, decision),
  }));
  return holdAll({ ...input, held, from: ['received'] });
}

/** What is decided anew and held again has no more time than before. */
function heldBefore(recipient: StoredRecipient, decision: Decision): Pick<Held, 'told' | 'until'> {
  if (recipient.decision === undefined || recipient.expiresAt === undefined) return {};
  const told =
    recipient.decision.holdReason === decision.holdReason &&
    recipient.decision.demand.release === decision.demand.release;
  return { told, until: recipient.expiresAt };
}

/** Holds recipients of one message, with one notice to each reader. */
export async function holdAll(input: {
  readonly loaded: LoadedConfig;
  readonly bodies: Pick<BodyStore, 'seal'>;
  readonly message: StoredMessage;
  readonly held: readonly Held[];
  readonly now: number;
  readonly from?: readonly RecipientState[];
  /** A hold never outlives this (epoch milliseconds). */
  readonly until?: number;
}): Promise<Planned> {
  const { message, held, now } = input;
  const latest = Math.min(
    now + input.loaded.config.delivery.hold_lifetime,
    input.until ?? Number.POSITIVE_INFINITY,
  );
  const endOf = ({ until }: Held) => Math.min(latest, until ?? latest);
  const untold = held.filter((one) => one.told !== true);
  const notices =
    untold.length === 0
      ? []
      : await holdNotices(
          { ...input, held: untold, expiresAt: Math.min(...untold.map(endOf)) },
          input.bodies,
        );
  const events: AuditEvent[] = held.map((one) =>
    auditEvent('recipient.held', {
      messageId: message.id,
      recipient: one.recipient.address,
      reason: one.reason,
      expiresAt: endOf(one),
    }),
  );
  for (const notice of notices) {
    events.push(
      auditEvent('notice.queued', {
        messageId: message.id,
        noticeId: notice.message.id,
        kind: 'hold-notice',
        recipient: notice.recipients[0]?.address ?? '',
      }),
    );
  }
  return {
    change: {
      recipients: held.map((one) => ({
        key: { messageId: one.recipient.messageId, index: one.recipient.index },
        from: input.from ?? ['received', 'pending'],
        set: {
          state: 'held',
          ...(one.decision === undefined ? {} : { decision: one.decision }),
          nextAttemptAt: null,
          expiresAt: endOf(one),
          tlsFailingSince: null,
          lastStatus: one.status ?? null,
          lastReason: one.reason,
        },
      })),
      create: notices,
    },
    events,
  };
}
