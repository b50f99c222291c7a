import { near } from './clue.js';

/*
 * Forms that numbers of several countries have in common. Detectors that name the same pattern and clue share its
 * search, so that many of them cost what one does.
 */

/** Nine digits. */
export const NINE = near({ number: [9, 9] }, ['(?-u:\\b)[0-9]{9}(?-u:\\b)']);

/** Nine digits in groups of three, by blanks or dashes. */
export const THREES = near({ number: [3, 3], total: 9 }, [
  '(?-u:\\b)[0-9]{3}(?: [0-9]{3} |-[0-9]{3}-)[0-9]{3}(?-u:\\b)',
]);

/** Ten digits. */
export const TEN = near({ number: [10, 10] }, ['(?-u:\\b)[0-9]{10}(?-u:\\b)']);

/** Ten digits in groups of four, three, three, by blanks or dashes. */
export const FOUR_THREE_THREE = near({ number: [4, 4], total: 10 }, [
  '(?-u:\\b)[0-9]{4}(?: [0-9]{3} |-[0-9]{3}-)[0-9]{3}(?-u:\\b)',
]);
