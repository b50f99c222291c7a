import { foldAddress } from '../shared/fold-address.js';
import type { PortalStore, QueueStore } from '../store/ports.js';
import { type BodyReaders, bodyKey } from './body-readers.js';
import type { Showing } from './showing.js';

/** Content to be destroyed: a message's own, or that of a portal item with the copies of its replies. */
export interface EndingContent {
  readonly messageId: string;
  readonly item?: string;
}

/** Runs the destruction of content while nobody reads it in the portal: whoever does is cut first. */
export type WhileUnread = <T>(content: EndingContent, destroy: () => Promise<T>) => Promise<T>;

const MOST_REPLIES = 1000;

export function createWhileUnread(
  deps: {
    readonly portal: Pick<PortalStore, 'item' | 'replies'>;
    readonly queue: Pick<QueueStore, 'contentKey'>;
  },
  showing: Pick<Showing, 'cut'>,
  readers: Pick<BodyReaders, 'without'>,
): WhileUnread {
  const keysOf = async ({ messageId, item: id }: EndingContent): Promise<readonly string[]> => {
    if (id === undefined) {
      const wrappedKey = await deps.queue.contentKey(messageId);
      return wrappedKey === undefined ? [] : [bodyKey({ wrappedKey })];
    }
    const item = await deps.portal.item(id);
    if (item === undefined) return [];
    const replies = await deps.portal.replies(foldAddress(item.recipient), MOST_REPLIES);
    return [item, ...replies.filter((one) => one.itemId === id)].flatMap(({ body }) =>
      body === undefined ? [] : [bodyKey(body)],
    );
  };
  return async (content, destroy) => {
    const keys = await keysOf(content);
    // First the answers, so that each is on record; then whatever else reads it, as to render it.
    await showing.cut(keys);
    return readers.without(keys, destroy);
  };
}
