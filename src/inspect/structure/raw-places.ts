import { addText, type Progress } from './progress.js';

/** The raw bytes of everything that wasn't fully understood; what an outer place covers isn't read twice. */
export function readRaw(progress: Progress): void {
  const done: { source: Buffer; start: number; end: number }[] = [];
  for (const raw of progress.report.rawPlaces()) {
    const covered = done.some(
      (other) => other.source === raw.source && other.start <= raw.start && other.end >= raw.end,
    );
    if (covered) continue;
    addText(progress, raw.path, 'raw', raw.source, raw);
    done.push({
      source: raw.source,
      start: raw.start,
      end: Math.min(raw.end, raw.start + progress.limits.max_part_text),
    });
  }
}
