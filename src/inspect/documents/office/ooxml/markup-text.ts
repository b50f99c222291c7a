import { CHANNELS, type Channel, type ChannelText, channelText } from '../channels.js';
import { textOfField } from '../field-text.js';
import { type StyledPiece, styledReadings } from '../styled-text.js';
import { textTables } from '../text-tables.js';
import { attribute, isOn, readXml, type XmlAttributes, type XmlReading } from '../xml.js';
import { attributeText } from '../xml-attribute-text.js';
import { NO_NUMBERING, type Numbering } from './numbering.js';
import { hidesRun, styleSignature } from './run-style.js';

/** One part's text: paragraphs as lines, in each reading that differs. */
export interface MarkupTexts extends Readonly<Record<Channel, string>> {
  /** Rows with the labels of their columns. */
  readonly table: string;
  readonly attributes: string;
  /** What programs show that don't know the newer markup beside it (ISO/IEC 29500-3 10.2). */
  readonly fallback: string;
  /** Paragraphs without pieces that look otherwise than the word or number in which they stand. */
  readonly styled: string;
  /** A number is made of too many styles to be read without each. */
  readonly tooManyStyles: boolean;
  /** Paragraphs with the labels of their lists. */
  readonly numbered: string;
  readonly xml: XmlReading;
}

export interface MarkupOptions {
  /** Names of styles whose text is hidden. */
  readonly styles: ReadonlySet<string>;
  /** Blanks around a text count only where it says so (17.3.3.31: `xml:space`). */
  readonly trims: boolean;
  readonly numbering?: Numbering;
}

/** Elements whose character data are words within a line. */
const INLINE: ReadonlySet<string> = new Set(['t', 'delText', 'instrText', 'delInstrText']);
const PARAGRAPHS: ReadonlySet<string> = new Set([
  'p',
  'si',
  'is',
  'text',
  'txbxContent',
  'comment',
  'cm',
  'pt',
]);
const DELETED: ReadonlySet<string> = new Set(['del', 'moveFrom']);
const INSERTED: ReadonlySet<string> = new Set(['ins', 'moveTo']);
/** Positions and sizes that are written as text. */
const MEASURES = /^(?:posOffset|pct(?:Width|Height|PosHOffset|PosVOffset)|align)$/;
/** A paragraph that isn't closed yet. */
interface OpenParagraph {
  readonly words: ChannelText;
  readonly pieces: StyledPiece[];
  /** Number of its list; empty where it is in none. */
  list: string;
  level: number;
}

function openText(): OpenParagraph {
  return { words: channelText(), pieces: [], list: '', level: 0 };
}

/**
 * Reads word processing and drawing markup (WordprocessingML, DrawingML, VML, charts, diagrams, comments), by local
 * names alone. All character data of the part are in one of the texts.
 */
