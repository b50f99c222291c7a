/** The name of what a compressed file holds, where the format doesn't keep it: the file's own without its last ending. */
export function innerName(fileName: string | undefined, ending: RegExp): string | undefined {
  if (fileName === undefined) return undefined;
  const inner = fileName.replace(/\.(?:tgz|taz|tbz2?|txz|tlz)$/i, '.tar').replace(ending, '');
  return inner === '' ? undefined : inner;
}
