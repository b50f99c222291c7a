/** Shorter runs are chance. */
const MIN_RUN = 4;

/**
 * Runs of printable characters in binary data, each on a line: ASCII, and UTF-16 of the Latin, Greek and Cyrillic
 * scripts. For structures that aren't taken apart.
 */
export function printableRuns(bytes: Buffer): string {
  const narrow = bytes.toString('latin1').match(new RegExp(`[\\x20-\\x7e\\t]{${MIN_RUN},}`, 'g')) ?? [];
  const wide = [0, 1].flatMap(
    (start) =>
      bytes
        .subarray(start, start + 2 * Math.floor((bytes.length - start) / 2))
        .toString('utf16le')
        .match(new RegExp(`[\\x20-\\x7e\\t\\u00a0-\\u052f\\u2010-\\u2027]{${MIN_RUN},}`, 'g')) ?? [],
  );
  return [...new Set([...narrow, ...wide])].filter((run) => /[\p{L}\p{N}]{3}/u.test(run)).join('\n');
}

/** The runs of several pieces, none across their borders. */
export function printableText(pieces: readonly Buffer[]): string {
  return pieces
    .map(printableRuns)
    .filter((runs) => runs !== '')
    .join('\n');
}
