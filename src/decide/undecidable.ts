import { type AuditEvent, auditEvent } from '../audit/events.js';
import type { Decision } from '../model/decision.js';
import type { StoredMessage, StoredRecipient } from '../model/message.js';
import { SEALED_METHODS } from '../model/method.js';
import { unreadInspection } from '../model/unread-inspection.js';
import type { QueueChange } from '../store/ports.js';
import { auditedInspection } from './inspection-record.js';

/** What holds for decisions at the moment. */
export interface DecidedUnder {
  readonly policyHash: () => string;
  readonly contentNotRead: boolean;
}

/** The decision where there could be none: held, as if every rule had asked for the most. No method is left to it. */
export function undecidable(recipient: StoredRecipient, reason: string, under: DecidedUnder): Decision {
  return {
    recipient: recipient.address,
    demand: { methods: SEALED_METHODS, tls: 'verified', portal: 'code', disposition: 'hold' },
    protected: true,
    order: [],
    rules: [],
    considered: [],
    tags: [],
    holdReason: reason,
    // What was found in them, if anybody looked, is not known here.
    hideMessageIds: true,
    ...(under.contentNotRead && { contentNotRead: true as const }),
    policyHash: under.policyHash(),
    enforcement: 'enforce',
  };
}

/**
 * Holds a message whose decisions could not be carried out, with nothing in the change that could fail again: no
 * notice, no DSN, nothing of the inspection. Left as it was it would wait for ever, and no person could end it.
 * @param expiresAt when the hold becomes a bounce
 */
export function holdUndecidable(
  message: StoredMessage,
  recipients: readonly StoredRecipient[],
  under: DecidedUnder,
  expiresAt: number,
): { readonly change: QueueChange; readonly events: readonly AuditEvent[] } {
  const messageId = message.id;
  const reason = 'an error inside the gateway: its decision could not be carried out';
  const held = recipients.map((recipient) => ({
    recipient,
    decision: undecidable(recipient, reason, under),
  }));
  return {
    change: {
      recipients: held.map(({ recipient, decision }) => ({
        key: { messageId, index: recipient.index },
        from: ['received'],
        set: { state: 'held', decision, expiresAt, nextAttemptAt: null, lastReason: reason },
      })),
      decided: { messageId, subjectShowable: false },
    },
    events: [
      ...(under.contentNotRead
        ? []
        : [
            auditEvent(
              'message.inspected',
              auditedInspection(messageId, unreadInspection('crashed', message.body?.size ?? 0), 0),
            ),
          ]),
      ...held.flatMap(({ recipient, decision }): AuditEvent[] => [
        auditEvent('recipient.decided', { messageId, recipient: recipient.address, decision }),
        auditEvent('recipient.held', { messageId, recipient: recipient.address, reason, expiresAt }),
      ]),
    ],
  };
}
