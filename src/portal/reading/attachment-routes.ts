import { attachmentDisposition, safeMediaType } from '../file-name.js';
import type { ItemRoutes, ItemVisit } from '../item-visit.js';
import type { DrawnPage } from '../renderer.js';
import { type PortalServer, PREVIEW_CSP } from '../server.js';
import { type Front, pathPart, type Site, sendPage } from '../site.js';
import { archiveOf } from './archive.js';
import { CONTENT } from './content-page.js';

/** Pixels of a page's picture at most: sharp on a phone held sideways, and a page of paper at 145 dots an inch. */
const PREVIEW_SIZE = { maxWidth: 1200, maxHeight: 1700 } as const;

/** Attachments: each as a file, all in an archive, and pages of some as pictures. */
export function attachmentRoutes(server: PortalServer, site: Site, front: Front, item: ItemRoutes): void {
  const missing = (visit: ItemVisit) =>
    sendPage(
      visit.reply,
      404,
      site.pages.text(front.context(visit, visit.item.sender), {
        title: 'no-attachment.title',
        paragraphs: ['no-attachment.what'],
        back: { href: visit.path, label: 'message.back' },
      }),
    );

  server.get(
    '/inbox/:item/attachments/:index',
    CONTENT,
    item.onItem(async (visit) => {
      const index = numberIn(visit, 'index');
      if (index === undefined) return front.closed(visit, 'no such attachment', visit.item);
      if (!(await front.acceptsDownload(visit))) return visit.reply;
      const attachment = await item.rendered(visit, (bytes) => site.renderer.attachment(bytes, index));
      if (attachment === undefined) return missing(visit);
      if (!(await item.mayShow(visit, { kind: 'attachment', index }))) return item.tooLate(visit);
      return visit.reply
        .header('content-disposition', attachmentDisposition(attachment.fileName))
        .type(safeMediaType(attachment.mediaType))
        .send(asBuffer(attachment.bytes));
    }),
  );

  server.get(
    '/inbox/:item/attachments.zip',
    CONTENT,
    item.onItem(async (visit) => {
      if (!(await front.acceptsDownload(visit))) return visit.reply;
      const files = await item.rendered(visit, (bytes) => site.renderer.attachments(bytes));
      if (files === undefined || files.length === 0) return missing(visit);
      const indexes = files.map((_, index) => index);
      if (!(await item.mayShow(visit, { kind: 'archive', indexes }))) return item.tooLate(visit);
      return visit.reply
        .header('content-disposition', attachmentDisposition('attachments.zip'))
        .type('application/zip')
        .send(archiveOf(files, visit.item.createdAt));
    }),
  );

  server.get(
    '/inbox/:item/attachments/:index/preview/:page',
    { helmet: { contentSecurityPolicy: PREVIEW_CSP } },
    item.onItem(async (visit) => {
      const index = numberIn(visit, 'index');
      const number = numberIn(visit, 'page');
      if (index === undefined || number === undefined || number < 1)
        return front.closed(visit, 'no such page', visit.item);
      const wish = { ...PREVIEW_SIZE, page: number - 1 };
      if (!(await front.acceptsDownload(visit))) return visit.reply;
      const drawn = await item.rendered(visit, (bytes) => site.renderer.preview(bytes, index, wish));
      if (drawn === undefined || drawn.preview.status === 'no-page') return missing(visit);
      const { fileName, preview } = drawn;
      const html = site.pages.page('preview', front.context(visit, visit.item.sender), {
        fileName,
        number,
        download: `${visit.path}/attachments/${index}`,
        back: visit.path,
        ...(preview.status === 'drawn'
          ? pictureOf(preview, `${visit.path}/attachments/${index}/preview`, number)
          : {}),
      });
      if (preview.status !== 'drawn') return sendPage(visit.reply, 200, html);
      if (!(await item.mayShow(visit, { kind: 'preview', index, page: number }))) return item.tooLate(visit);
      return sendPage(visit.reply, 200, html);
    }),
  );
}

/** The picture is within the page, so that it exists nowhere else and showing it is one access. */
function pictureOf(page: DrawnPage, path: string, number: number) {
  const { png, width, height, pages } = page;
  return {
    picture: {
      source: `data:image/png;base64,${asBuffer(png).toString('base64')}`,
      width,
      height,
      pages,
      ...(number > 1 ? { previous: `${path}/${number - 1}` } : {}),
      ...(number < pages ? { next: `${path}/${number + 1}` } : {}),
    },
  };
}

function numberIn(visit: ItemVisit, name: string): number | undefined {
  const text = pathPart(visit.request, name);
  return /^\d{1,5}$/.test(text) ? Number(text) : undefined;
}

/** The same memory as a Buffer, not a copy: attachments are large. */
function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
