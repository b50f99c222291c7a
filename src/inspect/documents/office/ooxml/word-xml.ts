import { CorruptDocument, documentReader } from '../findings.js';
import { rootName, xmlText } from '../xml.js';
import { addMarkup } from './add-markup.js';
import { hiddenStyles } from './run-style.js';

/** Pictures and other data of a document in base64. */
const DATA = /(<(?:[\w.-]+:)?bin(?:Data|aryData)(?:\s[^<>]*)?>)([^<]*)/g;

/** A document of Word as one XML file: of Word 2003, or a package of Office Open XML. */
export const readWordXml = documentReader((input, found) => {
  const whole = xmlText(input.bytes);
  if (whole === undefined) throw new CorruptDocument('not in the encoding that it declares');
  const data: Buffer[] = [];
  const xml = whole.replace(DATA, (_, tag: string, base64: string) => {
    data.push(Buffer.from(base64, 'base64'));
    return tag;
  });
  for (const bytes of data) if (bytes.length > 0) found.extracted({ fileName: 'data', bytes });
  addMarkup({ name: '', root: rootName(xml), xml }, hiddenStyles(xml), found);
});
