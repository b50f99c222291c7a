import { applyEdits, type Edit, type EditedText } from './text-edits.js';

/** Letters with strokes and hooks that Unicode doesn't take apart; the rest is done by decomposing. */
const STROKES = new Map(
  [
    'ⱥa',
    'ȺA',
    'ƀb',
    'ɃB',
    'ɓb',
    'ȼc',
    'ȻC',
    'ƈc',
    'đd',
    'ĐD',
    'ɖd',
    'ɗd',
    'ɇe',
    'ɆE',
    'ƒf',
    'ǥg',
    'ǤG',
    'ɠg',
    'ħh',
    'ĦH',
    'ɦh',
    'ɨi',
    'ƗI',
    'ɉj',
    'ɈJ',
    'ƙk',
    'ⱪk',
    'łl',
    'ŁL',
    'ƚl',
    'ɫl',
    'ɱm',
    'ƞn',
    'ɲn',
    'ŋn',
    'øo',
    'ØO',
    'ɵo',
    'ᵽp',
    'ⱣP',
    'ƥp',
    'ʠq',
    'ɍr',
    'ɌR',
    'ɽr',
    'ʂs',
    'ŧt',
    'ŦT',
    'ƭt',
    'ʈt',
    'ʉu',
    'ɄU',
    'ʋv',
    'ⱳw',
    'ɏy',
    'ɎY',
    'ƴy',
    'ƶz',
    'ƵZ',
    'ʐz',
    'ȥz',
  ].map((pair) => [pair.slice(0, -1), pair.slice(-1)] as const),
);
/** Words with at least three such letters: more than languages of medical mail here have. */
const MARKED = /[À-ɏḀ-ỿⱠ-Ɀɐ-ʯᵽ]/;
const LETTERS = /[A-Za-zÀ-ɏḀ-ỿⱠ-Ɀɐ-ʯᵽ]{4,}/g;
const LEAST_MARKED = 3;

/** The text with letters in heavily marked words as their plain ones (`âśťĥḿå`); undefined where there are none. */
export function unmarked(text: string): EditedText | undefined {
  if (!MARKED.test(text)) return undefined;
  const edits: Edit[] = [];
  for (const match of text.matchAll(LETTERS)) {
    const [whole] = match;
    if (whole.replace(/[A-Za-z]/g, '').length < LEAST_MARKED) continue;
    const plain = [...whole.normalize('NFD').replace(/\p{M}/gu, '')]
      .map((letter) => STROKES.get(letter) ?? letter)
      .join('');
    edits.push({ start: match.index, end: match.index + whole.length, replacement: plain });
  }
  return edits.length === 0 ? undefined : applyEdits(text, edits);
}
