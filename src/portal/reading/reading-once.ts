import { filesCache, renderedCache } from '../../web/rendered-cache.js';
import type { ItemRoutes, ItemVisit } from '../item-visit.js';
import type { AttachedFile, RenderedMessage } from '../renderer.js';
import type { Site } from '../site.js';

/** Messages as they are shown, each read once for all that is asked of it within a short time. */
export interface ReadingOnce {
  /** Undefined when it can't be rendered. */
  message(visit: ItemVisit): Promise<RenderedMessage | undefined>;
  /** Its attachments; undefined when it can't be rendered. */
  files(visit: ItemVisit): Promise<readonly AttachedFile[] | undefined>;
  /** Forgets a message that isn't to be shown any more. */
  forget(visit: ItemVisit): void;
}

export function readingOnce(
  site: Pick<Site, 'renderer'>,
  item: Pick<ItemRoutes, 'inTurn' | 'whole'>,
): ReadingOnce {
  const messages = renderedCache();
  const files = filesCache();
  const message: ReadingOnce['message'] = async (visit) => {
    const { id } = visit.item;
    const known = messages.get(id);
    if (known !== undefined) return known;
    return item.inTurn(visit, { what: 'message' }, async () => {
      // Another request of the same reader may have had it rendered while this one waited.
      const meanwhile = messages.get(id);
      if (meanwhile !== undefined) return meanwhile;
      const rendered = await site.renderer.render(await item.whole(visit));
      messages.put(id, rendered);
      files.put(id, rendered.attachments);
      return rendered;
    });
  };
  return {
    message,
    files: async (visit) => files.get(visit.item.id) ?? (await message(visit))?.attachments,
    forget: ({ item: { id } }) => {
      messages.drop(id);
      files.drop(id);
    },
  };
}
