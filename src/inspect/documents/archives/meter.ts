import { type ReaderContext, TooLarge } from '../types.js';

/** What may be unpacked whatever the ratio is: small things compress beyond any ratio. */
const FREE_BYTES = 1024 * 1024;

/** Counts what comes out of one container, against the budget of the whole part and the ratio of this container. */
export interface Meter {
  /**
   * One entry, before it is unpacked: what it declares is taken at once.
   * @param declared bytes; undefined where the format doesn't say
   * @throws TooLarge
   */
  entry(declared: number | undefined): EntryMeter;
}

/** @throws TooLarge for output beyond what was declared that the budget doesn't hold */
export type EntryMeter = (bytes: number) => void;

/** @param packed bytes of the container */
export function createMeter(packed: number, context: ReaderContext): Meter {
  const most = FREE_BYTES + context.limits.maxRatio * packed;
  let total = 0;
  const take = (bytes: number) => {
    // Looked at before the budget is touched: an entry that can't be had in any case leaves the rest to the others.
    if (!(bytes >= 0) || bytes > context.limits.maxUnpacked || total + bytes > most) throw new TooLarge();
    context.budget.takeUnpacked(bytes);
    total += bytes;
  };
  return {
    entry(declared) {
      let covered = 0;
      if (declared !== undefined) {
        take(declared);
        covered = declared;
      }
      return (bytes) => {
        const free = Math.min(covered, bytes);
        covered -= free;
        if (bytes > free) take(bytes - free);
      };
    },
  };
}
