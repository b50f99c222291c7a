import { documentReader } from './findings.js';
import { sortParts } from './ooxml/parts.js';
import { readPackage } from './package.js';
import { attribute, readXml } from './xml.js';
import { noteXml } from './xml-part.js';

/**
 * Pages as they are printed (ECMA-388). Their words are found where they are drawn as words; but letters may as well be
 * drawn as outlines, so it doesn't count as read.
 */
export const readXps = documentReader(async (input, found, context) => {
  found.fail('unsupported');
  const { xml, binary, broken } = sortParts(await readPackage(input, context, found));
  for (const part of broken) found.child({ ...part.child, status: 'corrupt' });
  for (const part of binary)
    if (part.bytes.length > 0 && !/\.odttf$/.test(part.name)) found.child(part.child);
  for (const part of xml) {
    const lines: string[] = [];
    const reading = readXml(part.xml, {
      open(_name, attributes) {
        for (const key of ['UnicodeString', 'NavigateUri', 'AutomationProperties.Name', 'Description']) {
          const words = attribute(attributes, key);
          if (words !== undefined) lines.push(words);
        }
      },
      close: () => undefined,
      text: (piece) => void lines.push(piece),
    });
    noteXml(reading, found);
    found.text('text', lines.filter((line) => line.trim() !== '').join('\n'));
  }
});
