import iconv from 'iconv-lite';
import { decode, headerBytesText } from '../../inspect/charset.js';
import { readDate } from '../../inspect/detect/dates.js';
import { decodeHeaderText } from '../../inspect/encoded-words.js';
import { isValueLeft } from '../../inspect/left-values.js';
import type { StructureLimits } from '../../inspect/limits.js';
import { sameValues } from '../../inspect/same-values.js';
import { readMessage } from '../../inspect/structure.js';
import { changeStructure } from '../payload/content-fields.js';
import { fieldValue, type RawField, readRawHeader } from '../payload/raw-header.js';
import { CannotRewrite } from './cannot-rewrite.js';
import { allEntities, type Entity, readEntities } from './entity-tree.js';
import { unstructuredField } from './header-words.js';
import { leafText } from './leaf-text.js';
import { redactHtml } from './redact-html.js';
import { type Redacted, redactText } from './redact-text.js';
import { refuseProtected } from './refuse-protected.js';
import type { Find, Wanted } from './sightings.js';
import { encodeText } from './transfer-encoding.js';
import { isAnyUncovered } from './uncovered.js';

/** Fields that hold the Subject, by their names as they are written: Outlook repeats it. */
const SUBJECTS: ReadonlyMap<string, string> = new Map([
  ['subject', 'Subject'],
  ['thread-topic', 'Thread-Topic'],
]);

export interface RewrittenBytes {
  readonly bytes: Buffer;
  /** Places that were masked. */
  readonly places: number;
  /** A value that was masked can still be read somewhere, written otherwise. */
  readonly left?: true;
  /** What was masked and must stand in no document either, as detectors saw it. Patient data: for an inspection of the copy, and nobody else. */
  readonly values?: readonly string[];
}

const HTML = /^(?:text\/(?:x-)?html|application\/xhtml\+xml)$/;
/** Texts that stay what they are with a mask in them. */
const TEXT = /^text\/(?:plain|csv|tab-separated-values|markdown|x-markdown|x-csv)$/;
/**
 * Hashes and signatures of the content as it came. They don't fit what leaves, and whoever knows the rest of the message
 * could find out from them, by trying, what was redacted.
 */
const OF_THE_ORIGINAL =
  /^(?:content-md5|(?:x-(?:google-)?)?dkim-signature|domainkey-signature|arc-(?:seal|message-signature|authentication-results))$/;

/**
 * The message with what detectors see in its texts, HTML and Subjects replaced by a mask; everything else stays as it
 * came, to the byte, but for hashes and signatures of what was changed. Pure: the same message gives the same bytes.
 * Whether nothing is left is for an inspection of the result to say: what can't be reached is left as it is.
 * @param options `find` sees what is to be redacted, in normalised text
 * @param before values that were redacted already: these may not be left either
 * @throws CannotRewrite
 */
export function redactMessage(
  source: Buffer,
  options: { readonly limits: StructureLimits; readonly find: Find },
  before: readonly string[] = [],
): RewrittenBytes {
  const { limits, find } = options;
  const root = readEntities(source, limits);
  refuseProtected(root);
  const seen = valuesByPlace(source, limits, find);
  const values = [...seen.values()].flatMap(({ all }) => [...all]);
  const anywhere = sameValues(values);
  const wantedAt = (where: string): Wanted => ({ find, here: [...(seen.get(where)?.all ?? [])], anywhere });
  const edits: Edit[] = [];
  let places = 0;
  let isPart = false;
  for (const entity of allEntities(root)) {
    const changes = redactEntity(entity, wantedAt);
    if (changes === undefined) continue;
    if (entity.source !== source)
      throw new CannotRewrite('what is to be redacted stands in a message that is encoded within this one');
    places += changes.places;
    for (const [where, masked] of changes.masked)
      isPart ||= isAnyUncovered(seen.get(where)?.asItStands ?? [], masked);
    for (const edit of changes.edits) edits.push(edit);
  }
  if (places === 0) return { bytes: source, places, ...(before.length > 0 && { left: true as const }) };
  const bytes = withoutSignatures(applied(source, edits));
  const known = [...before, ...values];
  const asked = { values: withoutSendingDay(known, bytes) };
  if (isPart) return { bytes, places, left: true, ...asked };
  if (!isAnyLeft(known, bytes, limits)) return { bytes, places, ...asked };
  // One value can hide another, which is seen once the first is gone.
  if (before.length > 0) return { bytes, places, left: true, ...asked };
  const again = redactMessage(bytes, options, known);
  return { ...again, places: places + again.places };
}

interface Edit {
  readonly start: number;
  readonly end: number;
  readonly bytes: Buffer;
}

