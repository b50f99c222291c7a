/** Things by their key for a short time and within a bound, in memory. */
export interface Kept<T> {
  get(key: string): T | undefined;
  put(key: string, value: T): void;
  drop(key: string): void;
}

/**
 * @param sizeOf bytes, about
 * @param keptMs from when it was put, whether or not anybody asks for it
 * @param mostBytes of all together: the oldest go first
 */
export function createKept<T>(sizeOf: (value: T) => number, keptMs: number, mostBytes: number): Kept<T> {
  const kept = new Map<string, { value: T; bytes: number; end: NodeJS.Timeout }>();
  let total = 0;
  const drop = (key: string): void => {
    const found = kept.get(key);
    if (found === undefined) return;
    clearTimeout(found.end);
    kept.delete(key);
    total -= found.bytes;
  };
  return {
    get: (key) => kept.get(key)?.value,
    drop,
    put(key, value) {
      drop(key);
      const bytes = sizeOf(value);
      if (bytes > mostBytes) return;
      // Content doesn't stay longer than it is of use, whether or not anybody comes again.
      const end = setTimeout(() => drop(key), keptMs).unref();
      kept.set(key, { value, bytes, end });
      total += bytes;
      for (const oldest of kept.keys()) {
        if (total <= mostBytes) break;
        drop(oldest);
      }
    },
  };
}
