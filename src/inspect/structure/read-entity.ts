import type { ByteRange } from '../bytes.js';
import { type ContentTypeReading, type EntityFacts, entityFacts } from '../entity.js';
import { fieldValues, type HeaderBlock, readHeaderBlock } from '../header-block.js';
import { fieldReadings } from '../header-views.js';
import { harmless, material } from '../oddity.js';
import { isIdentity } from '../transfer.js';
import {
  addFileName,
  childPath,
  mayReadFurther,
  noteAll,
  type Progress,
  place,
  type Task,
} from './progress.js';
import { readSingle } from './read-content.js';
import { readMultipart, readUnexpectedParts } from './read-multipart.js';
import { readNested } from './read-nested.js';

const NESTED_MESSAGE = /^message\/(?:rfc822|global|news)$/;

export function readEntity(progress: Progress, task: Task): void {
  progress.entities += 1;
  const block = readHeaderBlock(task.source, task.range);
  const facts = entityFacts(block.fields, task.defaultType);
  const first = facts.contentTypes[0]?.mediaType ?? task.defaultType;
  // The body of a message that isn't a multipart is its part 1.
  const isContainer = first.startsWith('multipart/');
  const bodyPath = task.isMessage && !isContainer ? childPath(task.path, 1) : task.path;
  readHeaderViews(progress, task, block);
  noteAll(progress, task, task.path, block.oddities);
  noteAll(progress, task, bodyPath, facts.oddities);
  if (block.tooLarge) progress.report.unread(task.path, 'too-large', place(task));
  if (task.isMessage) noteMimeVersion(progress, task, block, facts, bodyPath);
  readFileNames(progress, facts, bodyPath);
  for (const value of facts.otherParameters) progress.views.add(bodyPath, 'header', value);
  const body = { start: Math.min(block.bodyStart, task.range.end), end: task.range.end };
  facts.contentTypes.forEach((type, index) => {
    if (index > 0 && !mayReadFurther(progress)) return;
    readBody(progress, { ...task, primary: task.primary && index === 0 }, bodyPath, body, type, facts);
  });
}

function readHeaderViews(progress: Progress, task: Task, block: HeaderBlock): void {
  const isTop = task.path === '0';
  for (const field of block.fields) {
    const readings = fieldReadings(field);
    noteAll(progress, task, task.path, readings.oddities);
    if (isTop && task.primary) progress.headers.push({ name: readings.name, value: readings.value });
    for (const reading of readings.readings) {
      if (isTop) progress.views.add(`header:${field.name}`, 'header', reading);
      else progress.views.add(task.path, 'header', `${field.name}: ${reading}`);
    }
  }
  if (block.strayLines.length > 0) progress.views.add(task.path, 'header', block.strayLines.join('\n'));
}

/** Without MIME-Version (RFC 2045 4) a strict reader shows the body as plain text. */
function noteMimeVersion(
  progress: Progress,
  task: Task,
  block: HeaderBlock,
  facts: EntityFacts,
  path: string,
): void {
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
  noteAll(progress, task, path, [(differs ? material : harmless)(name)]);
}

function readFileNames(progress: Progress, facts: EntityFacts, path: string): void {
  for (const name of facts.fileNames) addFileName(progress, name, path);
}

function readBody(
  progress: Progress,
  task: Task,
  path: string,
  body: ByteRange,
  type: ContentTypeReading,
  facts: EntityFacts,
): void {
  if (type.mediaType.startsWith('multipart/')) readMultipart(progress, task, path, body, type, facts);
  else if (NESTED_MESSAGE.test(type.mediaType)) readNested(progress, task, path, body, type, facts);
  else {
    readUnexpectedParts(progress, task, path, body, type);
    readSingle(progress, task, path, body, type, facts);
  }
}

/** Without RFC 5322 comments, one level deep: enough for `1.0 (made by …)`. */
function uncommented(value: string): string {
  return value.replace(/\([^()]*\)/g, '');
}
