import type { ByteRange } from '../bytes.js';
import type { EntityFacts } from '../entity.js';
import { harmless, material } from '../oddity.js';
import { decodeTransfer, isIdentity } from '../transfer.js';
import { type About, reported } from './about.js';
import { noteAll, type Progress, type Task } from './progress.js';

export function reportContainer(
  progress: Progress,
  task: Task,
  path: string,
  about: Omit<About, 'charsets'>,
  size: number,
  holds = about.mediaType,
): void {
  if (!task.primary) return;
  if (!progress.containers.has(path)) progress.containers.set(path, holds);
  progress.report.part(reported(path, about, 'read', size));
}

/** The decoded forms of a container's body, besides the body itself. RFC 2045 6.4 allows none but for message/global. */
export function decodedContainer(
  progress: Progress,
  task: Task,
  path: string,
  body: ByteRange,
  facts: EntityFacts,
  type: string,
): Buffer[] {
  if (isIdentity(facts.encodings)) return [];
  const allowed = type === 'message/global';
  noteAll(progress, task, path, [
    (allowed ? harmless : material)(type.startsWith('multipart/') ? 'encoded-multipart' : 'encoded-message'),
  ]);
  const decoded = decodeTransfer(task.source.subarray(body.start, body.end), facts.encodings);
  noteAll(progress, task, path, decoded.oddities);
  return decoded.readings.filter((reading) => reading.length > 0);
}
