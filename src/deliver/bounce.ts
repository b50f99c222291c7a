import { type AuditEvent, auditEvent } from '../audit/events.js';
import type { LoadedConfig } from '../config/load.js';
import type { Decision } from '../model/decision.js';
import type { RecipientState, StoredMessage, StoredRecipient } from '../model/message.js';
import type { BodyStore, NewMessage } from '../store/ports.js';
import { type DsnReport, dsn } from './dsn.js';
import { dsnWanted } from './dsn-wanted.js';
import { noticeTarget } from './notice-target.js';
import type { Planned } from './planned.js';

/** States from which a recipient can still be ended. */
const OPEN: readonly RecipientState[] = ['received', 'pending', 'held', 'in-portal'];

/** One recipient that is given up. */
export interface Bounced {
  readonly recipient: StoredRecipient;
  /** RFC 3463 status, `5.x.y` or `4.4.7`. */
  readonly status: string;
  /** In our words, or a rule's text for the sender. No PHI. */
  readonly reason: string;
  readonly host?: string;
  readonly replyCode?: number;
  /** It was begun, but nobody was dialled: the attempt doesn't count. */
  readonly untried?: true;
}

/**
 * The change, with its events, that bounces one recipient and tells the sender (RFC 3464), if they want to hear.
 * Used for holds that a person rejects.
 */
export function bounceChange(
  input: {
    readonly loaded: LoadedConfig;
    readonly bodies: Pick<BodyStore, 'seal' | 'open'>;
    readonly message: StoredMessage;
    readonly now: number;
    /** Default: any state that isn't an end. */
    readonly from?: readonly RecipientState[];
  } & Bounced,
): Promise<Planned> {
  const { loaded, bodies, message, now, from, ...bounced } = input;
  return bounceAll({
    loaded,
    bodies,
    message,
    now,
    bounced: [bounced],
    ...(from === undefined ? {} : { from }),
  });
}

/** The change, with one DSN for all, for decisions that reject recipients of one message. */
export function rejectDecided(input: {
  readonly loaded: LoadedConfig;
  readonly bodies: Pick<BodyStore, 'seal' | 'open'>;
  readonly message: StoredMessage;
  readonly rejected: readonly { readonly recipient: StoredRecipient; readonly decision: Decision }[];
  readonly now: number;
}): Promise<Planned> {
  const { rejected, ...rest } = input;
  const bounced = rejected.map(({ recipient, decision }) => ({
    // What the DSN may show is for this decision to say, not for one before it.
    recipient: { ...recipient, decision },
    status: '5.7.1',
    reason: decision.rejectText ?? 'refused by policy',
  }));
  return bounceAll({ ...rest, bounced, from: ['received'] });
}

/** As `bounceChange`, for several recipients of one message, with one DSN for all. */
export async function bounceAll(input: {
  readonly loaded: LoadedConfig;
  readonly bodies: Pick<BodyStore, 'seal' | 'open'>;
  readonly message: StoredMessage;
  readonly now: number;
  readonly bounced: readonly Bounced[];
  readonly from?: readonly RecipientState[];
  /** `expired`: it waited in the portal and nobody came. */
  readonly as?: 'bounced' | 'expired';
}): Promise<Planned> {
  const { message, bounced } = input;
  const as = input.as ?? 'bounced';
  const target = noticeTarget(input.loaded.config, message);
  const told = bounced.filter((one) => dsnWanted(target, one.recipient, 'failed'));
  const notice = await notify(
    input,
    told.map((one) => ({ ...one, action: 'failed' })),
  );
  const events: AuditEvent[] = bounced.map(({ recipient, status, reason, host }) =>
    as === 'bounced'
      ? auditEvent('recipient.bounced', {
          messageId: message.id,
          recipient: recipient.address,
          status,
          reason,
          ...(host === undefined ? {} : { host }),
        })
      : auditEvent('recipient.expired', { messageId: message.id, recipient: recipient.address, reason }),
  );
  return {
    change: {
      recipients: bounced.map(({ recipient, status, reason, untried }) => ({
        key: { messageId: recipient.messageId, index: recipient.index },
        from: input.from ?? OPEN,
        set: {
          state: as,
          ...(untried === true ? { attempts: recipient.attempts } : {}),
          nextAttemptAt: null,
          expiresAt: null,
          tlsFailingSince: null,
          lastStatus: status,
          lastReason: reason,
        },
      })),
      create: notice.create,
    },
    events: [...events, ...notice.events],
  };
}

/** The DSN with these reports, ready to be queued; nothing when there are none. */
export async function notify(
  input: {
    readonly loaded: LoadedConfig;
    readonly bodies: Pick<BodyStore, 'seal' | 'open'>;
    readonly message: StoredMessage;
    readonly now: number;
  },
  reports: readonly DsnReport[],
): Promise<{ readonly create: readonly NewMessage[]; readonly events: readonly AuditEvent[] }> {
  const to = noticeTarget(input.loaded.config, input.message);
  if (reports.length === 0 || to === undefined) return { create: [], events: [] };
  const created = await dsn({ ...input, to, reports }, input.bodies);
  return {
    create: [created],
    events: [
      auditEvent('notice.queued', {
        messageId: input.message.id,
        noticeId: created.message.id,
        kind: 'dsn',
        recipient: to,
      }),
    ],
  };
}
