/**
 * Kleene's three values. `unknown` means that the source of a fact failed (a list that can't be read, an inspection
 * that died), never that a part was unread: that is a fact of its own.
 */
export type Truth = 'true' | 'false' | 'unknown';

export function truthOf(value: boolean): Truth {
  return value ? 'true' : 'false';
}

/** False if any is false, else unknown if any is unknown, else true. */
export function kleeneAll(values: readonly Truth[]): Truth {
  if (values.includes('false')) return 'false';
  return values.includes('unknown') ? 'unknown' : 'true';
}

/** True if any is true, else unknown if any is unknown, else false. */
export function kleeneAny(values: readonly Truth[]): Truth {
  if (values.includes('true')) return 'true';
  return values.includes('unknown') ? 'unknown' : 'false';
}

export function kleeneNot(value: Truth): Truth {
  if (value === 'unknown') return 'unknown';
  return value === 'true' ? 'false' : 'true';
}
