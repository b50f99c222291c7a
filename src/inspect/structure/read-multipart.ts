import type { ByteRange } from '../bytes.js';
import type { ContentTypeReading, EntityFacts } from '../entity.js';
import { isLooseText } from '../existing-protection.js';
import { boundaryOddities, splitMultipart } from '../multipart.js';
import { material } from '../oddity.js';
import { aboutOf } from './about.js';
import { guessedBoundaries, withoutApostrophes } from './boundaries.js';
import { decodedContainer, reportContainer } from './containers.js';
import { addText, childPath, mayReadFurther, noteAll, type Progress, place, type Task } from './progress.js';

export function readMultipart(
  progress: Progress,
  task: Task,
  path: string,
  body: ByteRange,
  type: ContentTypeReading,
  facts: EntityFacts,
): void {
  reportContainer(progress, task, path, aboutOf(type, facts), body.end - body.start);
  if (task.depth >= progress.limits.max_depth) {
    progress.report.unread(path, 'too-deep', place(task));
    return;
  }
  for (const decoded of decodedContainer(progress, task, path, body, facts, type.mediaType)) {
    if (!mayReadFurther(progress)) break;
    const range = { start: 0, end: decoded.length };
    splitInto(progress, { ...task, source: decoded, range, primary: false }, path, range, type);
  }
  splitInto(progress, task, path, body, type);
}

/** A boundary that occurs under another type: some readers look for `multipart` anywhere in it, or split regardless. */
export function readUnexpectedParts(
  progress: Progress,
  task: Task,
  path: string,
  body: ByteRange,
  type: ContentTypeReading,
): void {
  const content = task.source.subarray(body.start, body.end);
  if (!type.boundaries.some((boundary) => boundary.trim() !== '' && content.includes(`--${boundary}`)))
    return;
  noteAll(progress, task, path, [material('unexpected-boundary')]);
  if (task.depth < progress.limits.max_depth && mayReadFurther(progress))
    splitInto(progress, { ...task, primary: false }, path, body, type);
}

function splitInto(
  progress: Progress,
  task: Task,
  path: string,
  body: ByteRange,
  type: ContentTypeReading,
): void {
  const declared = withoutApostrophes(
    type.boundaries.filter((boundary) => boundary.trim() !== ''),
    task.source,
    body,
  );
  if (type.boundaries.length === 0) noteAll(progress, task, path, [material('boundary-missing')]);
  else if (declared.length === 0) noteAll(progress, task, path, [material('boundary-empty')]);
  const boundaries = declared.length > 0 ? declared : guessedBoundaries(task.source, body);
  if (boundaries.length > 1) noteAll(progress, task, path, [material('conflicting-boundary')]);
  if (boundaries.length === 0) addText(progress, path, 'text', task.source, body);
  boundaries.forEach((boundary, index) => {
    if (index > 0 && !mayReadFurther(progress)) return;
    splitWith(progress, { ...task, primary: task.primary && index === 0 }, path, body, type, boundary);
  });
}

function splitWith(
  progress: Progress,
  task: Task,
  path: string,
  body: ByteRange,
  type: ContentTypeReading,
  boundary: string,
): void {
  noteAll(progress, task, path, boundaryOddities(boundary, task.ancestors));
  const room = progress.limits.max_parts - progress.entities - progress.stack.length;
  const split = splitMultipart(task.source, body, boundary, Math.max(0, room));
  noteAll(progress, task, path, split.oddities);
  for (const { start, end } of [split.preamble, split.epilogue])
    if (isLooseText(task.source.subarray(start, end))) progress.loose.add(path);
  addText(progress, path, 'preamble', task.source, split.preamble);
  addText(progress, path, 'epilogue', task.source, split.epilogue);
  if (split.unreadFrom !== undefined) {
    progress.report.unread(path, 'too-large', {
      source: task.source,
      start: split.unreadFrom,
      end: body.end,
    });
  }
  const defaultType = type.mediaType === 'multipart/digest' ? 'message/rfc822' : 'text/plain';
  for (let index = split.parts.length - 1; index >= 0; index--) {
    const range = split.parts[index];
    if (range === undefined) continue;
    progress.stack.push({
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
