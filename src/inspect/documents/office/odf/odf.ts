import { printableRuns } from '../compound/printable.js';
import { documentReader, type Findings } from '../findings.js';
import { labelledTexts } from '../labelled-text.js';
import { sortParts, type XmlPart } from '../ooxml/parts.js';
import { readPackage } from '../package.js';
import { attribute, readXml } from '../xml.js';
import { noteXml } from '../xml-part.js';
import { readContent } from './content.js';
import { readManifest } from './manifest.js';
import { hidingStyles, NO_STYLES } from './styles.js';
import { trackedChanges } from './tracked-changes.js';

const CONTENT: ReadonlySet<string> = new Set([
  'document-content',
  'document-styles',
  'document',
  'module',
  'dialog',
]);
/** Numbers of a program about where it breaks pages. */
const MACHINE = /^(?:layout-cache|mimetype)$/;

/**
 * OpenDocument texts, sheets and slides (ISO/IEC 26300, OASIS OpenDocument 1.3). Every XML part of the package is read;
 * everything else in it is a child.
 */
export const readOdf = documentReader(async (input, found, context) => {
  const parts = await readPackage(input, context, found);
  const sorted = sortParts(parts);
  const manifests = sorted.xml.filter(({ root }) => root === 'manifest').map(({ xml }) => readManifest(xml));
  for (const { xml } of manifests) noteXml(xml, found, true);
  const encrypted = new Set(manifests.flatMap((manifest) => [...manifest.encrypted]));
  if (encrypted.size > 0) found.fail('encrypted');
  for (const part of sorted.broken) {
    if (encrypted.has(part.name)) continue;
    found.child({ ...part.child, status: 'corrupt' });
    found.fail('corrupt');
  }
  for (const part of sorted.binary) {
    if (MACHINE.test(part.name)) found.text('strings', printableRuns(part.bytes));
    else if (!encrypted.has(part.name) && part.bytes.length > 0) found.child(part.child);
  }
  if (encrypted.size === 0 && !sorted.xml.some(({ root }) => root === 'document-content'))
    found.fail('corrupt');
  const common = sorted.xml
    .filter(({ root }) => root === 'document-styles')
    .reduce((styles, { xml }) => hidingStyles(xml, styles), NO_STYLES);
  for (const part of sorted.xml) {
    if (part.root === 'manifest') continue;
    if (CONTENT.has(part.root)) {
      const styles = hidingStyles(part.xml, common);
      const changes = trackedChanges(part.xml);
      noteXml(
        readContent(part.xml, { styles, changes, maxText: context.limits.maxText }, found),
        found,
        true,
      );
    } else if (part.root === 'document-settings') addSettings(part, found);
    else addMetadata(part, found);
  }
});

function addMetadata(part: XmlPart, found: Findings): void {
  const { text, attributes, xml } = labelledTexts(part.xml);
  noteXml(xml, found, true);
  found.text('metadata', text);
  found.text('attributes', attributes);
}

/** Settings; data among them in base64, as those of a printer, for what can be read in them. */
function addSettings(part: XmlPart, found: Findings): void {
  const lines: string[] = [];
  let isBinary = false;
  let text = '';
  const reading = readXml(part.xml, {
    open(name, attributes) {
      text = '';
      isBinary = name === 'config-item' && attribute(attributes, 'type') === 'base64Binary';
    },
    close() {
      if (isBinary) lines.push(printableRuns(Buffer.from(text, 'base64')));
      else if (/\p{L}{3}/u.test(text) && !/^(?:true|false)$/.test(text)) lines.push(text);
      text = '';
      isBinary = false;
    },
    text(piece) {
      text += piece;
    },
  });
  noteXml(reading, found, true);
  found.text('metadata', lines.join('\n'));
}
