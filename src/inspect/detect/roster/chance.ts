import { wordList } from '../word-lists.js';
import { DOMAIN } from './hashes.js';
import { isOneName, type KnownValue, type RowMatch, WINDOW } from './join.js';
import type { SeenValue } from './seen-values.js';

/*
 * How likely it is that values of one row stand together by chance. With a million rows somebody is called Smith and
 * born on nearly any day, so those two say little; a rare name and that day say who is meant.
 */

/** Of a kind of value, how many of a roster's size it takes until its frequencies there are believed. */
const BELIEVED_AT = { name: 2_000, date: 20_000, zip: 1_000, text: 100 } as const;

/** The chance that a value of a text, of the same kind, is just this one. */
function chanceOf({ domain, count, start, end }: KnownValue, rows: number, shadow: string): number {
  const frequency = (count - 1) / Math.max(rows, 1);
  switch (domain) {
    case DOMAIN.word:
    case DOMAIN.first: {
      const chance = (count + 0.4) / (rows + BELIEVED_AT.name);
      const written = shadow.slice(start, end);
      // In texts, "Will", "Park" and what begins small are mostly other words.
      const otherWord = written === written.toLowerCase() || otherWords().has(written.toLowerCase());
      return otherWord ? Math.max(chance, OTHER_WORD) : chance;
    }
    case DOMAIN.date:
      return (count + 0.7) / (rows + BELIEVED_AT.date);
    case DOMAIN.zip:
      return (count + 0.2) / (rows + BELIEVED_AT.zip);
    case DOMAIN.text:
      return (count + 1) / (rows + BELIEVED_AT.text);
    case DOMAIN.email:
      return Math.max(1e-9, frequency);
    case DOMAIN.address:
    case DOMAIN.street:
      return Math.max(1e-6, frequency);
    case DOMAIN.number:
      return Math.max(numberChance(shadow.slice(start, end)), frequency);
  }
}

const OTHER_WORD = 0.005;
const SINGLE_NAME = 0.001;

let others: ReadonlySet<string> | undefined;

function otherWords(): ReadonlySet<string> {
  others ??= new Set(wordList('not-names'));
  return others;
}

/** Short numbers, and round ones, are in all texts. */
function numberChance(written: string): number {
  const characters = written.replace(/[^a-z0-9]/gi, '').replace(/^0+/, '');
  if (/^\d?0+$|^(\d)\1+$/.test(characters)) return 0.1;
  if (characters.length <= 4) return 0.01;
  if (characters.length === 5) return 1e-4;
  return 10 ** -characters.length;
}

/** Whether two words of a match are parts of one name. */
function isFullName(words: readonly KnownValue[], shadow: string): boolean {
  return words.some((word, i) => {
    const next = words[i + 1];
    return next !== undefined && isOneName(shadow, word.end, next.start);
  });
}

/**
 * How many rows would come together like this if the values around had nothing to do with the roster. Given and
 * family name count together where they stand together; of names apart only the rarest counts.
 */
export function expectedByChance(
  { values }: RowMatch,
  seen: readonly SeenValue[],
  rows: number,
  shadow: string,
): number {
  const near = valuesAround(values, seen);
  let expected = rows;
  const words = values.filter(({ domain }) => domain === DOMAIN.word);
  if (words.length > 0) {
    const chances = words.map((word) => chanceOf(word, rows, shadow)).sort((a, b) => a - b);
    const full = isFullName(words, shadow);
    const others = near.filter(({ domain }) => domain === DOMAIN.word);
    const tried = full ? namesAmong(others, shadow) : distinct(others);
    const [rarest = 1, other = 1] = chances;
    // Rare words of all kinds are in texts, so a single one says no more than that.
    expected *= tried * (full ? rarest * other : Math.max(rarest, SINGLE_NAME));
  }
  for (const value of values) {
    if (value.domain === DOMAIN.word) continue;
    const others = near.filter(({ domain }) => domain === value.domain);
    expected *= Math.min(1, distinct(others) * chanceOf(value, rows, shadow));
  }
  return expected;
}

/** What was seen in and around a match: everything that could have matched in its place. */
function valuesAround(values: readonly KnownValue[], seen: readonly SeenValue[]): readonly SeenValue[] {
  const from = (values[0]?.start ?? 0) - WINDOW;
  const to = (values.at(-1)?.end ?? 0) + WINDOW;
  let low = 0;
  let high = seen.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((seen[middle]?.start ?? 0) < from) low = middle + 1;
    else high = middle;
  }
  const around: SeenValue[] = [];
  for (let at = low; at < seen.length && around.length < MOST_AROUND; at++) {
    const value = seen[at];
    if (value === undefined || value.start > to) break;
    around.push(value);
  }
  return around;
}

const MOST_AROUND = 200;

function distinct(values: readonly SeenValue[]): number {
  return Math.max(1, new Set(values.map(({ filterHash }) => filterHash)).size);
}

/** Words that a further one follows as in a name. */
function namesAmong(words: readonly SeenValue[], shadow: string): number {
  let count = 0;
  for (let i = 1; i < words.length; i++) {
    const [before, after] = [words[i - 1], words[i]];
    if (before !== undefined && after !== undefined && isOneName(shadow, before.end, after.start)) count++;
  }
  return Math.max(1, count);
}
