import type { TextMarks } from '../channels.js';
import type { Findings } from '../findings.js';
import { storyText } from '../story-text.js';

/** Formatting of a character; the same object for those of one run. */
export interface CharacterFormat extends TextMarks {
  readonly look: string;
}

/** Takes the characters of one story of a Word document (main text, notes, headers …) with their special ones. */
export interface Story {
  /** @param endsRow the paragraph of this character ends a row of a table */
  character(code: number, format: CharacterFormat, endsRow: boolean): void;
  /** @throws TooLarge */
  end(): void;
}

/** What comes before it has a meaning of its own. */
const FIRST_WRITTEN = 0x20;
const CELL = 0x07;
const PARAGRAPH_ENDS = [0x0c, 0x0d, 0x0e];
const FIELD_BEGIN = 0x13;
const FIELD_SEPARATOR = 0x14;
const FIELD_END = 0x15;
const MAX_FIELD_DEPTH = 64;

/** @param view where the text that is shown goes */
export function createStory(view: string, found: Findings): Story {
  const text = storyText(view, found);
  /** Of each open field, whether its instruction is being read, not its result. */
  const fields: boolean[] = [];
  let waiting = '';
  let format: CharacterFormat | undefined;
  const flush = () => {
    if (format !== undefined && waiting !== '') text.add(waiting, format, { style: format.look });
    waiting = '';
  };
  return {
    character(code, next, endsRow) {
      if (next !== format || code < FIRST_WRITTEN) flush();
      format = next;
      if (code === CELL) {
        if (endsRow) text.row();
        else text.cell();
      } else if (PARAGRAPH_ENDS.includes(code)) text.paragraph(false);
      else if (code === FIELD_BEGIN) fields.push(true);
      else if (code === FIELD_SEPARATOR) {
        if (fields.length > 0) fields[fields.length - 1] = false;
      } else if (code === FIELD_END) {
        fields.pop();
        text.field(' ');
      } else {
        const words = characterText(code);
        if (fields.includes(true)) text.field(words);
        else waiting += words;
      }
      // No more than this can be open at once; the rest is read as text.
      if (fields.length > MAX_FIELD_DEPTH) fields.length = 0;
    },
    end() {
      flush();
      text.end();
    },
  };
}

/** [MS-DOC] 2.4.1 and the special characters of 2.3 and 2.8. */
function characterText(code: number): string {
  if (code === 0x09) return '\t';
  if (code === 0x0b) return '\n';
  if (code === 0x1e) return '-';
  return code < 0x20 ? '' : String.fromCharCode(code);
}
