import { TEXT } from '../../kinds.js';
import { kindOf } from '../../kinds-sniff.js';
import { documentReader, type Findings } from '../findings.js';
import { type PackagePart, readPackage } from '../package.js';
import { xmlText } from '../xml.js';
import { noteXml } from '../xml-part.js';
import { addMarkup } from './add-markup.js';
import { readBinaryWorkbook } from './binary/workbook.js';
import { readMashup } from './data-mashup.js';
import { fontKeys, unmaskedFont } from './embedded-font.js';
import { NO_NUMBERING, readNumbering } from './numbering.js';
import { sortParts, type XmlPart } from './parts.js';
import { readPresentation } from './presentation.js';
import { customPropertyText, printerSettingsText } from './printer-settings.js';
import { type Relations, type Relationship, readRelationships, sourceOf } from './relationships.js';
import { hiddenStyles } from './run-style.js';
import { readSpreadsheet } from './spreadsheet.js';

const MAIN: ReadonlySet<string> = new Set(['document', 'workbook', 'presentation']);
/**
 * Office Open XML (ISO/IEC 29500, ECMA-376), transitional and strict, with templates and macros. Every XML part of the
 * package is read, referenced or not; everything else in it is a child.
 */
export const readOoxml = documentReader(async (input, found, context) => {
  const parts = await readPackage(input, context, found);
  const { xml, binary, broken, chunks } = sortParts(parts, chunkNames(parts));
  for (const { child, bytes } of chunks)
    found.child(kindOf(bytes) === TEXT ? { ...child, mediaType: 'text/html' } : child);
  for (const part of broken) found.child({ ...part.child, status: 'corrupt' });
  if (broken.length > 0) found.fail('corrupt');
  const isBinaryWorkbook = binary.some(({ name }) => /(?:^|\/)workbook\.bin$/.test(name));
  if (!isBinaryWorkbook && !xml.some(({ root }) => MAIN.has(root))) found.fail('corrupt');
  const keys = xml.flatMap((part) => (part.root === 'fonts' ? fontKeys(part.xml) : []));
  const relations = readAllRelationships(xml, found);
  const others = isBinaryWorkbook ? readBinaryWorkbook(binary, relations, context, found) : binary;
  for (const part of others) addBinary(part, keys, found);
  const rest = readPresentation(readSpreadsheet(xml, relations, context, found), relations, found);
  const styles = new Set(
    xml.filter(({ root }) => root === 'styles').flatMap((part) => [...hiddenStyles(part.xml)]),
  );
  // A document has one such part; where there are more, all labels are read and the first one counts.
  const lists = rest.filter(({ root }) => root === 'numbering').map((part) => readNumbering(part.xml));
  for (const { numbering } of lists) found.text('numbered', numbering.labels.join('\n'));
  const numbering = lists[0]?.numbering ?? NO_NUMBERING;
  for (const part of rest) {
    if (part.root !== 'Relationships') addMarkup(part, styles, found, false, numbering);
    if (part.root === 'DataMashup') readMashup(part.xml, found);
  }
});

/** Parts of other formats, mostly HTML, that Word takes into a document when it opens it (ISO/IEC 29500-1 11.3.1). */
function chunkNames(parts: readonly PackagePart[]): ReadonlySet<string> {
  const relations = parts.flatMap(({ name, bytes }) =>
    name.endsWith('.rels') ? readRelationships(xmlText(bytes) ?? '', sourceOf(name)).list : [],
  );
  return new Set(relations.filter(({ type }) => /^afchunk$/i.test(type)).map(({ target }) => target));
}

/** The relationships of each part, by its name. */
function readAllRelationships(parts: readonly XmlPart[], found: Findings): Relations {
  const all = new Map<string, readonly Relationship[]>();
  for (const part of parts) {
    if (part.root !== 'Relationships') continue;
    const source = sourceOf(part.name);
    const { list, xml } = readRelationships(part.xml, source);
    noteXml(xml, found);
    all.set(source, [...(all.get(source) ?? []), ...list]);
    found.text(
      'links',
      list.flatMap(({ external, target }) => (external ? readableLink(target) : [])).join('\n'),
    );
  }
  return all;
}

/** An address as it stands and, where that differs, without its percent signs. */
function readableLink(target: string): readonly string[] {
  const plain = target.replace(/(?:%[0-9a-f]{2})+/gi, (run) =>
    Buffer.from(run.replaceAll('%', ''), 'hex').toString('utf8'),
  );
  return plain === target ? [target] : [target, plain];
}

function addBinary(part: PackagePart, keys: readonly Buffer[], found: Findings): void {
  const { child, name, bytes } = part;
  if (bytes.length === 0) return;
  if (/^\[trash\]\//.test(name) && bytes.every((byte) => byte === bytes[0])) return;
  const font = name.endsWith('.odttf') ? unmaskedFont(bytes, keys) : undefined;
  const settings = /\/printersettings\d*\.bin$/.test(name) ? printerSettingsText(bytes) : undefined;
  const property = /\/customproperty\d*\.bin$/.test(name) ? customPropertyText(bytes) : undefined;
  if (font !== undefined) found.child({ ...child, bytes: font });
  else if (settings !== undefined) found.text('metadata', settings);
  else if (property !== undefined) found.text('metadata', property);
  else found.child(child);
}
