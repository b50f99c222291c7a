import { type AuditEvent, auditEvent } from '../audit/events.js';
import type { PortalConfig } from '../config/schema.js';
import type { SealedBody } from '../model/message.js';
import type { PortalItem } from '../model/portal-item.js';
import type { BodyStore, PortalStore, QueueStore } from '../store/ports.js';
import { readUpTo } from '../web/read-up-to.js';
import { receiptMail } from './after/receipt.js';
import type { AfterDeps } from './after/to-sender.js';
import { about } from './sign-in.js';

/** What is about to be shown. */
export type View =
  | { readonly kind: 'page' | 'html' | 'text' | 'print' | 'original' | 'reply' }
  | { readonly kind: 'attachment'; readonly index: number }
  /** All attachments in one file. */
  | { readonly kind: 'archive'; readonly indexes: readonly number[] }
  /** One page of an attachment as a picture; `page` from 1. */
  | { readonly kind: 'preview'; readonly index: number; readonly page: number };

function eventsOf(item: PortalItem, view: View, clientAddress: string): AuditEvent[] {
  const access = about(item, clientAddress);
  const attachment = (
    index: number,
    how: { readonly as: 'file' | 'archive' | 'preview'; readonly page?: number },
  ) => auditEvent('portal.attachment-read', { ...access, part: String(index), ...how });
  switch (view.kind) {
    case 'attachment':
      return [attachment(view.index, { as: 'file' })];
    case 'archive':
      return view.indexes.map((index) => attachment(index, { as: 'archive' }));
    case 'preview':
      return [attachment(view.index, { as: 'preview', page: view.page })];
    default:
      return [auditEvent('portal.message-read', { ...access, view: view.kind })];
  }
}

/**
 * Records that content is about to be shown; the caller shows it only after this has resolved. The first time it also
 * ends the recipient as `picked-up`, sends the receipt if one is wanted, and the item ends earlier where it is not to stay
 * so long after; one commit.
 * @throws StoreUnavailable
 */
export async function commitRead(
  deps: {
    readonly portal: Pick<PortalStore, 'record'>;
    readonly queue: Pick<QueueStore, 'apply' | 'message' | 'recipients'>;
    readonly config: Pick<PortalConfig, 'retention_after_pickup'>;
    readonly onQueued: () => void;
  } & AfterDeps,
  item: PortalItem,
  view: View,
  clientAddress: string,
  now: number,
): Promise<void> {
  const events = eventsOf(item, view, clientAddress);
  if (item.state !== 'waiting') return deps.portal.record(events);
  const { retention_after_pickup: retention } = deps.config;
  const message = await deps.queue.message(item.messageId);
  const recipients = await deps.queue.recipients(item.messageId);
  const recipient = recipients.find((one) => one.index === item.recipientIndex);
  const receipt = await receiptMail(deps, message, recipient, item, now);
  const changed = await deps.queue.apply(
    {
      // Of two readings at once, one is the first.
      onlyIfAllApply: true,
      recipients: [
        {
          key: { messageId: item.messageId, index: item.recipientIndex },
          from: ['in-portal'],
          set: { state: 'picked-up' },
        },
      ],
      changePortalItems: [
        {
          id: item.id,
          from: ['waiting'],
          state: 'picked-up',
          firstReadAt: now,
          ...(receipt === undefined ? {} : { receipt: 'sent' as const }),
          ...(retention === undefined ? {} : { expiresAt: now + retention }),
        },
      ],
      create: receipt === undefined ? [] : [receipt.mail],
    },
    [...events, ...(receipt?.events ?? [])],
  );
  if (changed.length === 0) return deps.portal.record(events);
  if (receipt !== undefined) deps.onQueued();
}

/**
 * The whole plain message.
 * @throws RangeError when it is larger than `limit` bytes; whatever the store throws for damaged content
 */
export async function readBody(
  bodies: Pick<BodyStore, 'open'>,
  body: SealedBody,
  limit: number,
): Promise<Uint8Array> {
  if (body.size > limit) throw new RangeError('the message is larger than the portal renders');
  return readUpTo(bodies.open(body), body.size, limit);
}

/** The message's first bytes, `limit` of them at most. Throws whatever the store throws for damaged content. */
export async function readStart(
  bodies: Pick<BodyStore, 'open'>,
  body: SealedBody,
  limit: number,
): Promise<Uint8Array> {
  return readUpTo(bodies.open(body), body.size, limit);
}