interface Values {
  readonly all: Set<string>;
  /** Those of readings in which nothing was joined that stands apart. */
  readonly asItStands: Set<string>;
}

const JOINING: ReadonlySet<string> = new Set([
  'joined-digits',
  'joined-lines',
  'hl7',
  'unmarked',
  'visual-order',
]);

/** What detectors see in each reading of each place, as the inspector reads it. */
function valuesByPlace(source: Buffer, limits: StructureLimits, find: Find): ReadonlyMap<string, Values> {
  const values = new Map<string, Values>();
  for (const { where, view, text } of readMessage(source, limits).views) {
    for (const { start, end } of find(text)) {
      const known = values.get(where) ?? { all: new Set(), asItStands: new Set() };
      values.set(where, known);
      const value = text.slice(start, end);
      known.all.add(value);
      if (!JOINING.has(view)) known.asItStands.add(value);
    }
  }
  return values;
}

/**
 * Whether a value can still be read: in a reading of the message, in the source of a text, in which nothing of a tag is left
 * out, or in a field of which detectors aren't given all.
 */
function isAnyLeft(values: readonly string[], bytes: Buffer, limits: StructureLimits): boolean {
  const entities = allEntities(readEntities(bytes, limits));
  const { views } = readMessage(bytes, limits);
  const texts = (wanted: (where: string) => boolean) =>
    views.filter(({ where }) => wanted(where)).map(({ text }) => text);
  const sources = entities.map((entity) => leafText(entity) ?? '');
  if (isValueLeft(values, [...texts((where) => !isOtherField(where)), ...sources])) return true;
  return isValueLeft(withoutSendingDay(values, bytes), [...texts(isOtherField), ...entities.flatMap(names)]);
}

/** A field into which programs may write when a message was sent. */
function isOtherField(where: string): boolean {
  return where.startsWith('header:') && !SUBJECTS.has(where.slice('header:'.length));
}

/** Without the day on which it was written, with which programs mark what they make (IDs, fields of the header, the
 * properties of a PDF). */
function withoutSendingDay(values: readonly string[], bytes: Buffer): readonly string[] {
  const days = sendingDays(bytes);
  return values.filter((value) => !days.has(readDate(value)?.replaceAll('-', '') ?? ''));
}

const DAY_MS = 86_400_000;
/** The last second of the year 9999, in epoch milliseconds. */
const LAST = 253_402_300_799_000;

/** The day on which a message was written, wherever that was, as `YYYYMMDD`: many IDs begin with it, and Date tells it anyway. */
function sendingDays(bytes: Buffer): ReadonlySet<string> {
  const date = readRawHeader(bytes).fields.find((field) => field.name === 'date');
  const at = date === undefined ? Number.NaN : Date.parse(fieldValue(date));
  if (!(at > DAY_MS && at < LAST - DAY_MS)) return new Set();
  const days = [at - DAY_MS, at, at + DAY_MS].map((time) => new Date(time).toISOString());
  return new Set(days.map((day) => day.slice(0, 10).replaceAll('-', '')));
}

/** What a program makes up to name a message or a part, perhaps of a patient's number: it isn't read as text. */
const NAMES = /^(?:(?:resent-)?message-id|in-reply-to|references|content-id|content-type)$/;

function names({ source, range, body }: Entity): readonly string[] {
  const { fields } = readRawHeader(source.subarray(range.start, body.start));
  return fields.filter((field) => NAMES.test(field.name)).map(fieldValue);
}

interface RedactedEntity {
  readonly places: number;
  readonly edits: readonly Edit[];
  /** What was masked, by the place. */
  readonly masked: ReadonlyMap<string, readonly string[]>;
}

function redactEntity(entity: Entity, wantedAt: (where: string) => Wanted): RedactedEntity | undefined {
  const { source, range, body } = entity;
  const { fields } = readRawHeader(source.subarray(range.start, body.start));
  const subject = entity.isMessage
    ? redactSubjects(fields, wantedAt)
    : { fields, places: 0, masked: new Map() };
  const content = redactLeaf(entity, wantedAt(entity.path));
  const places = subject.places + (content?.places ?? 0);
  if (places === 0) return undefined;
  if (content === undefined)
    return {
      places,
      edits: [{ start: range.start, end: body.start, bytes: headerBytes(subject.fields) }],
      masked: subject.masked,
    };
  const encoded = encodeText(content.bytes);
  const kept = subject.fields.filter(
    (field) => !OF_THE_ORIGINAL.test(field.name) && field.name !== 'content-transfer-encoding',
  );
  const parameters = new Map(content.charset === undefined ? [] : [['charset', content.charset] as const]);
  const typed = parameters.size === 0 ? kept : changeStructure(kept, { parameters });
  const isMime = typed.some((field) => field.name === 'mime-version') || !entity.isMessage;
  const added: RawField[] = [
    ...(isMime ? [] : [{ name: 'mime-version', raw: 'MIME-Version: 1.0\r\n' }]),
    {
      name: 'content-transfer-encoding',
      raw: `Content-Transfer-Encoding: ${encoded.encoding}\r\n`,
    },
  ];
  return {
    places,
    edits: [
      { start: range.start, end: body.start, bytes: headerBytes([...typed, ...added]) },
      { start: body.start, end: body.end, bytes: encoded.bytes },
    ],
    masked: new Map([...subject.masked, [entity.path, content.masked]]),
  };
}

