import { near } from '../clue.js';
import type { Detector } from '../detector.js';
import { maskIdentifier } from '../masks.js';
import { isTfn } from '../national-numbers.js';
import { NINE, THREES } from '../number-forms.js';
import { judgeNumbers } from '../number-judge.js';

/**
 * Australian tax file numbers: nine digits (old ones eight), weighted sum divisible by eleven. One number in eleven
 * passes, so without its name it is a guess. Source: Australian Taxation Office, tax file number algorithm.
 */
export const auTfn: Detector = {
  info: {
    name: 'au-tfn',
    class: 'identifier',
    safeHarbor: 'R-other',
    description: 'Australian tax file number',
    source: 'Australian Taxation Office: tax file number algorithm',
  },
  identifies: 'person',
  patterns: [
    ...NINE,
    ...THREES,
    ...near({ word: 'nationalLabel' }, [
      '(?i)(?-u:\\b)(?:tfn|tax ?file)(?: (?:no\\.?|numbers?|num))?[ :#=]{1,3}(?:is )?[0-9]{2,3} ?[0-9]{3} ?[0-9]{3}(?-u:\\b)',
    ]),
  ],
  judge: (hits, text) =>
    judge(
      hits.map((hit) => {
        const number = /\d[\d -]*$/.exec(hit.text)?.[0] ?? '';
        return { start: hit.end - number.length, end: hit.end, text: number };
      }),
      text,
    ),
  mask: maskIdentifier,
};

const judge = judgeNumbers({
  valid: isTfn,
  context: /\b(?:tfns?|t\.f\.n|tax ?file)\b/,
  alone: (matched) => (matched.replace(/\D/g, '').length === 9 ? 'low' : undefined),
});
