import { isUtf8 } from 'node:buffer';
import type { PartStatus } from '../model/inspection.js';
import { type BytesField, bytesFields, MAX_FIELDS } from './base64-fields.js';
import { base64Documents, base64Texts, firstRun, MAX_DOCUMENTS } from './base64-runs.js';
import { CR, isAscii, LF, SPACE, TAB } from './bytes.js';
import { type CharsetReadings, readCharset } from './charset.js';
import { readCms } from './cms-content.js';
import { contentLines, dataOfLine, decodedLine, directoryLines } from './content-lines.js';
import { KINDS, MESSAGE } from './documents/kinds.js';
import { textKind } from './documents/kinds-text.js';
import type { LeafSeal } from './existing-protection.js';
import { isPlainText } from './four-bytes.js';
import { hl7Text } from './hl7-text.js';
import { dataUrisInText, MAX_DATA_URIS } from './html-data-uris.js';
import { readHtml, readXml } from './html-readings.js';
import type { LeafText } from './leaf-text.js';
import { calendarHtml, drawingTexts, enrichedText } from './markup-views.js';
import { harmless, material, type Oddity } from './oddity.js';
import { percentBytes } from './percent.js';
import { pgpKind, readPgpText } from './pgp-text.js';
import { looksLikeText, sniff } from './sniff.js';
import { delimitedTable } from './table-text.js';
import { isTextPicture } from './text-pictures.js';
import { x12Text } from './x12-text.js';

export interface EmbeddedContent {
  /** As declared. */
  readonly mediaType: string;
  readonly bytes: Buffer;
}

export interface LeafReading {
  readonly status: PartStatus;
  readonly texts: readonly LeafText[];
  readonly oddities: readonly Oddity[];
  /** Content embedded as `data:` URIs or base64 that isn't text: parts of their own. */
  readonly embedded: readonly EmbeddedContent[];
  /** The bytes are a document, archive or image, or at least no text: others may be able to read them. */
  readonly document?: true;
  /** The text is a mail message, or a file of them, whatever it is declared as. */
  readonly holds?: 'message' | 'mbox' | 'document';
  /** The sender's protection, where it covers the whole leaf. */
  readonly seal?: LeafSeal;
  /** What a CMS signature carries within it: it is read in place of the leaf. */
  readonly signedContent?: Buffer;
}

export interface LeafContent {
  readonly mediaType: string;
  readonly charsets: readonly (string | undefined)[];
  /** Decoded. */
  readonly bytes: Buffer;
  /** `format=flowed` (RFC 3676), and whether blanks at soft line breaks are content (`delsp=no`). */
  readonly flowed?: 'with-blanks' | 'without-blanks' | undefined;
  /** A file of its own, which programs open by its name or by what is in it. */
  readonly isFile?: boolean;
}

const TEXT_TYPE =
  /^(?:text\/.*|message\/.*|application\/(?:json|xml|javascript|ecmascript|x-www-form-urlencoded|ics|csv|x-csv|x-ndjson|sql|yaml|x-yaml|x-sh|pgp-encrypted|pgp-signature|pgp-keys|.*\+(?:json|xml|yaml))|image\/svg\+xml|[^/]+\/[^/]+\+(?:json|xml))$/;
const MARKUP =
  /^(?:text\/(?:html|xml|enriched|richtext|x-html|sgml)|application\/(?:xml|xhtml\+xml)|.*\+xml)$/;
