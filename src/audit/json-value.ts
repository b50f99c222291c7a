import type { Json } from '../shared/canonical-json.js';

export type JsonObject = { readonly [key: string]: Json | undefined };

/**
 * A plain value as JSON. Text that is not well-formed Unicode is repaired with U+FFFD: a hostile client must not be
 * able to make an event that cannot be recorded.
 * @throws TypeError for what has no JSON form (functions, symbols, big integers, NaN, class instances)
 */
export function toJson(value: unknown): Json {
  return isJson(value) ? value : repaired(value);
}

/** Whether a value is JSON as it stands, with nothing to leave out or to repair; nearly everything recorded is. */
function isJson(value: unknown): value is Json {
  if (typeof value === 'string') return value.isWellFormed();
  if (typeof value === 'number') return Number.isFinite(value);
  if (value === null || typeof value === 'boolean') return true;
  if (typeof value !== 'object') return false;
  if (Array.isArray(value)) {
    // Not `every`, which passes over holes.
    for (const one of value) if (!isJson(one)) return false;
    return true;
  }
  if (!isPlain(value)) return false;
  for (const key of Object.keys(value)) if (!key.isWellFormed() || !isJson(value[key])) return false;
  return true;
}

function repaired(value: unknown): Json {
  if (value === null || typeof value === 'boolean') return value;
  if (typeof value === 'string') return value.isWellFormed() ? value : value.toWellFormed();
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  // Not `map`, which passes over holes.
  if (Array.isArray(value)) return Array.from(value, toJson);
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

function isPlain(value: object): value is Readonly<Record<string, unknown>> {
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

export function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

/** An event's data. What is no JSON is the text that it is; that such an event was changed shows by its hash. */
export function readData(text: string): Json {
  try {
    const value: Json = JSON.parse(text);
    return value;
  } catch (error) {
    if (error instanceof SyntaxError) return text;
    throw error;
  }
}
