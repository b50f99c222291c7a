/** Syncs that run at the same time at most: each takes one of the few threads that all files share. */
export const MOST_SYNCS = 2;
/** Syncs begun beside another that take so many times what one alone does have waited for it. */
const WAITED = 1.5;
/** How much the newest sync counts in what is known of those before. */
const NEWEST = 0.25;
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
 * later, gathers more.
 */
export interface SyncsAtOnce {
  /** How many may run now. */
  most(): number;
  /** One ended; `beside`: another one ran when it was begun. */
  took(ms: number, beside: boolean): void;
}

export function syncsAtOnce(): SyncsAtOnce {
  let alone: number | undefined;
  let together: number | undefined;
  let oneByOne = 0;
  let besides = 0;
  const next = (before: number | undefined, ms: number) =>
    before === undefined ? ms : before + (ms - before) * NEWEST;
  return {
    most: () => (oneByOne > 0 ? 1 : MOST_SYNCS),
    took(ms, beside) {
      if (oneByOne > 0) oneByOne--;
      if (!beside) alone = next(alone, ms);
      else together = next(together, ms);
      besides = beside ? besides + 1 : 0;
      if (besides >= LONG_BESIDE) {
        besides = 0;
        alone = undefined;
        oneByOne = SEEN_ALONE;
      }
      if (together === undefined || alone === undefined || together <= alone * WAITED) return;
      together = undefined;
      oneByOne = ONE_BY_ONE;
    },
  };
}
