import { near } from '../clue.js';
import type { Detector } from '../detector.js';
import { maskIdentifier } from '../masks.js';
import { isNhsNumber } from '../national-numbers.js';
import { TEN } from '../number-forms.js';
import { judgeNumbers } from '../number-judge.js';

/** The health service is named in much mail of its staff; its number, only where a number follows. */
const CONTEXT =
  /\bn\.?h\.?s\.?[^\w\n]{0,6}$|\bnhs[ _-]?(?:patient )?(?:no|num|numbers?|id|identifier|#)|\bchi[ _-]?(?:no|num|numbers?|#|:)|\bh&c\b|\bhcn\b|health (?:and|&) (?:social )?care (?:no|number)|health service (?:no|number)|^(?:nhs|chi)$/;
const CONTEXT_AFTER = /^[\s,^()|&-]{0,5}(?:nhs|chi|h&c)\b/;

/**
 * NHS numbers of England and Wales, and the CHI and H&C numbers of Scotland and Northern Ireland, which have the same
 * form: ten digits, the last by modulus 11. One number in eleven passes, and the groups are those of US telephone
 * numbers, so without its name it is a guess. Source: NHS Data Dictionary, NHS Number; ISB 0149.
 */
export const ukNhs: Detector = {
  info: {
    name: 'uk-nhs',
    class: 'identifier',
    safeHarbor: 'I-health-plan',
    description: 'UK NHS number (also CHI and H&C number)',
    source: 'NHS Data Dictionary: NHS Number; ISB 0149',
  },
  identifies: 'person',
  patterns: [
    ...TEN,
    ...near({ number: [3, 3], total: 10 }, [
      '(?-u:\\b)[0-9]{3}(?: {1,2}[0-9]{3} {1,2}|-[0-9]{3}-|\\.[0-9]{3}\\.)[0-9]{4}(?-u:\\b)',
    ]),
  ],
  judge: judgeNumbers({
    valid: isNhsNumber,
    context: CONTEXT,
    contextAfter: CONTEXT_AFTER,
    alone: () => 'low',
    showsHealth: true,
  }),
  mask: maskIdentifier,
};
