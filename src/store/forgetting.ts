import { beforeChanges, type Changing } from './before-changes.js';
import type { FreshBodies } from './fresh-bodies.js';
import type { QueueChange, QueueStore, RecipientChange } from './ports.js';

/** What is to be seen of a store, so that nothing outdated is remembered. */
export interface Forgetful extends Changing {
  readonly queue: Changing['queue'] & Pick<QueueStore, 'insert'>;
}

/**
 * The store, which forgets a message's plain bytes as soon as what came of its first attempt is recorded, it waits for a
 * person or lies in the portal, its content is destroyed, or the key of all content changes.
 */
export function forgettingBodies<S extends Forgetful>(store: S, fresh: FreshBodies): S {
  const forgetting = beforeChanges(store, {
    changed: (change) => {
      for (const id of settledBy(change)) fresh.forgetMessage(id);
    },
    message: fresh.forgetMessage,
    all: fresh.forgetAll,
  });
  return {
    ...forgetting,
    queue: {
      ...forgetting.queue,
      async insert(input, events) {
        const { id, body } = input.message;
        fresh.claim(body, id);
        try {
          await store.queue.insert(input, events);
        } catch (error) {
          fresh.forgetMessage(id);
          throw error;
        }
      },
    },
  };
}

/** Messages of which something else is to become than to be sent for the first time. */
function settledBy(change: QueueChange): readonly string[] {
  const moved = (change.recipients ?? []).filter((one) => !isDecidedToGo(one));
  return moved.map(({ key }) => key.messageId);
}

function isDecidedToGo({ from, set }: RecipientChange): boolean {
  return set.state === 'pending' && from.includes('received');
}
