import { beforeChanges, type Changing } from './before-changes.js';

/** What is heard of one message from a moment on. */
export interface MessageWatch {
  /** Whether somebody has asked since to change one of its recipients, or the key of its content. */
  readonly isTouched: () => boolean;
  /** To be called once, when nobody asks any more. */
  readonly end: () => void;
}

export interface WatchedMessages<S> {
  /** The store, to be used in place of the one given by all who change anything. */
  readonly store: S;
  readonly watch: (messageId: string) => MessageWatch;
}

/**
 * Tells whether a message may have changed, so that whoever has it in hand need not read it again. What somebody asks for
 * counts at once, before it is done: so who hears that it was done is never ahead of the watch.
 */
export function watchedMessages<S extends Changing>(store: S): WatchedMessages<S> {
  const watches = new Map<string, Set<{ touched: boolean }>>();
  const touch = (messageId: string): void => {
    for (const one of watches.get(messageId) ?? []) one.touched = true;
  };
  return {
    store: beforeChanges(store, {
      changed(change) {
        if (watches.size === 0) return;
        for (const { key } of change.recipients ?? []) touch(key.messageId);
        for (const one of [change.decided, change.decideAgain]) if (one !== undefined) touch(one.messageId);
      },
      message: touch,
      all() {
        for (const messageId of watches.keys()) touch(messageId);
      },
    }),
    watch(messageId) {
      const watch = { touched: false };
      const all = watches.get(messageId) ?? new Set();
      watches.set(messageId, all.add(watch));
      return {
        isTouched: () => watch.touched,
        end() {
          all.delete(watch);
          if (all.size === 0 && watches.get(messageId) === all) watches.delete(messageId);
        },
      };
    },
  };
}
