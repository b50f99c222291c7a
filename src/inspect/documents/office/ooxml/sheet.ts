import type { Findings } from '../findings.js';
import type { NumberFormat } from '../number-format.js';
import { hiddenColumns, type SheetCell, sheetRows } from '../sheet-rows.js';
import { attribute, isOn, readXml, type XmlReading } from '../xml.js';
import { attributeText } from '../xml-attribute-text.js';

export interface SheetContext {
  readonly name: string;
  readonly hidden: boolean;
  readonly strings: readonly string[];
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
  const shown = (): string => {
    if (type === 's') {
      const index = Number(value.trim());
      context.used.add(index);
      return context.strings[index] ?? '';
    }
    if (type === '' || type === 'n') return readNumber(value, context.formats[style]);
    // Booleans, errors, ISO dates and the strings of formulas.
    return value;
  };
  const reading = readXml(xml, {
    open(name, given) {
      names.push(name);
      text = '';
      if (name === 'row') {
        cells = [];
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
      } else if (name === 'col') {
        const hidden = given.has('hidden') && isOn(given.get('hidden'));
        if (hidden || given.get('width') === '0')
          columns.hide(Number(given.get('min') ?? '1') - 1, Number(given.get('max') ?? '1') - 1);
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
        rows.row(cells, { hidden: rowHidden });
        cells = [];
      } else if (name === 'c' && inCell) {
        inCell = false;
        const words = [shown(), inline].filter((one) => one !== '').join(' ');
        if (words !== '') cells.push({ column, text: words });
      } else if (name === 'rPh') phonetic -= 1;
      else if (text.trim() !== '') {
        if (inCell && name === 'v') value += text;
        else if (HEADERS.test(name))
          found.text('headers', text.replace(/&(?:[LCRPNDTGFAZBIUESXYOHK]|"[^"]*"|\d+)/g, ' '));
        else if (name === 'f' || /^(?:formula\d?|sqref|f)$/.test(name)) formulas.push(text);
        else found.text(phonetic > 0 ? 'hidden' : 'other', text);
      }
      text = '';
    },
    text(piece) {
      if (inCell && names.at(-1) === 't' && phonetic === 0) inline += piece;
      else text += piece;
    },
  });
  if (cells.length > 0) rows.row(cells, { hidden: rowHidden });
  rows.end();
  found.text('formulas', formulas.join('\n'));
  found.text('attributes', attributes.join('\n'));
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
