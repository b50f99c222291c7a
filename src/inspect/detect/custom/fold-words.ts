import { normalise } from '../../normalise.js';
import { asciiShadow } from '../ascii-shadow.js';

/** Entries are for names and phrases. More words than this are a sentence, which nobody writes twice alike. */
export const MOST_WORDS = 12;
export const LONGEST_ENTRY = 200;

let table: Uint16Array | undefined;

/**
 * For each UTF-16 code unit the one it is compared as: small letters without marks, digits; 0 for what isn't part of a
 * word. Letters beyond the Basic Multilingual Plane aren't part of words here.
 */
export function wordUnits(): Uint16Array {
  table ??= buildTable();
  return table;
}

function buildTable(): Uint16Array {
  const units = new Uint16Array(65_536);
  for (let code = 0; code < 65_536; code++) {
    // Surrogates.
    if (code >= 0xd800 && code <= 0xdfff) continue;
    const character = String.fromCharCode(code);
    const plain = code < 0x80 ? character : asciiShadow(character);
    if (/^[A-Za-z0-9]$/.test(plain)) units[code] = plain.toLowerCase().charCodeAt(0);
    else if (code >= 0x80 && /^[\p{L}\p{N}\p{Mc}]$/u.test(character)) units[code] = otherUnit(character);
  }
  return units;
}

/** That of a letter beyond Latin ones; of a marked one, what the letter without its marks would be read as in a text. */
function otherUnit(character: string): number {
  const [base = character, ...marks] = character.normalize('NFD');
  const isMarked = marks.length > 0 && marks.every((mark) => /^\p{Mn}$/u.test(mark));
  const small = oneCase(isMarked ? normalise(base).text : character);
  const plain = asciiShadow(small);
  return (/^[A-Za-z0-9]$/.test(plain) ? plain.toLowerCase() : small).charCodeAt(0);
}

/** Small letters by way of capitals, so that both forms of a sigma are one. */
function oneCase(character: string): string {
  const small = character.toUpperCase().toLowerCase();
  return small.length === 1 ? small : character.toLowerCase();
}

/** Scripts that put no blanks between words, so that a word's beginning and end can't be seen. */
const UNSPACED =
  /[\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{scx=Thai}\p{scx=Lao}\p{scx=Khmer}\p{scx=Myanmar}\p{scx=Tibetan}]/u;

export type FoldedEntry =
  | { readonly ok: true; readonly forms: readonly string[] }
  /** What is wrong, behind "this entry". */
  | { readonly ok: false; readonly reason: string };

/**
 * A word or phrase as it is looked for: its words with a blank between, as `wordUnits` has them, after what is done to
 * every text of a message (`normalise`). Mostly one form; more where that folds the look-alikes of a script, such as a
 * capital of Cyrillic, and leaves their small letters.
 */
export function foldEntry(written: string): FoldedEntry {
  if (written.length > LONGEST_ENTRY) return no(`is longer than ${LONGEST_ENTRY} characters`);
  const isAscii = !/[^\0-\x7f]/.test(written);
  const small = written.toLowerCase();
  const cases = isAscii ? [small] : [written, small, written.toUpperCase(), capitalised(small)];
  const forms = new Set<string>();
  for (const one of cases) {
    const { text } = normalise(one);
    if (UNSPACED.test(text)) {
      return no('is in a script that puts no blanks between words, and only whole words are found');
    }
    if (/[\u{10000}-\u{10ffff}]/u.test(text.replace(/\p{S}/gu, ''))) {
      return no('has letters beyond U+FFFF, which are not looked for');
    }
    const folded = foldWords(text);
    if (folded.replace(/ /g, '').length < 2) return no('needs two letters or digits at least');
    if (folded.split(' ').length > MOST_WORDS) return no(`has more than ${MOST_WORDS} words`);
    forms.add(folded);
  }
  return { ok: true, forms: [...forms] };
}

function capitalised(small: string): string {
  return small.replace(/\p{L}[\p{L}\p{M}]*/gu, (word) => {
    const [first = '', ...others] = word;
    return first.toUpperCase() + others.join('');
  });
}

function foldWords(text: string): string {
  const units = wordUnits();
  let folded = '';
  let isGap = false;
  for (let i = 0; i < text.length; i++) {
    const unit = units[text.charCodeAt(i)] ?? 0;
    if (unit === 0) {
      isGap = folded !== '';
      continue;
    }
    if (isGap) folded += ' ';
    isGap = false;
    folded += String.fromCharCode(unit);
  }
  return folded;
}

function no(reason: string): FoldedEntry {
  return { ok: false, reason };
}
