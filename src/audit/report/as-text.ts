import type { ReportDocument, ReportTable } from './document.js';

const WIDEST = 60;

/** A report as lines of text. Whoever prints them strips control characters. */
export function reportText({ title, about, notes, sections }: ReportDocument): readonly string[] {
  const lines = [title, '='.repeat(title.length), ...about];
  for (const note of notes) lines.push('', `! ${note}`);
  for (const section of sections) {
    lines.push('', section.title, '-'.repeat([...section.title].length));
    if (section.text !== undefined) lines.push(section.text);
    for (const table of section.tables) lines.push('', ...tableLines(table));
  }
  return lines;
}

function tableLines({ caption, columns, rows, empty, note }: ReportTable): readonly string[] {
  if (rows.length === 0) return [`${caption}: ${empty}`];
  const all = [columns.map(({ name }) => name), ...rows];
  const widths = columns.map((_, i) =>
    Math.min(WIDEST, Math.max(...all.map((row) => [...(row[i] ?? '')].length))),
  );
  const line = (row: readonly string[]) =>
    `  ${row
      .map((cell, i) => {
        const room = widths[i] ?? 0;
        // The last column of text needs no filling.
        if (columns[i]?.number === true) return pad(cell, room) + cell;
        return i === row.length - 1 ? cell : cell + pad(cell, room);
      })
      .join('  ')}`.trimEnd();
  return [caption, ...all.map(line), ...(note === undefined ? [] : [`  ${note}`])];
}

function pad(cell: string, room: number): string {
  return ' '.repeat(Math.max(0, room - [...cell].length));
}
