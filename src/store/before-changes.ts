import type { MasterKeyStore, QueueChange, QueueStore } from './ports.js';

/** All by which the rows of a stored message, or the key of its content, are changed. */
export interface Changing {
  readonly queue: Pick<QueueStore, 'apply' | 'destroyContent'>;
  readonly masterKeys: Pick<MasterKeyStore, 'rewrap' | 'finish'>;
}

/** The store, which says what is about to change, so that nobody remembers what is outdated. */
export function beforeChanges<S extends Changing>(
  store: S,
  forget: {
    readonly changed: (change: QueueChange) => void;
    readonly message: (id: string) => void;
    readonly all: () => void;
  },
): S {
  const { queue, masterKeys } = store;
  return {
    ...store,
    queue: {
      ...queue,
      apply(change, events) {
        forget.changed(change);
        return queue.apply(change, events);
      },
      destroyContent(messageId, events) {
        forget.message(messageId);
        return queue.destroyContent(messageId, events);
      },
    },
    masterKeys: {
      ...masterKeys,
      rewrap(input) {
        forget.all();
        return masterKeys.rewrap(input);
      },
      finish(input, events) {
        forget.all();
        return masterKeys.finish(input, events);
      },
    },
  };
}
