import { addToHash } from '../word-table.js';
import { MOST_WORDS, wordUnits } from './fold-words.js';

/** A phrase of a list seen in a text. Offsets are UTF-16 code units. */
export interface PhraseHit {
  /** Index of the list. */
  readonly list: number;
  readonly start: number;
  readonly end: number;
}

/** Looks for the phrases of several lists in one pass over a text. */
export interface PhraseTable {
  /**
   * At each word the longest phrase of each list that begins there, in text order. Whole words only; between two words
   * of a phrase anything else may stand, but no more than four characters and no empty line. Time is linear in the text.
   */
  readonly find: (text: string) => readonly PhraseHit[];
}

const LONGEST_GAP = 4;

const BLANK = 0x20;
const LINE_FEED = 0x0a;

/** Values of the table: a slot that is free, and that a phrase goes on behind these words. Others number a phrase. */
const FREE = 0;
const GOES_ON = -1;

/**
 * A hash table of all beginnings of phrases, word by word: some twenty bytes a word, besides the phrases themselves.
 * What a hash says is compared with the phrase, so two phrases of one hash cost time and are never a wrong hit.
 *
 * @param lists folded phrases (`foldEntry`), a line feed behind each
 */
export function phraseTable(lists: readonly string[]): PhraseTable {
  const units = wordUnits();
  const words = lists.reduce((sum, list) => sum + count(list, BLANK) + count(list, LINE_FEED), 0);
  let slots = 64;
  while (slots < words * 2) slots *= 2;
  const mask = slots - 1;
  const hashes = new Int32Array(slots);
  const values = new Int32Array(slots);
  /** Of each phrase, from 1: its list, and where it begins there. */
  const owners = new Uint16Array(words + 1);
  const starts = new Int32Array(words + 1);
  let phrases = 0;

  const put = (hash: number, value: number) => {
    let slot = hash & mask;
    for (; values[slot] !== FREE; slot = (slot + 1) & mask) {
      if (value === GOES_ON && values[slot] === GOES_ON && hashes[slot] === hash) return;
    }
    hashes[slot] = hash;
    values[slot] = value;
  };
  lists.forEach((list, index) => {
    let hash = 0;
    let start = 0;
    for (let i = 0; i < list.length; i++) {
      const code = list.charCodeAt(i);
      if (code !== LINE_FEED) {
        hash = addToHash(hash, code);
        if (code === BLANK) put(hash, GOES_ON);
        continue;
      }
      phrases += 1;
      owners[phrases] = index;
      starts[phrases] = start;
      put(addToHash(hash, BLANK), phrases);
      hash = 0;
      start = i + 1;
    }
  });

  /** Whether a phrase is what stands from one place to another, gaps aside. */
  const isPhrase = (phrase: number, text: string, start: number, end: number): boolean => {
    const list = lists[owners[phrase] ?? 0] ?? '';
    let at = start;
    for (let i = starts[phrase] ?? 0; list.charCodeAt(i) !== LINE_FEED; i++) {
      const code = list.charCodeAt(i);
      if (code === BLANK) {
        while (at < end && units[text.charCodeAt(at)] === 0) at++;
      } else if (at >= end || units[text.charCodeAt(at++)] !== code) return false;
    }
    return at === end;
  };

  /** Adds the phrases from one place to another to `hits`; true where longer ones may follow. */
  const lookUp = (hash: number, text: string, start: number, end: number, hits: PhraseHit[]): boolean => {
    let goesOn = false;
    for (let slot = hash & mask; values[slot] !== FREE; slot = (slot + 1) & mask) {
      if (hashes[slot] !== hash) continue;
      const value = values[slot] ?? FREE;
      if (value === GOES_ON) goesOn = true;
      else if (isPhrase(value, text, start, end)) longest(hits, { list: owners[value] ?? 0, start, end });
    }
    return goesOn;
  };

  const behind = (text: string, from: number, isWord: boolean): number => {
    let at = from;
    while (at < text.length && (units[text.charCodeAt(at)] !== 0) === isWord) at++;
    return at;
  };

  return {
    find: (text) => {
      const hits: PhraseHit[] = [];
      if (phrases === 0) return hits;
      for (let from = behind(text, 0, false); from < text.length; ) {
        let hash = 0;
        let at = from;
        let next = from;
        for (let word = 1; word <= MOST_WORDS; word++) {
          for (; at < text.length; at++) {
            const unit = units[text.charCodeAt(at)] ?? 0;
            if (unit === 0) break;
            hash = addToHash(hash, unit);
          }
          if (word === 1) next = at;
          hash = addToHash(hash, BLANK);
          if (!lookUp(hash, text, from, at, hits)) break;
          const further = behind(text, at, false);
          if (further === text.length || !isGap(text, at, further)) break;
          at = further;
        }
        from = behind(text, next, false);
      }
      return hits;
    },
  };
}

/** Of phrases of one list that begin at one place only the longest is kept. */
function longest(hits: PhraseHit[], hit: PhraseHit): void {
  for (let i = hits.length - 1; i >= 0 && hits[i]?.start === hit.start; i--) {
    if (hits[i]?.list !== hit.list) continue;
    hits[i] = hit;
    return;
  }
  hits.push(hit);
}

function isGap(text: string, from: number, to: number): boolean {
  return to - from <= LONGEST_GAP && !text.slice(from, to).includes('\n\n');
}

function count(list: string, wanted: number): number {
  let found = 0;
  for (let i = 0; i < list.length; i++) if (list.charCodeAt(i) === wanted) found++;
  return found;
}
