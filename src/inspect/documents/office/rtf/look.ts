/** Formats of characters that are on, by their control words (RTF 1.9.1, "Font (Character) Formatting Properties"). */
export type Look = ReadonlyMap<string, number>;

export const NO_LOOK: Look = new Map();

const FORMATS: ReadonlySet<string> = new Set(
  (
    'b i strike striked outl shad embo impr caps scaps super sub v webhidden cf cb chcbpat chcfpat chshdng highlight ' +
    'fs f cs expnd expndtw charscalex up dn kerning animtext fittext'
  ).split(' '),
);
/** Underlines, which are one or the other: a word that isn't one of them says nothing. */
const UNDERLINED =
  /^ul(?:d|db|dash|dashd|dashdd|hair|hwave|ldash|th|thd|thdash|thdashd|thdashdd|thldash|uldbwave|w|wave)?$/;

/** The look behind a control word; the same one where the word says nothing of characters. */
export function withFormat(look: Look, word: string, number: number | undefined): Look {
  if (word === 'plain') return NO_LOOK;
  if (word === 'nosupersub') return without(look, (one) => one === 'super' || one === 'sub');
  if (word === 'ulnone') return without(look, (one) => one.startsWith('ul'));
  if (!FORMATS.has(word) && !UNDERLINED.test(word)) return look;
  if (number === 0 && word !== 'f' && word !== 'fs') return without(look, (one) => one === word);
  return new Map([...look, [word, number ?? 1]]);
}

function without(look: Look, gone: (word: string) => boolean): Look {
  const rest = [...look].filter(([word]) => !gone(word));
  return rest.length === look.size ? look : new Map(rest);
}

/** The same for looks that are alike. */
export function signatureOf(look: Look): string {
  if (look.size === 0) return '';
  return [...look]
    .map(([word, number]) => `${word}${number}`)
    .sort()
    .join(' ');
}
