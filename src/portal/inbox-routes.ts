import { enrolmentOf } from './access.js';
import { attachmentDisposition, safeMediaType } from './file-name.js';
import { itemRoutes } from './item-visit.js';
import { CONTENT_CSP, type PortalServer } from './server.js';
import { type Front, pathPart, type Site, sendPage } from './site.js';
import type { Texts } from './texts.js';
import { dateText, timeText } from './time-text.js';
import { opens } from './ways/proofs.js';

/** Headers of everything that comes out of a mail: fenced, framed by our own pages at most. */
const CONTENT = {
  helmet: { contentSecurityPolicy: CONTENT_CSP, xFrameOptions: { action: 'sameorigin' } },
} as const;

/** The pages behind signing in: the list, a message, its HTML body, attachments, the original. */
export function inboxRoutes(server: PortalServer, site: Site, front: Front): void {
  const item = itemRoutes(site, front);

  server.get(
    '/inbox',
    front.onSession(async (visit) => {
      const { session, language, now } = visit;
      const enrolment = await enrolmentOf(site, session.recipient);
      const items = await site.portal.items({
        recipient: session.recipient,
        states: ['waiting', 'picked-up'],
        limit: MOST_LISTED,
      });
      const messages = items
        .filter((one) => one.expiresAt > now)
        .map((one) => ({
          href: `/inbox/${one.id}`,
          from: one.sender === '' ? site.loaded.config.organisation.name : one.sender,
          received: timeText(one.createdAt, language),
          until: timeText(one.expiresAt, language),
          unread: one.state === 'waiting',
          locked: !opens(one, session, enrolment),
        }));
      return sendPage(visit.reply, 200, site.pages.page('inbox', front.context(visit), { messages }));
    }),
  );

  server.get(
    '/inbox/:item',
    item.onItem(async (visit) => {
      const { t, reply, path, language } = visit;
      const message = await item.rendered(visit, (bytes) => site.renderer.render(bytes));
      const original = `${path}/message.eml`;
      const context = front.context(visit, visit.item.sender);
      if (message === undefined)
        return sendPage(reply, 200, site.pages.page('unreadable', context, { original }));
      const html = site.pages.page('message', context, {
        message: {
          ...message,
          ...(message.date === undefined ? {} : { date: dateText(message.date, language) }),
        },
        attachments: message.attachments.map(({ index, fileName, mediaType, size }) => ({
          href: `${path}/attachments/${index}`,
          fileName: fileName === '' ? t('message.attachment', { number: index + 1 }) : fileName,
          mediaType: safeMediaType(mediaType),
          size: inUnits(size, t),
        })),
        frame: `${path}/html`,
        original,
        until: timeText(visit.item.expiresAt, language),
      });
      if (!(await item.mayShow(visit, { kind: 'page' }))) return item.tooLate(visit);
      return sendPage(reply, 200, html);
    }),
  );

  server.get(
    '/inbox/:item/html',
    CONTENT,
    item.onItem(async (visit) => {
      const message = await item.rendered(visit, (bytes) => site.renderer.render(bytes));
      if (message?.html === undefined) return front.closed(visit, 'no such page', visit.item);
      if (!(await item.mayShow(visit, { kind: 'html' }))) return item.tooLate(visit);
      return sendPage(visit.reply, 200, `${FRAME_HEAD}${message.html}`);
    }),
  );

  server.get(
    '/inbox/:item/attachments/:index',
    CONTENT,
    item.onItem(async (visit) => {
      const number = pathPart(visit.request, 'index');
      if (!/^\d{1,5}$/.test(number)) return front.closed(visit, 'no such attachment', visit.item);
      const index = Number(number);
      const attachment = await item.rendered(visit, (bytes) => site.renderer.attachment(bytes, index));
      if (attachment === undefined)
        return sendPage(
          visit.reply,
          404,
          site.pages.text(front.context(visit, visit.item.sender), {
            title: 'no-attachment.title',
            paragraphs: ['no-attachment.what'],
            back: { href: visit.path, label: 'message.back' },
          }),
        );
      if (!(await item.mayShow(visit, { kind: 'attachment', index }))) return item.tooLate(visit);
      return visit.reply
        .header('content-disposition', attachmentDisposition(attachment.fileName))
        .type(safeMediaType(attachment.mediaType))
        .send(asBuffer(attachment.bytes));
    }),
  );

  server.get(
    '/inbox/:item/message.eml',
    CONTENT,
    item.onItem(async (visit) => {
      if (!(await item.mayShow(visit, { kind: 'original' }))) return item.tooLate(visit);
      return visit.reply
        .header('content-disposition', attachmentDisposition('message.eml'))
        .header('content-length', visit.body.size)
        .type('message/rfc822')
        .send(site.bodies.open(visit.body));
    }),
  );
}

const MOST_LISTED = 500;

/** Before the mail's own HTML; the base colour is fixed because mails assume a white page. */
const FRAME_HEAD =
  '<!doctype html><meta charset="utf-8"><meta name="referrer" content="no-referrer"><meta name="viewport" content="width=device-width, initial-scale=1"><style>body{background:#fff;color:#000;font-family:sans-serif;overflow-wrap:anywhere}</style>';

/** The same memory as a Buffer, not a copy: attachments are large. */
function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function inUnits(bytes: number, t: Texts): string {
  if (bytes < 1024) return t('size.bytes', { count: bytes });
  return bytes < 1024 ** 2 ? `${Math.ceil(bytes / 1024)} KB` : `${(bytes / 1024 ** 2).toFixed(1)} MB`;
}
