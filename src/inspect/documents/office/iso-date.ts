/** `1975-03-02T00:00:00` without its empty time; anything else as it is. */
export function isoOr(value: string): string {
  return value.replace(/^(\d{4}-\d\d-\d\d)T00:00(?::00(?:\.0*)?)?Z?$/, '$1');
}
