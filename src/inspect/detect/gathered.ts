import { intList } from './int-list.js';

/** What is gathered while a text is read; the same memory for one text after the other. */
export const GATHERED = {
  digitStarts: intList(),
  digitEnds: intList(),
  /** Start, end and bits of each word, one behind the other. */
  words: intList(),
  /** Start and end of each word of letters only, two at least, that begins with a capital. */
  capitals: intList(),
  atSigns: intList(),
  letterDigits: intList(),
  houseNumbers: intList(),
} as const;

const ALL = Object.values(GATHERED);

/** Begins anew. */
export function clearGathered(): void {
  for (let i = 0; i < ALL.length; i++) ALL[i]?.clear();
}

/** Numbers of one word in `GATHERED.words`. */
export const WORD = 3;
/** Those of one in `GATHERED.capitals`. */
export const CAPITAL = 2;
