import { createKept } from '../../portal/reading/kept.js';
import { sizeText } from '../../portal/reading/size-text.js';
import { typeText } from '../../portal/reading/type-text.js';
import type { RenderedMessage } from '../../portal/renderer.js';
import { texts as portalTexts } from '../../portal/texts.js';
import { dateText } from '../../portal/time-text.js';
import { errorFacts, UserError } from '../../shared/errors.js';
import { StoreUnavailable } from '../../store/ports.js';
import { CONTENT, contentDocument } from '../../web/content-page.js';
import { createDownloads } from '../../web/downloads.js';
import { attachmentDisposition, safeMediaType } from '../../web/file-name.js';
import { readUpTo } from '../../web/read-up-to.js';
import { renderedCache } from '../../web/rendered-cache.js';
import type { WebServer } from '../../web/server.js';
import { type HeldContent, mayShowContent } from '../api.js';
import { NOT_ALLOWED } from './decide-routes.js';
import {
  type Front,
  type Handler,
  type OperatorVisit,
  pathPart,
  type ReviewSite,
  seeOther,
  sendPage,
} from './front.js';
import type { TextPage } from './pages.js';

/** For so long after the button was pressed, content may be loaded without pressing it again. In milliseconds. */
const OPEN_MS = 15 * 60_000;

/** In milliseconds: what can't be read takes the most time, and asking again changes nothing. */
const FAILED_KEPT_MS = 5 * 60_000;
const MOST_FAILED_BYTES = 1024 * 1024;
/** Bytes, about, of what is kept of one. */
const OF_A_FAILURE = 200;

/** The message is held and on record, and can't be rendered; the original can still be saved. */
class Unreadable extends Error {
  override readonly name = 'Unreadable';
}

/** A reviewer who pressed the button for this message, which is still held. */
interface ContentVisit extends OperatorVisit {
  readonly id: string;
  /** `/held/<id>` */
  readonly path: string;
}

/**
 * The content of a held message: shown to reviewers alone, after a button was pressed, and each time that it is read from
 * the store that is on record before anything of it is shown. A page and its frame are one look: both come from one reading.
 */
