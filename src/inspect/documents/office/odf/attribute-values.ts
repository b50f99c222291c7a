import { attribute, type XmlAttributes } from '../xml.js';

/** Elements that are shown with a value of theirs: controls of forms, choices, and former values of cells. */
const SHOW_VALUE: ReadonlySet<string> = new Set(
  (
    'text textarea formatted-text password combobox item option hidden number date time value-range property ' +
    'list-value checkbox radio generic-control label change-track-table-cell'
  ).split(' '),
);
/** Fields and variables, whose text is made of their value (OpenDocument 1.3 part 3, 7.4). */
const MADE_OF_VALUE = /^(?:user-field|variable|user-defined|expression|sequence)/;
const VALUES = ['value', 'date-value', 'time-value'] as const;
const LABELS = ['num-prefix', 'start-value', 'num-suffix'] as const;
/** Numbers of one digit with a full stop are what lists have anyway. */
const SAYS_SOMETHING = /\p{L}{2}|\p{N}{2}/u;

/** The values of an element that programs show in place of the text in it, or without any. */
export function valueText(element: string, attributes: XmlAttributes, inSpreadsheet: boolean): string {
  if (attributes.size === 0) return '';
  // Sheets are read cell by cell.
  const isCell = /^(?:covered-)?table-cell$/.test(element) && !inSpreadsheet;
  if (isCell || MADE_OF_VALUE.test(element))
    return VALUES.map((name) => attribute(attributes, name) ?? '')
      .filter((value) => value !== '')
      .join(' ');
  return SHOW_VALUE.has(element) ? (attribute(attributes, 'value') ?? '') : '';
}

/** What stands around the number of a list's item or of a note (19.500, 19.502, 19.874). */
export function labelText(attributes: XmlAttributes): string {
  const [prefix = '', start = '', suffix = ''] = LABELS.map((name) => attribute(attributes, name));
  const label = `${prefix}${start}${suffix}`;
  return SAYS_SOMETHING.test(label) ? label : '';
}
