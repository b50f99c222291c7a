import type { ByteRange } from '../bytes.js';

/** Boundaries, and what some readers make of those in apostrophes, where that occurs in the body. */
export function withoutApostrophes(
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
export function guessedBoundaries(source: Buffer, body: ByteRange): readonly string[] {
  const head = source.subarray(body.start, Math.min(body.end, body.start + 4096)).toString('latin1');
  const guess = /(?:^|\n)--([^\r\n]{1,200}?)[ \t]*\r?\n/.exec(head)?.[1];
  return guess === undefined || guess.trim() === '' ? [] : [guess];
}
