import { CHANNELS, type ChannelText, channelText } from '../channels.js';
import type { Findings } from '../findings.js';
import { textTables } from '../text-tables.js';
import { attribute, readXml, type XmlAttributes, type XmlReading } from '../xml.js';
import { attributeText } from '../xml-attribute-text.js';
import { labelText, valueText } from './attribute-values.js';
import { repeated, type SheetTable, sheetTable } from './sheet-table.js';
import type { HidingStyles } from './styles.js';
import type { TrackedChanges } from './tracked-changes.js';

export interface ContentOptions {
  readonly styles: HidingStyles;
  readonly changes: TrackedChanges;
  readonly maxText: number;
}

/** Elements whose text goes into a view of its own. */
const VIEWS: Readonly<Record<string, string>> = {
  annotation: 'comments',
  note: 'notes',
  notes: 'notes',
  'master-page': 'masters',
  header: 'headers',
  'header-left': 'headers',
  'header-first': 'headers',
  footer: 'headers',
  'footer-left': 'headers',
  'footer-first': 'headers',
  'header-decl': 'headers',
  'footer-decl': 'headers',
  title: 'attributes',
  desc: 'attributes',
  settings: 'metadata',
  script: 'macros',
  module: 'macros',
  'automatic-styles': 'styles',
  styles: 'styles',
  'font-face-decls': 'styles',
  'tracked-changes': 'deleted',
  'hidden-text': 'hidden',
  'hidden-paragraph': 'hidden',
};
const STYLES: ReadonlySet<string> = new Set(['automatic-styles', 'styles', 'font-face-decls']);
const PARAGRAPHS: ReadonlySet<string> = new Set([
  'p',
  'h',
  'binary-data',
  'creator',
  'creator-initials',
  'date',
  'date-string',
  'title',
  'desc',
  'note-citation',
]);
/** Within these, elements of such names are fields in the midst of the text. */
const WORDS: ReadonlySet<string> = new Set(['p', 'h', 'span', 'a', 'ruby-base', 'meta', 'meta-field']);
const FIELDS: ReadonlySet<string> = new Set(['title', 'date', 'creator']);
const MAX_SPACES = 1000;
/**
 * Reads content or styles of OpenDocument (1.3 part 3), by local names. All character data of the part are in one of
 * the views.
 * @throws TooLarge
 */
