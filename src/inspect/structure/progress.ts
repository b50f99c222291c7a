import type { HeaderFact } from '../../model/inspection.js';
import { type ByteRange, lineEndProblems } from '../bytes.js';
import { fallback } from '../charset.js';
import type { DocumentDesk } from '../documents/desk.js';
import type { LeafSeal } from '../existing-protection.js';
import { MAX_FURTHER_READINGS, type StructureLimits } from '../limits.js';
import { material, type Oddity } from '../oddity.js';
import { type RawPlace, type ReportCollector, reportCollector } from '../report-collector.js';
import { type ViewCollector, viewCollector } from '../view-collector.js';
import type { LongTexts } from './long-texts.js';

/** An entity still to be read: a message with its header, or a part of a multipart. */
export interface Task {
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

/** What of a message was read so far, and what is still to be read. */
export interface Progress {
  readonly limits: StructureLimits;
  /** Where documents are given to be read, and where they are found once they are. */
  readonly desk: DocumentDesk | undefined;
  /** Tells long texts that may have nothing in them; undefined where all are read. */
  readonly longTexts: LongTexts | undefined;
  readonly report: ReportCollector;
  readonly views: ViewCollector;
  /** Those of the message itself. */
  readonly headers: HeaderFact[];
  /** Entities to be read; the last one is next. */
  readonly stack: Task[];
  /** What the parts that hold others are, by path. */
  readonly containers: Map<string, string>;
  /** Of leaves that are sealed, by path. */
  readonly seals: Map<string, LeafSeal>;
  /** Paths of PGP's control parts. */
  readonly controls: Set<string>;
  /** Paths of multiparts with text beside their parts. */
  readonly loose: Set<string>;
  entities: number;
  furtherReadings: number;
  /** Parts of documents. */
  innerParts: number;
}

export function beginReading(
  limits: StructureLimits,
  desk: DocumentDesk | undefined,
  longTexts: LongTexts | undefined,
): Progress {
  return {
    limits,
    desk,
    longTexts,
    report: reportCollector(),
    views: viewCollector(),
    headers: [],
    stack: [],
    containers: new Map(),
    seals: new Map(),
    controls: new Set(),
    loose: new Set(),
    entities: 0,
    furtherReadings: 0,
    innerParts: 0,
  };
}

/** Counts one more reading of something ambiguous; false when there were too many. */
export function mayReadFurther(progress: Progress): boolean {
  return ++progress.furtherReadings <= MAX_FURTHER_READINGS;
}

/** Whether what is nested in an entity may be read too; where it may not, that is said of the part. */
export function mayNest(
  progress: Progress,
  task: Task,
  path: string,
  where: Omit<RawPlace, 'path'>,
): boolean {
  const { limits, report, entities, stack } = progress;
  const isTooDeep = task.depth >= limits.max_depth;
  if (!isTooDeep && entities + stack.length < limits.max_parts) return true;
  report.unread(path, isTooDeep ? 'too-deep' : 'too-large', where);
  return false;
}

export function noteLineEnds(progress: Progress, buffer: Buffer, range: ByteRange, path: string): void {
  const problems = lineEndProblems(buffer, range);
  const place = { source: buffer, ...range };
  if (problems.bareCr) progress.report.oddity(path, material('bare-cr'), place);
  if (problems.bareLf) progress.report.oddity(path, material('bare-lf'), place);
  if (problems.nul) progress.report.oddity(path, material('nul'), place);
}

export function noteAll(progress: Progress, task: Task, path: string, oddities: readonly Oddity[]): void {
  for (const oddity of oddities) progress.report.oddity(path, oddity, place(task));
}

export function addFileName(progress: Progress, name: string, path: string): void {
  progress.views.add(`name:${path}`, 'name', name);
  // Detectors look for words; in a file name these are often put together.
  const words = name.replace(/%20|[_+]|\.(?=[^.]*$)/g, ' ');
  if (words !== name) progress.views.add(`name:${path}`, 'name-words', words);
}

export function addText(
  progress: Progress,
  path: string,
  view: string,
  buffer: Buffer,
  range: ByteRange,
): void {
  const end = Math.min(range.end, range.start + progress.limits.max_part_text);
  if (end <= range.start) return;
  const text = fallback(buffer.subarray(range.start, end));
  if (view === 'raw') progress.views.addRaw(path, text);
  else progress.views.add(path, view, text);
}

/** All of an entity. */
export function place(task: Task): { source: Buffer; start: number; end: number } {
  return { source: task.source, start: task.range.start, end: task.range.end };
}

/** A place of which there are no raw bytes in the message. */
export function nowhere(task: Task): { source: Buffer; start: number; end: number } {
  return { source: task.source, start: 0, end: 0 };
}

export function childPath(path: string, index: number): string {
  return path === '0' ? String(index) : `${path}.${index}`;
}
