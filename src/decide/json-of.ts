import type { Json } from '../shared/canonical-json.js';

/**
 * A value read from YAML as JSON.
 * @throws TypeError for anything that JSON doesn't know, which a checked policy file can't hold
 */
export function jsonOf(value: unknown): Json {
  if (
    value === null ||
    typeof value === 'string' ||
    typeof value === 'number' ||
    typeof value === 'boolean'
  ) {
    return value;
  }
  if (Array.isArray(value)) return value.map(jsonOf);
  if (typeof value === 'object') {
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, jsonOf(one)]));
  }
  throw new TypeError(`a ${typeof value} has no JSON form`);
}
