import { byteReader } from '../byte-reader.js';
import { isKnownPage } from '../code-page.js';
import { printableRuns } from '../compound/printable.js';
import { CorruptDocument, documentReader, type Findings } from '../findings.js';
import { addMessage, addProperties, attachmentName, attachmentType, renderings } from './add-message.js';
import { type MapiProperty, PROPERTY, TYPE, textsOf } from './mapi-object.js';
import { readProperties, readRows } from './mapi-stream.js';

const SIGNATURE = 0x223e9f78;
/** Attributes by number ([MS-OXTNEF] 2.1.3.3). */
const A = {
  from: 0x8000,
  subject: 0x8004,
  body: 0x800c,
  attachData: 0x800f,
  attachTitle: 0x8010,
  attachMetaFile: 0x8011,
  transportFilename: 0x9001,
  attachRendData: 0x9002,
  mapiProperties: 0x9003,
  recipients: 0x9004,
  attachment: 0x9005,
  version: 0x9006,
  oemCodePage: 0x9007,
} as const;

/** What comes more than once is kept each time: programs differ in which of it they take. */
interface Attachment {
  title?: string;
  readonly data: Buffer[];
  readonly pictures: Buffer[];
  readonly properties: MapiProperty[];
}

const noAttachment = (): Attachment => ({ data: [], pictures: [], properties: [] });

/** What Outlook puts into `winmail.dat` ([MS-OXTNEF]). */
export const readTnef = documentReader(async (input, found, context) => {
  const reader = byteReader(input.bytes);
  if (reader.u32() !== SIGNATURE) throw new CorruptDocument('not TNEF');
  reader.u16();
  let page = 1252;
  let current: Attachment | undefined;
  const attachments: Attachment[] = [];
  const attachment = (): Attachment => {
    if (current === undefined) {
      current = noAttachment();
      attachments.push(current);
    }
    return current;
  };
  try {
    // Line breaks that mail programs put behind it don't count.
    while (input.bytes.subarray(reader.at).some((byte) => byte !== 0 && byte !== 0x0d && byte !== 0x0a)) {
      const level = reader.u8();
      const id = reader.u32() & 0xffff;
      const data = reader.bytes(reader.u32());
      if (reader.u16() !== checksum(data)) found.fail('corrupt');
      if (level !== 1 && level !== 2) throw new CorruptDocument('an attribute of no level');
      if (id === A.oemCodePage && data.length >= 4) {
        page = data.readUInt32LE(0) || 1252;
        if (!isKnownPage(page)) found.oddity('unknown-code-page');
      } else if (id === A.attachRendData) {
        current = noAttachment();
        attachments.push(current);
      } else if (id === A.attachTitle || id === A.transportFilename) {
        const title = textsOf(data, page)[0] ?? '';
        found.text('attachments', textOf(data, page));
        if (id === A.attachTitle || attachment().title === undefined) attachment().title = title;
      } else if (id === A.attachData) attachment().data.push(data);
      else if (id === A.attachMetaFile) attachment().pictures.push(data);
      else if (id === A.attachment) {
        for (const property of readProperties(data)) attachment().properties.push(property);
      } else if (id === A.mapiProperties) await addMessage(readProperties(data), page, found, context);
      else if (id === A.recipients) {
        for (const row of readRows(data)) addProperties(row, page, 'headers', found);
      } else if (id === A.subject) found.text('headers', `Subject: ${textOf(data, page)}`);
      else if (id === A.body) found.text('text', textOf(data, page));
      else if (id !== A.version) found.text('strings', printableRuns(data));
    }
  } finally {
    // What came before the damage is kept.
    for (const one of attachments) addAttachment(one, page, found);
  }
});

/** 2.1.3.4: the sum of all bytes. */
function checksum(data: Buffer): number {
  let sum = 0;
  for (const byte of data) sum = (sum + byte) & 0xffff;
  return sum;
}

function textOf(data: Buffer, page: number): string {
  return textsOf(data, page).join('\n');
}

function addAttachment(attachment: Attachment, page: number, found: Findings): void {
  const { properties } = attachment;
  const fileName = attachmentName(properties, page) ?? attachment.title;
  const mediaType = attachmentType(properties, page);
  const about = {
    ...(fileName !== undefined && { fileName }),
    ...(mediaType !== undefined && { mediaType }),
  };
  addProperties(properties, page, 'attachments', found);
  let given = 0;
  const contents = attachment.data.filter(({ length }) => length > 0);
  for (const bytes of contents) {
    given += 1;
    found.extracted({ ...about, bytes });
  }
  for (const { id, type, value } of properties) {
    if (id !== PROPERTY.attachData || (type !== TYPE.object && type !== TYPE.binary)) continue;
    given += 1;
    // What kind of object it is comes first: a message in TNEF, a storage or a stream.
    const bytes = type === TYPE.object ? value.subarray(16) : value;
    if (contents[0]?.equals(bytes) !== true) found.extracted({ ...about, bytes });
  }
  // It is shown in the midst of the text, in place of the attachment.
  const pictures = [...attachment.pictures, ...renderings(properties)].filter(({ length }) => length > 0);
  for (const bytes of pictures) found.extracted({ fileName: 'picture.wmf', bytes });
  if (given === 0 && pictures.length === 0) found.extracted({ ...about, status: 'unsupported' });
}
