import type { ScannedText } from '../scanned-text.js';
import { phraseTable } from './phrase-table.js';

/** Whether a word of a list stands near a place of a text. */
export interface NearWords {
  /**
   * @param list index of the list
   * @param window characters before `start` and behind `end`; never over an empty line. The header of the column of a
   *   table counts as near.
   */
  readonly isNear: (text: ScannedText, list: number, start: number, end: number, window: number) => boolean;
}

/** Where the phrases of one list begin, and where they end, ascending. */
interface Places {
  readonly starts: number[];
  readonly ends: number[];
}

interface TextPlaces {
  readonly lists: ReadonlyMap<number, Places>;
  readonly labels: Map<string, ReadonlySet<number>>;
}

/** Reads each text once for all lists, when first asked about it. */
export function nearWords(lists: readonly (readonly string[])[]): NearWords {
  const table = phraseTable(lists.map((list) => list.map((phrase) => `${phrase}\n`).join('')));
  const known = new WeakMap<ScannedText, TextPlaces>();
  const read = (text: ScannedText): TextPlaces => {
    let places = known.get(text);
    if (places === undefined) {
      places = { lists: placesOf(table.find(text.text)), labels: new Map() };
      known.set(text, places);
    }
    return places;
  };
  const isLabel = (places: TextPlaces, label: string, list: number): boolean => {
    let found = places.labels.get(label);
    if (found === undefined) {
      found = new Set(table.find(label).map((hit) => hit.list));
      places.labels.set(label, found);
    }
    return found.has(list);
  };
  return {
    isNear: (text, list, start, end, window) => {
      if ((lists[list]?.length ?? 0) === 0) return false;
      const places = read(text);
      const { starts, ends } = places.lists.get(list) ?? { starts: [], ends: [] };
      const before = ends[firstAbove(ends, start) - 1];
      if (before !== undefined && start - before <= window && isOneParagraph(text.text, before, start)) {
        return true;
      }
      const after = starts[firstAbove(starts, end - 1)];
      if (after !== undefined && after - end <= window && isOneParagraph(text.text, end, after)) return true;
      return text.hasRows() && isLabel(places, text.labels(start), list);
    },
  };
}

function placesOf(
  hits: readonly { readonly list: number; readonly start: number; readonly end: number }[],
): ReadonlyMap<number, Places> {
  const lists = new Map<number, Places>();
  for (const { list, start, end } of hits) {
    const places = lists.get(list) ?? { starts: [], ends: [] };
    lists.set(list, places);
    places.starts.push(start);
    places.ends.push(end);
  }
  // Phrases may lie within one another, so ends aren't in order by themselves.
  for (const { ends } of lists.values()) ends.sort((a, b) => a - b);
  return lists;
}

/** Index of the first number above a limit. */
function firstAbove(sorted: readonly number[], limit: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? 0) <= limit) low = middle + 1;
    else high = middle;
  }
  return low;
}

function isOneParagraph(text: string, from: number, to: number): boolean {
  return !text.slice(from, to).includes('\n\n');
}
