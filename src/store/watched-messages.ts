import type { StoredRecipient } from '../model/message.js';
import { foldAddress } from '../shared/fold-address.js';
import type { QueueChange, QueueStore, SuppressionStore } from './ports.js';

/** What is heard of some recipients of one message from a moment on. */
export interface MessageWatch {
  /**
   * Whether somebody has asked to change one of them or to put one's address on the suppression list, since `settled` was
   * last asked for.
   */
  readonly isTouched: () => boolean;
  /** Resolves when all of that is done, or refused. */
  readonly settled: () => Promise<void>;
  /** What that is. */
  readonly asked: () => readonly Asked[];
  /** To be called when nobody asks any more. */
  readonly end: () => void;
}

/** Settles when what was asked for is done, or refused. */
export type Asked = Promise<unknown>;

type Watchable = Pick<StoredRecipient, 'index' | 'address'>;

/** @param before what another watch has heard, which goes on as this one */
export type WatchMessage = (
  messageId: string,
  recipients: readonly Watchable[],
  before?: readonly Asked[],
) => MessageWatch;

/**
 * All that is heard of: what decides whether a recipient may be sent anything. What only changes the key of the content is
 * not, such as a rotation of the master key, which asks for something all the time: content that was read before is opened
 * after it all the same (`KeyRing.retired`), and is destroyed only where nobody is left to be sent to.
 */
export interface Watched {
  readonly queue: Pick<QueueStore, 'apply'>;
  readonly suppressions: Pick<SuppressionStore, 'put'>;
}

export interface WatchedMessages<S> {
  /** The store, to be used in place of the one given by all who change anything. */
  readonly store: S;
  readonly watch: WatchMessage;
}

interface Heard {
  readonly asked: Asked[];
  readonly recipients: readonly Watchable[];
}

/**
 * Tells whether recipients may have changed, so that whoever has them in hand need not read them again. What somebody asks
 * for counts at once, before it is done: so who hears that it was done is never ahead of the watch. An attempt that begins
 * with the commit of a decision (`RecipientChange.begins`) is not touched by that commit, its own.
 */
export function watchedMessages<S extends Watched>(store: S): WatchedMessages<S> {
  const { queue, suppressions } = store;
  const byMessage = new Map<string, Set<Heard>>();
  /** By address, what is to put it on the list and not done yet: who looks at the list now may miss it. */
  const suppressing = new Map<string, Set<Asked>>();

  const touch = (asked: Asked, messageId: string, index?: number): void => {
    for (const one of byMessage.get(messageId) ?? [])
      if (index === undefined || one.recipients.some((recipient) => recipient.index === index))
        one.asked.push(asked);
  };
  const touchChanged = ({ recipients = [], decided, decideAgain }: QueueChange, asked: Asked): void => {
    if (byMessage.size === 0) return;
    for (const { key, begins } of recipients)
      if (begins === undefined) touch(asked, key.messageId, key.index);
    if (decided !== undefined && !recipients.some(({ begins }) => begins !== undefined))
      touch(asked, decided.messageId);
    if (decideAgain !== undefined) touch(asked, decideAgain.messageId);
  };
  const touchAddress = (address: string, asked: Asked): void => {
    const key = foldAddress(address);
    // Seldom asked for: cheaper than to remember the address of everybody who is watched.
    for (const watches of byMessage.values())
      for (const one of watches) if (one.recipients.some(isOf(key))) one.asked.push(asked);
    add(suppressing, key, asked);
    const done = () => remove(suppressing, key, asked);
    asked.then(done, done);
  };

  return {
    store: {
      ...store,
      queue: {
        ...queue,
        apply(change, events) {
          const asked = queue.apply(change, events);
          touchChanged(change, asked);
          for (const { address } of change.suppress ?? []) touchAddress(address, asked);
          return asked;
        },
      },
      suppressions: {
        ...suppressions,
        put(suppression, events) {
          const asked = suppressions.put(suppression, events);
          touchAddress(suppression.address, asked);
          return asked;
        },
      },
    },
    watch(messageId, recipients, before = []) {
      const asked = [...before];
      const heard: Heard = { asked, recipients };
      add(byMessage, messageId, heard);
      for (const [key, all] of suppressing) if (recipients.some(isOf(key))) asked.push(...all);
      return {
        isTouched: () => asked.length > 0,
        async settled() {
          await Promise.allSettled(asked.splice(0));
        },
        asked: () => asked,
        end() {
          remove(byMessage, messageId, heard);
        },
      };
    },
  };
}

/** Whether a recipient has the address. */
function isOf(key: string): (recipient: Watchable) => boolean {
  return ({ address }) => address.length === key.length && foldAddress(address) === key;
}

function add<T>(to: Map<string, Set<T>>, key: string, one: T): void {
  const all = to.get(key);
  if (all === undefined) to.set(key, new Set([one]));
  else all.add(one);
}

function remove<T>(from: Map<string, Set<T>>, key: string, one: T): void {
  const all = from.get(key);
  if (all?.delete(one) === true && all.size === 0) from.delete(key);
}
