import { type ByteRange, withCrlf } from '../bytes.js';
import { MESSAGE } from '../documents/kinds.js';
import type { ContentTypeReading, EntityFacts } from '../entity.js';
import { aboutOf } from './about.js';
import { decodedContainer, reportContainer } from './containers.js';
import {
  mayNest,
  mayReadFurther,
  noteLineEnds,
  nowhere,
  type Progress,
  place,
  type Task,
} from './progress.js';

export function readNested(
  progress: Progress,
  task: Task,
  path: string,
  body: ByteRange,
  type: ContentTypeReading,
  facts: EntityFacts,
): void {
  reportContainer(progress, task, path, aboutOf(type, facts), body.end - body.start);
  if (!mayNest(progress, task, path, place(task))) return;
  const nested = {
    path,
    isMessage: true,
    depth: task.depth + 1,
    defaultType: 'text/plain',
    ancestors: task.ancestors,
  };
  const decoded = decodedContainer(progress, task, path, body, facts, type.mediaType);
  // What is pushed last is read first, and the first reading of a place names its parts. Readers that know
  // message/global decode it (RFC 6532 3.6).
  if (decoded.length === 0 || type.mediaType !== 'message/global') {
    progress.stack.push({
      ...nested,
      source: task.source,
      range: body,
      primary: task.primary && decoded.length === 0,
    });
  }
  decoded.forEach((bytes, index) => {
    if (index > 0 && !mayReadFurther(progress)) return;
    const range = { start: 0, end: bytes.length };
    noteLineEnds(progress, bytes, range, path);
    progress.stack.push({
      ...nested,
      source: bytes,
      range,
      ancestors: [],
      primary: task.primary && index === 0,
    });
  });
}

const BLANKS: ReadonlySet<number | undefined> = new Set([0x20, 0x09, 0x0d, 0x0a]);

function blanksBefore(bytes: Buffer): number {
  let at = 0;
  while (at < bytes.length && BLANKS.has(bytes[at])) at++;
  return at;
}

/** A mail message as a file: its body's parts come below `path`. */
export function readFile(progress: Progress, task: Task, path: string, bytes: Buffer): void {
  if (!mayNest(progress, task, path, nowhere(task))) return;
  // Apple Mail writes the length of a message before it. Some readers pass over empty lines there.
  const count =
    /^\d{1,12}[ \t]*\r?\n/.exec(bytes.toString('latin1', 0, 32))?.[0].length ?? blanksBefore(bytes);
  const source = withCrlf(bytes.subarray(count)).bytes;
  const range = { start: 0, end: source.length };
  const about = { mediaType: MESSAGE, disposition: 'attachment' as const };
  reportContainer(progress, task, path, about, bytes.length);
  noteLineEnds(progress, source, range, path);
  const { primary } = task;
  const depth = task.depth + 1;
  progress.stack.push({
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
