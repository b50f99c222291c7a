/** YAML lets one value stand for a list of one. */
export function many<T>(source: T | readonly T[]): readonly T[] {
  return isList(source) ? source : [source];
}

function isList<T>(source: T | readonly T[]): source is readonly T[] {
  return Array.isArray(source);
}
