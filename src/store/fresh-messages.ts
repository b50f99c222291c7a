import type { StoredMessage, StoredRecipient } from '../model/message.js';
import { DEFAULT_STREAM } from '../model/stream.js';
import { beforeChanges, type Changing } from './before-changes.js';
import { decidedMessages } from './decided-messages.js';
import type { NewMessage, QueueChange, QueueStore } from './ports.js';

/** A message as its rows have it, whose first inspection was begun with the commit that stored it. */
export interface FreshMessage {
  readonly message: StoredMessage;
  readonly recipients: readonly StoredRecipient[];
}

/** What is to be seen of a store, so that nothing outdated is remembered. */
export interface Remembering extends Changing {
  readonly queue: Changing['queue'] & Pick<QueueStore, 'insert' | 'beginInspection'>;
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
  /** Gives a message once that was taken and then decided, as its row has it by now; undefined: read it. */
  readonly takeDecided: (id: string) => StoredMessage | undefined;
}

interface Kept {
  readonly fresh: FreshMessage;
  readonly weight: number;
  stored: boolean;
}

/**
 * What a message takes beside its content, and what each recipient takes, in bytes. Generous, so that many small messages
 * don't all wait for one another after a crash (`begun-before` in src/decide/judge-queue.ts).
 */
const OF_MESSAGE = 4096;
const OF_RECIPIENT = 512;

/**
 * More than there is room for is stored, has to be read, and its inspection to be begun.
 * @param room.messages so many are remembered in any case
 * @param room.bytes more of them, as long as all content together is no larger
 */
export function freshMessages<S extends Remembering>(
  store: S,
  room: { readonly messages: number; readonly bytes: number },
): FreshMessages<S> {
  const kept = new Map<string, Kept>();
  const decided = decidedMessages(room);
  let weight = 0;
  const release = (id: string) => {
    weight -= kept.get(id)?.weight ?? 0;
    kept.delete(id);
  };
  const forget = (id: string) => {
    release(id);
    decided.forget(id);
  };
  const forgetAll = () => {
    kept.clear();
    weight = 0;
    decided.forgetAll();
  };
  const forgetChanged = (change: QueueChange) => {
    for (const { key } of change.recipients ?? []) forget(key.messageId);
    for (const one of [change.decided, change.decideAgain]) if (one !== undefined) forget(one.messageId);
  };

  const forgetting = beforeChanges(store, { changed: forgetChanged, message: forget, all: forgetAll });
  return {
    take(id) {
      const one = kept.get(id);
      if (one?.stored !== true) return undefined;
      release(id);
      decided.judging(one.fresh.message);
      return one.fresh;
    },
    takeDecided: decided.take,
    store: {
      ...forgetting,
      queue: {
        ...forgetting.queue,
        async insert(input, events) {
          const more = weightOf(input);
          const fits = kept.size < room.messages || weight + more <= room.bytes;
          if (!fits || input.recipients.some((one) => one.queued !== undefined))
            return store.queue.insert(input, events);
          const { id } = input.message;
          const one: Kept = { fresh: freshOf(input), weight: more, stored: false };
          kept.set(id, one);
          weight += more;
          try {
            await store.queue.insert({ ...input, message: { ...input.message, inspectAttempts: 1 } }, events);
          } catch (error) {
            forget(id);
            throw error;
          }
          one.stored = true;
        },
        apply(change, events) {
          return decided.deciding(change, () => forgetting.queue.apply(change, events));
        },
        beginInspection(id) {
          forget(id);
          return store.queue.beginInspection(id);
        },
      },
    },
  };
}

function weightOf({ message, recipients }: NewMessage): number {
  return OF_MESSAGE + message.body.size + OF_RECIPIENT * recipients.length;
}

function freshOf({ message, recipients }: NewMessage): FreshMessage {
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
