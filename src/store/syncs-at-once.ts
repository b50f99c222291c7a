/** Syncs that run at the same time at most: each takes one of the few threads that all files share. */
export const MOST_SYNCS = 2;
/** How much what was seen before counts with each sync that is seen. */
const BEFORE = 0.8;
/** Syncs that then run one at a time, before it is seen anew. */
const ONE_BY_ONE = 50;
/** So many begun beside another, with none alone among them, and what one alone takes is seen anew: it may have met a stall. */
const LONG_BESIDE = 200;
/** So many then run one at a time. */
const SEEN_ALONE = 4;

/**
 * Whether a disk does two syncs at once in the time of one, as most whose syncs are slow because they are far away. Who comes
 * while one runs then need not wait for its end before their own begins: with one client alone each message waits for the
 * decision of the one before. Others do them one behind the other: there two are twice the work, and the next one, which begins
 * later, gathers more. There a sync takes longer by as much as it had to wait for the end of another.
 */
export interface SyncsAtOnce {
  /** How many may run now. */
  most(): number;
  /** One ended that took so long; for `beside` of that another one ran that was begun before it. In milliseconds. */
  took(ms: number, beside: number): void;
}

export function syncsAtOnce(): SyncsAtOnce {
  let alone: number | undefined;
  /** By how much those beside others took longer than that, and for how long there were others. */
  let longer = 0;
  let beside = 0;
  let oneByOne = 0;
  let noneAlone = 0;
  return {
    most: () => (oneByOne > 0 ? 1 : MOST_SYNCS),
    took(ms, withOther) {
      if (oneByOne > 0) oneByOne--;
      if (withOther === 0) {
        alone = alone === undefined ? ms : alone * BEFORE + ms * (1 - BEFORE);
        noneAlone = 0;
        return;
      }
      noneAlone += 1;
      if (noneAlone >= LONG_BESIDE) {
        noneAlone = 0;
        alone = undefined;
        longer = 0;
        beside = 0;
        oneByOne = SEEN_ALONE;
      }
      if (alone === undefined) return;
      longer = longer * BEFORE + (ms - alone);
      beside = beside * BEFORE + withOther;
      if (beside < alone || longer <= beside / 2) return;
      longer = 0;
      beside = 0;
      oneByOne = ONE_BY_ONE;
    },
  };
}
