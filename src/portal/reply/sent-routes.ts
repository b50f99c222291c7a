import { auditEvent } from '../../audit/events.js';
import type { SealedBody, StoredRecipient } from '../../model/message.js';
import type { PortalItem, PortalReply } from '../../model/portal-item.js';
import { errorFacts } from '../../shared/errors.js';
import { StoreUnavailable } from '../../store/ports.js';
import { CONTENT } from '../../web/content-page.js';
import { attachmentDisposition, safeMediaType } from '../../web/file-name.js';
import type { WebServer } from '../../web/server.js';
import { mayOpen, openedSession } from '../access.js';
import { brandFor } from '../brand.js';
import { sizeText } from '../reading/size-text.js';
import { readBody } from '../reading.js';
import { about } from '../sign-in.js';
import {
  type Front,
  type Handler,
  pathPart,
  type SessionVisit,
  type Site,
  seeOther,
  sendPage,
} from '../site.js';
import { timeText } from '../time-text.js';

/** A visit whose session opens the item that a kept copy of a reply belongs to. */
interface CopyVisit extends SessionVisit {
  readonly kept: PortalReply;
  readonly item: PortalItem;
  readonly body: SealedBody;
  /** `/inbox/sent/<id>` */
  readonly path: string;
}

const MOST_LISTED = 100;

