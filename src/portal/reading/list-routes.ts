import { auditEvent } from '../../audit/events.js';
import type { SealedBody } from '../../model/message.js';
import type { PortalItem } from '../../model/portal-item.js';
import { errorFacts } from '../../shared/errors.js';
import { StoreUnavailable } from '../../store/ports.js';
import type { WebServer } from '../../web/server.js';
import { mayOpen } from '../access.js';
import { brandFor } from '../brand.js';
import type { ListedMessage } from '../page-data.js';
import { readStart } from '../reading.js';
import { type Front, pathPart, type SessionVisit, type Site, sendPage } from '../site.js';
import { timeText } from '../time-text.js';
import { sizeText } from './size-text.js';

const MOST_LISTED = 500;
const PAGE_SIZE = 20;
/** Bytes of a message that are read for the list: its header, and where its first attachment begins. */
const START_BYTES = 256 * 1024;

/** The list of one's messages, newest first. */
export function listRoutes(server: WebServer, site: Site, front: Front): void {
  const show = async (visit: SessionVisit, page: number): Promise<unknown> => {
    const { session, now, reply } = visit;
    const all = await site.portal.items({
      recipient: session.recipient,
      states: ['waiting', 'picked-up'],
      limit: MOST_LISTED,
    });
    const living = all.filter((one) => one.expiresAt > now);
    const pages = Math.max(1, Math.ceil(living.length / PAGE_SIZE));
    if (page > pages) return front.closed(visit, 'no such page');
    const shown = living.slice((page - 1) * PAGE_SIZE, page * PAGE_SIZE);
    const messages = await Promise.all(shown.map((one) => listed(site, visit, one)));
    const subjects = messages.filter((one) => one.subject !== undefined).length;
    await site.portal.record([
      auditEvent('portal.list-read', {
        recipient: session.recipient,
        clientAddress: visit.client,
        subjects,
      }),
    ]);
    const pathOf = (number: number) => (number === 1 ? '/inbox' : `/inbox/page/${number}`);
    return sendPage(
      reply,
      200,
      site.pages.page('inbox', front.context(visit), {
        messages,
        page,
        pages,
        ...(page > 1 ? { newer: pathOf(page - 1) } : {}),
        ...(page < pages ? { older: pathOf(page + 1) } : {}),
      }),
    );
  };

  server.get(
    '/inbox',
    front.onSession((visit) => show(visit, 1)),
  );
  server.get(
    '/inbox/page/:number',
    front.onSession((visit) => {
      const number = pathPart(visit.request, 'number');
      return /^[1-9]\d{0,3}$/.test(number)
        ? show(visit, Number(number))
        : front.closed(visit, 'no such page');
    }),
  );
}

/** One line of the list; what is inside the message only where this session opens it now. */
async function listed(site: Site, visit: SessionVisit, item: PortalItem): Promise<ListedMessage> {
  const { language, t, session, now } = visit;
  const found = await mayOpen(site, session, item.id, now);
  const body = await bodyOf(site, found.open ? found.item : item);
  const summary = found.open && body !== undefined ? await summaryOf(site, visit, item.id, body) : undefined;
  const { name } = brandFor(site.loaded.config, item.sender);
  return {
    href: found.open ? `/inbox/${item.id}` : `/inbox/${item.id}/steps`,
    from: item.sender === '' ? name : item.sender,
    organisation: name,
    received: timeText(item.createdAt, language),
    until: timeText(item.expiresAt, language),
    ...(body === undefined ? {} : { size: sizeText(body.size, t, language) }),
    unread: item.state === 'waiting',
    locked: !found.open,
    ...(summary === undefined
      ? {}
      : {
          subject: summary.subject === '' ? t('message.no-subject') : summary.subject,
          hasAttachments: summary.hasAttachments,
        }),
  };
}

async function bodyOf(site: Site, item: PortalItem): Promise<SealedBody | undefined> {
  return item.body ?? (await site.queue.message(item.messageId))?.body;
}

/** Undefined where the message can't be read: it is then listed without its Subject. */
async function summaryOf(site: Site, { session }: SessionVisit, id: string, body: SealedBody) {
  try {
    return await site.gates.list(session.recipient, async () =>
      site.renderer.summary(await readStart(site.bodies, body, START_BYTES)),
    );
  } catch (cause) {
    if (cause instanceof StoreUnavailable) throw cause;
    site.log.warn({ item: id, ...errorFacts(cause) }, 'a message in the portal could not be listed');
    return undefined;
  }
}
