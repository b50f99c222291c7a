import type { Edit } from './text-edits.js';

/** Cells by the letter they stand for (Unicode Standard 21.1; grade 1 English braille), a to z. */
const LETTERS = '⠁⠃⠉⠙⠑⠋⠛⠓⠊⠚⠅⠇⠍⠝⠕⠏⠟⠗⠎⠞⠥⠧⠺⠭⠽⠵';
const NUMBER_SIGN = '⠼';
const OTHERS: Readonly<Record<string, string>> = { '⠤': '-', '⠲': '.', '⠂': ',', '⠒': ':', '⠠': '' };
const RUN = /[\u2801-\u283f](?:[- ]?[\u2801-\u283f]){1,2000}/g;
/** A number in groups whose sign for numbers was left out: its cells would be letters. */
const DIGITS_ONLY = /^[⠁⠃⠉⠙⠑⠋⠛⠓⠊⠚]{3}[-⠤]?[⠁⠃⠉⠙⠑⠋⠛⠓⠊⠚]{2}[-⠤]?[⠁⠃⠉⠙⠑⠋⠛⠓⠊⠚]{4}$/;

/** Text in cells of braille, as letters and digits. */
export function brailleText(text: string): readonly Edit[] {
  const edits: Edit[] = [];
  for (const { index, 0: run } of text.matchAll(RUN)) {
    edits.push({ start: index, end: index + run.length, replacement: decoded(run) });
  }
  return edits;
}

function decoded(run: string): string {
  let inNumber = DIGITS_ONLY.test(run);
  let result = '';
  for (const cell of run) {
    const letter = LETTERS.indexOf(cell);
    if (cell === NUMBER_SIGN) inNumber = true;
    else if (letter !== -1 && inNumber && letter < 10) result += String((letter + 1) % 10);
    else if (letter !== -1) {
      inNumber = false;
      result += String.fromCharCode(0x61 + letter);
    } else {
      if (cell === ' ') inNumber = false;
      result += OTHERS[cell] ?? cell;
    }
  }
  return result;
}
