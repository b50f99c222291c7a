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
/** Of these, words have at least three: more than languages of medical mail here have. */
const MARKED = /[À-ɏḀ-ỿⱠ-Ɀɐ-ʯᵽ]/g;
const LETTER = /[A-Za-zÀ-ɏḀ-ỿⱠ-Ɀɐ-ʯᵽ]/;
const LETTERS = /[A-Za-zÀ-ɏḀ-ỿⱠ-Ɀɐ-ʯᵽ]+/y;
const SHORTEST = 4;
const LEAST_MARKED = 3;

/** The text with letters in heavily marked words as their plain ones (`âśťĥḿå`); undefined where there are none. */
export function unmarked(text: string): EditedText | undefined {
  const edits: Edit[] = [];
  let end = 0;
  // From one such letter to the next: most words have none.
  for (const { index } of text.matchAll(MARKED)) {
    if (index < end) continue;
    let start = index;
    while (start > end && LETTER.test(text.charAt(start - 1))) start--;
    LETTERS.lastIndex = index;
    LETTERS.test(text);
    end = LETTERS.lastIndex;
    if (end - start < SHORTEST) continue;
    const whole = text.slice(start, end);
    if (whole.replace(/[A-Za-z]/g, '').length < LEAST_MARKED) continue;
    const plain = [...whole.normalize('NFD').replace(/\p{M}/gu, '')]
      .map((letter) => STROKES.get(letter) ?? letter)
      .join('');
    edits.push({ start, end, replacement: plain });
  }
  return edits.length === 0 ? undefined : applyEdits(text, edits);
}
