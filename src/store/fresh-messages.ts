import type { StoredMessage, StoredRecipient } from '../model/message.js';
import { DEFAULT_STREAM } from '../model/stream.js';
import type { NewMessage, QueueChange, Store } from './ports.js';

/** A message as its rows have it, whose first inspection was begun with the commit that stored it. */
export interface FreshMessage {
  readonly message: StoredMessage;
  readonly recipients: readonly StoredRecipient[];
}

/**
 * Remembers what was stored a moment ago until it is asked for, so that whoever comes next need not read it again, nor
 * commit that its inspection begins. What counts is on disk all the same: nothing is remembered before its commit, and
 * whatever changes a message, or the key of its content, has it forgotten. Then, and after a restart, it is read.
 */
export interface FreshMessages<S> {
  /** The store, to be used in place of the one given by all who change anything. */
  readonly store: S;
  /** Gives a message once; undefined: read it. */
  readonly take: (id: string) => FreshMessage | undefined;
}

/** @param most messages remembered at once; more are stored and have to be read, and their inspection to be begun */
export function freshMessages<S extends Pick<Store, 'queue' | 'masterKeys'>>(
  store: S,
  most: number,
): FreshMessages<S> {
  const { queue, masterKeys } = store;
  const fresh = new Map<string, { readonly kept: FreshMessage; stored: boolean }>();
  const forgetChanged = (change: QueueChange) => {
    for (const { key } of change.recipients ?? []) fresh.delete(key.messageId);
    for (const one of [change.decided, change.decideAgain])
      if (one !== undefined) fresh.delete(one.messageId);
  };

  return {
    take(id) {
      const one = fresh.get(id);
      if (one?.stored !== true) return undefined;
      fresh.delete(id);
      return one.kept;
    },
    store: {
      ...store,
      queue: {
        ...queue,
        async insert(input, events) {
          if (fresh.size >= most || input.recipients.some((one) => one.queued !== undefined))
            return queue.insert(input, events);
          const { id } = input.message;
          const one = { kept: keptOf(input), stored: false };
          fresh.set(id, one);
          try {
            await queue.insert({ ...input, message: { ...input.message, inspectAttempts: 1 } }, events);
          } catch (error) {
            fresh.delete(id);
            throw error;
          }
          one.stored = true;
        },
        beginInspection(id) {
          fresh.delete(id);
          return queue.beginInspection(id);
        },
        apply(change, events) {
          forgetChanged(change);
          return queue.apply(change, events);
        },
        destroyContent(messageId, events) {
          fresh.delete(messageId);
          return queue.destroyContent(messageId, events);
        },
      },
      masterKeys: {
        ...masterKeys,
        rewrap(input) {
          fresh.clear();
          return masterKeys.rewrap(input);
        },
        finish(input, events) {
          fresh.clear();
          return masterKeys.finish(input, events);
        },
      },
    },
  };
}

function keptOf({ message, recipients }: NewMessage): FreshMessage {
  const { stream = DEFAULT_STREAM, ...rest } = message;
  const itsStream = stream === DEFAULT_STREAM ? {} : { stream };
  return {
    message: { state: 'received', subjectShowable: false, ...rest, ...itsStream, inspectAttempts: 1 },
    recipients: recipients.map(({ address, domain, notify, orcpt }, index) => ({
      messageId: message.id,
      index,
      address,
      domain,
      ...(notify === undefined ? {} : { notify }),
      ...(orcpt === undefined ? {} : { orcpt }),
      state: 'received',
      attempts: 0,
      ...itsStream,
    })),
  };
}
