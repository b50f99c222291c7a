import { isKnownPage } from '../code-page.js';
import { asCompoundFile, type CompoundStream, folders, openCompound } from '../compound/compound.js';
import { addRest } from '../compound/ole-object.js';
import { documentReader, type Findings } from '../findings.js';
import {
  addMessage,
  addProperties,
  attachmentName,
  attachmentType,
  codePageOf,
  renderings,
} from './add-message.js';
import { type MapiProperty, PROPERTY, TYPE } from './mapi-object.js';
import { propertyNames } from './property-names.js';

const PROPERTIES = '__properties_version1.0';
const NAMES = '__nameid_version1.0';
const STREAM = /^__substg1\.0_([0-9a-f]{4})([0-9a-f]{4})(-[0-9a-f]{8})?$/i;
const ATTACHMENT = /^__attach_version1\.0_/i;
const RECIPIENT = /^__recip_version1\.0_/i;
/** An attachment is a message or a storage of its own ([MS-OXMSG] 2.2.2). */
const STORAGE = /^__substg1\.0_3701000d$/i;
const HEADER_OF_PARTS = 8;

/** A message of Outlook ([MS-OXMSG]). */
export const readMsg = documentReader(async (input, found, context) => {
  const compound = openCompound(input.bytes);
  if (compound.damaged) found.fail('corrupt');
  const top = compound.streams.filter(({ path }) => path.length === 1);
  const below = folders(compound);
  const names = propertyNames(below.get(NAMES) ?? []);
  const named = (properties: readonly MapiProperty[]) =>
    properties.map((property) => {
      const name = names.get(property.id);
      return name === undefined ? property : { ...property, name };
    });
  const own = named(propertiesOf(top, 0));
  const page = codePageOf(own);
  if (!isKnownPage(page)) found.oddity('unknown-code-page');
  await addMessage(own, page, found, context);
  for (const [name, streams] of below) {
    if (!RECIPIENT.test(name) && !ATTACHMENT.test(name)) continue;
    const properties = named(propertiesOf(streams, HEADER_OF_PARTS));
    if (ATTACHMENT.test(name)) addAttachment(streams, properties, page, found);
    else addProperties(properties, page, 'headers', found);
    const others = streams.filter(({ path }) => !isOfPart(path));
    if (others.length > 0) found.extracted({ fileName: name, bytes: asCompoundFile(others) });
  }
  addRest(compound, ([first = '']) => isKnown(first), found);
});

function isKnown(name: string): boolean {
  return (
    name.toLowerCase() === PROPERTIES ||
    // What named properties are called is in their own streams.
    name.toLowerCase() === NAMES ||
    STREAM.test(name) ||
    ATTACHMENT.test(name) ||
    RECIPIENT.test(name)
  );
}

/** A stream of a recipient or an attachment, by its path from there. */
function isOfPart([first = '', ...more]: readonly string[]): boolean {
  if (more.length > 0) return STORAGE.test(first);
  return first.toLowerCase() === PROPERTIES || STREAM.test(first);
}

/** @param header bytes before the properties of fixed size; 0 for a message, where it depends on its level */
function propertiesOf(streams: readonly CompoundStream[], header: number): readonly MapiProperty[] {
  return streams.flatMap(({ path, bytes }) => {
    if (path.length !== 1) return [];
    const [name = ''] = path;
    if (name.toLowerCase() === PROPERTIES) return fixedProperties(bytes, header);
    const [, id, type, index] = STREAM.exec(name) ?? [];
    if (id === undefined || type === undefined) return [];
    const kind = Number.parseInt(type, 16);
    const isMultiple = (kind & TYPE.multiple) !== 0;
    // Of several values the first stream only says how long they are.
    const isLengths = isMultiple && index === undefined && /^10(?:1e|1f|02)$|^1102$/i.test(type);
    if (isLengths) return [];
    return [{ id: Number.parseInt(id, 16), type: kind & ~TYPE.multiple, value: bytes }];
  });
}

/** Values of at most eight bytes, each in sixteen ([MS-OXMSG] 2.4.2). */
function fixedProperties(stream: Buffer, header: number): readonly MapiProperty[] {
  const start = header > 0 ? header : stream.length % 16 === 8 ? 24 : 32;
  const properties: MapiProperty[] = [];
  for (let at = start; at + 16 <= stream.length; at += 16) {
    const type = stream.readUInt16LE(at);
    if (type === TYPE.int16 || type === TYPE.int32 || type === TYPE.time)
      properties.push({ id: stream.readUInt16LE(at + 2), type, value: stream.subarray(at + 8, at + 16) });
  }
  return properties;
}

function addAttachment(
  streams: readonly CompoundStream[],
  properties: readonly MapiProperty[],
  page: number,
  found: Findings,
): void {
  const fileName = attachmentName(properties, page);
  const mediaType = attachmentType(properties, page);
  const about = {
    ...(fileName !== undefined && { fileName }),
    ...(mediaType !== undefined && { mediaType }),
  };
  addProperties(properties, page, 'attachments', found);
  const below = streams
    .filter(({ path }) => STORAGE.test(path[0] ?? '') && path.length > 1)
    .map(({ path, bytes }) => ({ path: path.slice(1), bytes }));
  const data = properties.filter(({ id, type }) => id === PROPERTY.attachData && type === TYPE.binary);
  for (const { value } of data) found.extracted({ ...about, bytes: value });
  if (below.length > 0) found.extracted({ ...about, bytes: asCompoundFile(below) });
  // Only a reference to something elsewhere.
  if (data.length === 0 && below.length === 0) found.extracted({ ...about, status: 'unsupported' });
  // Shown in the midst of the text, in place of the attachment.
  for (const bytes of renderings(properties))
    if (bytes.length > 0) found.extracted({ fileName: 'picture.wmf', bytes });
}
