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
  }));
  return holdAll({ ...input, held, from: ['received'] });
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
  const expiresAt = Math.min(
    now + input.loaded.config.delivery.hold_lifetime,
    input.until ?? Number.POSITIVE_INFINITY,
  );
  const notices = await holdNotices({ ...input, expiresAt }, input.bodies);
  const events: AuditEvent[] = held.map(({ recipient, reason }) =>
    auditEvent('recipient.held', { messageId: message.id, recipient: recipient.address, reason, expiresAt }),
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
      recipients: held.map(({ recipient, reason, decision, status }) => ({
        key: { messageId: recipient.messageId, index: recipient.index },
        from: input.from ?? ['received', 'pending'],
        set: {
          state: 'held',
          ...(decision === undefined ? {} : { decision }),
          nextAttemptAt: null,
          expiresAt,
          tlsFailingSince: null,
          lastStatus: status ?? null,
          lastReason: reason,
        },
      })),
      create: notices,
    },
    events,
  };
}
