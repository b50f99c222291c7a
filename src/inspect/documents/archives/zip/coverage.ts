/** A half-open range of bytes. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

export function sortSpans(spans: readonly Span[]): readonly Span[] {
  return spans.filter(({ start, end }) => end > start).sort((a, b) => a.start - b.start || a.end - b.end);
}

/** Whether two of them share a byte. */
export function overlaps(spans: readonly Span[]): boolean {
  let end = 0;
  for (const span of sortSpans(spans)) {
    if (span.start < end) return true;
    end = span.end;
  }
  return false;
}

/** What none of them covers of `length` bytes. */
export function gaps(spans: readonly Span[], length: number): readonly Span[] {
  const found: Span[] = [];
  let at = 0;
  for (const { start, end } of sortSpans(spans)) {
    if (start > at) found.push({ start: at, end: Math.min(start, length) });
    at = Math.max(at, end);
  }
  if (at < length) found.push({ start: at, end: length });
  return found;
}

/** Whether one of them holds the place. @param sorted by start, none overlapping another */
export function covers(sorted: readonly Span[], place: number): boolean {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const span = sorted[middle];
    if (span === undefined || span.start > place) high = middle;
    else if (span.end > place) return true;
    else low = middle + 1;
  }
  return false;
}

/** The same places in the fewest spans. */
export function merged(spans: readonly Span[]): readonly Span[] {
  const result: { start: number; end: number }[] = [];
  for (const span of sortSpans(spans)) {
    const last = result.at(-1);
    if (last !== undefined && span.start <= last.end) last.end = Math.max(last.end, span.end);
    else result.push({ ...span });
  }
  return result;
}
