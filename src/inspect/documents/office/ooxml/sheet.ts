import type { Findings } from '../findings.js';
import type { NumberFormat } from '../number-format.js';
import { hiddenColumns, type SheetCell, sheetRows } from '../sheet-rows.js';
import { type StyledPiece, styledReadings } from '../styled-text.js';
import { attribute, isOn, readXml, type XmlReading } from '../xml.js';
import { attributeText } from '../xml-attribute-text.js';
import { bothReadings, unescaped } from './escaped-string.js';
import { styleSignature } from './run-style.js';

export interface SheetContext {
  readonly name: string;
  readonly hidden: boolean;
  readonly strings: readonly string[];
  /** Other readings of strings that are shown in several styles. */
  readonly styled: ReadonlyMap<number, readonly string[]>;
  readonly formats: readonly NumberFormat[];
  /** Numbers of the shared strings that a cell shows. */
  readonly used: Set<number>;
  readonly maxText: number;
}

const HEADERS = /^(?:odd|even|first)(?:Header|Footer)$/;

/** Reads one worksheet (ISO/IEC 29500-1 18.3.1). @throws TooLarge */
export function readSheet(xml: string, context: SheetContext, found: Findings): XmlReading {
  const columns = hiddenColumns();
  const rows = sheetRows(found, {
    name: context.name,
    hidden: context.hidden,
    hiddenColumns: columns,
    maxText: context.maxText,
  });
  const formulas: string[] = [];
  const attributes: string[] = [];
  let cells: SheetCell[] = [];
  let rowHidden = false;
  let hideByDefault = false;
  let column = -1;
  let type = '';
  let style = 0;
  let value = '';
  let inline = '';
  let phonetic = 0;
  let inCell = false;
  let text = '';
  const names: string[] = [];
  const written: string[] = [];
  let pieces: StyledPiece[] = [];
  let look = '';
  /** Of the row's cells that can be read in several ways: the readings, by the place in the row. */
  let others = new Map<number, readonly string[]>();
  const decoded = (given: string): string => {
    const read = unescaped(given);
    if (read !== given) written.push(given);
    return read;
  };
  const endRow = () => {
    rows.row(cells, { hidden: rowHidden });
    const count = [...others.values()].reduce((most, readings) => Math.max(most, readings.length), 0);
    for (let index = 0; index < count; index++) {
      const line = cells.map(({ text: words }, at) => others.get(at)?.[index] ?? words);
      found.text('styled', line.join('\t'));
    }
    others = new Map();
    cells = [];
  };
  /** Readings of the cell without pieces of some styles. */
  const readingsOf = (): readonly string[] => {
    const { readings, tooMany } = styledReadings(pieces);
    if (tooMany) found.oddity('styled-within-number');
    return readings.length > 0 || type !== 's'
      ? readings.map(unescaped)
      : (context.styled.get(Number(value.trim())) ?? []);
  };
  const shown = (): string => {
    if (type === 's') {
      const index = Number(value.trim());
      context.used.add(index);
      return context.strings[index] ?? '';
    }
    if (type === '' || type === 'n') return readNumber(value, context.formats[style]);
    // Booleans, errors, ISO dates and the strings of formulas.
    return decoded(value);
  };
  const reading = readXml(xml, {
    open(name, given) {
      names.push(name);
      text = '';
      if (name === 'row') {
        cells = [];
        others = new Map();
        column = -1;
        const hidden = given.get('hidden');
        rowHidden = hidden === undefined ? hideByDefault || given.get('ht') === '0' : isOn(hidden);
      } else if (name === 'c' && names.at(-2) === 'row') {
        inCell = true;
        column = columnOf(given.get('r')) ?? column + 1;
        type = given.get('t') ?? '';
        style = Number(given.get('s') ?? '0');
        value = '';
        inline = '';
        pieces = [];
        look = '';
      } else if (inCell && name === 'r') look = '';
      else if (inCell && names.includes('rPr')) look += styleSignature(name, given);
      else if (name === 'col') {
        const hidden = given.has('hidden') && isOn(given.get('hidden'));
        if (hidden || given.get('width') === '0')
          columns.hide(Number(given.get('min') ?? '1') - 1, Number(given.get('max') ?? '1') - 1);
      } else if (name === 'sheetView' && given.has('rightToLeft')) {
        if (isOn(given.get('rightToLeft'))) rows.rightToLeft();
      } else if (name === 'sheetFormatPr') {
        hideByDefault = given.has('zeroHeight') && isOn(given.get('zeroHeight'));
      } else if (name === 'rPh') phonetic += 1;
      if (name !== 'c' && name !== 'row' && name !== 'v') {
        const line = attributeText(name, given);
        if (line !== '') attributes.push(line);
        const first = attribute(given, 'r1');
        if (name === 'f' && first !== undefined) formulas.push(first);
      }
    },
    close(name) {
      names.pop();
      if (name === 'row') {
        endRow();
      } else if (name === 'c' && inCell) {
        inCell = false;
        const words = [shown(), decoded(inline)].filter((one) => one !== '').join(' ');
        if (words !== '') {
          const readings = readingsOf();
          if (readings.length > 0) others.set(cells.length, readings);
          cells.push({ column, text: words });
        }
      } else if (name === 'rPh') phonetic -= 1;
      else if (text.trim() !== '') {
        if (inCell && name === 'v') value += text;
        else if (HEADERS.test(name))
          found.text('headers', bothReadings(text).replace(/&(?:[LCRPNDTGFAZBIUESXYOHK]|"[^"]*"|\d+)/g, ' '));
        else if (name === 'f' || /^(?:formula\d?|sqref|f)$/.test(name)) formulas.push(bothReadings(text));
        else found.text(phonetic > 0 ? 'hidden' : 'other', bothReadings(text));
      }
      text = '';
    },
    text(piece) {
      if (inCell && names.at(-1) === 't' && phonetic === 0) {
        inline += piece;
        pieces.push({ text: piece, style: look });
      } else text += piece;
    },
  });
  if (cells.length > 0) endRow();
  rows.end();
  found.text('formulas', formulas.join('\n'));
  found.text('written', written.join('\n'));
  found.text('attributes', bothReadings(attributes.join('\n')));
  return reading;
}

/** A number as it is shown; anything else as it stands. */
export function readNumber(value: string, format: NumberFormat | undefined): string {
  const trimmed = value.trim();
  if (trimmed === '' || !/^[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?$/i.test(trimmed)) return trimmed;
  const number = Number(trimmed);
  return format === undefined ? String(Number(number.toPrecision(15))) : format(number);
}

/** `AB12` is column 27. */
function columnOf(reference: string | undefined): number | undefined {
  const letters = /^\$?([A-Z]{1,3})\$?\d/i.exec(reference ?? '')?.[1];
  if (letters === undefined) return undefined;
  let column = 0;
  for (const letter of letters.toUpperCase()) column = column * 26 + letter.charCodeAt(0) - 64;
  return column - 1;
}
