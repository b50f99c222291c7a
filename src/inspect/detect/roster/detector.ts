import type { Detector } from '../detector.js';
import type { RosterTable } from './types.js';

/** Two or more columns of one row of a roster near each other, in any of the rosters given. */
export function rosterDetector(_rosters: readonly RosterTable[]): Detector {
  return {
    info: {
      name: 'roster',
      class: 'identifier',
      safeHarbor: 'R-other',
      description: 'Two or more columns of one row of a patient roster',
      source: 'the rosters imported (`sallyport roster`)',
    },
    identifies: 'person',
    patterns: [],
    judge: () => [],
    mask: () => 'row of a roster',
  };
}
