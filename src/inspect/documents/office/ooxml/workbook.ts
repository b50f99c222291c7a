import { attribute, isOn, readXml, type XmlReading } from '../xml.js';
import { attributeText } from '../xml-attribute-text.js';

export interface Workbook {
  /** In order. */
  readonly sheets: readonly { readonly name: string; readonly hidden: boolean; readonly relation: string }[];
  readonly is1904: boolean;
  /** What defined names stand for. */
  readonly formulas: string;
  readonly attributes: string;
  readonly other: string;
  readonly xml: XmlReading;
}

/** The workbook part (ISO/IEC 29500-1 18.2). */
export function readWorkbook(xml: string): Workbook {
  const sheets: { name: string; hidden: boolean; relation: string }[] = [];
  const formulas: string[] = [];
  const attributes: string[] = [];
  const other: string[] = [];
  let is1904 = false;
  let text = '';
  const reading = readXml(xml, {
    open(name, given) {
      text = '';
      if (name === 'sheet') {
        sheets.push({
          name: given.get('name') ?? '',
          hidden: /hidden/i.test(given.get('state') ?? ''),
          relation: attribute(new Map([...given].filter(([key]) => key.includes(':'))), 'id') ?? '',
        });
      } else if (name === 'workbookPr') is1904 = given.has('date1904') && isOn(given.get('date1904'));
      const line = attributeText(name, given);
      if (line !== '') attributes.push(line);
    },
    close(name) {
      if (text.trim() !== '') (name === 'definedName' ? formulas : other).push(text);
      text = '';
    },
    text(piece) {
      text += piece;
    },
  });
  return {
    sheets,
    is1904,
    formulas: formulas.join('\n'),
    attributes: attributes.join('\n'),
    other: other.join('\n'),
    xml: reading,
  };
}
