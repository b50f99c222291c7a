import { near } from '../clue.js';
import type { Detector } from '../detector.js';
import { maskIdentifier } from '../masks.js';
import { isKvnr } from '../national-numbers.js';
import { judgeNumbers } from '../number-judge.js';

const judge = judgeNumbers({
  // Of twenty places the first ten are the person's, the rest the insurer's.
  valid: (value) => isKvnr(value.slice(0, 10)),
  context:
    /(?:\bkvn(?:r|ummer)?\b|versicherten(?:[- ]?(?:nr|nummer|id|ausweis))|kranken(?:versicherung|kasse|versicherten)|gesundheitskarte|\begk\b)/,
  alone: () => 'low',
  showsHealth: true,
  rareForm: (matched) => /^[A-Z]\d{9}$/.test(matched),
});

/**
 * German health insurance numbers, the part that stays for life: a letter, eight digits, and a check digit. With the
 * insurer's number behind it, it has twenty places. Source: GKV-Spitzenverband, Krankenversichertennummer (section 290
 * SGB V); gematik, specification of the electronic health card.
 */
export const deKvnr: Detector = {
  info: {
    name: 'de-kvnr',
    class: 'identifier',
    safeHarbor: 'I-health-plan',
    description: 'German health insurance number',
    source: 'GKV-Spitzenverband: Krankenversichertennummer, § 290 SGB V',
  },
  identifies: 'person',
  patterns: [
    ...near({ mark: 'letter-digit' }, [
      '(?-u:\\b)[A-Z][0-9]{9}(?:[0-9]{10})?(?-u:\\b)',
      '(?-u:\\b)[A-Z][0-9]{3} [0-9]{3} [0-9]{3}(?-u:\\b)',
    ]),
    ...near({ word: 'nationalLabel' }, [
      '(?i)(?-u:\\b)(?:kvnr|kvn|kvnummer|versicherten|versichertennummer|versichertennr|krankenversichertennummer|egk)(?:-?(?:nummer|nr\\.?|id))?[ :#=]{1,3}[a-z][0-9]{9}(?-u:\\b)',
    ]),
  ],
  judge: (hits, text) =>
    judge(
      hits.map((hit) => {
        const number = /[A-Za-z](?:\d{9}|\d{19}|\d{3} \d{3} \d{3})$/.exec(hit.text)?.[0] ?? hit.text;
        const start = hit.end - number.length;
        return { start, end: hit.end, text: number };
      }),
      text,
    ),
  mask: maskIdentifier,
};
