import { type TableWriter, tableWriter } from '../../table-text.js';
import {
  CHANNELS,
  type Channel,
  type ChannelText,
  channelText,
  type Look,
  type TextMarks,
} from './channels.js';
import type { Findings } from './findings.js';

/** Takes the text of one story (main text, a note, a header …) with its paragraphs and tables, in all its readings. */
export interface StoryText {
  /** @param look by which pieces of a word or a number are told apart */
  add(text: string, marks: TextMarks, look?: Look): void;
  /** What some programs show in this place. */
  instead(text: string, look: string): void;
  /** Instructions of a field. */
  field(text: string): void;
  /** @param inTable it stands in a cell that goes on */
  paragraph(inTable: boolean): void;
  cell(): void;
  row(): void;
  /** @throws TooLarge */
  end(): void;
}

const MAX_TABLE = 16 * 1024 * 1024;

/** @param view where the text that is shown goes */
export function storyText(view: string, found: Findings): StoryText {
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
  let changed = false;
  let row: string[] = [];
  let cell: string[] = [];
  let table: TableWriter | undefined;
  const finish = (): string => {
    const texts = paragraph.texts();
    const other = paragraph.styled();
    found.text('styled', other.readings.join('\n'));
    if (other.tooMany) found.oddity('styled-within-number');
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
  const endCell = () => {
    row.push([...cell, finish()].filter((line) => line !== '').join('\n'));
    cell = [];
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
    add(text, marks, look) {
      changed ||= marks.hidden || marks.deleted || marks.inserted;
      paragraph.add(text, marks, look);
    },
    instead: (text, look) => paragraph.instead(text, look),
    field: (text) => paragraph.field(text),
    paragraph(inTable) {
      const line = finish();
      if (inTable) cell.push(line);
      else {
        if (line !== '') endTable();
        lines.visible.push(line);
      }
    },
    cell: endCell,
    row() {
      const rest = finish();
      if (rest !== '') cell.push(rest);
      if (cell.length > 0) endCell();
      endRow();
    },
    end() {
      const rest = finish();
      if (rest !== '') cell.push(rest);
      if (row.length > 0 && cell.length > 0) endCell();
      endRow();
      for (const line of cell) lines.visible.push(line);
      endTable();
      for (const channel of CHANNELS) {
        if (!changed && (channel === 'all' || channel === 'original')) continue;
        found.text(channel === 'visible' ? view : channel, lines[channel].join('\n'));
      }
      found.text('table', tables.join('\n'));
    },
  };
}
