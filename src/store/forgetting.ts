import type { FreshBodies } from './fresh-bodies.js';
import type { MasterKeyStore, QueueChange, QueueStore, RecipientChange } from './ports.js';

/** What is to be seen of a store, so that nothing outdated is remembered. */
export interface Forgetful {
  readonly queue: Pick<QueueStore, 'insert' | 'apply' | 'destroyContent'>;
  readonly masterKeys: Pick<MasterKeyStore, 'rewrap' | 'finish'>;
}

/**
 * The store, which forgets a message's plain bytes as soon as what came of its first attempt is recorded, it waits for a
 * person or lies in the portal, its content is destroyed, or the key of all content changes.
 */
export function forgettingBodies<S extends Forgetful>(store: S, fresh: FreshBodies): S {
  const { queue, masterKeys } = store;
  return {
    ...store,
    queue: {
      ...queue,
      async insert(input, events) {
        const { id, body } = input.message;
        fresh.claim(body, id);
        try {
          await queue.insert(input, events);
        } catch (error) {
          fresh.forgetMessage(id);
          throw error;
        }
      },
      apply(change, events) {
        for (const id of settledBy(change)) fresh.forgetMessage(id);
        return queue.apply(change, events);
      },
      destroyContent(messageId, events) {
        fresh.forgetMessage(messageId);
        return queue.destroyContent(messageId, events);
      },
    },
    masterKeys: {
      ...masterKeys,
      rewrap(input) {
        fresh.forgetAll();
        return masterKeys.rewrap(input);
      },
      finish(input, events) {
        fresh.forgetAll();
        return masterKeys.finish(input, events);
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
