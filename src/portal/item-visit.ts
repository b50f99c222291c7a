import type { SealedBody } from '../model/message.js';
import type { PortalItem } from '../model/portal-item.js';
import { errorFacts } from '../shared/errors.js';
import { StoreUnavailable } from '../store/ports.js';
import { mayOpen, openedSession } from './access.js';
import { commitRead, readBody, type View } from './reading.js';
import { type Front, type Handler, pathPart, type SessionVisit, type Site, seeOther } from './site.js';

/** A visit whose session opens the item, with its content. */
export interface ItemVisit extends SessionVisit {
  readonly item: PortalItem;
  readonly body: SealedBody;
  /** `/inbox/<id>` */
  readonly path: string;
}

/** What the pages of one message share. */
export interface ItemRoutes {
  /** Runs the handler where the session opens the item; everything else gets the same answer as what isn't there. */
  onItem(handler: (visit: ItemVisit) => Promise<unknown>): Handler;
  /** What a task that takes memory gives, in its turn; undefined when it failed, or nobody waits for it any more. */
  inTurn<T>(visit: ItemVisit, task: () => Promise<T>): Promise<T | undefined>;
  /** The same for what a task makes of the whole message. */
  rendered<T>(visit: ItemVisit, task: (bytes: Uint8Array) => Promise<T>): Promise<T | undefined>;
  /**
   * The last gate before content leaves: session and item are looked at anew, because rendering takes time in which the
   * item may be revoked, and the read is on record before anything is shown.
   */
  mayShow(visit: ItemVisit, view: View): Promise<boolean>;
  /** The answer where `mayShow` says no. */
  tooLate(visit: ItemVisit): Promise<unknown>;
}

export function itemRoutes(site: Site, front: Front): ItemRoutes {
  const inTurn: ItemRoutes['inTurn'] = async (visit, task) => {
    try {
      return await site.gate(async () =>
        // Whoever left while waiting makes nobody else wait.
        visit.reply.raw.destroyed ? undefined : task(),
      );
    } catch (cause) {
      if (cause instanceof StoreUnavailable) throw cause;
      // Nothing was shown, so nothing is weaker; the person is offered the sealed original instead.
      site.log.warn(
        { item: visit.item.id, ...errorFacts(cause) },
        'a message in the portal could not be rendered',
      );
      return undefined;
    }
  };
  return {
    inTurn,
    onItem: (handler) =>
      front.onSession(async (visit) => {
        const id = pathPart(visit.request, 'item');
        const found = await mayOpen(site, visit.session, id, visit.now);
        if (!found.open) {
          // It is the visitor's own and asks for more than was proved.
          if (found.wantsMore === true) return seeOther(visit.reply, `/inbox/${id}/steps`);
          return front.closed(visit, found.reason, found.item);
        }
        const { item } = found;
        const body = item.body ?? (await site.queue.message(item.messageId))?.body;
        if (body === undefined) return front.closed(visit, 'the content was destroyed', item);
        return handler({ ...visit, item, body, path: `/inbox/${item.id}` });
      }),

    rendered: (visit, task) =>
      inTurn(visit, async () => task(await readBody(site.bodies, visit.body, site.renderLimit))),

    mayShow: async (visit, view) => {
      const now = site.clock.now();
      const session = await openedSession(site, visit.token, now);
      const found = session === undefined ? undefined : await mayOpen(site, session, visit.item.id, now);
      if (session === undefined || found?.open !== true) return false;
      await commitRead(site, found.item, view, visit.client, now);
      return found.item.state !== 'waiting' || (await mayOpen(site, session, visit.item.id, now)).open;
    },

    tooLate: (visit) => front.closed(visit, 'closed while it was being opened', visit.item),
  };
}
