import type { StoredMessage, StoredRecipient } from '../model/message.js';
import type { MessageWatch } from '../store/watched-messages.js';
import { asBegun, type BeginDeps, giveBack } from './begin.js';
import type { JobDeps } from './job-deps.js';
import { listedOf, suppressedOf } from './suppressed.js';

/**
 * How often the rows of one attempt are read again. Whoever asks for something about them time and again, faster than it
 * is read, must not keep them from ever being sent: they wait for their next attempt, which reads them anyway.
 */
const MOST_READS = 20;

/** Tells what an attempt that has begun must not do any more. */
export interface Recheck {
  /**
   * Those of its recipients to whom nothing may be sent any more: somebody has ended them, or put their address on the
   * suppression list. Nothing is left to be recorded of them. Undefined, at once: there are none.
   * @throws Error: it can't be told, so none of them may be sent anything
   */
  overtaken(recipients: readonly StoredRecipient[]): Promise<readonly StoredRecipient[]> | undefined;
  /**
   * Those of its recipients whom somebody has ended by now, whether a server was told of them or not. Undefined, at once:
   * there are none.
   * @throws Error: it can't be told
   */
  ended(recipients: readonly StoredRecipient[]): Promise<readonly StoredRecipient[]> | undefined;
  /** Whether any of them became due again. */
  gaveBack(): boolean;
}

/**
 * To be asked right before a server is told of recipients. What somebody has asked for by then is waited for, and rows are
 * read only where it was about them.
 * @param rows all of the attempt, as they were before it began
 */
export function createRecheck(
  deps: BeginDeps & Pick<JobDeps, 'suppressions'>,
  message: StoredMessage,
  rows: readonly StoredRecipient[],
  watch: MessageWatch,
): Recheck {
  let open = rows;
  /** Indexes of those whose address is on the list. */
  let stopped: ReadonlySet<number> = new Set();
  const givenBack = new Set<StoredRecipient>();
  const mustNot = (one: StoredRecipient) => stopped.has(one.index) || !open.includes(one);

  let reads = 0;
  const readAgain = async (): Promise<void> => {
    reads += 1;
    if (reads > MOST_READS) throw new Error('its recipients are changed time and again');
    await watch.settled();
    if (open.length === 0) return;
    const [still, listed] = await Promise.all([asBegun(deps, open), listedOf(deps, open)]);
    open = still;
    stopped = new Set(suppressedOf(listed, message, open).keys());
  };
  /** No others: of them it may have been asked too late, when a server had the message. */
  const giveBackOf = async (recipients: readonly StoredRecipient[]): Promise<void> => {
    const back = recipients.filter((one) => stopped.has(one.index) && !givenBack.has(one));
    if (back.length === 0) return;
    for (const one of back) givenBack.add(one);
    await giveBack(deps, back);
  };

  return {
    overtaken(recipients) {
      const isGone = (one: StoredRecipient) => givenBack.has(one) || mustNot(one);
      const allStay = (open === rows && stopped.size === 0) || !recipients.some(isGone);
      if (allStay && !watch.isTouched()) return undefined;
      const look = async () => {
        do {
          while (watch.isTouched()) await readAgain();
          await giveBackOf(recipients);
          // Once more where somebody has asked for something meanwhile.
        } while (watch.isTouched());
        return recipients.filter(isGone);
      };
      return look();
    },
    ended(recipients) {
      if (open === rows && !watch.isTouched()) return undefined;
      const look = async () => {
        while (watch.isTouched()) await readAgain();
        return recipients.filter((one) => !givenBack.has(one) && !open.includes(one));
      };
      return look();
    },
    gaveBack: () => givenBack.size > 0,
  };
}
