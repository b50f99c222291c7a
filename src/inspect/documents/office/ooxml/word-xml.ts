import { CorruptDocument, documentReader } from '../findings.js';
import { rootName, xmlText } from '../xml.js';
import { addMarkup } from './add-markup.js';
import { hiddenStyles } from './run-style.js';

/** Pictures and other data of a document in base64, and whether their element ends behind them. */
const DATA = /(<(?:[\w.-]+:)?bin(?:Data|aryData)(?:\s[^<>]*)?(?<!\/)>)([^<]*)(<\/)?/g;
const BASE64 = /^[A-Za-z0-9+/=\s]*$/;

/** A document of Word as one XML file: of Word 2003, or a package of Office Open XML. */
export const readWordXml = documentReader((input, found) => {
  const whole = xmlText(input.bytes);
  if (whole === undefined) throw new CorruptDocument('not in the encoding that it declares');
  const data: Buffer[] = [];
  const xml = whole.replace(DATA, (_, tag: string, base64: string, end = '') => {
    data.push(Buffer.from(base64, 'base64'));
    // In a section of characters, around a comment, with references: no program writes data so, but all read it.
    if (end === '' || !BASE64.test(base64)) found.fail('unsupported');
    return `${tag}${end}`;
  });
  for (const bytes of data) if (bytes.length > 0) found.extracted({ fileName: 'data', bytes });
  addMarkup({ name: '', root: rootName(xml), xml }, hiddenStyles(xml), found);
});
