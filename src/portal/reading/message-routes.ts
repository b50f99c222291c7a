import { CONTENT, contentDocument } from '../../web/content-page.js';
import { attachmentDisposition } from '../../web/file-name.js';
import type { WebServer } from '../../web/server.js';
import type { ItemRoutes, ItemVisit } from '../item-visit.js';
import type { RenderedMessage } from '../renderer.js';
import { type Front, type Site, seeOther, sendPage } from '../site.js';
import { dateText, timeText } from '../time-text.js';
import type { ReadingOnce } from './reading-once.js';
import { sizeText } from './size-text.js';
import { typeText } from './type-text.js';

/** One message: its page, its HTML in a document of its own, as text, to print, and the original as a file. */
export function messageRoutes(
  server: WebServer,
  site: Site,
  front: Front,
  item: ItemRoutes,
  reading: ReadingOnce,
): void {
  const rendered = reading.message;
  const tooLate = (visit: ItemVisit) => {
    reading.forget(visit);
    return item.tooLate(visit);
  };
  const context = (visit: ItemVisit) => front.context(visit, visit.item.sender);
  const unreadable = (visit: ItemVisit) =>
    sendPage(
      visit.reply,
      200,
      site.pages.page('unreadable', context(visit), { original: `${visit.path}/message.eml` }),
    );

  server.get(
    '/inbox/:item',
    item.onItem(async (visit) => {
      const { path, reply } = visit;
      const message = await rendered(visit);
      if (message === undefined) return unreadable(visit);
      const html = site.pages.page('message', context(visit), {
        message: withDate(message, visit),
        attachments: attachmentsOf(message, visit),
        ...(message.attachments.length > 1 ? { archive: `${path}/attachments.zip` } : {}),
        frame: `${path}/html`,
        asText: `${path}/text`,
        print: `${path}/print`,
        original: `${path}/message.eml`,
        ...(site.config.reply.enabled ? { reply: `${path}/reply` } : {}),
        until: timeText(visit.item.expiresAt, visit.language),
      });
      if (!(await item.mayShow(visit, { kind: 'page' }))) return tooLate(visit);
      return sendPage(reply, 200, html);
    }),
  );

  server.get(
    '/inbox/:item/html',
    CONTENT,
    item.onItem(async (visit) => {
      const message = await rendered(visit);
      if (message?.html === undefined) return front.closed(visit, 'no such page', visit.item);
      const html = contentDocument(message.html, visit.language, visit.t('message.frame'));
      if (!(await item.mayShow(visit, { kind: 'html' }))) return tooLate(visit);
      return sendPage(visit.reply, 200, html);
    }),
  );

  server.get(
    '/inbox/:item/text',
    item.onItem(async (visit) => {
      const message = await rendered(visit);
      if (message === undefined) return unreadable(visit);
      const html = site.pages.page('message-text', context(visit), {
        message: withDate(message, visit),
        back: visit.path,
      });
      if (!(await item.mayShow(visit, { kind: 'text' }))) return tooLate(visit);
      return sendPage(visit.reply, 200, html);
    }),
  );

  // All of it in one document, because a frame prints no more than it shows; so it is fenced like the frame's.
  server.get(
    '/inbox/:item/print',
    CONTENT,
    item.onItem(async (visit) => {
      const message = await rendered(visit);
      if (message === undefined) return seeOther(visit.reply, visit.path);
      const html = site.pages.page('print', context(visit), {
        message: withDate(message, visit),
        attachments: attachmentsOf(message, visit),
      });
      if (!(await item.mayShow(visit, { kind: 'print' }))) return tooLate(visit);
      return sendPage(visit.reply, 200, html);
    }),
  );

  server.get(
    '/inbox/:item/message.eml',
    CONTENT,
    item.onItem(async (visit) => {
      if (!(await front.acceptsDownload(visit))) return visit.reply;
      if (!(await item.mayShow(visit, { kind: 'original' }))) return tooLate(visit);
      return visit.reply
        .header('content-disposition', attachmentDisposition('message.eml'))
        .header('content-length', visit.body.size)
        .type('message/rfc822')
        .send(site.bodies.open(visit.body));
    }),
  );
}

function withDate(message: RenderedMessage, { language }: ItemVisit): RenderedMessage {
  return message.date === undefined ? message : { ...message, date: dateText(message.date, language) };
}

function attachmentsOf({ attachments }: RenderedMessage, { t, path, language }: ItemVisit) {
  return attachments.map(({ index, fileName, mediaType, size, previewable }) => ({
    href: `${path}/attachments/${index}`,
    fileName: fileName === '' ? t('message.attachment', { number: index + 1 }) : fileName,
    type: typeText(mediaType, t),
    size: sizeText(size, t, language),
    ...(previewable ? { preview: `${path}/attachments/${index}/preview/1` } : {}),
  }));
}