/** One's replies: what became of them, and the copies that one keeps. */
export function sentRoutes(server: WebServer, site: Site, front: Front): void {
  const list = (note?: 'sent.done' | 'sent.deleted') =>
    front.onSession(async (visit) => {
      const { session, language, t, reply, now } = visit;
      const replies = await site.portal.replies(session.recipient, MOST_LISTED);
      const shown = await Promise.all(
        replies.map(async (one) => {
          const recipients = await site.queue.recipients(one.messageId);
          const open = one.body !== undefined && (await mayOpen(site, session, one.itemId, now)).open;
          return {
            sent: timeText(one.createdAt, language),
            recipients: recipients.map(({ address }) => address).join(', '),
            state: stateText(site, visit, (await site.portal.item(one.itemId))?.sender ?? '', recipients),
            ...(open ? { href: `/inbox/sent/${one.id}` } : {}),
          };
        }),
      );
      return sendPage(
        reply,
        200,
        site.pages.page('sent', front.context(visit), {
          replies: shown,
          ...(note === undefined ? {} : { note: t(note) }),
        }),
      );
    });
  server.get('/inbox/sent', list());
  server.get('/inbox/sent/done', list('sent.done'));
  server.get('/inbox/sent/deleted', list('sent.deleted'));

  /** Runs the handler where the session may see the copy; everything else gets the answer of what isn't there. */
  const onCopy = (handler: (visit: CopyVisit) => Promise<unknown>): Handler =>
    front.onSession(async (visit) => {
      const id = pathPart(visit.request, 'reply');
      const kept = await site.portal.reply(id);
      if (kept === undefined || kept.recipient !== visit.session.recipient)
        return front.closed(visit, 'unknown reply');
      const found = await mayOpen(site, visit.session, kept.itemId, visit.now);
      if (!found.open) {
        if (found.wantsMore === true) return seeOther(visit.reply, '/inbox');
        return front.closed(visit, found.reason, found.item);
      }
      if (kept.body === undefined) return front.closed(visit, 'no copy was kept', found.item);
      return handler({ ...visit, kept, item: found.item, body: kept.body, path: `/inbox/sent/${id}` });
    });

  /** Session, item and copy looked at anew: rendering takes time in which any of them may end. */
  const isOpen = async ({ token, kept }: CopyVisit): Promise<boolean> => {
    const now = site.clock.now();
    const session = await openedSession(site, token, now);
    if (session === undefined || (await site.portal.reply(kept.id))?.body === undefined) return false;
    return (await mayOpen(site, session, kept.itemId, now)).open;
  };
  /** The last gate before a copy is shown: it is still open, and the read is on record. */
  const mayShow = async (visit: CopyVisit, part?: string): Promise<boolean> => {
    const { item, client, session, body, reply } = visit;
    const shown = site.showing.enter({ session, item, body, client, view: 'sent', response: reply.raw });
    let begun = false;
    try {
      if (await isOpen(visit)) {
        await recordRead(visit, part);
        begun = shown.begin();
      }
    } finally {
      if (!begun) shown.leave();
    }
    return begun;
  };
  const recordRead = ({ item, client, kept }: CopyVisit, part?: string) =>
    site.portal.record([
      auditEvent('portal.reply-read', {
        ...about(item, client),
        replyId: kept.messageId,
        ...(part === undefined ? {} : { part }),
      }),
    ]);
  const tooLate = (visit: CopyVisit) => front.closed(visit, 'closed while it was being opened', visit.item);

  const rendered = async <T>(visit: CopyVisit, task: (bytes: Uint8Array) => Promise<T>) => {
    try {
      return await site.gates.message(visit.session.recipient, async () =>
        task(await readBody(site.bodies, visit.body, site.renderLimit)),
      );
    } catch (cause) {
      if (cause instanceof StoreUnavailable) throw cause;
      // Nothing was shown, so nothing is weaker.
      site.log.warn({ item: visit.item.id, ...errorFacts(cause) }, 'a reply could not be rendered');
      return undefined;
    }
  };

  server.get(
    '/inbox/sent/:reply',
    onCopy(async (visit) => {
      const { reply, language, t, kept, path } = visit;
      const message = await rendered(visit, (bytes) => site.renderer.render(bytes));
      const recipients = await site.queue.recipients(kept.messageId);
      const html = site.pages.page('sent-message', front.context(visit, visit.item.sender), {
        recipients: recipients.map(({ address }) => address).join(', '),
        sent: timeText(kept.createdAt, language),
        state: stateText(site, visit, visit.item.sender, recipients),
        unreadable: message === undefined,
        ...(message === undefined ? {} : { subject: message.subject }),
        ...(message?.text === undefined ? {} : { text: message.text }),
        attachments: (message?.attachments ?? []).map(({ index, fileName, size }) => ({
          href: `${path}/attachments/${index}`,
          fileName,
          size: sizeText(size, t, language),
        })),
        remove: front.form(visit, `${path}/delete`),
      });
      if (!(await mayShow(visit))) return tooLate(visit);
      return sendPage(reply, 200, html);
    }),
  );

  server.get(
    '/inbox/sent/:reply/attachments/:index',
    CONTENT,
    onCopy(async (visit) => {
      const text = pathPart(visit.request, 'index');
      if (!/^(?:0|[1-9]\d{0,4})$/.test(text)) return front.closed(visit, 'no such attachment', visit.item);
      if (!(await front.acceptsDownload(visit))) return visit.reply;
      const attachment = await rendered(visit, (bytes) => site.renderer.attachment(bytes, Number(text)));
      if (attachment === undefined) return front.closed(visit, 'no such attachment', visit.item);
      if (!(await mayShow(visit, text))) return tooLate(visit);
      const { bytes, fileName, mediaType } = attachment;
      return visit.reply
        .header('content-disposition', attachmentDisposition(fileName))
        .type(safeMediaType(mediaType))
        .send(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
    }),
  );

  server.post(
    '/inbox/sent/:reply/delete',
    onCopy(async (visit) => {
      const { reply, item, client, kept, session, path } = visit;
      if (!(await front.acceptsForm(visit, path, item))) return reply;
      const files = await site.portal.dropReplyCopy(kept.id, session.recipient, [
        auditEvent('portal.reply-copy-deleted', { ...about(item, client), replyId: kept.messageId }),
      ]);
      // Its key is gone: it can't be read any more, and is removed at the next start.
      for (const file of files === false ? [] : files)
        await site.bodies.remove(file).catch((error: unknown) => {
          site.log.warn({ item: item.id, ...errorFacts(error) }, 'a sealed file could not be removed');
        });
      return seeOther(reply, '/inbox/sent/deleted');
    }),
  );
}

/** What became of a reply, for its writer: who inspects it, and why, is nobody's business outside. */
function stateText(
  site: Site,
  { t }: SessionVisit,
  /** Of the message that was answered: its organisation is the one to ask. */
  sender: string,
  recipients: readonly Pick<StoredRecipient, 'state'>[],
): string {
  const states = new Set(recipients.map(({ state }) => state));
  const has = (...any: readonly StoredRecipient['state'][]) => any.some((state) => states.has(state));
  if (has('bounced', 'ended', 'expired'))
    return t('sent.not-delivered', { organisation: brandFor(site.loaded.config, sender).name });
  if (has('held')) return t('sent.held');
  return has('received', 'pending') ? t('sent.on-its-way') : t('sent.delivered');
}