export function readContent(xml: string, options: ContentOptions, found: Findings): XmlReading {
  const lines = new Map<string, string[]>();
  const formulas: string[] = [];
  const paragraphs: {
    readonly channel: ChannelText;
    readonly view: string | undefined;
    readonly cell: boolean;
  }[] = [];
  const views: string[] = [];
  const hiddenSpans: boolean[] = [];
  /** Of spans and links that are open; '' where they have none. */
  const spanStyles: string[] = [];
  /** Readings of words above them that are open. */
  let rubies = 0;
  const tables = textTables(4 * xml.length);
  let loose: ChannelText = channelText();
  let sheet: SheetTable | undefined;
  /** Tables that are open; of a spreadsheet, the outermost is the sheet. */
  let depth = 0;
  let inSpreadsheet = false;
  let hiddenText = 0;
  let hiddenPages = 0;
  const pages: boolean[] = [];
  let insertions = 0;
  let inStyles = 0;
  let anyChange = false;
  let binary: string | undefined;
  const names: string[] = [];
  let anyLoose = false;

  const put = (view: string, text: string) => {
    if (text.trim() === '') return;
    const list = lines.get(view) ?? [];
    lines.set(view, list);
    list.push(text);
  };
  const view = (): string | undefined => views.at(-1);
  const add = (text: string) => {
    const target = paragraphs.at(-1)?.channel ?? loose;
    if (target === loose) anyLoose = true;
    const look =
      rubies > 0
        ? { style: 'ruby', alternative: true }
        : { style: spanStyles.filter((one) => one !== '').join(' ') };
    const marks = { hidden: hiddenText > 0 || hiddenPages > 0, deleted: false, inserted: insertions > 0 };
    target.add(text, marks, look);
  };
  const finish = (channel: ChannelText, where: string | undefined, inCell: boolean) => {
    const texts = channel.texts();
    if (inStyles === 0) {
      const other = channel.styled();
      for (const reading of other.readings) put('styled', reading);
      if (other.tooMany) found.oddity('styled-within-number');
    }
    for (const name of CHANNELS) {
      const text = texts[name];
      if (text === '') continue;
      if (where !== undefined) {
        // Within a comment, a note or the like there is one reading.
        if (name === 'all') put(where, text);
        continue;
      }
      if (name !== 'visible') put(name, text);
      else if (inCell && sheet !== undefined) sheet.words(text);
      else if (!inCell || !tables.words(text)) put('text', text);
    }
  };
  const breakLoose = () => {
    if (!anyLoose) return;
    anyLoose = false;
    finish(loose, view(), false);
    loose = channelText();
  };
  const isIn = (name: string) => views.at(-1) === VIEWS[name];

  const openTable = (attributes: XmlAttributes) => {
    depth += 1;
    if (!inSpreadsheet) tables.open();
    else if (depth === 1) {
      const style = attribute(attributes, 'style-name') ?? '';
      const hidden = options.styles.tables.has(style) || attribute(attributes, 'display') === 'false';
      const name = attribute(attributes, 'name') ?? '';
      const rightToLeft = options.styles.rightToLeft.has(style);
      sheet = sheetTable({ name, hidden, rightToLeft, maxText: options.maxText }, found);
    }
  };
  const closeTable = () => {
    if (depth === 0) return;
    depth -= 1;
    if (inSpreadsheet) {
      if (depth > 0) return;
      sheet?.end();
      sheet = undefined;
      return;
    }
    const rows = tables.close();
    if (rows !== undefined) put(view() ?? 'text', rows);
  };
  /** The sheet, but within none of the tables that its cells may hold. */
  const rowsOf = () => (depth === 1 ? sheet : undefined);
  const openCell = (attributes: XmlAttributes) => {
    const formula = attribute(attributes, 'formula');
    if (formula !== undefined) formulas.push(formula);
    rowsOf()?.openCell(attributes);
  };
  const closeCell = () => {
    const rows = rowsOf();
    if (rows === undefined) tables.closeCell();
    else rows.closeCell();
  };
  const closeRow = () => {
    const rows = rowsOf();
    if (rows === undefined) tables.closeRow();
    else rows.closeRow();
  };
  const hides = (attributes: XmlAttributes): boolean => {
    const style = attribute(attributes, 'style-name');
    return style !== undefined && options.styles.text.has(style);
  };
  const inline = (name: string, attributes: XmlAttributes) => {
    if (name === 's') add(' '.repeat(Math.min(MAX_SPACES, repeated(attributes, 'c'))));
    else if (name === 'tab') add('\t');
    else if (name === 'line-break') add('\n');
    else if (name === 'change') {
      const text = options.changes.deleted.get(attribute(attributes, 'change-id') ?? '');
      if (text === undefined) return;
      anyChange = true;
      (paragraphs.at(-1)?.channel ?? loose).add(text, { hidden: false, deleted: true, inserted: false });
    } else if (name === 'change-start' || name === 'change-end') {
      if (!options.changes.inserted.has(attribute(attributes, 'change-id') ?? '')) return;
      anyChange = true;
      insertions = Math.max(0, insertions + (name === 'change-start' ? 1 : -1));
    }
  };

  const reading = readXml(xml, {
    open(given, attributes) {
      // Names that say something else where they stand for fields are put aside.
      const name = FIELDS.has(given) && WORDS.has(names.at(-1) ?? '') ? 'field' : given;
      names.push(name);
      if (STYLES.has(name)) inStyles += 1;
      if (inStyles === 0) {
        put('attributes', attributeText(name, attributes));
        put('attributes', valueText(name, attributes, inSpreadsheet));
        const target = attribute(attributes, 'href') ?? '';
        if (/^[a-z][a-z0-9+.-]*:/i.test(target)) put('links', target);
      } else put('styles', labelText(attributes));
      const own = Object.hasOwn(VIEWS, name) ? VIEWS[name] : undefined;
      if (own !== undefined) {
        if (paragraphs.length === 0) breakLoose();
        views.push(own);
      }
      if (PARAGRAPHS.has(name)) {
        // A paragraph of a cell, and not of a comment in it.
        const inCell = view() === undefined;
        paragraphs.push({ channel: channelText(), view: view(), cell: inCell });
        if (name === 'binary-data') binary = '';
      }
      if (name === 'p' || name === 'h' || name === 'span' || name === 'a') {
        const hidden = hides(attributes);
        hiddenSpans.push(hidden);
        spanStyles.push(name === 'span' ? (attribute(attributes, 'style-name') ?? '') : '');
        if (hidden) hiddenText += 1;
      } else if (name === 'ruby-text') rubies += 1;
      else if (name === 'table') openTable(attributes);
      else if (name === 'table-row') rowsOf()?.openRow(attributes);
      else if (name === 'table-cell' || name === 'covered-table-cell') openCell(attributes);
      else if (name === 'table-column') rowsOf()?.column(attributes);
      else if (name === 'spreadsheet') inSpreadsheet = true;
      else if (name === 'page') {
        const hidden = options.styles.pages.has(attribute(attributes, 'style-name') ?? '');
        pages.push(hidden);
        if (hidden) hiddenPages += 1;
      } else inline(name, attributes);
    },
    close(given) {
      const name = names.pop() ?? given;
      if (PARAGRAPHS.has(name)) {
        const paragraph = paragraphs.pop();
        if (name === 'binary-data' && binary !== undefined) {
          const bytes = Buffer.from(binary, 'base64');
          if (bytes.length > 0) found.extracted({ fileName: 'picture', bytes });
          binary = undefined;
        } else if (paragraph !== undefined) finish(paragraph.channel, paragraph.view, paragraph.cell);
      }
      if (name === 'p' || name === 'h' || name === 'span' || name === 'a') {
        if (hiddenSpans.pop() === true) hiddenText -= 1;
        spanStyles.pop();
      } else if (name === 'ruby-text') rubies = Math.max(0, rubies - 1);
      else if (name === 'table') closeTable();
      else if (name === 'table-row') closeRow();
      else if (name === 'table-cell' || name === 'covered-table-cell') closeCell();
      else if (name === 'spreadsheet') inSpreadsheet = false;
      else if (name === 'page' && pages.pop() === true) hiddenPages -= 1;
      if (Object.hasOwn(VIEWS, name) && isIn(name)) {
        if (paragraphs.length === 0) breakLoose();
        views.pop();
      }
      if (STYLES.has(name)) inStyles = Math.max(0, inStyles - 1);
      if (paragraphs.length === 0 && !PARAGRAPHS.has(name)) breakLoose();
    },
    text(piece) {
      if (binary !== undefined) binary += piece;
      else add(piece);
    },
  });
  while (paragraphs.length > 0) {
    const last = paragraphs.pop();
    if (last !== undefined) finish(last.channel, last.view, false);
  }
  breakLoose();
  // Markup that ends too early.
  while (depth > 0) closeTable();
  const changed = anyChange || (lines.get('hidden')?.length ?? 0) > 0;
  for (const [name, list] of lines) {
    if (!changed && (name === 'all' || name === 'original')) continue;
    found.text(name, list.join('\n'));
  }
  found.text('formulas', formulas.join('\n'));
  found.text('table', tables.labelled());
  return reading;
}