export function contentRoutes(server: WebServer, site: ReviewSite, front: Front): void {
  const cache = renderedCache();
  const failed = createKept<true>(() => OF_A_FAILURE, FAILED_KEPT_MS, MOST_FAILED_BYTES);
  const beginDownload = createDownloads();
  const keyOf = ({ session, id }: ContentVisit) => `${session.id}\n${id}`;

  /** @throws Unreadable when it can't be read; StoreUnavailable */
  const readContent = async <T>({ size, stream }: HeldContent, read: (bytes: Uint8Array) => Promise<T>) => {
    try {
      if (size > site.renderLimit) throw new RangeError('the message is larger than the review page shows');
      return await read(await readUpTo(stream, size, site.renderLimit));
    } catch (cause) {
      if (cause instanceof StoreUnavailable) throw cause;
      // Whatever a reader says of the message, in whatever kind of error: it is held all the same.
      throw new Unreadable('a held message can not be read', { cause });
    }
  };

  /**
   * What is read out of the message, in turn and after the look was recorded; undefined when it can't be read, now or
   * lately (then nothing is recorded), or nobody waits for it any more. What the API refuses is thrown.
   */
  const inTurn = async <T>(
    visit: ContentVisit,
    what: string,
    read: (bytes: Uint8Array) => Promise<T>,
  ): Promise<T | undefined> => {
    const { actor, id, client } = visit;
    const key = `${id} ${what}`;
    try {
      return await site.gate(async () =>
        failed.get(key) === true || visit.reply.raw.destroyed
          ? undefined
          : site.api.content(actor, id, client, (content) => readContent(content, read)),
      );
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      failed.put(key, true);
      site.log.warn({ id, ...errorFacts(error.cause) }, 'a held message could not be rendered');
      return undefined;
    }
  };

  const unreadable = (visit: ContentVisit, status: number, paragraph: TextPage['paragraphs'][number]) =>
    sendPage(
      visit.reply,
      status,
      site.pages.text(front.context(visit), {
        title: 'unreadable.title',
        paragraphs: [paragraph],
        back: { href: `${visit.path}/message.eml`, label: 'content.original' },
      }),
    );

  const rendered = async (visit: ContentVisit): Promise<RenderedMessage | undefined> => {
    const known = cache.get(keyOf(visit));
    if (known !== undefined) return known;
    const message = await inTurn(visit, 'message', (bytes) => site.renderer.render(bytes));
    if (message !== undefined) cache.put(keyOf(visit), message);
    return message;
  };

  const whileHeld = async (visit: OperatorVisit, handler: (visit: ContentVisit) => Promise<unknown>) => {
    const id = pathPart(visit.request, 'id');
    try {
      return await handler({ ...visit, id, path: `/held/${id}` });
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      return front.closed(visit, 'the content is not to be had', id);
    }
  };

  /** For reviewers who pressed the button lately; others are led to it, or refused. */
  const onContent = (handler: (visit: ContentVisit) => Promise<unknown>): Handler =>
    front.onOperator(async (visit) => {
      const id = pathPart(visit.request, 'id');
      const message = await site.api.message(id);
      if (message === undefined) return front.closed(visit, 'no such held message');
      if (!mayShowContent(visit.actor.roles))
        return front.refuse(visit, 403, 'content asked for without the role reviewer', NOT_ALLOWED, id);
      if ((visit.session.opened.get(id) ?? 0) <= visit.now) return seeOther(visit.reply, `/held/${id}`);
      return whileHeld(visit, handler);
    });

  server.post(
    '/held/:id/open',
    front.onOperator(async (visit) => {
      const id = pathPart(visit.request, 'id');
      if (!(await front.acceptsForm(visit, '/held'))) return visit.reply;
      if (!mayShowContent(visit.actor.roles))
        return front.refuse(visit, 403, 'content asked for without the role reviewer', NOT_ALLOWED);
      return whileHeld(visit, async (content) => {
        if ((await site.api.message(id)) === undefined) return front.closed(visit, 'no such held message');
        // Each press is a look of its own, on record.
        cache.drop(keyOf(content));
        await rendered(content);
        for (const [other, until] of visit.session.opened)
          if (until <= visit.now) visit.session.opened.delete(other);
        visit.session.opened.set(id, visit.now + OPEN_MS);
        return seeOther(visit.reply, `${content.path}/content`);
      });
    }),
  );

  server.get(
    '/held/:id/content',
    onContent(async (visit) => {
      const { path, t, language } = visit;
      const original = `${path}/message.eml`;
      const message = await rendered(visit);
      if (message === undefined) return unreadable(visit, 200, 'content.unreadable');
      const shared = portalTexts(language);
      return sendPage(
        visit.reply,
        200,
        site.pages.page('content', front.context(visit), {
          subject: message.subject,
          from: message.from,
          to: message.to,
          ...(message.date === undefined ? {} : { date: dateText(message.date, language) }),
          ...(message.html === undefined ? {} : { frame: `${path}/html` }),
          ...(message.text === undefined ? {} : { text: message.text }),
          attachments: message.attachments.map(({ index, fileName, mediaType, size }) => ({
            href: `${path}/attachments/${index}`,
            fileName: fileName === '' ? t('content.attachment', { number: index + 1 }) : fileName,
            type: typeText(mediaType, shared),
            size: sizeText(size, shared, language),
          })),
          original,
          back: path,
        }),
      );
    }),
  );

  server.get(
    '/held/:id/html',
    CONTENT,
    onContent(async (visit) => {
      const html = (await rendered(visit))?.html;
      if (html === undefined) return front.closed(visit, 'no such page', visit.id);
      return sendPage(visit.reply, 200, contentDocument(html, visit.language, visit.t('content.frame')));
    }),
  );

  server.get(
    '/held/:id/attachments/:index',
    CONTENT,
    onContent(async (visit) => {
      const index = pathPart(visit.request, 'index');
      if (!/^\d{1,4}$/.test(index)) return front.closed(visit, 'no such attachment', visit.id);
      if (!beginDownload(visit.actor.name, visit.reply.raw))
        return front.tooMany(visit, 'too many downloads at once', 10);
      const file = await inTurn(visit, `attachment ${Number(index)}`, (bytes) =>
        site.renderer.attachment(bytes, Number(index)),
      );
      if (file === undefined) return unreadable(visit, 404, 'content.unreadable-file');
      return visit.reply
        .header('content-disposition', attachmentDisposition(file.fileName))
        .type(safeMediaType(file.mediaType))
        .send(Buffer.from(file.bytes.buffer, file.bytes.byteOffset, file.bytes.byteLength));
    }),
  );

  server.get(
    '/held/:id/message.eml',
    CONTENT,
    onContent(async (visit) => {
      if (!beginDownload(visit.actor.name, visit.reply.raw))
        return front.tooMany(visit, 'too many downloads at once', 10);
      const { actor, id, client } = visit;
      const { size, stream } = await site.api.content(actor, id, client, async (content) => content);
      return visit.reply
        .header('content-disposition', attachmentDisposition('message.eml'))
        .header('content-length', size)
        .type('message/rfc822')
        .send(stream);
    }),
  );
}
