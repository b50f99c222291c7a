import type {
  Ambiguity,
  ExistingProtection,
  HeaderFact,
  PartReport,
  PartStatus,
} from '../model/inspection.js';
import { asBuffer, type ByteRange, lineEndProblems, withCrlf } from './bytes.js';
import { fallback } from './charset.js';
import type { DocumentDesk } from './documents/desk.js';
import { MESSAGE, TEXT, UNKNOWN } from './documents/kinds.js';
import { isMismatch, textTypeOf } from './documents/kinds-declared.js';
import type { DocumentPart } from './documents/types.js';
import { type ContentTypeReading, type EntityFacts, entityFacts } from './entity.js';
import {
  existingProtection,
  isLooseText,
  isPgpControl,
  type LeafSeal,
  SIGNED_DATA,
} from './existing-protection.js';
import { fieldValues, type HeaderBlock, readHeaderBlock } from './header-block.js';
import { fieldReadings } from './header-views.js';
import { readLeaf, sevenBitOddities } from './leaf.js';
import { MAX_FURTHER_READINGS, type StructureLimits } from './limits.js';
import { LONG, type LongText, longText } from './long-text.js';
import { boundaryOddities, splitMultipart } from './multipart.js';
import { harmless, material, type Oddity } from './oddity.js';
import type { ShowsNothing } from './quiet-text.js';
import { reportCollector } from './report-collector.js';
import { looksLikeText, MAX_UNREAD_SIGNATURE } from './sniff.js';
import type { TextView } from './text-view.js';
import { decodeTransfer, isIdentity } from './transfer.js';
import { findUuBlocks } from './uuencode.js';
import { viewCollector } from './view-collector.js';
import { findYencBlocks } from './yenc.js';

/** What the bytes of a message are, before anything is looked for in them. */
export interface MessageReading {
  readonly parts: readonly PartReport[];
  readonly ambiguities: readonly Ambiguity[];
  readonly headers: readonly HeaderFact[];
  readonly subject: string;
  /** Every plausible reading of every place. */
  readonly views: readonly TextView[];
  /** The sender's own protection of the whole message. */
  readonly protection?: ExistingProtection;
}

/** The same, its views made when they are asked for. */
export type StructureReading = Omit<MessageReading, 'views'> & {
  readonly views: () => readonly TextView[];
};

/** An entity still to be read: a message with its header, or a part of a multipart. */
interface Task {
  readonly source: Buffer;
  readonly range: ByteRange;
  readonly path: string;
  readonly isMessage: boolean;
  readonly depth: number;
  readonly defaultType: string;
  /** Boundaries of the multiparts around it. */
  readonly ancestors: readonly string[];
  /** False for the further readings of something ambiguous: they give views, but no parts. */
  readonly primary: boolean;
}

/** What is said of an entity's content outside of it. */
interface About {
  readonly mediaType: string;
  readonly charsets: readonly string[];
  readonly fileName?: string | undefined;
  readonly disposition: EntityFacts['disposition'];
  readonly flowed?: ContentTypeReading['flowed'];
}

const UNDERSTOOD: ReadonlySet<PartStatus> = new Set(['read', 'empty', 'no-text']);
const NESTED_MESSAGE = /^message\/(?:rfc822|global|news)$/;

/** Reads a whole message, but for its documents. */
export function readMessage(message: Uint8Array, limits: StructureLimits): MessageReading {
  const { views, ...reading } = readStructure(message, limits);
  return { ...reading, views: views() };
}

/**
 * Reads a whole message (RFC 5322, 2045-2049, 2231, 6532) into parts, named ambiguities and the union of views.
 * Iterative, with bounds on depth, parts, headers and text. What lies beyond a bound is named by a part's status and
 * scanned raw as far as `max_part_text`. Never throws because of the message.
 * @param desk where documents are given to be read, and where they are found once they are
 * @param showsNothing tells long texts that have nothing in them: these have no view. Without it, all have
 */
