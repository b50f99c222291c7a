import type { PartStatus } from '../../model/inspection.js';
import { asBuffer, type ByteRange } from '../bytes.js';
import { fallback } from '../charset.js';
import type { DocumentDesk } from '../documents/desk.js';
import { MESSAGE, TEXT, UNKNOWN } from '../documents/kinds.js';
import { isMailType, isMismatch, mailByEnding, textTypeOf } from '../documents/kinds-declared.js';
import { hasMailField } from '../documents/kinds-text.js';
import type { DocumentPart } from '../documents/types.js';
import type { ContentTypeReading, EntityFacts } from '../entity.js';
import { isPgpControl, SIGNED_DATA } from '../existing-protection.js';
import { readLeaf } from '../leaf/read-leaf.js';
import { harmless, material } from '../oddity.js';
import { looksLikeText, MAX_UNREAD_SIGNATURE } from '../sniff.js';
import { decodeTransfer, sevenBitOddities } from '../transfer.js';
import { findUuBlocks } from '../uuencode.js';
import { findYencBlocks } from '../yenc.js';
import { type About, aboutOf, isFile, reported } from './about.js';
import { reportContainer } from './containers.js';
import {
  addFileName,
  childPath,
  mayNest,
  noteAll,
  noteLineEnds,
  nowhere,
  type Progress,
  place,
  type Task,
} from './progress.js';
import { readFile } from './read-nested.js';

const UNDERSTOOD: ReadonlySet<PartStatus> = new Set(['read', 'empty', 'no-text']);

export function readSingle(
  progress: Progress,
  task: Task,
  path: string,
  body: ByteRange,
  type: ContentTypeReading,
  facts: EntityFacts,
): void {
  if (type.mediaType === 'message/partial') noteAll(progress, task, path, [material('message-partial')]);
  if (type.mediaType === 'message/external-body')
    noteAll(progress, task, path, [material('message-external-body')]);
  const about = aboutOf(type, facts);
  const bytes = task.source.subarray(body.start, body.end);
  if (readLong(progress, task, path, about, bytes, facts.encodings)) return;
  const decoded = decodeTransfer(bytes, facts.encodings);
  noteAll(progress, task, path, decoded.oddities);
  decoded.readings.forEach((reading, index) => {
    readContent(
      progress,
      { ...task, primary: task.primary && index === 0 },
      path,
      about,
      reading,
      progress.desk,
    );
  });
}

/** A long leaf of plain text, as `readContent` would read it; false where it is none. */
function readLong(
  progress: Progress,
  task: Task,
  path: string,
  about: About,
  body: Buffer,
  encodings: readonly string[],
): boolean {
  const { longTexts, views, report, limits } = progress;
  const long = longTexts?.of(task.source, body, about, encodings, limits);
  if (longTexts === undefined || long === undefined) return false;
  views.addLong(path, 'text', long, longTexts.showsNothing);
  const status = long.isCut ? 'too-large' : 'read';
  if (task.primary) report.part(reported(path, about, status, long.size));
  noteMismatch(progress, task, path, about, TEXT, status);
  return true;
}

/**
 * The decoded content of a leaf.
 * @param documents who reads it where it is a document; undefined where that was tried
 */
function readContent(
  progress: Progress,
  task: Task,
  path: string,
  about: About,
  bytes: Buffer,
  documents: DocumentDesk | undefined,
): void {
  const { mediaType, charsets, fileName, flowed } = about;
  const content = { mediaType, charsets, bytes, flowed, isFile: isFile(about) };
  const leaf = readLeaf(content, progress.limits.max_part_text);
  if (leaf.signedContent !== undefined) {
    reportContainer(progress, task, path, about, bytes.length, SIGNED_DATA);
    readSigned(progress, task, path, mediaType, leaf.signedContent);
    // Certificates and signatures aren't read; more of them than anybody needs could be a hiding place.
    const besides = bytes.length - leaf.signedContent.length;
    if (besides > MAX_UNREAD_SIGNATURE + leaf.signedContent.length / 8) {
      progress.report.unread(path, 'unsupported', place(task));
    }
    return;
  }
  for (const { view, text, plain } of leaf.texts) progress.views.add(path, view, text, plain);
  noteAll(progress, task, path, leaf.oddities);
  const holds = isFile(about) ? (leaf.holds ?? mailByName(fileName, leaf.status, bytes)) : undefined;
  const isDocument = leaf.document === true || holds === 'mbox' || holds === 'document';
  const parts = isDocument ? documents?.read(path, { bytes, fileName, mediaType }) : undefined;
  if (task.primary) {
    if (leaf.seal !== undefined) progress.seals.set(path, leaf.seal);
    if (fileName === undefined && isPgpControl(bytes)) progress.controls.add(path);
    progress.report.part(reported(path, about, parts?.[0]?.status ?? leaf.status, bytes.length));
  }
  if (parts === undefined && !isDocument)
    noteMismatch(progress, task, path, about, holds === 'message' ? MESSAGE : TEXT, leaf.status);
  let children = 0;
  if (parts !== undefined) {
    readParts(progress, task, path, about, parts);
    for (const part of parts) children = Math.max(children, Number(part.path.split('.')[0]));
  }
  const attach = (mediaTypeInside: string, content: Buffer) => {
    children += 1;
    readAttached(progress, task, childPath(path, children), mediaTypeInside, content);
  };
  // In the text of a mail these are its parts, which are read as such; but a page may begin as mail does.
  if (holds === undefined || holds === 'document' || !isOpenedAsMail(about))
    for (const part of leaf.embedded) {
      if (part.isMessage === true) readFile(progress, task, childPath(path, ++children), part.bytes);
      else attach(part.mediaType, part.bytes);
    }
  if (leaf.texts.length > 0) readUuBlocks(progress, task, path, bytes, (content) => attach('', content));
  if (holds === 'message') readFile(progress, task, childPath(path, children + 1), bytes);
}