const CALENDAR = /^text\/(?:calendar|vcard|x-vcard|directory|x-vcalendar)$/;
const JSON_TYPE = /\/(?:.*\+)?json$/;
/** Between strings of a formula, also within quotation marks. */
const PUT_TOGETHER = /"{1,2}\s{0,20}&\s{0,20}"{1,2}/g;
/** RFC 2849: how a list of entries of a directory begins. */
export const LDIF = /^(?:dn:|version: ?1\r?\ndn:)/m;
/** Whatever it is called. */
const BEGINS_JSON = /^[\s\ufeff]*[[{]/;
const FORM = 'application/x-www-form-urlencoded';
const LOOKS_LIKE_MARKUP =
  /<(?:!doctype|html|head|body|table|div|span|p|br|td|a|b|font|svg)\b[^<>]*>|^\s*<\?xml\s/i;
/** Any tag: a file needs no more to be shown as HTML. */
const HAS_TAGS = /<[a-z][a-z0-9:-]{0,40}[\s/>]/i;
const IS_XML = /^[\s\ufeff]*<\?xml\s/i;
const DECLARATION = /(?:charset|encoding)\s*=\s*["']?([\w.:+-]{1,40})/i;
const TAG = /^<(?:[^<>"']|"[^"]*"|'[^']*')*/;
const MAX_CHARSETS = 4;
/** By which text in ASCII changes to another set (ISO 2022). */
const SHIFTS = /[\x0e\x0f\x1b]/;
const DEFINES_ENTITIES = /<!ENTITY\s/;
const MAX_EMBEDDED = 100;
/** `data:` addresses within what stands in such. */
const MAX_DATA_DEPTH = 3;
/** Bytes that are read of the texts in `data:` addresses of one part: so often its own, and some more. */
const DATA_PER_BYTE = 2;
const DATA_ROOM = 65_536;
const HOLDS: Readonly<Record<string, 'message' | 'mbox' | 'document'>> = {
  [MESSAGE]: 'message',
  [KINDS.mbox]: 'mbox',
  [KINDS.flatOdf]: 'document',
  [KINDS.wordXml]: 'document',
};

/**
 * Reads the content of a leaf. Whether it counts as text is judged by its bytes: text declared as an image is read,
 * and a document or archive declared as text is not taken for read.
 * @param maxText bytes of text read; of more, the first are read and the status is `too-large`
 */
export function readLeaf(leaf: LeafContent, maxText: number): LeafReading {
  const kind = sniff(leaf.bytes);
  if (kind === 'empty') return { status: 'empty', texts: [], oddities: [], embedded: [] };
  const declaredText = leaf.mediaType === '' || TEXT_TYPE.test(leaf.mediaType);
  if (kind === 'signed-content') {
    const content = readCms(leaf.bytes)?.content;
    if (Buffer.isBuffer(content)) {
      return { status: 'read', texts: [], oddities: [], embedded: [], signedContent: content };
    }
  }
  if (kind === 'detached-signature' && /^application\/(?:x-)?pkcs7-signature$/.test(leaf.mediaType)) {
    return { status: 'read', texts: [], oddities: [], embedded: [] };
  }
  const seal = kind === 'encrypted' ? binarySeal(leaf.bytes) : undefined;
  if (kind !== 'text' && !declaredText) {
    const status = kind === 'encrypted' ? 'encrypted' : 'unsupported';
    const document = seal === undefined && kind !== 'signed-content' && kind !== 'detached-signature';
    return {
      status,
      texts: [],
      oddities: [],
      embedded: [],
      ...(seal && { seal }),
      ...(document && { document }),
    };
  }
  const tooLarge = leaf.bytes.length > maxText;
  const reading = readText(tooLarge ? leaf.bytes.subarray(0, maxText) : leaf.bytes, leaf);
  let status: PartStatus = reading.unread ?? 'read';
  const oddities = [...reading.oddities];
  // Declared as text and not text by its bytes: read as declared, and still a part that wasn't understood.
  if (kind === 'encrypted') status = 'encrypted';
  else if (kind !== 'text' && (kind !== 'binary' || !reading.isPlausible())) {
    status = 'unsupported';
    if (leaf.bytes.includes(0)) oddities.push(material('binary-in-text'));
  } else if (status === 'read' && isTextPicture(leaf.bytes)) status = 'unsupported';
  const document = seal === undefined && kind !== 'text' && status !== 'read';
  if (tooLarge || reading.tooMuch) status = 'too-large';
  const holds = kind === 'text' ? HOLDS[textKind(leaf.bytes)] : undefined;
  const found = seal ?? (kind === 'text' ? reading.seal : undefined);
  return {
    status,
    texts: reading.texts,
    oddities,
    embedded: reading.embedded,
    ...(found && { seal: found }),
    ...(document && { document }),
    ...(holds && { holds }),
  };
}

function binarySeal(bytes: Buffer): LeafSeal | undefined {
  if (pgpKind(bytes) === 'encrypted') return { standard: 'pgp', state: 'encrypted' };
  const cms = readCms(bytes);
  return cms?.sealed === true && !cms.trailing ? { standard: 'smime', state: 'encrypted' } : undefined;
}

interface TextReading {
  readonly texts: readonly LeafText[];
  readonly oddities: readonly Oddity[];
  readonly embedded: readonly EmbeddedContent[];
  /** It holds a block of PGP: encrypted, or signed or compressed in a way that isn't read here. */
  readonly unread?: 'encrypted' | 'unsupported';
  readonly seal?: LeafSeal;
  /** More is embedded than was taken. */
  readonly tooMuch: boolean;
  /** Whether at least one reading is free of control characters, as binary content never is. */
  readonly isPlausible: () => boolean;
}

/**
 * @param depth documents that it stands in
 * @param known what was read of addresses so far; absent: it stands in none
 */
function readText(bytes: Buffer, leaf: LeafContent, depth = 0, known = newAddresses(bytes)): TextReading {
  const labels = leaf.charsets.length === 0 ? [undefined] : leaf.charsets;
  const texts: LeafText[] = [];
  const oddities: Oddity[] = [];
  const embedded: EmbeddedContent[] = [];
  const found: Found = { texts, oddities, embedded, tooMuch: false, addresses: known };
  // Few and mostly long: to compare them is cheaper than to hash them.
  const sources: string[] = [];
  for (const label of labels) readInto(readCharset(bytes, label), sources, oddities);
  if (labels.length > 1) oddities.push(material('conflicting-charset'));
  // An own declaration within HTML counts where the mail has none, and some readers prefer it anyway.
  const markup = MARKUP.test(leaf.mediaType);
  const tags = leaf.isFile === true ? HAS_TAGS : LOOKS_LIKE_MARKUP;
  for (const source of [...sources]) {
    if (!markup && !IS_XML.test(source)) break;
    for (const own of ownCharsets(source)) {
      const reading = readCharset(bytes, own);
      addNew(reading.texts, sources);
      if (reading.oddities.some((oddity) => oddity.name === 'utf-7')) oddities.push(material('utf-7'));
      // Where nothing but ASCII or UTF-8 stands, another name for it means nothing.
      const unknown = reading.oddities.some((oddity) => oddity.name === 'unknown-charset');
      const decides = leaf.charsets.length === 0 || leaf.isFile === true;
      if (unknown && decides && (!isUtf8(bytes) || SHIFTS.test(source)))
        oddities.push(material('unknown-charset'));
    }
  }
  let unread: TextReading['unread'];
  let seal: LeafSeal | undefined;
  const plainText = isPlainText(bytes) ? bytes.toString('latin1') : undefined;
  const isPlausible = () => sources.some((source) => !/[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]/.test(source));
  for (const source of sources) {
    const pgp = readPgpText(source);
    if (pgp.messages.length > 0) {
      // Signed or compressed only, or with more behind the encrypted data: everybody can read it, but it isn't read here.
      const open = pgp.messages.every((kind) => kind === 'open') || pgp.messages.includes('mixed');
      unread = open && unread !== 'encrypted' ? 'unsupported' : 'encrypted';
    }
    if (pgp.whole !== undefined && sources.length === 1) seal = { standard: 'pgp', state: pgp.whole };
    for (const text of pgp.cleartexts) texts.push({ view: 'pgp-cleartext', text });
    const run = firstRun(source);
    const documents = base64Documents(source, run);
    for (const bytes of documents) addEmbedded({ mediaType: '', bytes }, found);
    if (documents.length > MAX_DOCUMENTS) found.tooMuch = true;
    const page = run === -1 ? '' : base64Texts(source);
    if (page !== '' && LOOKS_LIKE_MARKUP.test(page)) addMarkup(page, 'text/html', found, depth);
    // Whoever expands entities that a document defines reads what nobody else does (XML 1.0, 4.4).
    if (DEFINES_ENTITIES.test(source) && (markup || source.trimStart().startsWith('<'))) {
      oddities.push(material('xml-entities'));
    }
    if (markup || (source.includes('<') && tags.test(source)))
      addMarkup(source, leaf.mediaType, found, depth);
    if (!/^(?:text\/html|text\/x-html|application\/xhtml\+xml)$/.test(leaf.mediaType)) {
      const plain = source === plainText ? { hasBase64: run !== -1 } : undefined;
      texts.push({ view: 'text', text: source, plain });
      addFurther(source, leaf, found, depth);
    }
  }
  const { tooMuch } = found;
  return {
    texts,
    oddities,
    embedded,
    tooMuch,
    isPlausible,
    ...(unread && { unread }),
    ...(seal && { seal }),
  };
}

/** Character sets that a document names itself: one counts, but which? */
function ownCharsets(source: string): ReadonlySet<string> {
  const found = new Set<string>();
  for (const { index } of source.slice(0, 65_536).matchAll(/<(?:meta|\?xml)[\s/]/gi)) {
    const tag = TAG.exec(source.slice(index, index + 1000))?.[0] ?? '';
    const own = DECLARATION.exec(tag)?.[1];
    if (own !== undefined) found.add(own.toLowerCase());
    if (found.size >= MAX_CHARSETS) break;
  }
  return found;
}

function readInto(reading: CharsetReadings, sources: string[], oddities: Oddity[]): void {
  addNew(reading.texts, sources);
  oddities.push(...reading.oddities);
}

function addNew(texts: readonly string[], sources: string[]): void {
  for (const text of texts) if (!sources.includes(text)) sources.push(text);
}

function isCalendar(source: string, mediaType: string): boolean {
  return CALENDAR.test(mediaType) || /^BEGIN:V/im.test(source.slice(0, 4096));
}

/**
 * Calendars (RFC 5545) and cards (RFC 6350): their lines unfolded, and what these hold.
 * @returns the lines, unfolded
 */
function addCalendar(source: string, found: Found, depth: number): string {
  const lines = contentLines(source);
  for (const text of calendarHtml(lines.join('\n'))) found.texts.push({ view: 'html', text });
  const unfolded = lines
    .map(decodedLine)
    .join('\n')
    .replace(/\\n/gi, '\n')
    .replace(/\\([,;\\])/g, '$1');
  found.texts.push({ view: 'unfolded', text: unfolded });
  readDataUris(lines.flatMap(dataOfLine), found, depth);
  return lines.join('\n');
}

/** Readings that a type of text has besides its source. */
function addFurther(source: string, { mediaType, flowed }: LeafContent, found: Found, depth: number): void {
  const { texts } = found;
  const table = delimitedTable(source);
  if (table !== '') texts.push({ view: 'table', text: table });
  // Spreadsheets show what such formulas put together.
  const computed = table === '' ? source : source.replace(PUT_TOGETHER, '');
  if (computed !== source) texts.push({ view: 'table', text: delimitedTable(computed) });
  // An address that is folded would be cut short, and what it holds damaged.
  let unfolded = source;
  if (isCalendar(source, mediaType)) unfolded = addCalendar(source, found, depth);
  else if (LDIF.test(source.slice(0, 4096))) {
    texts.push({ view: 'unfolded', text: directoryLines(source) });
  }
  if (source.includes('\\') && (JSON_TYPE.test(mediaType) || BEGINS_JSON.test(source))) {
    const unescaped = unescapeJson(source);
    texts.push({ view: 'unescaped', text: unescaped });
    // Some programs escape the brackets of the HTML in it, others the quotation marks.
    readDataUris(dataUrisInText(unescaped), found, depth);
    if (unescaped !== source && LOOKS_LIKE_MARKUP.test(unescaped)) addMarkup(unescaped, '', found, depth);
  }
  const hl7 = hl7Text(source);
  if (hl7 !== undefined) texts.push({ view: 'unescaped', text: hl7 });
  const claims = x12Text(source);
  if (claims !== undefined) texts.push({ view: 'labelled', text: claims });
  readDataUris(dataUrisInText(unfolded), found, depth);
  const fields = bytesFields(source);
  for (const field of fields.slice(0, MAX_FIELDS)) readBytesField(field, found, depth);
  if (fields.length > MAX_FIELDS) found.tooMuch = true;
  if (mediaType === FORM) {
    texts.push({ view: 'unescaped', text: unescapeForm(source) });
  }
  // A blank at the end of a line means that the paragraph goes on.
  if (flowed !== undefined && / \r?\n/.test(source)) {
    const joined =
      flowed === 'with-blanks'
        ? source.replace(/(?<!^--) \r?\n(?=[^\s>-])/gm, ' ')
        : source.replace(/(?<!^--) \r?\n(?:> ?)*(?=[^\s>])/gm, '');
    texts.push({ view: 'flowed', text: joined });
  }
}

/**
 * The `data:` addresses of one part that were read. A document in several character sets holds each of them several times, what
 * stands in these holds its own as often, and so on: without such bounds a few letters would be a thousand documents.
 */
interface Addresses {
  /** In how many documents each stood. */
  readonly depths: Map<string, number>;
  /** Bytes that may still be read. */
  room: number;
}

function newAddresses(part: Buffer): Addresses {
  return { depths: new Map(), room: DATA_PER_BYTE * part.length + DATA_ROOM };
}

interface Found {
  readonly addresses: Addresses;
  readonly texts: LeafText[];
  readonly embedded: EmbeddedContent[];
  readonly oddities: Oddity[];
  /** More is embedded than was taken. */
  tooMuch: boolean;
}

function addMarkup(source: string, mediaType: string, found: Found, depth: number): void {
  const { texts, oddities } = found;
  const isHtml = /^(?:text\/(?:x-)?html|application\/xhtml\+xml)$/.test(mediaType);
  const xml = !isHtml && (/xml$/.test(mediaType) || IS_XML.test(source));
  const reading = xml ? readXml(source) : readHtml(source);
  texts.push(...reading.texts);
  oddities.push(...reading.oddities);
  // HTML as a value, in a section of characters or escaped: feeds and records have it so.
  const value = xml ? (reading.texts[0]?.text ?? '') : '';
  if (LOOKS_LIKE_MARKUP.test(value)) addMarkup(value, 'text/html', found, depth);
  for (const text of drawingTexts(source)) texts.push({ view: 'drawing', text });
  if (/^text\/(?:enriched|richtext)$/.test(mediaType))
    texts.push({ view: 'html', text: enrichedText(source) });
  readDataUris(reading.dataUris, found, depth);
}

function readDataUris(uris: readonly string[], found: Found, depth: number): void {
  for (const uri of uris.slice(0, MAX_DATA_URIS)) readDataUri(uri, found, depth);
  if (uris.length > MAX_DATA_URIS) found.tooMuch = true;
}

/** RFC 2397: what is text is read as a part of that type would be. */
function readDataUri(uri: string, found: Found, depth: number): void {
  if (wasRead(uri, found, depth)) return;
  const comma = uri.indexOf(',');
  const head = uri.slice(5, comma < 0 ? uri.length : comma).toLowerCase();
  const data = comma < 0 ? '' : uri.slice(comma + 1);
  const unescaped = percentBytes(data);
  const bytes = head.includes('base64') ? Buffer.from(unescaped.toString('latin1'), 'base64') : unescaped;
  if (bytes.length > 0) readHeld(head, bytes, found, depth);
}

function readBytesField({ type, value, bytes }: BytesField, found: Found, depth: number): void {
  if (!wasRead(value, found, depth)) readHeld(type.toLowerCase(), bytes, found, depth);
}

/** Fewer bytes than the smallest PDF with a page has. */
const LEAST_PDF = 64;

/** Examples and quotations often give only the beginning of a PDF; that is none that a reader could show, but is read. */
function isExcerpt(bytes: Buffer): boolean {
  return bytes.length < LEAST_PDF && bytes.toString('latin1', 0, 5) === '%PDF-';
}

/** Whether no less of it was read, as it is where it stood in as few documents. */
function wasRead(content: string, { addresses }: Found, depth: number): boolean {
  if ((addresses.depths.get(content) ?? MAX_DATA_DEPTH + 1) <= depth) return true;
  addresses.depths.set(content, depth);
  return false;
}

/**
 * What stands within a text as something of its own.
 * @param head media type with its parameters
 */
function readHeld(head: string, bytes: Buffer, found: Found, depth: number): void {
  const { addresses } = found;
  const mediaType = head.split(';')[0]?.trim() ?? '';
  const isText = (looksLikeText(bytes) && sniff(bytes) === 'text') || isExcerpt(bytes);
  if (depth >= MAX_DATA_DEPTH || !isText) {
    addEmbedded({ mediaType, bytes }, found);
    return;
  }
  addresses.room -= bytes.length;
  if (addresses.room < 0) {
    found.tooMuch = true;
    return;
  }
  const charset = /;\s*charset\s*=\s*"?([^\s";]{1,40})/.exec(head)?.[1];
  const content = { mediaType, bytes, charsets: charset === undefined ? [] : [charset], isFile: true };
  const inner = readText(bytes, content, depth + 1, addresses);
  for (const { text } of inner.texts) found.texts.push({ view: 'html-attributes', text });
  for (const one of inner.embedded) addEmbedded(one, found);
  if (inner.tooMuch) found.tooMuch = true;
  found.oddities.push(...inner.oddities);
}

function addEmbedded(content: EmbeddedContent, found: Found): void {
  if (found.embedded.some((one) => one.bytes.equals(content.bytes))) return;
  if (found.embedded.length < MAX_EMBEDDED) found.embedded.push(content);
  else found.tooMuch = true;
}

const JSON_ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\n', t: '\t', b: '', f: '\n' };

function unescapeJson(source: string): string {
  return source.replace(
    /\\(?:u([0-9a-f]{4})|([^u]))/gi,
    (_, hex: string | undefined, other: string | undefined) =>
      hex === undefined
        ? (JSON_ESCAPES[other ?? ''] ?? other ?? '')
        : String.fromCharCode(Number.parseInt(hex, 16)),
  );
}

function unescapeForm(source: string): string {
  const spaced = source.replaceAll('+', ' ').replaceAll('&', '\n').replaceAll('=', ': ');
  return percentBytes(spaced).toString('utf8');
}

/** 8-bit bytes in a body that is declared as 7bit or not at all (RFC 2045 2.7). */
export function sevenBitOddities(body: Buffer): readonly Oddity[] {
  return isAscii(body) ? [] : [harmless('8bit-in-7bit')];
}

/** Whether most of a body's bytes are base64's, so that a decoder which was asked for would find something. */
export function couldBeBase64(body: Buffer): boolean {
  let fitting = 0;
  let blanks = 0;
  for (const byte of body) {
    if (byte === CR || byte === LF || byte === SPACE || byte === TAB) blanks += 1;
    else if (
      (byte >= 0x30 && byte <= 0x39) ||
      (byte >= 0x41 && byte <= 0x5a) ||
      (byte >= 0x61 && byte <= 0x7a) ||
      byte === 0x2b ||
      byte === 0x2f ||
      byte === 0x3d
    ) {
      fitting += 1;
    }
  }
  return fitting > 8 && fitting * 10 >= (body.length - blanks) * 9;
}
