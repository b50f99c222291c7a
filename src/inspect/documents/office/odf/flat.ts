import { CorruptDocument, documentReader } from '../findings.js';
import { xmlText } from '../xml.js';
import { noteXml } from '../xml-part.js';
import { readContent } from './content.js';
import { hidingStyles } from './styles.js';
import { trackedChanges } from './tracked-changes.js';

/** OpenDocument as one XML file (OASIS OpenDocument 1.3 part 3, 3.1.2), or the content of one without its package. */
export const readFlatOdf = documentReader((input, found, context) => {
  const xml = xmlText(input.bytes);
  if (xml === undefined) throw new CorruptDocument('not in the encoding that it declares');
  const options = {
    styles: hidingStyles(xml),
    changes: trackedChanges(xml),
    maxText: context.limits.maxText,
  };
  noteXml(readContent(xml, options, found), found, true);
});
