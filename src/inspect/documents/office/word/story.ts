import { type TableWriter, tableWriter } from '../../../table-text.js';
import { CHANNELS, type Channel, type ChannelText, channelText, type TextMarks } from '../channels.js';
import type { Findings } from '../findings.js';

/** Takes the characters of one story of a Word document (main text, notes, headers …) with their special ones. */
export interface Story {
  character(code: number, marks: TextMarks, rowEnd: boolean): void;
  /** @throws TooLarge */
  end(): void;
}

const CELL = 0x07;
const FIELD_BEGIN = 0x13;
const FIELD_SEPARATOR = 0x14;
const FIELD_END = 0x15;
const MAX_TABLE = 16 * 1024 * 1024;

/** @param view where the text that is shown goes */
export function createStory(view: string, found: Findings): Story {
  const lines: Record<Channel, string[]> = {
    visible: [],
    hidden: [],
    deleted: [],
    fields: [],
    all: [],
    original: [],
  };
  const tables: string[] = [];
  let paragraph: ChannelText = channelText();
  /** Of each open field, whether its instruction is being read, not its result. */
  const fields: boolean[] = [];
  let row: string[] = [];
  let table: TableWriter | undefined;
  let changed = false;
  const endParagraph = (): string => {
    const texts = paragraph.texts();
    paragraph = channelText();
    for (const channel of CHANNELS) {
      if (texts[channel] !== '' && channel !== 'visible') lines[channel].push(texts[channel]);
    }
    return texts.visible;
  };
  const endTable = () => {
    const text = table?.text() ?? '';
    if (text !== '') tables.push(text);
    table = undefined;
  };
  const endRow = () => {
    if (row.length > 0) {
      lines.visible.push(row.join('\t'));
      table ??= tableWriter(MAX_TABLE);
      table.row(row);
    }
    row = [];
  };
  return {
    character(code, marks, rowEnd) {
      changed ||= marks.hidden || marks.deleted || marks.inserted;
      if (code === CELL) {
        if (rowEnd) endRow();
        else row.push(endParagraph());
        return;
      }
      if (code === 0x0d || code === 0x0c || code === 0x0e) {
        const line = endParagraph();
        // Several paragraphs in one cell stand there until the cell ends.
        if (row.length > 0) row[row.length - 1] += line === '' ? '' : ` ${line}`;
        else {
          if (line !== '') endTable();
          lines.visible.push(line);
        }
        return;
      }
      if (code === FIELD_BEGIN) fields.push(true);
      else if (code === FIELD_SEPARATOR) {
        if (fields.length > 0) fields[fields.length - 1] = false;
      } else if (code === FIELD_END) {
        fields.pop();
        paragraph.field(' ');
      } else {
        const text = characterText(code);
        if (fields.includes(true)) paragraph.field(text);
        else if (text !== '') paragraph.add(text, marks);
      }
      if (fields.length > 64) fields.length = 0;
    },
    end() {
      const rest = endParagraph();
      if (rest !== '') row.push(rest);
      endRow();
      endTable();
      for (const channel of CHANNELS) {
        if (!changed && (channel === 'all' || channel === 'original')) continue;
        found.text(channel === 'visible' ? view : channel, lines[channel].join('\n'));
      }
      found.text('table', tables.join('\n'));
    },
  };
}

/** [MS-DOC] 2.4.1 and the special characters of 2.3 and 2.8. */
function characterText(code: number): string {
  if (code === 0x09) return '\t';
  if (code === 0x0b) return '\n';
  if (code === 0x1e) return '-';
  if (code === 0x1f || code < 0x20) return '';
  return String.fromCharCode(code);
}