function redactSubjects(
  fields: readonly RawField[],
  wantedAt: (where: string) => Wanted,
): Pick<RedactedEntity, 'places' | 'masked'> & { readonly fields: readonly RawField[] } {
  let places = 0;
  const masked = new Map<string, readonly string[]>();
  const changed = fields.map((field) => {
    const name = SUBJECTS.get(field.name);
    if (name === undefined) return field;
    const { text } = decodeHeaderText(headerBytesText(Buffer.from(fieldValue(field), 'latin1')));
    const where = `header:${field.name}`;
    const redacted = redactText(text, wantedAt(where));
    places += redacted.places;
    masked.set(where, [...(masked.get(where) ?? []), ...redacted.masked]);
    if (redacted.places === 0) return field;
    return { name: field.name, raw: unstructuredField(name, redacted.text) };
  });
  return { fields: changed, places, masked };
}

interface RedactedLeaf {
  readonly bytes: Buffer;
  /** The new character set; absent: the declared one stays. */
  readonly charset?: string;
  readonly places: number;
  readonly masked: readonly string[];
}

function redactLeaf(entity: Entity, wanted: Wanted): RedactedLeaf | undefined {
  const { type } = entity;
  const isHtml = HTML.test(type.mediaType);
  if (!isHtml && !TEXT.test(type.mediaType)) return undefined;
  const [label] = type.charsets;
  const text = leafText(entity);
  if (text === undefined) return undefined;
  const redacted: Redacted = (isHtml ? redactHtml : redactText)(text, wanted);
  const { places, masked } = redacted;
  if (places === 0) return undefined;
  const same = inCharset(redacted.text, label);
  if (same !== undefined) return { bytes: same, places, masked };
  const bytes = Buffer.from(isHtml ? inUtf8(redacted.text) : redacted.text, 'utf8');
  return { bytes, charset: 'utf-8', places, masked };
}

/** The text in its declared character set, where that gives it back to the letter. */
function inCharset(text: string, label: string | undefined): Buffer | undefined {
  const name = (label ?? 'us-ascii').trim().toLowerCase();
  if (/^[\x00-\x7f]*$/.test(text) && /^(?:us-ascii|utf-8|iso-8859-\d+|windows-125\d)$/.test(name))
    return Buffer.from(text, 'latin1');
  if (!/^(?:utf-?8|iso-8859-\d+|windows-\d+|koi8-[ru]|gbk|gb2312|big5|shift_jis|euc-(?:jp|kr))$/.test(name))
    return undefined;
  if (!iconv.encodingExists(name)) return undefined;
  // As `decode` reads it, and everybody else.
  const bytes = iconv.encode(text, name === 'iso-8859-1' ? 'windows-1252' : name);
  return decode(bytes, name) === text ? bytes : undefined;
}

/** HTML whose own declaration names UTF-8, where it has one. */
function inUtf8(html: string): string {
  return html.replace(/(<meta[^>]{0,200}charset\s*=\s*["']?)[\w.:-]{1,40}/gi, '$1utf-8');
}

function headerBytes(fields: readonly RawField[]): Buffer {
  return Buffer.from(`${fields.map((field) => field.raw).join('')}\r\n`, 'latin1');
}

function applied(source: Buffer, edits: readonly Edit[]): Buffer {
  const out: Buffer[] = [];
  let at = 0;
  for (const edit of [...edits].sort((a, b) => a.start - b.start || a.end - b.end)) {
    if (edit.start < at) throw new CannotRewrite('two parts of it lie over each other');
    out.push(source.subarray(at, edit.start), edit.bytes);
    at = edit.end;
  }
  out.push(source.subarray(at));
  return Buffer.concat(out);
}

/** Signatures by those who sent it on before us hold for the original alone. */
function withoutSignatures(message: Buffer): Buffer {
  const { fields, bodyStart } = readRawHeader(message);
  const kept = fields.filter((field) => !OF_THE_ORIGINAL.test(field.name));
  if (kept.length === fields.length) return message;
  return Buffer.concat([headerBytes(kept), message.subarray(bodyStart)]);
}
