import type { Readable } from 'node:stream';
import { type AuditEvent, auditEvent } from '../audit/events.js';
import type { SealedBody } from '../model/message.js';
import type { PortalItem } from '../model/portal-item.js';
import type { BodyStore, PortalStore, QueueStore } from '../store/ports.js';
import { about } from './sign-in.js';

/** What is about to be shown. */
export type View =
  | { readonly kind: 'page' | 'html' | 'original' }
  | { readonly kind: 'attachment'; readonly index: number };

/**
 * Records that content is about to be shown; the caller shows it only after this has resolved. The first time it also
 * ends the recipient as `picked-up`, in the same commit.
 * @throws StoreUnavailable
 */
export async function commitRead(
  deps: { readonly portal: Pick<PortalStore, 'record'>; readonly queue: Pick<QueueStore, 'apply'> },
  item: PortalItem,
  view: View,
  clientAddress: string,
  now: number,
): Promise<void> {
  const event: AuditEvent =
    view.kind === 'attachment'
      ? auditEvent('portal.attachment-read', { ...about(item, clientAddress), part: String(view.index) })
      : auditEvent('portal.message-read', { ...about(item, clientAddress), view: view.kind });
  if (item.state !== 'waiting') return deps.portal.record([event]);
  await deps.queue.apply(
    {
      recipients: [
        {
          key: { messageId: item.messageId, index: item.recipientIndex },
          from: ['in-portal'],
          set: { state: 'picked-up' },
        },
      ],
      changePortalItems: [{ id: item.id, from: ['waiting'], state: 'picked-up', firstReadAt: now }],
    },
    [event],
  );
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
  const chunks: Uint8Array[] = [];
  let size = 0;
  const stream: Readable = bodies.open(body);
  for await (const chunk of stream) {
    const bytes: unknown = chunk;
    if (!(bytes instanceof Uint8Array)) throw new TypeError('a body stream gave something other than bytes');
    size += bytes.length;
    if (size > limit) throw new RangeError('the message is larger than the portal renders');
    chunks.push(bytes);
  }
  return Buffer.concat(chunks, size);
}