export function markupTexts(xml: string, options: MarkupOptions): MarkupTexts {
  const lines: Record<Channel, string[]> = {
    visible: [],
    all: [],
    original: [],
    hidden: [],
    deleted: [],
    fields: [],
  };
  const attributeLines: string[] = [];
  const fallback: string[] = [];
  const tables = textTables(4 * xml.length);
  const paragraphs: OpenParagraph[] = [openText()];
  const runs: { hidden: boolean; style: string }[] = [];
  const styled: string[] = [];
  let tooManyStyles = false;
  const numbered: string[] = [];
  const counters = (options.numbering ?? NO_NUMBERING).counters();
  /** Which of several texts a program shows; the innermost last. */
  const choices: string[] = [];
  /** Paragraph styles, with the paragraph. */
  const hiddenParagraphs: boolean[] = [];
  const names: string[] = [];
  /** How many of these are open. */
  const within = { pPr: 0, rPr: 0 };
  let openTables = 0;
  let instructions = '';
  /** What follows is the result of a field that is made anew. */
  let result = false;
  let pending: string | undefined;
  let anyChange = false;
  let deleted = 0;
  let inserted = 0;
  let alternates = 0;
  let hiddenShapes = 0;
  const shapes: boolean[] = [];

  const flush = (paragraph: OpenParagraph | undefined) => {
    const texts = paragraph?.words.texts();
    if (paragraph === undefined || texts === undefined) return;
    const other = styledReadings(paragraph.pieces);
    for (const reading of other.readings) styled.push(reading);
    tooManyStyles ||= other.tooMany;
    const label = paragraph.list === '' ? '' : counters.next(paragraph.list, paragraph.level);
    // Mere bullets and small numbers add nothing to what is read already.
    if (/\p{L}|\d\D*\d\D*\d/u.test(label)) numbered.push(`${label}${texts.all}`, `${label}\t${texts.all}`);
    if (alternates > 0) {
      if (texts.all.trim() !== '') fallback.push(texts.all);
      return;
    }
    for (const channel of CHANNELS) {
      const text = texts[channel];
      if (text === '') continue;
      if (channel !== 'visible' || !tables.words(text)) lines[channel].push(text);
    }
  };
  const current = (): OpenParagraph => {
    const last = paragraphs.at(-1);
    if (last !== undefined) return last;
    const first = openText();
    paragraphs.push(first);
    return first;
  };
  const add = (text: string) => {
    const hidden = hiddenShapes > 0 || runs.at(-1)?.hidden === true || hiddenParagraphs.at(-1) === true;
    const paragraph = current();
    paragraph.words.add(text, { hidden, deleted: deleted > 0, inserted: inserted > 0 });
    const choice = choices.at(-1);
    // Without what is hidden or deleted it is read elsewhere.
    if (!hidden && deleted === 0)
      paragraph.pieces.push({
        text,
        style: choice ?? runs.at(-1)?.style ?? '',
        ...(choice !== undefined && { alternative: true }),
      });
  };
  const addField = (code: string): boolean => {
    const made = textOfField(code);
    if (made !== '') current().pieces.push({ text: made, style: 'field', alternative: true });
    return made !== '';
  };
  /** Between its instructions and its end stands the result that was stored. */
  const fieldMark = (type: string) => {
    if (result && type !== 'begin') {
      result = false;
      choices.pop();
    }
    if ((type === 'separate' || type === 'end') && addField(instructions) && type === 'separate') {
      result = true;
      choices.push('result');
    }
    instructions = '';
  };
  const addDeleted = (text: string) => {
    deleted += 1;
    add(text);
    deleted -= 1;
  };
  const openParagraph = () => {
    paragraphs.push(openText());
    hiddenParagraphs.push(false);
  };
  const closeParagraph = () => {
    if (paragraphs.length < 2) return;
    flush(paragraphs.pop());
    hiddenParagraphs.pop();
  };
  /** Text that stands on a line of its own between paragraphs. */
  const breakLine = () => {
    if (paragraphs.length > 1) return;
    flush(paragraphs.pop());
    paragraphs.push(openText());
  };
  const closeTable = () => {
    const rows = tables.close();
    if (rows !== undefined) lines.visible.push(rows);
  };
  const noteStyle = (name: string, attributes: XmlAttributes) => {
    const value = attribute(attributes, 'val') ?? '';
    const run = runs.at(-1);
    if (name === 'rStyle' && run !== undefined && options.styles.has(value)) run.hidden = true;
    if (name === 'pStyle' && options.styles.has(value) && hiddenParagraphs.length > 0)
      hiddenParagraphs[hiddenParagraphs.length - 1] = true;
    // The properties of the paragraph's mark aren't those of its runs.
    if (run !== undefined && (name === 'rPr' || within.rPr > 0) && within.pPr === 0) {
      run.hidden ||= hidesRun(name, attributes);
      run.style += styleSignature(name, attributes);
    }
    const paragraph = paragraphs.at(-1);
    if (within.pPr > 0 && paragraph !== undefined) {
      if (name === 'numId') paragraph.list = value;
      else if (name === 'ilvl') paragraph.level = /^[0-8]$/.test(value) ? Number(value) : 0;
    }
  };

  const reading = readXml(xml, {
    open(name, attributes) {
      const line = attributeText(name, attributes);
      if (line !== '') attributeLines.push(line);
      noteStyle(name, attributes);
      if (name === 'pPr' || name === 'rPr') within[name] += 1;
      else if (PARAGRAPHS.has(name)) openParagraph();
      else if (options.trims && (name === 't' || name === 'delText')) {
        if (attribute(attributes, 'space') !== 'preserve') pending = '';
      } else if (name === 'r') runs.push({ hidden: false, style: '' });
      else if (DELETED.has(name) && names.at(-1) !== 'rPr') deleted += 1;
      else if (INSERTED.has(name) && names.at(-1) !== 'rPr') {
        inserted += 1;
        anyChange = true;
      } else if (name === 'Fallback') {
        alternates += 1;
        choices.push('fallback');
      } else if (name === 'Choice') choices.push(`choice ${attribute(attributes, 'Requires') ?? ''}`);
      else if (name === 'rt') choices.push('ruby');
      else if (name === 'fldChar') fieldMark(attribute(attributes, 'fldCharType') ?? '');
      else if (name === 'bdo') add(attribute(attributes, 'val') === 'rtl' ? '\u202e' : '\u202d');
      else if (name === 'sp' || name === 'graphicFrame' || name === 'grpSp') shapes.push(false);
      else if (name === 'cNvPr' && attributes.has('hidden') && isOn(attributes.get('hidden'))) {
        if (shapes.length > 0 && shapes.at(-1) === false) {
          shapes[shapes.length - 1] = true;
          hiddenShapes += 1;
        }
      } else if (name === 'tab' && names.at(-1) !== 'tabs') add('\t');
      else if (name === 'ptab') add('\t');
      else if (name === 'br' || name === 'cr') add('\n');
      else if (name === 'noBreakHyphen') add('-');
      else if (name === 'sym') add(symbol(attributes));
      else if (name === 'fldSimple') {
        const code = attribute(attributes, 'instr') ?? '';
        current().words.field(` ${code} `);
        addField(code);
      } else if (name === 'textpath') {
        // WordArt in VML.
        add(attributes.get('string') ?? '');
      } else if (name === 'tbl') {
        openTables += 1;
        tables.open();
      }
      names.push(name);
    },
    close(name) {
      names.pop();
      if (pending !== undefined && (name === 't' || name === 'delText')) {
        const trimmed = pending.trim();
        pending = undefined;
        if (name === 't') add(trimmed);
        else addDeleted(trimmed);
      } else if (name === 'pPr' || name === 'rPr') within[name] = Math.max(0, within[name] - 1);
      else if (PARAGRAPHS.has(name)) closeParagraph();
      else if (name === 'r') runs.pop();
      else if (DELETED.has(name) && names.at(-1) !== 'rPr') deleted = Math.max(0, deleted - 1);
      else if (INSERTED.has(name) && names.at(-1) !== 'rPr') inserted = Math.max(0, inserted - 1);
      else if (name === 'Fallback') {
        alternates = Math.max(0, alternates - 1);
        choices.pop();
      } else if (name === 'Choice' || name === 'rt') choices.pop();
      else if (name === 'bdo') add('\u202c');
      else if (name === 'sp' || name === 'graphicFrame' || name === 'grpSp') {
        if (shapes.pop() === true) hiddenShapes -= 1;
      } else if (name === 'tc') tables.closeCell();
      else if (name === 'tr') tables.closeRow();
      else if (name === 'tbl' && openTables > 0) {
        openTables -= 1;
        closeTable();
      }
    },
    text(piece) {
      const name = names.at(-1) ?? '';
      if (name === 'instrText' || name === 'delInstrText') {
        current().words.field(piece);
        instructions += piece;
      } else if (pending !== undefined && (name === 't' || name === 'delText')) pending += piece;
      else if (name === 'delText') addDeleted(piece);
      else if (INLINE.has(name)) add(piece);
      else if (piece.trim() !== '' && !(MEASURES.test(name) && /^\s*(?:-?\d+|[a-z]+)\s*$/i.test(piece))) {
        if (paragraphs.length === 1) breakLine();
        add(paragraphs.length === 1 ? piece : ` ${piece} `);
      }
    },
  });
  while (paragraphs.length > 0) flush(paragraphs.pop());
  for (; openTables > 0; openTables--) closeTable();
  const joined = (channel: Channel) => lines[channel].join('\n');
  const known = new Set(lines.all);
  const changed = lines.deleted.length > 0 || lines.hidden.length > 0;
  return {
    visible: joined('visible'),
    hidden: joined('hidden'),
    deleted: joined('deleted'),
    fields: joined('fields'),
    all: changed ? joined('all') : '',
    original: anyChange || lines.deleted.length > 0 ? joined('original') : '',
    table: tables.labelled(),
    attributes: attributeLines.join('\n'),
    styled: styled.join('\n'),
    tooManyStyles,
    numbered: numbered.join('\n'),
    fallback: fallback.filter((text) => !known.has(text)).join('\n'),
    xml: reading,
  };
}

/** A letter of a symbol font, which programs write from U+F000 on (17.3.3.30). */
function symbol(attributes: XmlAttributes): string {
  const code = Number.parseInt(attribute(attributes, 'char') ?? '', 16);
  if (!(code > 0x1f && code <= 0xffff)) return '';
  return String.fromCharCode(code >= 0xf000 && code <= 0xf0ff ? code - 0xf000 : code);
}
