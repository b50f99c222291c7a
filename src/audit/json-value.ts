import type { Json } from '../shared/canonical-json.js';

export type JsonObject = { readonly [key: string]: Json | undefined };

/**
 * A plain value as JSON. Text that is not well-formed Unicode is repaired with U+FFFD: a hostile client must not be
 * able to make an event that cannot be recorded.
 * @throws TypeError for what has no JSON form (functions, symbols, big integers, NaN, class instances)
 */
export function toJson(value: unknown): Json {
  if (value === null || typeof value === 'boolean') return value;
  if (typeof value === 'string') return value.isWellFormed() ? value : value.toWellFormed();
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  if (Array.isArray(value)) return value.map(toJson);
  if (typeof value === 'object' && isPlain(value)) {
    const members: [string, Json][] = [];
    for (const [key, member] of Object.entries(value)) {
      if (member !== undefined) members.push([key.toWellFormed(), toJson(member)]);
    }
    // fromEntries defines members, so a key `__proto__` stays an ordinary key.
    return Object.fromEntries(members);
  }
  throw new TypeError(`a value without a JSON form (${typeof value}) in an audit event`);
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

export function isJsonObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A member that the object has itself, if it is text. */
export function textMember(value: Json | undefined, key: string): string | undefined {
  const found = member(value, key);
  return typeof found === 'string' ? found : undefined;
}

/** A member's elements, if it is a list; else none. */
export function listMember(value: Json | undefined, key: string): readonly Json[] {
  const found = member(value, key);
  return isList(found) ? found : [];
}

/** A member that the object has itself. */
export function member(value: Json | undefined, key: string): Json | undefined {
  return isJsonObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}