function isOpenedAsMail({ mediaType, fileName }: About): boolean {
  return isMailType(mediaType) || mailByEnding(fileName) !== undefined;
}

/** Programs for mail open such files by their names, however few fields their headers have; without any they are text. */
function mailByName(fileName: string | undefined, status: PartStatus, bytes: Buffer): 'message' | undefined {
  const isNamed = status === 'read' && mailByEnding(fileName) === 'message';
  return isNamed && hasMailField(bytes) ? 'message' : undefined;
}

/** A name or type that says something else than the content of a file, where that is text. */
function noteMismatch(
  progress: Progress,
  task: Task,
  path: string,
  about: About,
  kind: string,
  status: PartStatus,
): void {
  if (status === 'read' && isFile(about) && isMismatch({ ...about, kind }))
    noteAll(progress, task, path, [harmless('type-mismatch')]);
}

/** Content that stands within a text as a part of its own. */
function readAttached(progress: Progress, task: Task, path: string, mediaType: string, bytes: Buffer): void {
  const about: About = { mediaType, charsets: [], disposition: 'inline' };
  const parts = progress.desk?.read(path, { bytes, fileName: undefined, mediaType });
  if (task.primary)
    progress.report.part(reported(path, about, parts?.[0]?.status ?? 'unsupported', bytes.length));
  if (parts !== undefined) readParts(progress, task, path, about, parts);
}

/** What a document was read as: its texts, and what is in it. */
function readParts(
  progress: Progress,
  task: Task,
  path: string,
  about: About,
  parts: readonly DocumentPart[],
): void {
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
    for (const { view, text } of part.texts) progress.views.add(where, view, text);
    for (const name of part.oddities) progress.report.oddity(where, material(name), nowhere(task));
    for (const name of part.notes ?? []) progress.report.oddity(where, harmless(name), nowhere(task));
    if (!isRoot) {
      if (part.fileName !== undefined) addFileName(progress, part.fileName, where);
      progress.innerParts += 1;
      if (progress.innerParts > progress.limits.max_parts) {
        progress.report.unread(path, 'too-large', nowhere(task));
        continue;
      }
      if (task.primary && part.entity === undefined)
        progress.report.part(reported(where, inner, part.status, part.size));
    }
    if (part.entity === undefined) continue;
    const bytes = asBuffer(part.entity.bytes);
    // A status that says that something is missing counts, whatever is made of the rest.
    if (!UNDERSTOOD.has(part.status)) progress.report.unread(where, part.status, nowhere(task));
    if (part.entity.kind === 'text') readContent(progress, task, where, inner, bytes, undefined);
    else {
      reportContainer(progress, task, where, inner, bytes.length);
      readFile(progress, task, where, bytes);
    }
  }
}

/**
 * The content that an opaque signature carries (RFC 8551 3.5.2): everyone can read it, so it is read here. Where it
 * has no MIME header, as in a signed document, it is a leaf.
 */
function readSigned(progress: Progress, task: Task, path: string, mediaType: string, content: Buffer): void {
  if (!mayNest(progress, task, path, place(task))) return;
  const range = { start: 0, end: content.length };
  const isMail = /^application\/(?:x-)?pkcs7-mime$/.test(mediaType) && looksLikeText(content);
  const inner = { ...task, source: content, range, ancestors: [], isMessage: false, depth: task.depth + 1 };
  const innerPath = childPath(path, 1);
  if (isMail || startsWithHeader(content)) {
    noteLineEnds(progress, content, range, path);
    progress.stack.push({ ...inner, path: innerPath, defaultType: 'text/plain' });
    return;
  }
  progress.entities += 1;
  const bare: About = { mediaType: UNKNOWN, charsets: [], disposition: 'none' };
  noteAll(progress, inner, innerPath, sevenBitOddities(content));
  readContent(progress, inner, innerPath, bare, content, progress.desk);
}

/** Some readers show uuencoded and yEnc blocks as attachments, others as text. */
function readUuBlocks(
  progress: Progress,
  task: Task,
  path: string,
  bytes: Buffer,
  attach: (content: Buffer) => void,
): void {
  const blocks = [
    ...findUuBlocks(bytes).map((block) => ({ ...block, name: 'uuencode-block' })),
    ...findYencBlocks(bytes).map((block) => ({ ...block, name: 'yenc-block' })),
  ];
  for (const block of blocks) {
    noteAll(progress, task, path, [material(block.name)]);
    progress.views.add(`name:${path}`, 'name', block.fileName);
    if (looksLikeText(block.content)) {
      progress.views.add(
        path,
        'uuencode',
        fallback(block.content.subarray(0, progress.limits.max_part_text)),
      );
    } else attach(block.content);
  }
}

/** A MIME field on the first line, or an empty line: the header of an entity. */
function startsWithHeader(content: Buffer): boolean {
  const head = content.subarray(0, 1024).toString('latin1');
  return /^(?:\r?\n|(?:content-[a-z-]+|mime-version)[ \t]*:)/i.test(head);
}
