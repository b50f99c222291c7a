import { type Budget, type DocumentLimits, TooLarge } from './types.js';

/** Unpacked bytes that no ratio is asked of: small files of blanks compress without end. */
const FREE = 1024 * 1024;

export interface PartBudget {
  /** For one reader: text is counted for each place, the rest for the whole part. */
  forReader(): Budget;
}

/** The budget of one part that was sent, shared by all that is in it. */
export function createBudget(limits: DocumentLimits, packedBytes: number): PartBudget {
  const mostUnpacked = Math.min(limits.maxUnpacked, FREE + limits.maxRatio * packedBytes);
  let unpacked = 0;
  let entries = 0;
  let allText = 0;
  return {
    forReader: () => {
      let text = 0;
      return {
        takeUnpacked: (bytes) => {
          unpacked += bytes;
          if (!(unpacked <= mostUnpacked)) throw new TooLarge('too many bytes unpacked');
        },
        takeEntry: () => {
          entries += 1;
          if (entries > limits.maxEntries) throw new TooLarge('too many entries');
        },
        takeText: (bytes) => {
          text += bytes;
          allText += bytes;
          if (!(text <= limits.maxText && allText <= limits.maxUnpacked)) throw new TooLarge('too much text');
        },
      };
    },
  };
}
