import type { StoredMessage } from '../model/message.js';
import type { ChangedRow, QueueChange } from './ports.js';

/** What a message takes beside its content, in bytes. */
const OF_MESSAGE = 4096;
/** Milliseconds: what waits for longer than that waits for its time, and isn't tried soon. */
const STAYS = 20_000;

/** Messages that were judged from memory, until their first attempt. */
export interface DecidedMessages {
  /** It is being judged; it is as its row has it. */
  judging(message: StoredMessage): void;
  /** Makes a change, and remembers the message that it decides, where it was judged from memory and all of it is queued. */
  deciding(change: QueueChange, commit: () => Promise<readonly ChangedRow[]>): Promise<readonly ChangedRow[]>;
  /** Gives one once, as its row has it by now. */
  take(id: string): StoredMessage | undefined;
  forget(id: string): void;
  forgetAll(): void;
}

interface Kept {
  readonly message: StoredMessage;
  readonly weight: number;
  readonly until: number;
  committed: boolean;
}

/**
 * What doesn't fit is read, and so is what was decided in any other way. Older ones stay in place of newer ones, because they
 * are tried first.
 * @param room.messages so many are judged at once at most
 * @param room.bytes of those that are decided, content and all
 */
export function decidedMessages(room: {
  readonly messages: number;
  readonly bytes: number;
}): DecidedMessages {
  const judged = new Map<string, StoredMessage>();
  const kept = new Map<string, Kept>();
  let weight = 0;

  const forget = (id: string): void => {
    judged.delete(id);
    weight -= kept.get(id)?.weight ?? 0;
    kept.delete(id);
  };
  const forgetOld = (now: number): void => {
    for (const [id, { until }] of kept) {
      if (until > now) return;
      forget(id);
    }
  };
  const keep = (message: StoredMessage): Kept | undefined => {
    const now = performance.now();
    forgetOld(now);
    const one: Kept = {
      message,
      weight: OF_MESSAGE + (message.body?.size ?? 0),
      until: now + STAYS,
      committed: false,
    };
    if (weight + one.weight > room.bytes) return undefined;
    kept.set(message.id, one);
    weight += one.weight;
    return one;
  };

  return {
    judging(message) {
      judged.set(message.id, message);
      // Of one whose judging failed nobody is told.
      const [oldest] = judged.keys();
      if (judged.size > 2 * room.messages && oldest !== undefined) judged.delete(oldest);
    },
    async deciding(change, commit) {
      const { decided } = change;
      const message = decided === undefined ? undefined : judged.get(decided.messageId);
      // Asked for: whatever is asked for behind it has the message forgotten.
      const asked = commit();
      if (decided === undefined || message === undefined || !isQueued(change)) return asked;
      const one = keep({ ...message, state: 'decided', subjectShowable: decided.subjectShowable });
      if (one === undefined) return asked;
      try {
        const rows = await asked;
        // Else those that began have it already.
        one.committed = rows.some(({ begun }) => begun !== true);
        return rows;
      } finally {
        if (!one.committed && kept.get(message.id) === one) forget(message.id);
      }
    },
    take(id) {
      const one = kept.get(id);
      if (one?.committed !== true) return undefined;
      forget(id);
      return one.message;
    },
    forget,
    forgetAll() {
      judged.clear();
      kept.clear();
      weight = 0;
    },
  };
}

/** Whether nothing comes of a message but rows to be sent, all of them the message as it came. */
function isQueued({ recipients = [], decided, create = [] }: QueueChange): boolean {
  return (
    decided?.rewritten === undefined &&
    create.length === 0 &&
    recipients.every(({ set }) => set.state === 'pending')
  );
}
