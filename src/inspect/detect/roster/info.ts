import type { DetectorInfo } from '../detector.js';

/** What documentation and policies know of exact data match. */
export const ROSTER_INFO: DetectorInfo = {
  name: 'roster',
  class: 'identifier',
  safeHarbor: 'R-other',
  description: 'Two or more columns of one row of an imported patient roster (exact data match)',
  source: 'Rosters of your own: `sallyport roster import`',
};
