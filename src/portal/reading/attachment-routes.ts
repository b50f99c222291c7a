import { buffer } from 'node:stream/consumers';
import { CONTENT } from '../../web/content-page.js';
import { attachmentDisposition, safeMediaType } from '../../web/file-name.js';
import { PREVIEW_CSP, type WebServer } from '../../web/server.js';
import type { ItemRoutes, ItemVisit } from '../item-visit.js';
import type { AttachedFile, DrawnPage, Renderer } from '../renderer.js';
import { type Front, pathPart, type Site, sendPage } from '../site.js';
import { archived, archiveOf } from './archive.js';
import { contentOf, isPlaced } from './file-content.js';
import { createKept } from './kept.js';
import type { ReadingOnce } from './reading-once.js';

/** Pixels of a page's picture at most: sharp on a phone held sideways, and a page of paper at 145 dots an inch. */
const PREVIEW_SIZE = { maxWidth: 1200, maxHeight: 1700 } as const;

const NOT_DRAWN_MS = 5 * 60_000;
const MOST_NOT_DRAWN_BYTES = 1024 * 1024;
/** Bytes, about, of what is kept of one. */
const OF_A_PREVIEW = 200;

type NotDrawn = Exclude<Awaited<ReturnType<Renderer['preview']>>, DrawnPage>;

/**
 * Attachments: each as a file, all in an archive, and pages of some as pictures. One that stands in one piece in its
 * message is read from there alone; for the others the whole message is read, and they wait in memory.
 */
export function attachmentRoutes(
  server: WebServer,
  site: Site,
  front: Front,
  item: ItemRoutes,
  reading: ReadingOnce,
): void {
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
  const tooLate = (visit: ItemVisit) => {
    reading.forget(visit);
    return item.tooLate(visit);
  };
  const asFile = (visit: ItemVisit, { fileName, mediaType }: Pick<AttachedFile, 'fileName' | 'mediaType'>) =>
    visit.reply.header('content-disposition', attachmentDisposition(fileName)).type(safeMediaType(mediaType));
  const asArchive = (visit: ItemVisit) =>
    asFile(visit, { fileName: 'attachments.zip', mediaType: 'application/zip' });
  /** What can't be drawn takes the most time, and asking again changes nothing. */
  const notDrawn = createKept<NotDrawn>(() => OF_A_PREVIEW, NOT_DRAWN_MS, MOST_NOT_DRAWN_BYTES);
  /** Waits for room for what is read of the message, until the answer is over. */
  const room = async ({ body, reply }: ItemVisit) => {
    const leave = await site.room(body.size);
    if (reply.raw.destroyed) leave();
    else reply.raw.once('close', leave);
  };

  server.get(
    '/inbox/:item/attachments/:index',
    CONTENT,
    item.onItem(async (visit) => {
      const index = numberIn(visit, 'index');
      if (index === undefined) return front.closed(visit, 'no such attachment', visit.item);
      if (!(await front.acceptsDownload(visit))) return visit.reply;
      const file = (await reading.files(visit))?.[index];
      if (file === undefined) return missing(visit);
      const view = { kind: 'attachment', index } as const;
      if (isPlaced(file)) {
        if (!(await item.mayShow(visit, view))) return tooLate(visit);
        return asFile(visit, file)
          .header('content-length', file.size)
          .send(contentOf(site, visit.body, file));
      }
      await room(visit);
      const attachment = await item.inTurn(visit, { what: `attachment ${index}` }, async () =>
        site.renderer.attachment(await item.whole(visit), index),
      );
      if (attachment === undefined) return missing(visit);
      if (!(await item.mayShow(visit, view))) return tooLate(visit);
      return asFile(visit, attachment).send(asBuffer(attachment.bytes));
    }),
  );

  server.get(
    '/inbox/:item/attachments.zip',
    CONTENT,
    item.onItem(async (visit) => {
      if (!(await front.acceptsDownload(visit))) return visit.reply;
      const files = await reading.files(visit);
      if (files === undefined || files.length === 0) return missing(visit);
      const view = { kind: 'archive', indexes: files.map((_, index) => index) } as const;
      const time = visit.item.createdAt;
      if (files.every(isPlaced)) {
        if (!(await item.mayShow(visit, view))) return tooLate(visit);
        const parts = files.map((file) => ({
          fileName: file.fileName,
          size: file.size,
          open: () => contentOf(site, visit.body, file),
        }));
        return asArchive(visit).send(archiveOf(parts, time));
      }
      await room(visit);
      const read = await item.inTurn(visit, { what: 'attachments' }, async () =>
        site.renderer.attachments(await item.whole(visit)),
      );
      if (read === undefined || read.length === 0) return missing(visit);
      if (!(await item.mayShow(visit, view))) return tooLate(visit);
      return asArchive(visit).send(archiveOf(read.map(archived), time));
    }),
  );

  /** A page of an attachment; undefined when there is no such attachment, or it can't be read. */
  const draw = async (visit: ItemVisit, index: number, page: number) => {
    const file = (await reading.files(visit))?.[index];
    if (file === undefined) return undefined;
    const wish = { ...PREVIEW_SIZE, page };
    const key = `${visit.item.id} ${index} ${page}`;
    const turn = { what: `preview ${index} ${page}`, gate: 'preview' } as const;
    const preview = await item.inTurn(visit, turn, async () => {
      const known = notDrawn.get(key);
      if (known !== undefined) return known;
      const bytes = isPlaced(file)
        ? await buffer(contentOf(site, visit.body, file))
        : (await site.renderer.attachment(await item.whole(visit), index)).bytes;
      const made = await site.renderer.preview(bytes, wish);
      if (made.status !== 'drawn') notDrawn.put(key, made);
      return made;
    });
    return preview === undefined ? undefined : { fileName: file.fileName, preview };
  };

  server.get(
    '/inbox/:item/attachments/:index/preview/:page',
    { helmet: { contentSecurityPolicy: PREVIEW_CSP } },
    item.onItem(async (visit) => {
      const index = numberIn(visit, 'index');
      const number = numberIn(visit, 'page');
      if (index === undefined || number === undefined || number < 1)
        return front.closed(visit, 'no such page', visit.item);
      if (!(await front.acceptsDownload(visit))) return visit.reply;
      const drawn = await draw(visit, index, number - 1);
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
      if (!(await item.mayShow(visit, { kind: 'preview', index, page: number }))) return tooLate(visit);
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
  return /^(?:0|[1-9]\d{0,4})$/.test(text) ? Number(text) : undefined;
}

/** The same memory as a Buffer, not a copy: attachments are large. */
function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
