/** A stretch of a text in UTF-16 code units; `end` is behind the last one. */
interface Stretch {
  readonly start: number;
  readonly end: number;
}

/** Longer values are rows of a table or whole sentences: these aren't said again in the same words. */
const MOST_WORDS = 8;
/** Letters and digits that several words have together, and digits of a number. */
const LEAST_CHARACTERS = 6;
const LEAST_DIGITS = 4;
/** Letters of a word that is looked for by itself. */
const LEAST_LETTERS = 4;
const YEAR = /^(?:19|20)\d\d$/;
const WORD = /[\p{L}\p{N}]+/gu;
/** Between the words of a name, and between the groups of a number. */
const NAME_GAP = /^[\s,'_-]{1,3}$/;
const NUMBER_GAP = /^[^\n\p{L}\p{N}]{1,3}$/u;

/**
 * Finds values by their words, in any case and with other marks between them, in texts in which nothing says what they
 * are: `48213` and `jane roe`, where `MRN 48213` and `Patient Jane Roe` stand elsewhere. One word of letters is only found
 * as it is written: `Rose` is no `rose`. Linear in the length of the text, however many values there are.
 * @param values normalised
 * @param options.sure only what is hardly ever anything else: no single words, no dates and no addresses
 */
export function valueWords(
  values: Iterable<string>,
  options: { readonly sure: boolean } = { sure: false },
): (text: string) => readonly Stretch[] {
  const runs = new Set<string>();
  const exact = new Set<string>();
  const lengths = new Map<string, Set<number>>();
  const add = (words: readonly string[]) => {
    const [first] = words;
    if (first === undefined) return;
    runs.add(words.join(' '));
    lengths.set(first, (lengths.get(first) ?? new Set()).add(words.length));
  };
  for (const value of values) {
    const written = value.match(WORD) ?? [];
    const words = written.map((word) => word.toLowerCase());
    const all = words.join('');
    const digits = all.replace(/\D+/g, '').length;
    if (words.length > MOST_WORDS || YEAR.test(all)) continue;
    const isNumber = digits >= LEAST_DIGITS;
    const hasWords = words.some((word) => /^\p{L}{3}/u.test(word));
    if (options.sure && (isNumber ? hasWords : digits > 0)) continue;
    if (isNumber || (words.length > 1 && all.length >= LEAST_CHARACTERS)) {
      add(words);
      // The figures of a short date in a row are some other number.
      if (isNumber && all.length >= LEAST_CHARACTERS) add([all]);
    } else if (!options.sure && words.length === 1 && digits === 0 && all.length >= LEAST_LETTERS)
      for (const word of written) exact.add(word);
  }
  if (runs.size + exact.size === 0) return () => [];
  const wanted = { runs, exact, lengths };
  return (text) => (hasNone(text, wanted) ? [] : found(text, wanted));
}

/** So few words are searched for, each by itself, which is faster than to look at every word of a text. */
const FEW = 16;

function hasNone(text: string, { exact, lengths }: Wanted): boolean {
  if (exact.size + lengths.size > FEW) return false;
  const lower = text.toLowerCase();
  return (
    ![...lengths.keys()].some((word) => lower.includes(word)) &&
    ![...exact].some((word) => text.includes(word))
  );
}

interface Wanted {
  readonly runs: ReadonlySet<string>;
  readonly exact: ReadonlySet<string>;
  /** By its first word, how many words a value has. */
  readonly lengths: ReadonlyMap<string, ReadonlySet<number>>;
}

function found(text: string, { runs, exact, lengths }: Wanted): readonly Stretch[] {
  const stretches: Stretch[] = [];
  /** The words before, as many as a value can have but one, the nearest last. */
  const open: { readonly start: number; words: string; count: number; isNumber: boolean }[] = [];
  let last = 0;
  for (const { 0: written, index } of text.matchAll(WORD)) {
    const end = index + written.length;
    const word = written.toLowerCase();
    const gap = index - last > 3 ? '' : text.slice(last, index);
    for (let i = open.length - 1; i >= 0; i--) {
      const run = open[i];
      if (run === undefined) continue;
      run.words += ` ${word}`;
      run.count += 1;
      run.isNumber ||= /\d/.test(word);
      const goesOn =
        (NAME_GAP.test(gap) || (run.isNumber && NUMBER_GAP.test(gap))) && run.count <= MOST_WORDS;
      if (!goesOn) open.splice(i, 1);
      else if (runs.has(run.words)) stretches.push({ start: run.start, end });
    }
    const known = lengths.get(word);
    if (exact.has(written) || (known?.has(1) === true && runs.has(word)))
      stretches.push({ start: index, end });
    if (known !== undefined && (known.size > 1 || !known.has(1)))
      open.push({ start: index, words: word, count: 1, isNumber: /\d/.test(word) });
    last = end;
  }
  return stretches;
}
