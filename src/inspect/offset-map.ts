/** Maps an offset in a derived text to an offset in the text that it was made from. */
export type OffsetMap = (offset: number) => number;

/** Offsets of a text that is its own source. */
export function identityMap(length: number): OffsetMap {
  return (offset) => clamp(offset, length);
}

export interface OffsetMapBuilder {
  /** Says that from `derived` on, derived text runs alongside the source from `source` on. Both never go back. */
  mark(derived: number, source: number): void;
  build(sourceLength: number): OffsetMap;
}

/**
 * Builds a run-length offset map: one entry wherever the distance between the two texts changes, found by bisection.
 * The map is monotone and its values lie within the source.
 */
export function offsetMapBuilder(): OffsetMapBuilder {
  const derivedStarts: number[] = [0];
  const sourceStarts: number[] = [0];
  let distance = 0;
  return {
    mark(derived, source) {
      if (source - derived === distance) return;
      distance = source - derived;
      const last = derivedStarts.length - 1;
      if (derivedStarts[last] === derived) sourceStarts[last] = source;
      else {
        derivedStarts.push(derived);
        sourceStarts.push(source);
      }
    },
    build(sourceLength) {
      return (offset) => {
        let low = 0;
        let high = derivedStarts.length - 1;
        while (low < high) {
          const middle = (low + high + 1) >>> 1;
          if ((derivedStarts[middle] ?? 0) <= offset) low = middle;
          else high = middle - 1;
        }
        const source = (sourceStarts[low] ?? 0) + Math.max(0, offset - (derivedStarts[low] ?? 0));
        // A cluster that grew has more derived than source characters: stay before the next run.
        return Math.min(clamp(source, sourceLength), sourceStarts[low + 1] ?? sourceLength);
      };
    },
  };
}

/** The map of a derivation of a derivation. */
export function composeMaps(outer: OffsetMap, inner: OffsetMap): OffsetMap {
  return (offset) => inner(outer(offset));
}

function clamp(offset: number, length: number): number {
  return Math.min(Math.max(0, offset), length);
}