export function readStructure(
  message: Uint8Array,
  limits: StructureLimits,
  desk?: DocumentDesk,
  showsNothing?: ShowsNothing,
): StructureReading {
  const source = asBuffer(message);
  const whole = { start: 0, end: source.length };
  const report = reportCollector();
  const views = viewCollector();
  const headers: HeaderFact[] = [];
  let entities = 0;
  let furtherReadings = 0;
  let innerParts = 0;
  const containers = new Map<string, string>();
  const seals = new Map<string, LeafSeal>();
  const controls = new Set<string>();
  const loose = new Set<string>();
  /** Of leaves of the message itself, which further readings of ambiguous entities come to again. */
  const longTexts = new Map<string, LongText | undefined>();

  const stack: Task[] = [
    {
      source,
      range: whole,
      path: '0',
      isMessage: true,
      depth: 0,
      defaultType: 'text/plain',
      ancestors: [],
      primary: true,
    },
  ];
  report.part({
    path: '0',
    mediaType: 'message/rfc822',
    disposition: 'none',
    status: source.length === 0 ? 'empty' : 'read',
    size: source.length,
  });
  noteLineEnds(source, whole, '0');
  for (let task = stack.pop(); task !== undefined; task = stack.pop()) readEntity(task);
  readRaw();
  const parts = report.parts();
  const protection = existingProtection({ parts, containers, seals, controls, loose });
  return {
    parts,
    ambiguities: report.ambiguities(),
    headers,
    subject: headers.find((header) => header.name === 'subject')?.value ?? '',
    views: () => views.views(),
    ...(protection && { protection }),
  };

  function noteLineEnds(buffer: Buffer, range: ByteRange, path: string): void {
    const problems = lineEndProblems(buffer, range);
    const place = { source: buffer, ...range };
    if (problems.bareCr) report.oddity(path, material('bare-cr'), place);
    if (problems.bareLf) report.oddity(path, material('bare-lf'), place);
    if (problems.nul) report.oddity(path, material('nul'), place);
  }

  function readEntity(task: Task): void {
    entities += 1;
    const block = readHeaderBlock(task.source, task.range);
    const facts = entityFacts(block.fields, task.defaultType);
    const first = facts.contentTypes[0]?.mediaType ?? task.defaultType;
    // The body of a message that isn't a multipart is its part 1.
    const isContainer = first.startsWith('multipart/');
    const bodyPath = task.isMessage && !isContainer ? childPath(task.path, 1) : task.path;
    readHeaderViews(task, block);
    noteAll(task, task.path, block.oddities);
    noteAll(task, bodyPath, facts.oddities);
    if (block.tooLarge) report.unread(task.path, 'too-large', place(task));
    if (task.isMessage) noteMimeVersion(task, block, facts, bodyPath);
    readFileNames(facts, bodyPath);
    for (const value of facts.otherParameters) views.add(bodyPath, 'header', value);
    const body = { start: Math.min(block.bodyStart, task.range.end), end: task.range.end };
    facts.contentTypes.forEach((type, index) => {
      if (index > 0 && ++furtherReadings > MAX_FURTHER_READINGS) return;
      readBody({ ...task, primary: task.primary && index === 0 }, bodyPath, body, type, facts);
    });
  }

  function place(task: Task): { source: Buffer; start: number; end: number } {
    return { source: task.source, start: task.range.start, end: task.range.end };
  }

  function noteAll(task: Task, path: string, oddities: readonly Oddity[]): void {
    for (const oddity of oddities) report.oddity(path, oddity, place(task));
  }

  function readHeaderViews(task: Task, block: HeaderBlock): void {
    const isTop = task.path === '0';
    for (const field of block.fields) {
      const readings = fieldReadings(field);
      noteAll(task, task.path, readings.oddities);
      if (isTop && task.primary) headers.push({ name: readings.name, value: readings.value });
      for (const reading of readings.readings) {
        if (isTop) views.add(`header:${field.name}`, 'header', reading);
        else views.add(task.path, 'header', `${field.name}: ${reading}`);
      }
    }
    if (block.strayLines.length > 0) views.add(task.path, 'header', block.strayLines.join('\n'));
  }

  /** Without MIME-Version (RFC 2045 4) a strict reader shows the body as plain text. */
  function noteMimeVersion(task: Task, block: HeaderBlock, facts: EntityFacts, path: string): void {
    const versions = fieldValues(block.fields, 'mime-version');
    const isMime = ['content-type', 'content-transfer-encoding'].some(
      (name) => fieldValues(block.fields, name).length > 0,
    );
    const proper =
      versions.length > 0 && versions.every((version) => /^\s*1\s*\.\s*0(?!\d)/.test(uncommented(version)));
    if (proper || !isMime) return;
    const differs =
      !isIdentity(facts.encodings) ||
      facts.contentTypes.some((type) => /^(?:multipart|message)\//.test(type.mediaType));
    const name = versions.length === 0 ? 'missing-mime-version' : 'odd-mime-version';
    noteAll(task, path, [(differs ? material : harmless)(name)]);
  }

  function readFileNames(facts: EntityFacts, path: string): void {
    for (const name of facts.fileNames) addFileName(name, path);
  }

  function addFileName(name: string, path: string): void {
    views.add(`name:${path}`, 'name', name);
    // Detectors look for words; in a file name these are often put together.
    const words = name.replace(/%20|[_+]|\.(?=[^.]*$)/g, ' ');
    if (words !== name) views.add(`name:${path}`, 'name-words', words);
  }

  function readBody(
    task: Task,
    path: string,
    body: ByteRange,
    type: ContentTypeReading,
    facts: EntityFacts,
  ): void {
    if (type.mediaType.startsWith('multipart/')) readMultipart(task, path, body, type, facts);
    else if (NESTED_MESSAGE.test(type.mediaType)) readNested(task, path, body, type, facts);
    else {
      readUnexpectedParts(task, path, body, type);
      readSingle(task, path, body, type, facts);
    }
  }

  /** A boundary that occurs under another type: some readers look for `multipart` anywhere in it, or split regardless. */
  function readUnexpectedParts(task: Task, path: string, body: ByteRange, type: ContentTypeReading): void {
    const content = task.source.subarray(body.start, body.end);
    if (!type.boundaries.some((boundary) => boundary.trim() !== '' && content.includes(`--${boundary}`)))
      return;
    noteAll(task, path, [material('unexpected-boundary')]);
    if (task.depth < limits.max_depth && ++furtherReadings <= MAX_FURTHER_READINGS)
      splitInto({ ...task, primary: false }, path, body, type);
  }

  function reportContainer(
    task: Task,
    path: string,
    about: Omit<About, 'charsets'>,
    size: number,
    holds = about.mediaType,
  ): void {
    if (!task.primary) return;
    if (!containers.has(path)) containers.set(path, holds);
    report.part(reported(path, about, 'read', size));
  }

  /** The decoded forms of a container's body, besides the body itself. RFC 2045 6.4 allows none but for message/global. */
  function decodedContainer(
    task: Task,
    path: string,
    body: ByteRange,
    facts: EntityFacts,
    type: string,
  ): Buffer[] {
    if (isIdentity(facts.encodings)) return [];
    const allowed = type === 'message/global';
    noteAll(task, path, [
      (allowed ? harmless : material)(
        type.startsWith('multipart/') ? 'encoded-multipart' : 'encoded-message',
      ),
    ]);
    const decoded = decodeTransfer(task.source.subarray(body.start, body.end), facts.encodings);
    noteAll(task, path, decoded.oddities);
    return decoded.readings.filter((reading) => reading.length > 0);
  }

  function readMultipart(
    task: Task,
    path: string,
    body: ByteRange,
    type: ContentTypeReading,
    facts: EntityFacts,
  ): void {
    reportContainer(task, path, aboutOf(type, facts), body.end - body.start);
    if (task.depth >= limits.max_depth) {
      report.unread(path, 'too-deep', place(task));
      return;
    }
    for (const decoded of decodedContainer(task, path, body, facts, type.mediaType)) {
      if (++furtherReadings > MAX_FURTHER_READINGS) break;
      const range = { start: 0, end: decoded.length };
      splitInto({ ...task, source: decoded, range, primary: false }, path, range, type);
    }
    splitInto(task, path, body, type);
  }

  function splitInto(task: Task, path: string, body: ByteRange, type: ContentTypeReading): void {
    const declared = withoutApostrophes(
      type.boundaries.filter((boundary) => boundary.trim() !== ''),
      task.source,
      body,
    );
    if (type.boundaries.length === 0) noteAll(task, path, [material('boundary-missing')]);
    else if (declared.length === 0) noteAll(task, path, [material('boundary-empty')]);
    const boundaries = declared.length > 0 ? declared : guessedBoundaries(task.source, body);
    if (boundaries.length > 1) noteAll(task, path, [material('conflicting-boundary')]);
    if (boundaries.length === 0) addText(path, 'text', task.source, body);
    boundaries.forEach((boundary, index) => {
      if (index > 0 && ++furtherReadings > MAX_FURTHER_READINGS) return;
      splitWith({ ...task, primary: task.primary && index === 0 }, path, body, type, boundary);
    });
  }

  function splitWith(
    task: Task,
    path: string,
    body: ByteRange,
    type: ContentTypeReading,
    boundary: string,
  ): void {
    noteAll(task, path, boundaryOddities(boundary, task.ancestors));
    const room = limits.max_parts - entities - stack.length;
    const split = splitMultipart(task.source, body, boundary, Math.max(0, room));
    noteAll(task, path, split.oddities);
    for (const { start, end } of [split.preamble, split.epilogue])
      if (isLooseText(task.source.subarray(start, end))) loose.add(path);
    addText(path, 'preamble', task.source, split.preamble);
    addText(path, 'epilogue', task.source, split.epilogue);
    if (split.unreadFrom !== undefined) {
      report.unread(path, 'too-large', { source: task.source, start: split.unreadFrom, end: body.end });
    }
    const defaultType = type.mediaType === 'multipart/digest' ? 'message/rfc822' : 'text/plain';
    for (let index = split.parts.length - 1; index >= 0; index--) {
      const range = split.parts[index];
      if (range === undefined) continue;
      stack.push({
        source: task.source,
        range,
        path: childPath(path, index + 1),
        isMessage: false,
        depth: task.depth + 1,
        defaultType,
        ancestors: [...task.ancestors, boundary],
        primary: task.primary,
      });
    }
  }

  function readNested(
    task: Task,
    path: string,
    body: ByteRange,
    type: ContentTypeReading,
    facts: EntityFacts,
  ): void {
    reportContainer(task, path, aboutOf(type, facts), body.end - body.start);
    if (task.depth >= limits.max_depth || entities + stack.length >= limits.max_parts) {
      report.unread(path, task.depth >= limits.max_depth ? 'too-deep' : 'too-large', place(task));
      return;
    }
    const nested = {
      path,
      isMessage: true,
      depth: task.depth + 1,
      defaultType: 'text/plain',
      ancestors: task.ancestors,
    };
    const decoded = decodedContainer(task, path, body, facts, type.mediaType);
    // What is pushed last is read first, and the first reading of a place names its parts. Readers that know
    // message/global decode it (RFC 6532 3.6).
    if (decoded.length === 0 || type.mediaType !== 'message/global') {
      stack.push({
        ...nested,
        source: task.source,
        range: body,
        primary: task.primary && decoded.length === 0,
      });
    }
    decoded.forEach((bytes, index) => {
      if (index > 0 && ++furtherReadings > MAX_FURTHER_READINGS) return;
      const range = { start: 0, end: bytes.length };
      noteLineEnds(bytes, range, path);
      stack.push({ ...nested, source: bytes, range, ancestors: [], primary: task.primary && index === 0 });
    });
  }

  function readSingle(
    task: Task,
    path: string,
    body: ByteRange,
    type: ContentTypeReading,
    facts: EntityFacts,
  ): void {
    if (type.mediaType === 'message/partial') noteAll(task, path, [material('message-partial')]);
    if (type.mediaType === 'message/external-body') noteAll(task, path, [material('message-external-body')]);
    const about = aboutOf(type, facts);
    const bytes = task.source.subarray(body.start, body.end);
    if (readLong(task, path, about, bytes, facts)) return;
    const decoded = decodeTransfer(bytes, facts.encodings);
    noteAll(task, path, decoded.oddities);
    decoded.readings.forEach((reading, index) => {
      readContent({ ...task, primary: task.primary && index === 0 }, path, about, reading, desk);
    });
  }

  /** A long leaf of plain text, as `readContent` would read it; false where it is none. */
  function readLong(
    task: Task,
    path: string,
    about: About,
    body: Buffer,
    { encodings }: EntityFacts,
  ): boolean {
    if (showsNothing === undefined || body.length < LONG) return false;
    const { mediaType, charsets, flowed } = about;
    const key = JSON.stringify([body.byteOffset, body.length, encodings, mediaType, charsets, flowed]);
    const known = task.source === source && longTexts.has(key);
    const long = known ? longTexts.get(key) : longText(about, body, encodings, limits.max_part_text);
    if (task.source === source) longTexts.set(key, long);
    if (long === undefined) return false;
    views.addLong(path, 'text', long, showsNothing);
    const status = long.isCut ? 'too-large' : 'read';
    if (task.primary) report.part(reported(path, about, status, long.size));
    noteMismatch(task, path, about, TEXT, status);
    return true;
  }

  /** A name or type that says something else than the content of a file, where that is text. */
  function noteMismatch(task: Task, path: string, about: About, kind: string, status: PartStatus): void {
    if (status === 'read' && isFile(about) && isMismatch({ ...about, kind }))
      noteAll(task, path, [harmless('type-mismatch')]);
  }

  /**
   * The decoded content of a leaf.
   * @param documents who reads it where it is a document; undefined where that was tried
   */
  function readContent(
    task: Task,
    path: string,
    about: About,
    bytes: Buffer,
    documents: DocumentDesk | undefined,
  ): void {
    const { mediaType, charsets, fileName, flowed } = about;
    const leaf = readLeaf({ mediaType, charsets, bytes, flowed }, limits.max_part_text);
    if (leaf.signedContent !== undefined) {
      reportContainer(task, path, about, bytes.length, SIGNED_DATA);
      readSigned(task, path, mediaType, leaf.signedContent);
      // Certificates and signatures aren't read; more of them than anybody needs could be a hiding place.
      const besides = bytes.length - leaf.signedContent.length;
      if (besides > MAX_UNREAD_SIGNATURE + leaf.signedContent.length / 8) {
        report.unread(path, 'unsupported', place(task));
      }
      return;
    }
    for (const { view, text } of leaf.texts) views.add(path, view, text);
    noteAll(task, path, leaf.oddities);
    const holds = leaf.holds !== undefined && isFile(about) ? leaf.holds : undefined;
    const isDocument = leaf.document === true || holds === 'mbox';
    const parts = isDocument ? documents?.read(path, { bytes, fileName, mediaType }) : undefined;
    if (task.primary) {
      if (leaf.seal !== undefined) seals.set(path, leaf.seal);
      if (fileName === undefined && isPgpControl(bytes)) controls.add(path);
      report.part(reported(path, about, parts?.[0]?.status ?? leaf.status, bytes.length));
    }
    if (parts === undefined && !isDocument)
      noteMismatch(task, path, about, holds === 'message' ? MESSAGE : TEXT, leaf.status);
    let children = 0;
    if (parts !== undefined) {
      readParts(task, path, about, parts);
      for (const part of parts) children = Math.max(children, Number(part.path.split('.')[0]));
    }
    const attach = (mediaTypeInside: string, content: Buffer) => {
      children += 1;
      readAttached(task, childPath(path, children), mediaTypeInside, content);
    };
    // In the text of a mail these are its parts, which are read as such.
    if (holds === undefined) for (const part of leaf.embedded) attach(part.mediaType, part.bytes);
    if (leaf.texts.length > 0) readUuBlocks(task, path, bytes, (content) => attach('', content));
    if (holds === 'message') readFile(task, childPath(path, children + 1), bytes);
  }

  /** Content that stands within a text as a part of its own. */
  function readAttached(task: Task, path: string, mediaType: string, bytes: Buffer): void {
    const about: About = { mediaType, charsets: [], disposition: 'inline' };
    const parts = desk?.read(path, { bytes, fileName: undefined, mediaType });
    if (task.primary) report.part(reported(path, about, parts?.[0]?.status ?? 'unsupported', bytes.length));
    if (parts !== undefined) readParts(task, path, about, parts);
  }

  /** What a document was read as: its texts, and what is in it. */
  function readParts(task: Task, path: string, about: About, parts: readonly DocumentPart[]): void {
    for (const part of parts) {
      const isRoot = part.path === '';
      const where = isRoot ? path : `${path}.${part.path}`;
      const inner: About = isRoot
        ? about
        : {
            mediaType:
              part.entity?.kind === 'text' ? textTypeOf(part.fileName, part.mediaType) : part.mediaType,
            charsets: [],
            fileName: part.fileName,
            disposition: 'attachment',
          };
      for (const { view, text } of part.texts) views.add(where, view, text);
      for (const name of part.oddities) report.oddity(where, material(name), nowhere(task));
      for (const name of part.notes ?? []) report.oddity(where, harmless(name), nowhere(task));
      if (!isRoot) {
        if (part.fileName !== undefined) addFileName(part.fileName, where);
        innerParts += 1;
        if (innerParts > limits.max_parts) {
          report.unread(path, 'too-large', nowhere(task));
          continue;
        }
        if (task.primary && part.entity === undefined)
          report.part(reported(where, inner, part.status, part.size));
      }
      if (part.entity === undefined) continue;
      const bytes = asBuffer(part.entity.bytes);
      // A status that says that something is missing counts, whatever is made of the rest.
      if (!UNDERSTOOD.has(part.status)) report.unread(where, part.status, nowhere(task));
      if (part.entity.kind === 'text') readContent(task, where, inner, bytes, undefined);
      else {
        reportContainer(task, where, inner, bytes.length);
        readFile(task, where, bytes);
      }
    }
  }

  /** A mail message as a file: its body's parts come below `path`. */
  function readFile(task: Task, path: string, bytes: Buffer): void {
    if (task.depth >= limits.max_depth || entities + stack.length >= limits.max_parts) {
      report.unread(path, task.depth >= limits.max_depth ? 'too-deep' : 'too-large', nowhere(task));
      return;
    }
    const source = withCrlf(bytes).bytes;
    const range = { start: 0, end: source.length };
    const about = { mediaType: MESSAGE, disposition: 'attachment' as const };
    reportContainer(task, path, about, bytes.length);
    noteLineEnds(source, range, path);
    const { primary } = task;
    const depth = task.depth + 1;
    stack.push({
      source,
      range,
      path,
      isMessage: true,
      depth,
      defaultType: 'text/plain',
      ancestors: [],
      primary,
    });
  }

  /**
   * The content that an opaque signature carries (RFC 8551 3.5.2): everyone can read it, so it is read here. Where it
   * has no MIME header, as in a signed document, it is a leaf.
   */
  function readSigned(task: Task, path: string, mediaType: string, content: Buffer): void {
    if (task.depth >= limits.max_depth || entities + stack.length >= limits.max_parts) {
      report.unread(path, task.depth >= limits.max_depth ? 'too-deep' : 'too-large', place(task));
      return;
    }
    const range = { start: 0, end: content.length };
    const isMail = /^application\/(?:x-)?pkcs7-mime$/.test(mediaType) && looksLikeText(content);
    const inner = { ...task, source: content, range, ancestors: [], isMessage: false, depth: task.depth + 1 };
    const innerPath = childPath(path, 1);
    if (isMail || startsWithHeader(content)) {
      noteLineEnds(content, range, path);
      stack.push({ ...inner, path: innerPath, defaultType: 'text/plain' });
      return;
    }
    entities += 1;
    const bare: About = { mediaType: UNKNOWN, charsets: [], disposition: 'none' };
    noteAll(inner, innerPath, sevenBitOddities(content));
    readContent(inner, innerPath, bare, content, desk);
  }

  /** Some readers show uuencoded and yEnc blocks as attachments, others as text. */
  function readUuBlocks(task: Task, path: string, bytes: Buffer, attach: (content: Buffer) => void): void {
    const blocks = [
      ...findUuBlocks(bytes).map((block) => ({ ...block, name: 'uuencode-block' })),
      ...findYencBlocks(bytes).map((block) => ({ ...block, name: 'yenc-block' })),
    ];
    for (const block of blocks) {
      noteAll(task, path, [material(block.name)]);
      views.add(`name:${path}`, 'name', block.fileName);
      if (looksLikeText(block.content)) {
        views.add(path, 'uuencode', fallback(block.content.subarray(0, limits.max_part_text)));
      } else attach(block.content);
    }
  }

  function addText(path: string, view: string, buffer: Buffer, range: ByteRange): void {
    const end = Math.min(range.end, range.start + limits.max_part_text);
    if (end <= range.start) return;
    const text = fallback(buffer.subarray(range.start, end));
    if (view === 'raw') views.addRaw(path, text);
    else views.add(path, view, text);
  }

  /** The raw bytes of everything that wasn't fully understood; what an outer place covers isn't read twice. */
  function readRaw(): void {
    const done: { source: Buffer; start: number; end: number }[] = [];
    for (const raw of report.rawPlaces()) {
      const covered = done.some(
        (other) => other.source === raw.source && other.start <= raw.start && other.end >= raw.end,
      );
      if (covered) continue;
      addText(raw.path, 'raw', raw.source, raw);
      done.push({
        source: raw.source,
        start: raw.start,
        end: Math.min(raw.end, raw.start + limits.max_part_text),
      });
    }
  }
}

function aboutOf(type: ContentTypeReading, facts: EntityFacts): About {
  const { mediaType, charsets, flowed } = type;
  return { mediaType, charsets, flowed, fileName: facts.fileNames[0], disposition: facts.disposition };
}

function reported(
  path: string,
  { mediaType, fileName, disposition }: Omit<About, 'charsets'>,
  status: PartStatus,
  size: number,
): PartReport {
  return { path, mediaType, ...(fileName === undefined ? {} : { fileName }), disposition, status, size };
}

/** What isn't the message's body but a file of its own; a body may well begin as mail does. */
function isFile({ mediaType, fileName, disposition }: About): boolean {
  if (mediaType.startsWith('message/')) return false;
  return fileName !== undefined || disposition === 'attachment' || !mediaType.startsWith('text/');
}

/** A place of which there are no raw bytes in the message. */
function nowhere(task: Task): { source: Buffer; start: number; end: number } {
  return { source: task.source, start: 0, end: 0 };
}

/** Boundaries, and what some readers make of those in apostrophes, where that occurs in the body. */
function withoutApostrophes(
  boundaries: readonly string[],
  source: Buffer,
  body: ByteRange,
): readonly string[] {
  const bare = boundaries.flatMap((boundary) => {
    const inner = /^'(.+)'$/.exec(boundary)?.[1];
    const at = inner === undefined ? -1 : source.indexOf(`--${inner}`, body.start);
    return inner === undefined || at < 0 || at >= body.end ? [] : [inner];
  });
  return [...boundaries, ...bare];
}

/** Where a boundary is missing: what the first line of the body would be the delimiter of. */
function guessedBoundaries(source: Buffer, body: ByteRange): readonly string[] {
  const head = source.subarray(body.start, Math.min(body.end, body.start + 4096)).toString('latin1');
  const guess = /(?:^|\n)--([^\r\n]{1,200}?)[ \t]*\r?\n/.exec(head)?.[1];
  return guess === undefined || guess.trim() === '' ? [] : [guess];
}

/** A MIME field on the first line, or an empty line: the header of an entity. */
function startsWithHeader(content: Buffer): boolean {
  const head = content.subarray(0, 1024).toString('latin1');
  return /^(?:\r?\n|(?:content-[a-z-]+|mime-version)[ \t]*:)/i.test(head);
}

function childPath(path: string, index: number): string {
  return path === '0' ? String(index) : `${path}.${index}`;
}

/** Without RFC 5322 comments, one level deep: enough for `1.0 (made by …)`. */
function uncommented(value: string): string {
  return value.replace(/\([^()]*\)/g, '');
}
